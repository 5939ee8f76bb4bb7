import LLMConfig
import LLMCore
import LLMTestSupport
import Testing

@testable import LLMCatalog
@testable import LLMDialects
@testable import LLMPolicy

/// What answers cost, from the bytes of a service to the figure of the result: computed by hand from the services' own
/// price lists, to the last digit.
@Suite struct CostTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    /// The configuration's type, and how it is asked.
    let type: String
    let row: StaticString
    let answer: String
    let dollars: String
    /// 2 December 2026, 12:00 UTC, a Wednesday.
    var time: Int64 = 1_796_212_800
    var testDescription: String { name }
  }

  /// The cost of an answer that came whole, as results write it.
  static func cost(_ it: Case) throws -> String? {
    let model = CostTests.model(it.row, of: it.type)
    let catalog = Catalog.builtIn.adding(UserCatalog(providers: [], models: [model]))
    let json =
      #"{"type":"\#(it.type)","api_key":"k","model":"\#(model.id)"\#(it.type == "bedrock" ? #","region":"us-east-1""# : "")}"#
    let endpoint = try endpoint(json, catalog: catalog)
    let chat = try ChatRequest(JSON.parse(#"{"prompt":"hi"}"#))
    let request = CallRequest(chat: chat, isStreaming: false, settings: endpoint.call)
    let target = Target(endpoint)
    let context = target.context(
      for: request, model: model.id, settings: endpoint.call, SplitMix(seed: 1), unixSeconds: it.time)
    let exchange = try Exchange.make(request, target, context, sink: nil)
    exchange.receive(head: HTTPHead(status: 200, fields: [(name: "content-type", value: "application/json")]))
    _ = try Array(it.answer.utf8).withUnsafeBytes { try exchange.receive($0) }
    _ = try exchange.finish()
    let buffer = ByteBuffer()
    exchange.cost?.write(to: JSONText(buffer))
    return try? JSON.parse("{" + buffer.string + "}")["cost", "total"]?.text
  }

  private static func model(_ line: StaticString, of provider: String) -> ModelProfile {
    var columns = TableColumns(line.utf8Bytes, separator: UInt8(ascii: " "))
    let id = columns.text ?? ""
    return ModelTable.profile(id, &columns, [], provider: provider)
  }

  static func chat(_ usage: String, _ rest: String = "") -> String {
    #"{"id":"1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop"}],"#
      + #""usage":\#(usage)\#(rest)}"#
  }
  static func claude(_ usage: String) -> String {
    #"{"id":"1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"a"}],"#
      + #""stop_reason":"end_turn","usage":\#(usage)}"#
  }
  static func gemini(_ usage: String) -> String {
    #"{"candidates":[{"index":0,"content":{"role":"model","parts":[{"text":"a"}]},"finishReason":"STOP"}],"#
      + #""modelVersion":"gemini-3","usageMetadata":\#(usage)}"#
  }
  static func responses(_ usage: String, _ output: String = "") -> String {
    #"{"id":"1","model":"m","status":"completed","output":[\#(output){"type":"message","id":"2","role":"assistant","#
      + #""content":[{"type":"output_text","text":"a"}]}],"usage":\#(usage)}"#
  }

  static let sol: StaticString = "gpt-6-sol 1050000 128000 2 10 0.2 2.5 t long=x2.5 search=10"
  static let solAlone: StaticString = "gpt-6-sol 1050000 128000 2 10 0.2 2.5 tR long=x2.5 search=10"
  static let opus: StaticString = "claude-opus-5-5 - - 4 20 0.2 5 t long=x2 @fast=x2 @us=x1.1 @batch=x0.5 search=10"
  static let gpt54: StaticString = "gpt-5.4 - - 2.5 15 0.25 - t >272000=x2,x1.5 @flex=x0.5 @priority=x2"
  static let deepSeek: StaticString = "deepseek-flash - - 0.15 0.6 0.003 - t peak=x2/1-4,6-10/1-5"

  static let cases: [Case] = [
    Case(
      name: "OpenAI, cached and reasoning", type: "openai", row: sol,
      answer: chat(
        #"{"prompt_tokens":1690,"completion_tokens":400,"total_tokens":2090,"prompt_tokens_details":{"cached_tokens":690},"completion_tokens_details":{"reasoning_tokens":150}}"#
      ), dollars: "0.006138"),
    Case(
      name: "OpenAI, cache write", type: "openai", row: sol,
      answer: chat(
        #"{"prompt_tokens":35000,"completion_tokens":1700,"prompt_tokens_details":{"cached_tokens":0,"cache_write_tokens":30000}}"#
      ), dollars: "0.102"),
    Case(
      name: "Responses, cache write", type: "openai", row: solAlone,
      answer: responses(
        #"{"input_tokens":35000,"output_tokens":1700,"input_tokens_details":{"cached_tokens":0,"cache_write_tokens":30000,"cache_write_tokens_details":{"ttl_30m_tokens":30000,"ttl_12h_tokens":0}}}"#
      ), dollars: "0.102"),
    Case(
      name: "Responses, kept for twelve hours", type: "openai", row: solAlone,
      answer: responses(
        #"{"input_tokens":35000,"output_tokens":1700,"input_tokens_details":{"cached_tokens":0,"cache_write_tokens":30000,"cache_write_tokens_details":{"ttl_30m_tokens":0,"ttl_12h_tokens":30000}}}"#
      ), dollars: "0.177"),
    Case(
      name: "above 272,000 tokens", type: "openai", row: gpt54,
      answer: chat(
        #"{"prompt_tokens":300000,"completion_tokens":1000,"prompt_tokens_details":{"cached_tokens":100000}}"#),
      dollars: "1.0725"),
    Case(
      name: "flex", type: "openai", row: "gpt-5.4-mini - - 0.75 4.5 0.075 - t @flex=x0.5 @priority=x2",
      answer: chat(#"{"prompt_tokens":10000,"completion_tokens":1000}"#, #","service_tier":"flex""#), dollars: "0.006"),
    Case(
      name: "priority", type: "openai", row: gpt54,
      answer: chat(#"{"prompt_tokens":10000,"completion_tokens":1000}"#, #","service_tier":"priority""#),
      dollars: "0.08"),
    Case(
      name: "sound in and out", type: "openai", row: "gpt-audio-1.5 - - 2.5 10 - - ta audio=32,64",
      answer: chat(
        #"{"prompt_tokens":1200,"completion_tokens":600,"prompt_tokens_details":{"audio_tokens":1000,"text_tokens":200},"completion_tokens_details":{"audio_tokens":500,"text_tokens":100}}"#
      ), dollars: "0.0655"),
    Case(
      name: "Claude, written for five minutes and for an hour", type: "anthropic",
      row: "claude-sonnet-5-5 - - 2 10 0.1 2.5 t long=x2",
      answer: claude(
        #"{"input_tokens":1000,"output_tokens":2500,"cache_creation_input_tokens":30000,"cache_read_input_tokens":0,"cache_creation":{"ephemeral_5m_input_tokens":10000,"ephemeral_1h_input_tokens":20000}}"#
      ), dollars: "0.132"),
    Case(
      name: "Claude above 100,000 tokens", type: "anthropic",
      row: "claude-haiku-5-5 - - 0.1 0.5 0.01 0.125 t long=x2 >100000=x5",
      answer: claude(#"{"input_tokens":100000,"output_tokens":4600,"cache_read_input_tokens":50000}"#),
      dollars: "0.064"),
    Case(
      name: "Claude, fast", type: "anthropic", row: opus,
      answer: claude(#"{"input_tokens":10000,"output_tokens":1000,"speed":"fast"}"#), dollars: "0.12"),
    Case(
      name: "Claude, in the United States", type: "anthropic", row: opus,
      answer: claude(#"{"input_tokens":10000,"output_tokens":1000,"inference_geo":"us"}"#), dollars: "0.066"),
    Case(
      name: "Claude, three searches", type: "anthropic", row: "claude-sonnet-5-5 - - 2 10 0.1 2.5 t search=10",
      answer: claude(#"{"input_tokens":10000,"output_tokens":1000,"server_tool_use":{"web_search_requests":3}}"#),
      dollars: "0.06"),
    Case(
      name: "Gemini above 200,000 tokens, cached, with thoughts", type: "gemini",
      row: "gemini-3.1-pro-preview - - 2 12 0.2 - t >200000=x2,x1.5",
      answer: gemini(
        #"{"promptTokenCount":250000,"cachedContentTokenCount":100000,"candidatesTokenCount":1500,"thoughtsTokenCount":500}"#
      ), dollars: "0.676"),
    Case(
      name: "Gemini, sound in", type: "gemini", row: "gemini-3-flash-preview - - 0.5 3 0.05 - ta audio=1,-,0.1",
      answer: gemini(
        #"{"promptTokenCount":2000,"candidatesTokenCount":500,"promptTokensDetails":[{"modality":"TEXT","tokenCount":500},{"modality":"AUDIO","tokenCount":1500}]}"#
      ), dollars: "0.00325"),
    Case(
      name: "xAI, reasoning beside the output", type: "xai", row: "grok - - 2 6 0.5 - t",
      answer: chat(
        #"{"prompt_tokens":436,"completion_tokens":68,"total_tokens":652,"prompt_tokens_details":{"cached_tokens":152},"completion_tokens_details":{"reasoning_tokens":148}}"#
      ), dollars: "0.00194"),
    Case(
      name: "DeepSeek on a Saturday", type: "deepseek", row: deepSeek,
      answer: chat(#"{"prompt_tokens":20000,"completion_tokens":1000,"prompt_cache_hit_tokens":15000}"#),
      dollars: "0.001395", time: 1_795_831_200),
    Case(
      name: "DeepSeek in its peak hours", type: "deepseek", row: deepSeek,
      answer: chat(#"{"prompt_tokens":20000,"completion_tokens":1000,"prompt_cache_hit_tokens":15000}"#),
      dollars: "0.00279", time: 1_796_212_800 - 10 * 3600),
    Case(
      name: "Bedrock, written for five minutes and for an hour", type: "bedrock",
      row: "us.anthropic.claude-sonnet-5-5 - - 2.2 11 0.11 2.75 t long=x2",
      answer:
        #"{"output":{"message":{"role":"assistant","content":[{"text":"a"}]}},"stopReason":"end_turn","usage":{"inputTokens":2000,"outputTokens":500,"totalTokens":12500,"cacheWriteInputTokens":10000,"cacheDetails":[{"ttl":"5m","inputTokens":4000},{"ttl":"1h","inputTokens":6000}]}}"#,
      dollars: "0.0473"),
    Case(
      name: "Mistral, cached", type: "mistral", row: "mistral-large-4 - - 0.7 2.1 0.07 - t",
      answer: chat(
        #"{"prompt_tokens":3500,"completion_tokens":400,"prompt_tokens_details":{"cached_tokens":1000}}"#),
      dollars: "0.00266"),
    Case(
      name: "Groq, cached", type: "groq", row: "openai/gpt-oss-120b - - 0.15 0.6 0.075 - t",
      answer: chat(
        #"{"prompt_tokens":2400,"completion_tokens":500,"prompt_tokens_details":{"cached_tokens":400}}"#),
      dollars: "0.00063"),
    Case(
      name: "Claude, in a batch", type: "anthropic", row: opus,
      answer: claude(#"{"input_tokens":10000,"output_tokens":1000,"service_tier":"batch"}"#), dollars: "0.03"),
    Case(
      name: "Responses, two searches and a page", type: "openai", row: solAlone,
      answer: responses(
        #"{"input_tokens":1000,"output_tokens":100}"#,
        #"{"type":"web_search_call","id":"a","action":{"type":"search"}},{"type":"web_search_call","id":"b","action":{"type":"search"}},{"type":"web_search_call","id":"c","action":{"type":"open_page"}},"#
      ), dollars: "0.023"),
    Case(
      name: "Vertex, priority", type: "gemini", row: "gemini-3.1-pro-preview - - 2 12 0.2 - t @priority=x1.8",
      answer: gemini(#"{"promptTokenCount":1000,"candidatesTokenCount":100,"trafficType":"ON_DEMAND_PRIORITY"}"#),
      dollars: "0.00576"),
  ]

  @Test(arguments: cases) func computed(it: Case) throws { #expect(try Self.cost(it) == it.dollars) }

  /// The service's own word comes before the row, also where there is none.
  @Test(arguments: [
    ("openrouter", #"{"prompt_tokens":8512,"completion_tokens":8,"cost":0.0012816,"is_byok":false}"#, "0.0012816"),
    (
      "openrouter",
      #"{"prompt_tokens":1,"completion_tokens":8,"cost":0.01,"is_byok":true,"cost_details":{"upstream_inference_cost":0.2}}"#,
      "0.21"
    ),
    ("vercel", #"{"prompt_tokens":57,"completion_tokens":10,"cost":0.0001346}"#, "0.0001346"),
    (
      "perplexity",
      #"{"input_tokens":17,"output_tokens":6,"cost":{"currency":"USD","input_cost":0.00005,"output_cost":0.00009,"tool_calls_cost":0.006,"total_cost":0.00614}}"#,
      "0.00614"
    ),
    ("xai", #"{"prompt_tokens":436,"completion_tokens":68,"cost_in_usd_ticks":1724000}"#, "0.0001724"),
    ("xai", #"{"prompt_tokens":1000,"completion_tokens":0,"cost_in_usd_ticks":-5}"#, "0.002"),
    ("xai", #"{"prompt_tokens":1000,"completion_tokens":0,"cost":{"currency":"EUR","total_cost":1}}"#, "0.002"),
  ])
  func stated(type: String, usage: String, dollars: String) throws {
    let answer = type == "perplexity" ? Self.responses(usage) : Self.chat(usage)
    let it = Case(name: type, type: type, row: "grok - - 2 6 0.5 - t", answer: answer, dollars: dollars)
    #expect(try Self.cost(it) == dollars)
  }
}
