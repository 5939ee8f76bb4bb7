import LLMCore

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
