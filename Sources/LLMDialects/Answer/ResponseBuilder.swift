import LLMConfig
import LLMCore

/// Where every answer is put together, streamed or whole: a decoder tells it what arrived, it numbers blocks and tool
/// calls, keeps characters whole, tells the sink, and keeps what the result needs. One event costs one copy of its
/// bytes and no allocation.
public final class ResponseBuilder {
  let sink: (any EventSink)?
  let context: RequestContext
  let scratch = ByteBuffer()
  var choices: [ChoiceParts] = []
  /// Whether the sink asked to stop.
  public private(set) var isCancelled = false
  /// Whether any content was delivered: from here on a retry is not silent.
  public internal(set) var hasContent = false
  /// Whether the provider's own end was seen, so that nothing of the answer is missing.
  public private(set) var hasEnded = false
  /// Whether the stream said that it is over: what follows is no part of the answer.
  public private(set) var isStreamOver = false
  /// The service's id of the response.
  public private(set) var responseID: String?
  /// The model that answered, as the service calls it.
  public private(set) var responseModel: String?
  /// When, by the service's clock.
  public private(set) var created: Int64?
  private var hasToldResponse = false
  /// What the answer has too much of; whoever reads it has to stop then.
  public private(set) var excess: LLMError?
  /// Further members of the response (`system_fingerprint`, `service_tier`, `citations`, …).
  var extras: [(name: String, value: JSON)] = []
  private var sourceBytes = 0
  /// What is known of the tokens.
  public let usage = Usage()

  /// Starts an answer; without a sink nothing is told and all is kept.
  public init(context: RequestContext, sink: (any EventSink)?) {
    self.context = context
    self.sink = sink
  }

  /// The parts of one of the answers. One too many gets parts that nobody will see.
  func choice(_ index: Int) -> ChoiceParts {
    if let first = choices.first, first.index == index { return first }
    for parts in choices where parts.index == index { return parts }
    let parts = ChoiceParts(index: index)
    guard isWithin(Self.choiceLimit, choices.count, "answers") else { return parts }
    choices.insert(parts, at: choices.firstIndex { $0.index > index } ?? choices.count)
    return parts
  }

  /// How many answers to one request there may be.
  private static let choiceLimit = 256
  /// How many members of `reasoning_details` may come in pieces.
  private static let detailLimit = 1024
  /// How many members that the library does not know a response may have, over all its pieces.
  private static let extraLimit = 256

  /// Whether there is room for one more. What a peer may send any number of is bounded where it costs more than its bytes.
  func isWithin(_ limit: Int, _ count: Int, _ what: StaticText) -> Bool {
    if count < limit, excess == nil { return true }
    excess = excess ?? LLMError(.tooLarge, "the answer has more than \(Int64(limit)) \(what)", stage: .decode)
    return false
  }

  func emit(_ event: Event) {
    guard let sink, !isCancelled, excess == nil else { return }
    if !sink.receive(event) { isCancelled = true }
  }

  /// The document is made only if somebody listens.
  func emit(_ kind: EventKind, document: @autoclosure () -> JSON, choice: Int = 0) {
    guard sink != nil else { return }
    scratch.removeAll()
    document().write(into: scratch)
    emit(Event(kind, choice: UInt32(truncatingIfNeeded: choice), data: scratch.terminatedBytes(from: 0)))
  }
}

// MARK: - What decoders tell

extension ResponseBuilder {
  /// The response's id, model and time; told once, the first of each wins.
  public func response(id: String? = nil, model: String? = nil, created: Int64? = nil) {
    if responseID == nil, let id, !id.isEmpty { responseID = id }
    if responseModel == nil, let model, !model.isEmpty { responseModel = model }
    if self.created == nil { self.created = created }
    guard !hasToldResponse, responseID != nil || responseModel != nil else { return }
    hasToldResponse = true
    guard let sink, !isCancelled else { return }
    let document = JSON.object { text in
      text.add("id", responseID)
      text.add("model", responseModel)
    }
    scratch.removeAll()
    document.write(into: scratch)
    let goesOn = sink.receive(
      .response, document: scratch.terminatedBytes(from: 0), id: responseID, model: responseModel)
    if !goesOn { isCancelled = true }
  }

