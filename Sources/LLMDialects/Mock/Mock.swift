import LLMConfig
import LLMCore
import LLMWire
import Synchronization

/// A provider without a network: it echoes the last message, or answers by a script, in pieces, with pauses and
/// failures as configured. What it "sends" are the bytes of an OpenAI-compatible service, so that all that is real but
/// the socket is exercised.
///
/// The script is the configuration's `mock` member: `responses` (each a text, or an object of `content`,
/// `reasoning_content`, `refusal`, `tool_calls`, `finish_reason`, `usage`, `error`, `fail`, `truncate_after`, `body`,
/// `delay_ms`, `first_delay_ms`, `chunk_size`), and for all of them `chunk_size`, `delay_ms`, `first_delay_ms`, `loop`.
public final class Mock: Dialect {
  private let wire = OpenAIChat()
  private let answered = Atomic<Int>(0)

  /// A script is played from its start.
  public init() {}

  /// As an OpenAI-compatible service would get it.
  public func encodeChat(_ request: ChatRequest, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    try wire.encodeChat(request, context)
  }
  /// OpenAI's.
  public func makeChatDecoder(_ context: RequestContext) -> any ChatDecoder { wire.makeChatDecoder(context) }
  /// As an OpenAI-compatible service would get it.
  public func encodeEmbeddings(_ request: JSON, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    try wire.encodeEmbeddings(request, context)
  }
  /// OpenAI's.
  public func decodeEmbeddings(_ body: JSON, _ context: RequestContext) throws(LLMError) -> JSON {
    try wire.decodeEmbeddings(body, context)
  }
  /// As an OpenAI-compatible service would get it.
  public func encodeRerank(_ request: JSON, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    try wire.encodeRerank(request, context)
  }
  /// As an OpenAI-compatible service would get it.
  public func encodeModels(cursor: String?, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    try wire.encodeModels(cursor: cursor, context)
  }
  /// OpenAI's.
  public func decodeModels(
    _ body: JSON, _ context: RequestContext
  ) throws(LLMError) -> (models: [JSON], cursor: String?) {
    try wire.decodeModels(body, context)
  }

  /// Plays the next response of the script, or the echo.
  public func makeLocalExchange(
    _ operation: Operation, _ request: JSON, _ context: RequestContext
  ) -> (any LocalExchange)? {
    switch operation {
    case .chat: MockExchange(MockAnswer(script: nextResponse(context), request, context), context)
    case .embeddings: MockExchange(whole: MockEmbeddings.response(to: request, context))
    case .models: MockExchange(whole: MockModels.list)
    case .rerank: MockExchange(whole: MockRanking.response(to: request))
    case .tokenCount, .modelInfo: nil
    }
  }

  private func nextResponse(_ context: RequestContext) -> JSON? {
    guard let script = context.endpoint.settings["mock"], let responses = script["responses"], responses.count > 0
    else {
      return nil
    }
    let turn = answered.add(1, ordering: .relaxed).oldValue
    let loops = script.bool("loop") ?? true
    return responses[loops ? turn % responses.count : min(turn, responses.count - 1)]
  }
}

/// What the mock says to one request.
struct MockAnswer {
  let content: String
  let message: JSON
  let finishReason: String
  let usage: JSON
  let error: JSON?
  let failure: String?
  let rawBody: String?
  let truncateAfter: Int?
  let chunkSize: Int
  let delay: Microseconds
  let firstDelay: Microseconds

