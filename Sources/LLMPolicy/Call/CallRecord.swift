import LLMCatalog
import LLMConfig
import LLMCore
import LLMDialects

/// What a call knows of itself, apart from the answer, and the documents that tell of it: START and RETRY events, the
/// result with its metadata, the error with its attempts.
struct CallRecord {
  let requestID: String
  /// When it began; nil before.
  var startedAt: Microseconds?
  var attempts: [Attempt] = []
  /// How long the parts of the last exchange took.
  var timing = HTTPTiming()

  init(requestID: String) { self.requestID = requestID }

  // MARK: Events

  func start(_ attempt: Attempt, _ exchange: Exchange?) -> ResultDocument {
    let document = JSON.object()
    document.set("provider", attempt.provider)
    document.set("model", attempt.model)
    document.set("attempt", attempt.number)
    document.set("warnings", .array(exchange?.context.warnings ?? []))
    return ResultDocument(document)
  }

  func retry(after error: LLMError, of number: Int, pause: Microseconds, discards: Bool) -> ResultDocument {
    let document = JSON.object()
    document.set("attempt", number)
    document.set("delay_ms", .real(pause.inMilliseconds))
    document.set("reason", error.code.name)
    document.set("discarded", discards)
    document.set("error", error.document)
    return ResultDocument(document)
  }

  // MARK: The end

  /// The result of an attempt that was answered; `document` is nil where the answer is in the exchange's builder.
  func result(
    of request: CallRequest, _ attempt: Attempt, _ exchange: Exchange, _ document: JSON?, now: Microseconds
  ) -> ResultDocument {
    guard let builder = exchange.builder, document == nil else {
      let tree = document ?? .null
      if request.operation.isGeneration {
        tree.set("metadata", .object { writeMetadata(attempt, exchange, to: $0, now: now) })
      }
      return ResultDocument(tree)
    }
    let buffer = ByteBuffer(capacity: 1500 + builder.outputBytes)
    let text = JSONText(buffer)
    text.openObject()
    builder.writeMembers(to: text)
    text.openObject("metadata")
    writeMetadata(attempt, exchange, to: text, now: now)
    text.closeObject()
    text.closeObject()
    return ResultDocument(text: buffer)
  }

  private func writeMetadata(_ attempt: Attempt, _ exchange: Exchange, to text: JSONText, now: Microseconds) {
    text.add("provider", attempt.provider)
    text.add("model", attempt.model)
    text.add("request_id", requestID)
    text.add("provider_request_id", exchange.providerRequestID)
    text.openArray("attempts")
    for attempt in attempts {
      text.openObject()
      attempt.writeMembers(to: text)
      text.closeObject()
    }
    text.closeArray()
    text.openArray("warnings")
    for warning in exchange.context.warnings { text.add(element: warning) }
    text.closeArray()
    writeTiming(attempt, to: text, now: now)
    (attempt.isCached ? Cost() : exchange.cost)?.write(to: text)
    text.add("cached", attempt.isCached)
    text.add("finish_reason_raw", exchange.builder?.rawFinishReason)
  }

  private func writeTiming(_ attempt: Attempt, to text: JSONText, now: Microseconds) {
    text.openObject("timing")
    text.add("dns_ms", milliseconds: timing.resolved)
    text.add("connect_ms", milliseconds: max(0, timing.connected - timing.resolved))
    text.add("tls_ms", milliseconds: max(0, timing.secured - timing.connected))
    text.add("first_byte_ms", milliseconds: timing.firstByte)
    if let first = attempt.timeToFirstToken { text.add("first_token_ms", milliseconds: first) }
    text.add("total_ms", milliseconds: now &- (startedAt ?? now))
    text.add("connection_reused", timing.reusedConnection)
    text.closeObject()
  }

  /// The error document, with what of the answer had arrived.
  func failure(_ error: LLMError, _ exchange: Exchange?) -> ResultDocument {
    let document = JSON.object()
    document.set("error", error.document)
    if let builder = exchange?.builder, builder.hasContent || builder.responseID != nil {
      document.set("partial", builder.makeResponse())
    }
    return ResultDocument(document)
  }

  /// The error with what the record knows of it.
  func completed(_ error: LLMError, last: Attempt?, provider: String) -> LLMError {
    var error = error
    error.provider = error.provider ?? last?.provider ?? provider
    error.model = error.model ?? last?.model ?? attempts.last?.model
    error.requestID = error.requestID ?? requestID
    error.attempts = .array(attempts.map { $0.document })
    return error
  }
}

extension EventSink {
  /// Hands a document over; false where the receiver wants no more. A START names its model beside it.
  func receive(_ kind: EventKind, _ document: ResultDocument, model: String? = nil) -> Bool {
    var goesOn = true
    document.withText { goesOn = receive(kind, document: $0, model: model) }
    return goesOn
  }
}