  /// A further member of the response.
  public func setExtra(_ name: String, _ value: JSON?) {
    guard let value else { return }
    if let place = extras.firstIndex(where: { $0.name == name }) {
      extras[place].value = value
    } else if isWithin(Self.extraLimit, extras.count, "members that are not known") {
      extras.append((name, value))
    }
  }

  /// A piece of the answer's text. `block` is the service's own number of the block, where it has one.
  public func text(_ bytes: UnsafeRawBufferPointer, choice: Int = 0, block: Int = -1) {
    append(.text, .text, bytes, choice: choice, block: block)
  }

  /// A piece of the answer's text.
  public func text(_ value: JSON?, choice: Int = 0, block: Int = -1) {
    if let bytes = value?.stringBytes { text(bytes, choice: choice, block: block) }
  }

  /// A piece of the thinking.
  public func reasoning(_ bytes: UnsafeRawBufferPointer, choice: Int = 0, block: Int = -1) {
    append(.reasoning, .reasoning, bytes, choice: choice, block: block)
  }

  /// A piece of the thinking.
  public func reasoning(_ value: JSON?, choice: Int = 0, block: Int = -1) {
    if let bytes = value?.stringBytes { reasoning(bytes, choice: choice, block: block) }
  }

  /// A piece of a refusal.
  public func refusal(_ value: JSON?, choice: Int = 0) {
    if let bytes = value?.stringBytes { append(.refusal, .refusal, bytes, choice: choice, block: -1) }
  }

  func append(
    _ event: EventKind, _ kind: AnswerBlock.Kind, _ bytes: UnsafeRawBufferPointer, choice index: Int, block: Int
  ) {
    guard !bytes.isEmpty else { return }
    let parts = choice(index)
    let channel = parts.channel(kind)
    let piece = channel.joiner.join(bytes, scratch: scratch)
    guard !piece.isEmpty else { return }
    let place = parts.openBlock(kind, key: block)
    let start = channel.buffer.count
    channel.buffer.append(piece)
    parts.blocks[place].end = channel.buffer.count
    hasContent = true
    guard sink != nil else { return }
    emit(
      Event(
        event, choice: UInt32(truncatingIfNeeded: index),
        index: UInt32(truncatingIfNeeded: parts.blocks[place].ordinal),
        data: channel.buffer.terminatedBytes(from: start)))
  }

  /// How much text of a kind there is, to know later what one item said of it.
  public func length(of kind: AnswerBlock.Kind, choice index: Int = 0) -> Int {
    choice(index).channel(kind).buffer.count
  }

  /// The text from a place on, repeated whole by the service: adds what its pieces left out, if they were its beginning.
  public func complete(
    _ kind: AnswerBlock.Kind, from start: Int, with whole: ByteBuffer, choice index: Int = 0, block: Int = -1
  ) {
    let soFar = choice(index).channel(kind).buffer.bytes
    guard start <= soFar.count, whole.count > soFar.count - start else { return }
    let received = UnsafeRawBufferPointer(rebasing: soFar[start...])
    guard whole.bytes.starts(with: received) else { return }
    let missing = UnsafeRawBufferPointer(rebasing: whole.bytes[received.count...])
    append(kind == .reasoning ? .reasoning : .text, kind, missing, choice: index, block: block)
  }

  /// Opens a block that may stay empty but counts: thinking whose text is withheld and whose signature is not.
  public func openReasoning(choice index: Int = 0, block: Int = -1) {
    _ = choice(index).openBlock(.reasoning, key: block)
  }

  /// A piece of the signature over a block of thinking (or of text).
  public func signature(
    _ bytes: UnsafeRawBufferPointer, choice index: Int = 0, block: Int = -1, on kind: AnswerBlock.Kind = .reasoning
  ) {
    let parts = choice(index)
    let place = parts.openBlock(kind, key: block)
    if parts.blocks[place].signature == nil { parts.blocks[place].signature = ByteBuffer() }
    parts.blocks[place].signature?.append(bytes)
  }

  /// A block that is passed through unread, in its place.
  public func opaque(_ value: JSON, choice index: Int = 0, block: Int = -1) {
    let parts = choice(index)
    parts.blocks.append(
      AnswerBlock(kind: .opaque, key: block, ordinal: parts.plainBlockCount, start: 0, end: 0, opaque: value))
    parts.plainBlockCount += 1
  }