  init(script: JSON?, _ request: JSON, _ context: RequestContext) {
    let common = context.endpoint.settings["mock"] ?? JSON.object()
    let own = script?.isObject == true ? (script ?? common) : JSON.object()
    let setting = { (name: String) in own[named: name] ?? common[named: name] }
    let prompt = MockAnswer.lastText(request)
    let hasOwnMessage = own["tool_calls"] != nil || own["refusal"] != nil
    content = script?.string ?? own.string("content") ?? (hasOwnMessage ? "" : prompt)
    message = own
    finishReason = own.string("finish_reason") ?? (own["tool_calls"] == nil ? "stop" : "tool_calls")
    error = own["error"]
    failure = own.string("fail")
    rawBody = own.string("body")
    truncateAfter = own.int("truncate_after").map { Int(clamping: $0) }
    chunkSize = max(1, Int(clamping: setting("chunk_size")?.int ?? 4))
    delay = .milliseconds(setting("delay_ms")?.int ?? 0)
    firstDelay = .milliseconds(setting("first_delay_ms")?.int ?? 0)
    usage = own["usage"] ?? MockAnswer.usage(prompt: prompt, answer: content)
  }

  /// The last message of the user's, or of a tool.
  private static func lastText(_ request: JSON) -> String {
    for message in request.elements("messages").reversed() {
      let role = message.string("role")
      guard role == "user" || role == "tool", let content = message["content"] else { continue }
      return content.string ?? content.elements.reduce("") { $0 + ($1.string("text") ?? "") }
    }
    return ""
  }

  /// A token is four bytes here, rounded up.
  private static func usage(prompt: String, answer: String) -> JSON {
    let (input, output) = ((prompt.utf8.count + 3) / 4, (answer.utf8.count + 3) / 4)
    let usage = JSON.object()
    usage.set("prompt_tokens", input)
    usage.set("completion_tokens", output)
    usage.set("total_tokens", input + output)
    return usage
  }

  /// The tool calls as the service would send them.
  var toolCalls: [JSON] {
    message.elements("tool_calls").enumerated().map { index, scripted in
      let function = (scripted["function"] ?? scripted).copy()
      let arguments = function["arguments"] ?? JSON.object()
      for name in ["id", "type"] { function.remove(named: name) }
      function.set("arguments", arguments.isString ? arguments : .string(arguments.text))
      let call = JSON.object()
      call.set("index", index)
      call.set("id", scripted["id"] ?? .string(formatted("call_mock_\(index)")))
      call.set("type", "function")
      call.set("function", function)
      return call
    }
  }
}

/// Plays an answer as an OpenAI-compatible service would send it.
final class MockExchange: LocalExchange {
  private enum Piece {
    case pause(Microseconds)
    case head(HTTPHead)
    case bytes(ByteBuffer)
    case failure(TransportFailure)
  }

  private var pieces: [Piece] = []
  private var position = 0
  private var resumesAt: Microseconds?

  init(_ answer: MockAnswer, _ context: RequestContext) {
    if answer.firstDelay > 0 { pieces.append(.pause(answer.firstDelay)) }
    if let failure = answer.failure, planFailure(failure) { return }
    if let error = answer.error {
      planError(error)
    } else if let body = answer.rawBody {
      let buffer = ByteBuffer()
      buffer.append(body)
      pieces += [.head(HTTPHead(status: 200)), .bytes(buffer)]
    } else if context.isStreaming {
      planStream(answer, model: context.model)
    } else {
      planWhole(MockExchange.completion(answer, model: context.model))
    }
  }

  init(whole document: JSON) { planWhole(document) }

  func next(now: Microseconds) -> LocalStep {
    guard position < pieces.count else { return .ended }
    switch pieces[position] {
    case .pause(let length):
      let end = resumesAt ?? now &+ length
      resumesAt = end
      guard now >= end else { return .wait(until: end) }
      resumesAt = nil
      position += 1
      return next(now: now)
    case .head(let head):
      position += 1
      return .head(head)
    case .bytes(let buffer):
      position += 1
      return .bytes(buffer)
    case .failure(let failure):
      return .failed(failure)
    }
  }

  // MARK: Plans

