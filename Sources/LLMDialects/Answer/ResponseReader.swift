import LLMConfig
import LLMCore
import LLMWire

/// Takes a response's head and bytes, and tells a builder what they say: the same path for a driver's socket, a mock, a
/// cache and a caller who brings HTTP of their own. What kind of body it is (frames, one document, an error) is decided
/// by the head and by the first byte, since services answer streams with plain JSON and the other way round.
public final class ResponseReader {
  /// A body that only describes an error is kept up to here.
  private static let errorBodyLimit = 1 << 20

  private enum Mode { case undecided, frames, whole, error, written }

  private let dialect: any Dialect
  private let context: RequestContext
  private let decoder: any ChatDecoder
  private let body = ByteBuffer()
  private var mode = Mode.undecided
  private var head: HTTPHead?
  private var framer: (any Framer)?
  private var frames: FrameReader?
  private var received = 0
  /// The service's id of the request.
  public var requestID: String? { head.flatMap { ErrorReader.requestID(in: $0) } }
  /// The answer as far as it is read.
  public let builder: ResponseBuilder

  /// Starts reading an answer.
  public init(dialect: any Dialect, context: RequestContext, sink: (any EventSink)?) {
    self.dialect = dialect
    self.context = context
    builder = ResponseBuilder(context: context, sink: sink)
    decoder = dialect.makeChatDecoder(context)
  }

  /// The response's head.
  public func receive(head: HTTPHead) {
    self.head = head
    decoder.receive(head: head)
    if !(200..<300).contains(head.status) { mode = .error }
  }

  /// There will be no bytes: an engine writes into the builder.
  public func expectWriting() { mode = .written }

  /// Bytes of the body; false when no more are wanted.
  public func receive(_ bytes: UnsafeRawBufferPointer) throws(LLMError) -> Bool {
    received &+= bytes.count
    if received > context.endpoint.limits.responseBytes {
      throw LLMError(
        .tooLarge,
        "the response is larger than \(context.endpoint.limits.responseBytes) bytes; limits.max_response_bytes raises it",
        stage: .stream)
    }
    if mode == .undecided { decide(by: bytes) }
    switch mode {
    case .frames: return try feed(bytes)
    case .error:
      let room = Self.errorBodyLimit - body.count
      body.append(UnsafeRawBufferPointer(rebasing: bytes.prefix(max(room, 0))))
    case .whole, .undecided: body.append(bytes)
    case .written: break
    }
    return !builder.isCancelled
  }

  /// The body is over. Throws what it said of an error, or that it is not all there.
  public func finish() throws(LLMError) {
    switch mode {
    case .frames: try finishFrames()
    case .error: throw error
    case .whole, .undecided: try finishWhole()
    case .written: break
    }
    builder.conclude()
  }

  /// The bytes broke off; keeps what had arrived ready for the partial response.
  public func abandon() {
    if case .frames = mode { builder.flush() }
  }

  private var error: LLMError {
    guard let error = decoder.error(in: body.bytes, builder) else {
      return ErrorReader.error(head: head ?? HTTPHead(status: 0), body: body.bytes, dialect)
    }
    return head.map { ErrorReader.complete(error, from: $0) } ?? error
  }

  // MARK: The kind of body

  /// Server-sent events and lines of JSON are told from one JSON document by their first byte.
  private func decide(by bytes: UnsafeRawBufferPointer) {
    if dialect.framing == .eventStream { return decideByLength(bytes) }
    guard let first = bytes.first(where: { $0 > 0x20 && $0 != 0xEF && $0 != 0xBB && $0 != 0xBF }) else { return }
    let looksLikeJSON = first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    switch dialect.framing {
    case .eventStream: break
    case .ndjson: mode = context.isStreaming ? .frames : .whole
    case .lines: mode = .frames
    case .whole: mode = .whole
    case .sse:
      let looksLikeEvents = Self.beginningsOfEvents.utf8Bytes.contains(first)
      mode = !looksLikeJSON && (isSaidToBeEvents || looksLikeEvents) ? .frames : .whole
    }
    if mode == .frames { startFrames() }
  }

