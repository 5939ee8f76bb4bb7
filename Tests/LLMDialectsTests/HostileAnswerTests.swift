import LLMCore
import LLMWire
import Testing

@testable import LLMDialects

/// Answers made to cost more than their bytes. Each is far too large for work that grows with the square of it: a test
/// of these that ends at all has shown what it is to show.
struct HostileAnswerTests {
  private static let many = 50_000

  /// What became of an answer that came whole, or as one stream.
  private func outcome(
    _ dialect: String, _ body: String, isStreaming: Bool = true
  ) throws -> (code: ErrorCode?, response: JSON) {
    let endpoint = try TestEndpoint(JSON.object(), defaultDialect: dialect)
    let reader = ResponseReader(
      dialect: Dialects.make(endpoint.dialect), context: endpoint.context(isStreaming: isStreaming), sink: nil)
    let bytes = ByteBuffer()
    bytes.append(body)
    do throws(LLMError) {
      reader.receive(head: HTTPHead(status: 200))
      _ = try reader.receive(bytes.bytes)
      try reader.finish()
      return (nil, reader.builder.makeResponse())
    } catch {
      return (error.code, reader.builder.makeResponse())
    }
  }

  private func list(_ count: Int, _ element: (Int) -> String) -> String {
    (0..<count).map(element).joined(separator: ",")
  }

  private func chunk(delta: String) -> String { "data: {\"choices\":[{\"index\":0,\"delta\":{\(delta)}}]}\n\n" }

  private static let lastChunk =
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"

  // MARK: What is bounded