  private func planFailure(_ kind: String) -> Bool {
    switch kind {
    case "connect":
      pieces.append(
        .failure(
          TransportFailure(
            .connection, stage: .connect, message: "the mock refused the connection, as scripted", wasNotSent: true)))
    case "tls":
      pieces.append(
        .failure(
          TransportFailure(.tls, stage: .tls, message: "the mock broke the handshake, as scripted", wasNotSent: true)))
    case "reset":
      pieces.append(
        .failure(
          TransportFailure(
            .connection, stage: .firstByte, message: "the mock reset the connection, as scripted", wasNotSent: false)))
    case "never": pieces.append(.pause(.max / 4))
    default: return false
    }
    return true
  }

  private func planError(_ error: JSON) {
    let head = HTTPHead(status: Int(clamping: error.int("status") ?? 500))
    if let pause = error.int("retry_after_ms") { head.append(name: "retry-after-ms", value: formatted("\(pause)")) }
    let description = error.copy()
    for name in ["status", "retry_after_ms"] { description.remove(named: name) }
    description.setDefault("message", .string("the mock failed, as scripted"))
    let body = JSON.object()
    body.set("error", description)
    pieces += [.head(head), .bytes(MockExchange.buffer(body))]
  }

  private func planWhole(_ document: JSON) {
    pieces += [.head(HTTPHead(status: 200)), .bytes(MockExchange.buffer(document))]
  }

  private func planStream(_ answer: MockAnswer, model: String) {
    pieces.append(.head(HTTPHead(status: 200, fields: [("Content-Type", "text/event-stream")])))
    var sent = 0
    for delta in MockExchange.deltas(answer) {
      if let limit = answer.truncateAfter, sent >= limit { return }
      if sent > 0, answer.delay > 0 { pieces.append(.pause(answer.delay)) }
      pieces.append(.bytes(MockExchange.event(MockExchange.chunk(delta: delta, finish: nil, model: model))))
      sent += 1
    }
    if let limit = answer.truncateAfter, sent >= limit { return }
    pieces.append(
      .bytes(MockExchange.event(MockExchange.chunk(delta: .object(), finish: answer.finishReason, model: model))))
    let last = MockExchange.envelope(object: "chat.completion.chunk", model: model)
    last.set("choices", .array())
    last.set("usage", answer.usage)
    pieces.append(.bytes(MockExchange.event(last)))
    let done = ByteBuffer()
    done.append("data: [DONE]\n\n")
    pieces.append(.bytes(done))
  }

  // MARK: Documents

  private static func deltas(_ answer: MockAnswer) -> [JSON] {
    var deltas: [JSON] = []
    for (name, text) in [
      ("reasoning_content", answer.message.string("reasoning_content") ?? ""), ("content", answer.content),
      ("refusal", answer.message.string("refusal") ?? ""),
    ] {
      for piece in pieces(of: text, size: answer.chunkSize) {
        let delta = JSON.object()
        delta.set(named: name, .string(piece))
        deltas.append(delta)
      }
    }
    for call in answer.toolCalls { deltas += MockExchange.deltas(of: call, size: answer.chunkSize) }
    return deltas
  }

  /// A call opens with its name; its arguments follow in pieces.
  private static func deltas(of call: JSON, size: Int) -> [JSON] {
    let arguments = call.string("function", "arguments") ?? ""
    let opening = call.deepCopy()
    opening["function"]?.set("arguments", "")
    return ([opening] + pieces(of: arguments, size: size).map { MockExchange.argumentsDelta($0, of: call) }).map {
      let delta = JSON.object()
      delta.set("tool_calls", .array([$0]))
      return delta
    }
  }

  private static func argumentsDelta(_ piece: String, of call: JSON) -> JSON {
    let function = JSON.object()
    function.set("arguments", piece)
    let delta = JSON.object()
    delta.set("index", call["index"])
    delta.set("function", function)
    return delta
  }

  /// Pieces of so many characters.
  private static func pieces(of text: String, size: Int) -> [String] {
    var pieces: [String] = []
    var rest = text.unicodeScalars[...]
    while !rest.isEmpty {
      pieces.append(String(String.UnicodeScalarView(rest.prefix(size))))
      rest = rest.dropFirst(size)
    }
    return pieces
  }