  /// Of a comment and of the fields `data`, `event`, `id` and `retry`.
  private static let beginningsOfEvents: StaticString = ":deir"

  /// By the head; by the request where the head says nothing.
  private var isSaidToBeEvents: Bool {
    head?["Content-Type"]?.containsText("event-stream", ignoringCase: true) ?? context.isStreaming
  }

  /// A binary message begins with its length, whose first byte is below those that begin any text.
  private func decideByLength(_ bytes: UnsafeRawBufferPointer) {
    guard let first = bytes.first else { return }
    mode = context.isStreaming && first < UInt8(ascii: "\t") ? .frames : .whole
    if mode == .frames { startFrames() }
  }

  private func startFrames() {
    let limit = context.endpoint.limits.eventBytes
    switch dialect.framing {
    case .sse: framer = SSEFramer(maxFrameBytes: limit)
    case .ndjson, .lines: framer = NDJSONFramer(maxFrameBytes: limit)
    case .eventStream: framer = EventStreamFramer(maxFrameBytes: limit)
    case .whole: return
    }
    frames = FrameReader(decoder, builder, context)
  }

  // MARK: Frames

  private func feed(_ bytes: UnsafeRawBufferPointer) throws(LLMError) -> Bool {
    guard let framer, let frames else { return false }
    if !body.isEmpty {
      // What came before the first telling byte.
      _ = try framer.feed(body.bytes, into: frames)
      body.removeAll()
    }
    let goesOn = try framer.feed(bytes, into: frames)
    if let failure = frames.failure { throw failure }
    return goesOn && !builder.isCancelled
  }

  private func finishFrames() throws(LLMError) {
    guard let framer, let frames else { return }
    // What cannot be read because it was cut off says nothing against the service.
    let unreadable = frames.firstUnreadable
    frames.isAtEnd = true
    try framer.finish(into: frames)
    if let failure = frames.failure { throw failure }
    try decoder.finish(into: builder)
    if builder.isCancelled { return }
    if builder.isComplete {
      guard builder.choiceIndices.isEmpty else { return }
      throw LLMError(.protocol, "the stream ended as it should, but without an answer", stage: .decode)
    }
    builder.flush()
    if let unreadable, !builder.hasContent { throw unreadable }
    throw LLMError(
      .streamTruncated, "the stream ended before the answer did; what had arrived is in `partial`", stage: .stream)
  }

  // MARK: One document

  private func finishWhole() throws(LLMError) {
    guard body.bytes.contains(where: { $0 > 0x20 }) else {
      throw LLMError(.protocol, "the service answered HTTP \(head?.status ?? 200) with an empty body", stage: .decode)
    }
    try decoder.decode(bytes: body.bytes, into: builder)
    try decoder.finish(into: builder)
  }
}

/// Hands frames to a decoder, and remembers why it stopped.
private final class FrameReader: FrameSink {
  private let decoder: any ChatDecoder
  private let builder: ResponseBuilder
  private let context: RequestContext
  private(set) var failure: LLMError?
  /// The first frame that was passed over, for a stream of which nothing else comes.
  private(set) var firstUnreadable: LLMError?
  /// The bytes have ended: a frame that comes now may have been cut off with them.
  var isAtEnd = false

  init(_ decoder: any ChatDecoder, _ builder: ResponseBuilder, _ context: RequestContext) {
    self.decoder = decoder
    self.builder = builder
    self.context = context
  }

  func receiveComment() { builder.ping() }

  func receive(_ frame: Frame) -> Bool {
    if context.settings.raw { builder.raw(frame.data) }
    do throws(LLMError) {
      try decoder.decode(frame, into: builder)
    } catch {
      failure = isUnreadable(error) ? failureOf(unreadable: frame, error) : error
    }
    return failure == nil && !builder.isCancelled
  }

