import LLMCatalog
import LLMCore
import LLMDialects

// What a call tells of itself: the result's metadata, and events of its own.

extension Call {
  func metadata(_ lane: Lane, now: Microseconds) -> JSON {
    let metadata = JSON.object()
    metadata.set("provider", lane.attempt.provider)
    metadata.set("model", lane.attempt.model)
    metadata.set("request_id", requestID)
    metadata.set("provider_request_id", lane.exchange.providerRequestID)
    metadata.set("attempts", .array(attempts.map { $0.document }))
    metadata.set("warnings", .array(lane.exchange.context.warnings))
    metadata.set("timing", timingDocument(lane, now: now))
    metadata.set("cost", lane.isCached ? nothingPaid : cost(of: lane))
    metadata.set("cached", .boolean(lane.isCached))
    metadata.set("finish_reason_raw", lane.exchange.builder?.rawFinishReason)
    return metadata
  }

  /// In money, where the tokens are known and the catalogue knows the model's prices.
  func cost(of lane: Lane) -> JSON? {
    guard let model = lane.exchange.context.modelProfile, let usage = lane.exchange.usage, !usage.isEmpty
    else { return nil }
    let cost = Catalog.builtIn.cost(usage: usage.document, model: model)
    lane.nanoDollars = cost?["total"]?.double.flatMap { NanoDollars.amount($0) }
    return cost
  }

  private var nothingPaid: JSON {
    let cost = JSON.object()
    for part: Word in ["input", "output", "total"] { cost.set(part, .real(0)) }
    cost.set("currency", "USD")
    return cost
  }

  private func timingDocument(_ lane: Lane, now: Microseconds) -> JSON {
    let document = JSON.object()
    document.set("dns_ms", .real(timing.resolved.inMilliseconds))
    document.set("connect_ms", .real(max(0, timing.connected - timing.resolved).inMilliseconds))
    document.set("tls_ms", .real(max(0, timing.secured - timing.connected).inMilliseconds))
    document.set("first_byte_ms", .real(timing.firstByte.inMilliseconds))
    if let first = lane.attempt.timeToFirstToken { document.set("first_token_ms", .real(first.inMilliseconds)) }
    document.set("total_ms", .real((now &- (startedAt ?? now)).inMilliseconds))
    document.set("connection_reused", timing.reusedConnection)
    return document
  }

  // MARK: Events

  func tellStart(_ lane: Lane) {
    guard sink != nil else { return }
    let document = JSON.object()
    document.set("provider", lane.attempt.provider)
    document.set("model", lane.attempt.model)
    document.set("attempt", lane.attempt.number)
    document.set("warnings", .array(lane.exchange.context.warnings))
    tell(.start, document)
  }

  func tellRetry(_ error: LLMError, _ pause: Microseconds) {
    let document = JSON.object()
    document.set("attempt", attempts.count)
    document.set("delay_ms", .real(pause.inMilliseconds))
    document.set("discarded", true)
    document.set("error", error.document)
    tell(.retry, document)
  }

  func tell(_ kind: EventKind, _ document: JSON) {
    guard let sink else { return }
    let buffer = ByteBuffer(capacity: 256)
    document.write(into: buffer)
    _ = buffer.terminated()
    if !sink.receive(Event(kind, data: buffer.bytes)), !kind.isTerminal { cancel() }
  }
}
