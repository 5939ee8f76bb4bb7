import LLMCatalog
import LLMCore
import LLMDialects

// What a call tells of itself: the result's metadata, and events of its own.

extension Call {
  /// The result of an attempt that was answered.
  func result(of lane: Lane, _ document: JSON?, now: Microseconds) -> ResultDocument {
    guard let builder = lane.exchange.builder, document == nil else {
      let tree = document ?? .null
      if request.operation.isGeneration { tree.set("metadata", .object { writeMetadata(lane, to: $0, now: now) }) }
      return ResultDocument(tree)
    }
    let buffer = ByteBuffer(capacity: 1500 + builder.outputBytes)
    let text = JSONText(buffer)
    text.openObject()
    builder.writeMembers(to: text)
    text.openObject("metadata")
    writeMetadata(lane, to: text, now: now)
    text.closeObject()
    text.closeObject()
    return ResultDocument(text: buffer)
  }

  private func writeMetadata(_ lane: Lane, to text: JSONText, now: Microseconds) {
    text.add("provider", lane.attempt.provider)
    text.add("model", lane.attempt.model)
    text.add("request_id", requestID)
    text.add("provider_request_id", lane.exchange.providerRequestID)
    text.openArray("attempts")
    for attempt in attempts {
      text.openObject()
      attempt.writeMembers(to: text)
      text.closeObject()
    }
    text.closeArray()
    text.openArray("warnings")
    for warning in lane.exchange.context.warnings { text.add(element: warning) }
    text.closeArray()
    writeTiming(lane, to: text, now: now)
    (lane.isCached ? Cost() : cost(of: lane))?.write(to: text)
    text.add("cached", lane.isCached)
    text.add("finish_reason_raw", lane.exchange.builder?.rawFinishReason)
  }

  /// In money, where the tokens are known and the catalogue knows the model's prices.
  func cost(of lane: Lane) -> Cost? {
    guard let model = lane.exchange.context.modelProfile, let usage = lane.exchange.usage else { return nil }
    let cost = Catalog.cost(
      of: PaidTokens(
        prompt: usage.prompt, completion: usage.completion, cached: usage.cached, cacheWrite: usage.cacheWrite),
      model: model)
    lane.nanoDollars = cost?.nanoDollars
    return cost
  }

  private func writeTiming(_ lane: Lane, to text: JSONText, now: Microseconds) {
    text.openObject("timing")
    text.add("dns_ms", milliseconds: timing.resolved)
    text.add("connect_ms", milliseconds: max(0, timing.connected - timing.resolved))
    text.add("tls_ms", milliseconds: max(0, timing.secured - timing.connected))
    text.add("first_byte_ms", milliseconds: timing.firstByte)
    if let first = lane.attempt.timeToFirstToken { text.add("first_token_ms", milliseconds: first) }
    text.add("total_ms", milliseconds: now &- (startedAt ?? now))
    text.add("connection_reused", timing.reusedConnection)
    text.closeObject()
  }

  // MARK: Events

  func tellStart(_ lane: Lane) {
    guard let sink = lane.heldSink ?? sink else { return }
    let document = JSON.object()
    document.set("provider", lane.attempt.provider)
    document.set("model", lane.attempt.model)
    document.set("attempt", lane.attempt.number)
    document.set("warnings", .array(lane.exchange.context.warnings))
    tell(.start, ResultDocument(document), to: sink)
  }

  func tellRetry(_ error: LLMError, _ pause: Microseconds) {
    let document = JSON.object()
    document.set("attempt", attempts.count)
    document.set("delay_ms", .real(pause.inMilliseconds))
    document.set("discarded", true)
    document.set("error", error.document)
    tell(.retry, document)
  }

  private func tell(_ kind: EventKind, _ document: JSON) {
    if let sink { tell(kind, ResultDocument(document), to: sink) }
  }

  func tell(_ kind: EventKind, _ document: ResultDocument) {
    if let sink { tell(kind, document, to: sink) }
  }

  private func tell(_ kind: EventKind, _ document: ResultDocument, to sink: any EventSink) {
    document.withText { text in
      if !sink.receive(Event(kind, data: text)), !kind.isTerminal { cancel() }
    }
  }
}