  private static func completion(_ answer: MockAnswer, model: String) -> JSON {
    let message = JSON.object()
    message.set("role", "assistant")
    message.set("content", answer.content)
    message.set("reasoning_content", answer.message["reasoning_content"])
    message.set("refusal", answer.message["refusal"])
    if !answer.toolCalls.isEmpty { message.set("tool_calls", .array(answer.toolCalls)) }
    let choice = JSON.object()
    choice.set("index", 0)
    choice.set("message", message)
    choice.set("finish_reason", answer.finishReason)
    let completion = envelope(object: "chat.completion", model: model)
    completion.set("choices", .array([choice]))
    completion.set("usage", answer.usage)
    return completion
  }

  private static func chunk(delta: JSON, finish: String?, model: String) -> JSON {
    let choice = JSON.object()
    choice.set("index", 0)
    choice.set("delta", delta)
    choice.set("finish_reason", finish.map { .string($0) } ?? .null)
    let chunk = envelope(object: "chat.completion.chunk", model: model)
    chunk.set("choices", .array([choice]))
    return chunk
  }

  private static func envelope(object: StaticText, model: String) -> JSON {
    let document = JSON.object()
    document.set("id", "chatcmpl-mock")
    document.set("object", object)
    document.set("created", 0)
    document.set("model", model)
    return document
  }

  private static func buffer(_ document: JSON) -> ByteBuffer {
    let buffer = ByteBuffer()
    document.write(into: buffer)
    return buffer
  }

  private static func event(_ document: JSON) -> ByteBuffer {
    let buffer = ByteBuffer()
    buffer.append("data: ")
    document.write(into: buffer)
    buffer.append("\n\n")
    return buffer
  }
}

/// Vectors that depend on the text and on nothing else.
enum MockEmbeddings {
  private static let dimensions: Int64 = 8

  static func response(to request: JSON, _ context: RequestContext) -> JSON {
    let input = request["input"] ?? .string("")
    let texts = input.isArray ? input.elements : [input]
    let length = request.int("dimensions") ?? dimensions
    let response = JSON.object()
    response.set("object", "list")
    response.set("model", context.model)
    response.set("data", .array(texts.enumerated().map { vector($1.string ?? $1.text, at: $0, length: length) }))
    let usage = JSON.object()
    let tokens = texts.reduce(0) { $0 + (($1.string ?? "").utf8.count + 3) / 4 }
    usage.set("prompt_tokens", tokens)
    usage.set("total_tokens", tokens)
    response.set("usage", usage)
    return response
  }

  private static func vector(_ text: String, at index: Int, length: Int64) -> JSON {
    let random = SplitMix(seed: fnv1a(text.utf8))
    let values = JSON.array()
    for _ in 0..<min(max(length, 1), 4096) { values.append(.real(random.fraction() * 2 - 1)) }
    let item = JSON.object()
    item.set("object", "embedding")
    item.set("index", index)
    item.set("embedding", values)
    return item
  }
}

/// Documents by how many of the query's words they hold.
enum MockRanking {
  static func response(to request: JSON) -> JSON {
    let words = (request.string("query") ?? "").pieces(separatedBy: UInt8(ascii: " "))
    let results = JSON.array()
    for (index, document) in request.elements("documents").enumerated() {
      let text = document.string ?? document.string("text") ?? ""
      var found = 0
      for word in words where text.containsText(word, ignoringCase: true) { found += 1 }
      let result = JSON.object()
      result.set("index", index)
      result.set("relevance_score", .real(Double(found) / Double(max(words.count, 1))))
      results.append(result)
    }
    let response = JSON.object()
    response.set("results", results)
    return response
  }
}

enum MockModels {
  static var list: JSON {
    let models = ["mock", "mock-small"].map { name in
      let model = JSON.object()
      model.set("id", name)
      model.set("object", "model")
      model.set("owned_by", "llm-provider")
      return model
    }
    let list = JSON.object()
    list.set("object", "list")
    list.set("data", .array(models))
    return list
  }
}