  @Test(arguments: [true, false]) func choices(isStreaming: Bool) throws {
    let body = "{\"choices\":[\(list(Self.many) { "{\"index\":\($0),\"message\":{\"content\":\"a\"}}" })]}"
    let text = isStreaming ? "data: \(body)\n\n" : body
    #expect(try outcome("openai-chat", text, isStreaming: isStreaming).code == .tooLarge)
  }

  @Test func choicesInReverse() throws {
    let body = (0..<256).reversed().map { index in
      "data: {\"choices\":[{\"index\":\(index),\"delta\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}]}\n\n"
    }
    let (code, response) = try outcome("openai-chat", body.joined())
    #expect(code == nil)
    #expect(response.elements("choices").map { $0.int("index") } == (0..<256).map { Int64($0) })
  }

  @Test func unknownMembers() throws {
    let body = "data: {\(list(Self.many) { "\"m\($0)\":1" }),\"choices\":[]}\n\n"
    #expect(try outcome("openai-chat", body).code == .tooLarge)
  }

  @Test func reasoningDetails() throws {
    let details = list(Self.many) { "{\"type\":\"reasoning.text\",\"index\":\($0),\"text\":\"a\"}" }
    #expect(try outcome("openai-chat", chunk(delta: "\"reasoning_details\":[\(details)]")).code == .tooLarge)
  }

  @Test func toolCalls() throws {
    let calls = list(Self.many) { "{\"index\":\($0),\"id\":\"c\($0)\",\"function\":{\"name\":\"f\"}}" }
    #expect(try outcome("openai-chat", chunk(delta: "\"tool_calls\":[\(calls)]")).code == .tooLarge)
  }

  @Test func candidates() throws {
    let body = list(Self.many) { "{\"index\":\($0),\"content\":{\"parts\":[{\"text\":\"a\"}]}}" }
    #expect(try outcome("gemini-generate", "data: {\"candidates\":[\(body)]}\n\n").code == .tooLarge)
  }

  @Test func outputItems() throws {
    let items = list(Self.many) { "{\"id\":\"i\($0)\",\"type\":\"message\",\"content\":[]}" }
    let body = "{\"status\":\"completed\",\"output\":[\(items)]}"
    #expect(try outcome("openai-responses", body, isStreaming: false).code == .tooLarge)
  }

  @Test func blocksThatNeverEnd() throws {
    let start = "{\"type\":\"message_start\",\"message\":{\"id\":\"m\"}}"
    let blocks = (0..<1000).map { index in
      "{\"type\":\"content_block_start\",\"index\":\(index),\"content_block\":{\"type\":\"text\",\"text\":\"\"}}"
    }
    let body = ([start] + blocks).map { "data: \($0)\n\n" }.joined()
    #expect(try outcome("anthropic-messages", body).code == .tooLarge)
  }

  /// A number of two bytes names a source of any length.
  @Test func oneSourceNamedOften() throws {
    let title = String(repeating: "a", count: 100_000)
    let grounding = """
      {"groundingChunks":[{"web":{"uri":"https://a.test","title":"\(title)"}}],\
      "groundingSupports":[{"groundingChunkIndices":[\(list(Self.many) { _ in "0" })]}]}
      """
    let body = """
      data: {"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP",\
      "groundingMetadata":\(grounding)}]}\n\n
      """
    #expect(try outcome("gemini-generate", body).code == .tooLarge)
  }

  // MARK: What is as long as its bytes

  @Test func oneLongEvent() throws {
    let text = String(repeating: "a", count: 3 << 20)
    let (code, response) = try outcome("openai-chat", chunk(delta: "\"content\":\"\(text)\"") + Self.lastChunk)
    #expect(code == nil)
    #expect(response.string("text")?.utf8.count == 3 << 20)
  }

  @Test func soundInManyPieces() throws {
    let piece = chunk(delta: "\"audio\":{\"id\":\"a\",\"data\":\"\(String(repeating: "A", count: 400))\"}")
    let (code, response) = try outcome("openai-chat", String(repeating: piece, count: 10_000) + Self.lastChunk)
    #expect(code == nil)
    #expect(response["choices"]?[0]?["message", "audio"]?["data"]?.stringBytes?.count == 4_000_000)
  }

  @Test func unknownBlockInManyPieces() throws {
    let piece = """
      data: {"type":"content_block_delta","index":0,\
      "delta":{"type":"news_delta","news":"\(String(repeating: "a", count: 400))"}}\n\n
      """
    let body =
      "data: {\"type\":\"message_start\",\"message\":{\"id\":\"m\"}}\n\n"
      + "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"news\"}}\n\n"
      + String(repeating: piece, count: 10_000)
      + "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}}\n\n"
      + "data: {\"type\":\"message_stop\"}\n\n"
    #expect(try outcome("anthropic-messages", body).code == nil)
  }

  @Test func argumentsThatLookWholeAgainAndAgain() throws {
    let call = { (piece: String) in
      self.chunk(delta: "\"tool_calls\":[{\"index\":0,\"function\":{\"name\":\"f\",\"arguments\":\"\(piece)\"}}]")
    }
    let body = call("{\\\"a\\\":\\\"") + String(repeating: call("{}"), count: 10_000) + call("\\\"}") + Self.lastChunk
    let (code, response) = try outcome("openai-chat", body)
    #expect(code == nil)
    #expect(response["choices"]?[0]?["message", "tool_calls"]?.count == 1)
  }

  @Test func manySourcesInALongText() throws {
    let citations = list(20_000) { "{\"startIndex\":\(900_000 + $0),\"endIndex\":\(900_001 + $0),\"uri\":\"u\"}" }
    let text = String(repeating: "a", count: 1_000_000)
    let body = """
      data: {"candidates":[{"content":{"parts":[{"text":"ä\(text)"}]},"finishReason":"STOP",\
      "citationMetadata":{"citations":[\(citations)]}}]}\n\n
      """
    let (code, response) = try outcome("gemini-generate", body)
    #expect(code == nil)
    let first = response["choices"]?[0]?["message", "annotations"]?[0]?["url_citation"]
    #expect(first?.int("start_index") == 899_999)
  }

  @Test func manyLogprobs() throws {
    let body = """
      {"choices":[{"index":0,"text":"a","finish_reason":"stop","logprobs":{"tokens":[\(list(50_000) { _ in "\"a\"" })],\
      "token_logprobs":[\(list(50_000) { _ in "-1" })],"top_logprobs":[\(list(50_000) { _ in "{\"a\":-1}" })]}}]}
      """
    let (code, response) = try outcome("openai-completions", body, isStreaming: false)
    #expect(code == nil)
    #expect(response["choices"]?[0]?["logprobs", "content"]?.count == 50_000)
  }
}