  /// A citation or source.
  public func source(_ value: JSON, choice index: Int = 0) {
    // A service may name one long source any number of times by its number.
    scratch.removeAll()
    value.write(into: scratch)
    sourceBytes &+= scratch.count
    guard isWithin(context.endpoint.limits.responseBytes, sourceBytes, "bytes of sources") else { return }
    choice(index).annotations.append(value)
    emit(Event(.source, choice: UInt32(truncatingIfNeeded: index), data: scratch.terminatedBytes(from: 0)))
  }

  /// What is known of the tokens; later reports complete earlier ones.
  public func report(_ usage: Usage) {
    guard !usage.isEmpty || usage.cached != nil || usage.reasoning != nil else { return }
    self.usage.merge(usage)
    emit(.usage, document: self.usage.document)
  }

  /// Log probabilities in OpenAI's shape, piece by piece.
  public func logprobs(_ value: JSON, choice index: Int = 0) {
    let parts = choice(index)
    guard let known = parts.logprobs else {
      parts.logprobs = value.deepCopy()
      return
    }
    for (name, list) in value.members {
      guard list.isArray, let soFar = known[named: name], soFar.isArray else {
        known.set(named: name, list)
        continue
      }
      for element in list.elements { soFar.append(element) }
    }
  }

  /// A member of `reasoning_details`.
  public func reasoningDetail(_ value: JSON, choice index: Int = 0) {
    choice(index).reasoningDetails.append(ReasoningDetailParts(value, at: ReasoningDetailParts.Place(value)))
  }

  /// A piece of a member of `reasoning_details`: pieces of one type and `index` are one.
  public func reasoningDetail(piece: JSON, choice index: Int = 0) {
    let place = ReasoningDetailParts.Place(piece)
    let details = choice(index).reasoningDetails
    if let known = details.last(where: { $0.place.agrees(with: place) }) { return known.add(piece, at: place) }
    guard isWithin(Self.detailLimit, details.count, "details of its thinking") else { return }
    choice(index).reasoningDetails.append(ReasoningDetailParts(piece, at: place))
  }

  /// A member of the message's `extra_content`: what the next turn sends back unchanged.
  public func setExtraContent(_ name: String, _ value: JSON, choice index: Int = 0) {
    let parts = choice(index)
    if parts.extraContent == nil { parts.extraContent = .object() }
    parts.extraContent?.set(named: name, value)
  }

  /// A further member of the message (`audio`, `images`, …).
  public func setMessageExtra(_ name: String, _ value: JSON, choice index: Int = 0) {
    let parts = choice(index)
    if parts.messageExtras == nil { parts.messageExtras = .object() }
    parts.messageExtras?.set(named: name, value)
  }

  /// A piece of a further member of the message, which is an object with texts that grow.
  public func messageExtra(_ name: String, piece: JSON, growing: [StaticText], choice index: Int = 0) {
    let parts = choice(index)
    if let known = parts.growingExtras.first(where: { $0.name == name })?.parts { return known.add(piece) }
    parts.growingExtras.append((name, GrowingObject(piece, growing: growing)))
  }

  /// A further member of the message as it is so far.
  public func messageExtra(_ name: String, choice index: Int = 0) -> JSON? { choice(index).messageExtras?[named: name] }

  /// Why an answer ended, in the service's word.
  public func finish(_ word: String, choice index: Int = 0) {
    let parts = choice(index)
    parts.finish = FinishReason(word: word)
    parts.rawFinish = word
  }

  /// Why an answer ended, where the service's word needs its dialect to be understood.
  public func finish(_ reason: FinishReason, raw: String?, choice index: Int = 0) {
    let parts = choice(index)
    parts.finish = reason
    parts.rawFinish = raw
  }

  /// The provider's own end of the answer and of its stream.
  public func end() {
    hasEnded = true
    isStreamOver = true
  }

  /// The end of the stream, whether or not the answer came to its own: the reasons to end show that.
  public func endStream() { isStreamOver = true }

  /// A sign of life without content.
  public func ping() { emit(Event(.ping)) }