  private func isUnreadable(_ error: LLMError) -> Bool {
    error.code == .protocol && error.stage == .decode && error.providerError == nil
  }

  /// A frame that is no JSON and yet has its marks lost a part of the answer: that is an error. Bare words, which some
  /// services send to show that they are still there, lost nothing; and of a frame that the end cut off the end itself
  /// tells, by what the answer lacks. Neither goes without a word.
  private func failureOf(unreadable frame: Frame, _ error: LLMError) -> LLMError? {
    let marks: StaticString = "{}[]\""
    let isBroken = frame.data.contains { marks.utf8Bytes.contains($0) }
    if isBroken, !isAtEnd { return failureOf(broken: frame, error) }
    firstUnreadable = firstUnreadable ?? error
    if isBroken {
      context.note("incomplete_answer", "the last piece of the answer was cut off: \(excerpt(of: frame.data))")
    } else {
      context.note(
        "unreadable_answer", "a piece of the answer that is no JSON was passed over: \(excerpt(of: frame.data))")
    }
    return nil
  }

  /// A frame that lacks its last brace and nothing else is read with it: some services forget it.
  private func failureOf(broken frame: Frame, _ error: LLMError) -> LLMError? {
    let whole = ByteBuffer(capacity: frame.data.count + 1)
    whole.append(frame.data)
    whole.append(UInt8(ascii: "}"))
    let last = frame.data.last
    guard last == UInt8(ascii: "}") || last == UInt8(ascii: "]"), JSONScanner.isValid(whole.bytes) else { return error }
    builder.noteMending()
    do throws(LLMError) {
      try decoder.decode(Frame(event: frame.event, data: whole.bytes), into: builder)
      return nil
    } catch { return error }
  }
}

extension ResponseBuilder {
  /// Reads what a peer sent for this answer; what had to be mended is a warning.
  func readJSON(_ bytes: UnsafeRawBufferPointer) throws(LLMError) -> JSON {
    let (value, isMended) = try readMending(bytes)
    if isMended { noteMending() }
    return value
  }

  fileprivate func noteMending() {
    context.note(
      "mended_answer",
      """
      the service sent what is not quite JSON (bad UTF-8, half a surrogate pair, a control character, a number out of \
      range, no last brace); it was read as what comes nearest
      """)
  }
}

/// Reads what a peer sent: as jansson would, and where it refuses, once more with what services get wrong (half
/// surrogates, bad UTF-8, huge integers) mended.
public func readPeerJSON(_ bytes: UnsafeRawBufferPointer) throws(LLMError) -> JSON { try readMending(bytes).value }

/// The same as a tree, for what becomes a part of documents that change.
public func parsePeerJSON(_ bytes: UnsafeRawBufferPointer) throws(LLMError) -> JSON {
  try readPeerJSON(bytes).copy()
}

private func readMending(_ bytes: UnsafeRawBufferPointer) throws(LLMError) -> (value: JSON, isMended: Bool) {
  do throws(JSONSyntaxError) {
    return (try JSON.read(bytes), false)
  } catch {
    let mended = ByteBuffer()
    if repairedJSON(bytes, into: mended), let value = parseMended(mended) { return (value, true) }
    throw LLMError(
      .protocol, "the service sent what is no JSON: \(error.description): \(excerpt(of: bytes))", stage: .decode)
  }
}

private func parseMended(_ buffer: ByteBuffer) -> JSON? {
  do throws(JSONSyntaxError) {
    return try JSON.read(buffer.bytes)
  } catch { return nil }
}

/// The beginning of a body, for an error message.
func excerpt(of bytes: UnsafeRawBufferPointer) -> String {
  let text = String(decoding: bytes.prefix(300), as: UTF8.self).trimmed
  return bytes.count > 300 ? text + "…" : text
}
