import Foundation
import LLMClient
import LLMCore
import Testing

/// What a model's row makes of a request.
@Suite struct ModelRuleTests {
  /// The request that would be sent, by the rows of a catalogue file.
  private func render(_ request: String, rows: String, _ config: String = #""type":"openai""#) throws -> JSON {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("rows-\(UUID().uuidString).json")
    try Data(#"{"models":[\#(rows)]}"#.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let provider = try Provider(JSON.parse(#"{\#(config),"api_key":"k","catalog":"\#(file.path)"}"#))
    return try provider.render(JSON.parse(request))
  }

  private static let row =
    #"{"provider":"openai","id":"m","capabilities":["tools","reasoning"],"responses_for_tools":true,"#
    + #""reasoning_efforts":["medium","none","low","high"],"refuses_thinking":["sampling"]}"#

  private static let tools = #""tools":[{"type":"function","function":{"name":"f"}}]"#
  private static let grammar = #""tools":[{"type":"custom","custom":{"name":"f"}}]"#

  @Test(arguments: [
    (tools, "/v1/responses"), (tools + #","reasoning_effort":"low""#, "/v1/responses"),
    (tools + #","reasoning_effort":"none""#, "/v1/chat/completions"), (#""user":"u""#, "/v1/chat/completions"),
    (grammar, "/v1/chat/completions"),
  ])
  func functionsOfAThinkingModelGoToResponses(members: String, path: String) throws {
    let sent = try render(#"{"model":"m","prompt":"hi",\#(members)}"#, rows: Self.row)
    #expect(sent.string("url") == "https://api.openai.com" + path)
  }

  @Test(arguments: [
    (#""type":"openai","base_url":"https://eu.api.openai.com/v1""#, "/responses"),
    (#""type":"openai","base_url":"https://proxy.example.org/v1""#, "/chat/completions"),
    (#""type":"openai","api":"chat""#, "/chat/completions"),
  ])
  func onlyAtTheServiceItself(config: String, path: String) throws {
    let sent = try render(#"{"model":"m","prompt":"hi",\#(Self.tools)}"#, rows: Self.row, config)
    #expect(sent.string("url")?.hasSuffix(path) == true)
  }

  /// Models that came before the Agent API are asked as they were.
  @Test(arguments: [
    ("sonar", "/chat/completions"), ("sonar-pro", "/chat/completions"), ("perplexity/sonar", "/v1/responses"),
    ("openai/gpt-6-luna", "/v1/responses"),
  ])
  func perplexityHasTwoInterfaces(model: String, path: String) throws {
    let sent = try render(#"{"model":"\#(model)","prompt":"hi"}"#, rows: "", #""type":"perplexity""#)
    #expect(sent.string("url") == "https://api.perplexity.ai" + path)
  }

  @Test(arguments: [
    (#""temperature":0.5,"reasoning_effort":"low""#, #"{"reasoning_effort":"low"}"#),
    (#""temperature":1,"top_p":1,"presence_penalty":0"#, "{}"),
    (
      #""temperature":0.5,"logprobs":true,"reasoning_effort":"none""#,
      #"{"temperature":0.5,"logprobs":true,"reasoning_effort":"none"}"#
    ),
    (#""reasoning_effort":"minimal""#, #"{"reasoning_effort":"low"}"#),
    (#""reasoning_effort":"xhigh""#, #"{"reasoning_effort":"high"}"#),
  ])
  func whatItRefusesIsLeftOut(members: String, rest: String) throws {
    let sent = try render(#"{"model":"m","prompt":"hi",\#(members)}"#, rows: Self.row)
    let body = try #require(sent["body"]).copy()
    for name in ["model", "messages"] { body.remove(named: name) }
    #expect(body.text == rest)
  }

  @Test func theSameGoesForResponses() throws {
    let sent = try render(
      #"{"model":"m","prompt":"hi","temperature":0.5,"reasoning_effort":"xhigh",\#(Self.tools)}"#, rows: Self.row)
    #expect(sent["body", "temperature"] == nil && sent["body"]?["reasoning", "effort"]?.string == "high")
  }

  @Test func aModelThatCannotBeForcedMayChoose() throws {
    let row = #"{"provider":"openai","id":"m","refuses":["forced_tools"]}"#
    let sent = try render(#"{"model":"m","prompt":"hi","tool_choice":"required",\#(Self.tools)}"#, rows: row)
    #expect(sent["body", "tool_choice"]?.string == "auto")
  }

  @Test func geminisThatRefuseSampling() throws {
    let row = #"{"provider":"gemini","id":"m","refuses":["temperature","top_p","top_k"]}"#
    let sent = try render(
      #"{"model":"m","prompt":"hi","temperature":0.5,"top_p":0.5,"seed":3}"#, rows: row, #""type":"gemini""#)
    #expect(sent["body"]?["generationConfig"]?.text == #"{"seed":3}"#)
  }

  @Test(arguments: [
    ("claude-haiku-5-5", "any", "disabled"), ("claude-opus-5-5", "auto", nil), ("claude-sonnet-5-0", "any", "disabled"),
  ])
  func haikuMayBeForcedAndKeptFromThinking(model: String, choice: String, thinking: String?) throws {
    let provider = try Provider(JSON.parse(#"{"type":"anthropic","api_key":"k","model":"\#(model)"}"#))
    let forced = try provider.render(JSON.parse(#"{"prompt":"hi","tool_choice":"required",\#(Self.tools)}"#))
    #expect(forced["body"]?["tool_choice", "type"]?.string == choice)
    let still = try provider.render(JSON.parse(#"{"prompt":"hi","reasoning_effort":"none"}"#))
    #expect(still["body"]?["thinking", "type"]?.string == thinking)
  }

  @Test(arguments: [
    (#""type":"anthropic","model":"claude-opus-4-6""#, true), (#""type":"anthropic","model":"claude-opus-4-5""#, false),
    (#""type":"anthropic","model":"claude-sonnet-4-20250514""#, false),
    (#""type":"anthropic","model":"claude-3-5-haiku-20241022""#, false),
    (#""type":"bedrock","region":"us-east-1","model":"anthropic.claude-3-haiku-20240307-v1:0""#, false),
    (#""type":"gemini","model":"gemini-3.6-flash""#, true),
    (#""type":"bedrock","region":"us-east-1","model":"us.anthropic.claude-sonnet-5-5""#, true),
  ])
  func aMessageToBeContinued(config: String, isRefused: Bool) throws {
    let provider = try Provider(JSON.parse(#"{\#(config),"api_key":"k"}"#))
    let request = try JSON.parse(
      #"{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"{"}]}"#)
    do throws(LLMError) {
      _ = try provider.render(request)
      #expect(!isRefused)
    } catch {
      #expect(isRefused && error.code == .unsupported && error.param == "/messages/1")
    }
  }

  /// What is refused before it is sent is not rendered as a request that would be.
  @Test func aPictureForAModelThatIsKnownToSeeNone() throws {
    let row = #"{"provider":"openai","id":"m","lacks":["vision"]}"#
    let picture = #"{"type":"image_url","image_url":{"url":"https://x/y.png"}}"#
    let error = #expect(throws: LLMError.self) {
      try render(#"{"model":"m","messages":[{"role":"user","content":[\#(picture)]}]}"#, rows: row)
    }
    #expect(error?.code == .unsupported && error?.param == "/messages/0/content/0")
  }

  @Test(arguments: [
    (
      "2000-01-01",
      #"[{"code":"deprecated_model","message":"the model m ended on 2000-01-01; use n","param":"/model"}]"#
    ),
    ("2999-01-01", "[]"),
  ])
  func aModelThatEndsIsAWarning(end: String, warnings: String) throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("rows-\(UUID().uuidString).json")
    let row = #"{"provider":"openai","id":"m","deprecated_on":"\#(end)","successor":"n"}"#
    try Data(#"{"models":[\#(row)]}"#.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let provider = try Provider(
      JSON.parse(#"{"type":"openai","api_key":"k","model":"m","catalog":"\#(file.path)"}"#))
    let decoder = try provider.decoder(for: JSON.parse(#"{"prompt":"hi"}"#), status: 200)
    let body = #"{"id":"1","choices":[{"message":{"content":"a"},"finish_reason":"stop"}]}"#
    _ = Array(body.utf8).withUnsafeBytes { decoder.feed($0, to: nil) }
    let outcome = try #require(decoder.finish(to: nil))
    #expect(outcome.document["metadata"]?["warnings"]?.text == warnings)
  }

  @Test func aRowAsJSONSaysWhatTheUsersFileSaid() throws {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("rows-\(UUID().uuidString).json")
    let row =
      #"{"id":"m","provider":"house","label":"M","type":"chat","prices":{"input":2.5,"output":15.0,"#
      + #""cache_write_long":5.0,"audio_input":32.0,"search":0.01,"above":[{"tokens":272000,"input":5.0,"output":22.5}],"#
      + #""modes":{"flex":{"input":1.25}},"peak":{"input":5.0,"hours":{"1":["1:00-4:00","6:30-10:00"]}}},"#
      + #""capabilities":["tools"],"lacks":["vision"],"refuses":["prefill"],"refuses_thinking":["temperature"],"#
      + #""reasoning_efforts":["medium","low"],"responses_for_tools":true,"deprecated_on":"2031-01-01","#
      + #""successor":"n","as_of":"2026-11-28"}"#
    try Data(#"{"providers":[{"name":"house","base_url":"https://h.example.org"}],"models":[\#(row)]}"#.utf8)
      .write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let provider = try Provider(JSON.parse(#"{"type":"house","api_key":"k","model":"m","catalog":"\#(file.path)"}"#))
    let told = try provider.modelInfo("m")
    let prices = try #require(told["prices"]).copy()
    for name in ["currency", "per_tokens"] { prices.remove(named: name) }
    told.set("prices", prices)
    for name in ["object", "source"] { told.remove(named: name) }
    #expect(told.text == row)
  }
}