  /// A frame as it came, for callers that asked for it.
  public func raw(_ data: UnsafeRawBufferPointer) {
    guard sink != nil else { return }
    scratch.removeAll()
    scratch.append(data)
    emit(Event(.raw, data: scratch.terminatedBytes(from: 0)))
  }
}

// MARK: - The end

extension ResponseBuilder {
  /// Whether every answer has its reason to end (or the provider's own end was seen), so that nothing is missing.
  public var isComplete: Bool { hasEnded || (!choices.isEmpty && choices.allSatisfy { $0.finish != nil }) }

  /// Whether some answer has a reason to end, or ends in calls of tools.
  public var hasReasonToEnd: Bool {
    choices.contains { $0.finish != nil || $0.tools.contains { $0.isAnnounced } }
  }

  /// Delivers what was held back (half characters) and closes what is open.
  public func flush() {
    for parts in choices {
      flush(parts.text, .text, .text, parts)
      flush(parts.reasoning, .reasoning, .reasoning, parts)
      flush(parts.refusal, .refusal, .refusal, parts)
    }
  }

  func flush(_ channel: TextChannel?, _ event: EventKind, _ kind: AnswerBlock.Kind, _ parts: ChoiceParts) {
    guard let channel else { return }
    flush(channel) { rest in
      let copy = ByteBuffer()
      copy.append(rest)
      append(event, kind, copy.bytes, choice: parts.index, block: -1)
    }
  }

  /// Everything arrived: closes tool calls and settles the reasons to end.
  public func conclude() {
    flush()
    for parts in choices {
      for place in parts.tools.indices { endTool(ToolHandle(choice: parts.index, place: place)) }
      let hasCalls = parts.tools.contains { $0.isAnnounced }
      if parts.finish == nil || (parts.finish == .stop && hasCalls) {
        parts.finish = hasCalls ? .toolCalls : .stop
      }
    }
  }

  /// The blocks of an answer in order, for a dialect that sends them back as they came.
  public func blocks(choice index: Int = 0) -> [AnswerBlock] { choice(index).blocks }

  /// Which answers there are.
  public var choiceIndices: [Int] { choices.map { $0.index } }

  /// A block's text.
  public func text(of block: AnswerBlock, choice index: Int = 0) -> JSON {
    let bytes = choice(index).channel(block.kind).buffer.bytes
    guard block.start <= block.end, block.end <= bytes.count else { return .string("") }
    return .string(UnsafeRawBufferPointer(rebasing: bytes[block.start..<block.end]))
  }

  /// A tool block's call: id, name, arguments and `extra_content`.
  public func tool(
    of block: AnswerBlock, choice index: Int = 0
  ) -> (id: JSON, name: JSON, arguments: JSON, extra: JSON?)? {
    guard block.kind == .tool, let call = tool(ToolHandle(choice: index, place: block.ordinal)) else { return nil }
    return (.string(call.id), .string(call.name), .string(call.arguments.buffer), call.extraContent)
  }

  /// The service's own word for the end of the first answer.
  public var rawFinishReason: String? { choices.first?.rawFinish }

  /// Why the answers ended, as far as they have.
  public var finishReasons: JSON {
    let reasons = JSON.array()
    for parts in choices {
      if let finish = parts.finish { reasons.append(.string(finish.name)) }
    }
    return reasons
  }

  /// Calls the body with each text of the answer so far: what was said, thought, and handed to tools.
  public func forEachOutput(_ body: (UnsafeRawBufferPointer) -> Void) {
    for parts in choices {
      body(parts.text.buffer.bytes)
      if let reasoning = parts.reasoning { body(reasoning.buffer.bytes) }
      for tool in parts.tools { body(tool.arguments.buffer.bytes) }
    }
  }

  /// The length of the text so far.
  public var outputBytes: Int {
    choices.reduce(0) { sum, parts in
      sum + parts.text.buffer.count + (parts.reasoning?.buffer.count ?? 0)
        + parts.tools.reduce(0) { $0 + $1.arguments.buffer.count }
    }
  }
}

extension ByteBuffer {
  /// The bytes from a place to the end, with a NUL behind them; valid until the next mutation.
  func terminatedBytes(from start: Int) -> UnsafeRawBufferPointer {
    _ = terminated()
    return UnsafeRawBufferPointer(rebasing: bytes[start...])
  }
}
