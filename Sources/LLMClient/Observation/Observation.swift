import LLMCore
import LLMDialects
import LLMPolicy
import Synchronization

/// Turns what happens to calls, and to what stands around them, into statistics, events for the program's observer, and
/// log lines. Where nobody listens an event is not even put together. What happens at a router's target is told once, by
/// the router.
final class Observation: CallObserver, TargetBookkeeper, ArchiveReporter, @unchecked Sendable {
  /// The program's observer: the event's document as text, and the program's own pointer.
  typealias Receiver = @convention(c) (UnsafePointer<CChar>?, UnsafeMutableRawPointer?) -> Void

  private struct Setting: @unchecked Sendable {
    var receiver: Receiver?
    var userData: UnsafeMutableRawPointer?
  }

  let service: ObservedService
  /// Takes secrets out of events and log lines, whoever put them there.
  let blotter: Blotter
  let statistics = Statistics()
  /// The router's that the provider is a target of.
  private let router: Observation?
  private let setting = Locked(Setting())
  private let isObserved = Atomic<Bool>(false)

  init(_ service: ObservedService, _ blotter: Blotter, of router: Observation? = nil) {
    self.service = service
    self.blotter = blotter
    self.router = router
    // So that the log looks at standard error before anything is opened.
    _ = Log.takes(.error)
  }

  func set(_ receiver: Receiver?, userData: UnsafeMutableRawPointer?) {
    setting.withLock { $0 = Setting(receiver: receiver, userData: userData) }
    isObserved.store(receiver != nil, ordering: .releasing)
  }

  // MARK: Calls

  func callBegan(_ requestID: String, _ request: CallRequest, model: String?) {
    statistics.countBeginning()
    tell(.callStarted, requestID, request: request) { document in
      document.set("operation", request.operation.name)
      document.set("model", model)
      document.set("stream", request.isStreaming)
    }
  }

  func attemptQueued(_ attempt: Attempt, reason: StaticText, wait: Microseconds) {
    tell(.queued, attempt) { document in
      document.set("model", attempt.model)
      document.set("reason", reason)
      document.set("wait_ms", .real(wait.inMilliseconds))
    }
  }

  func attemptRefused(_ attempt: Attempt) {
    guard let error = attempt.error else { return }
    tell(error.code == .rateLimited ? .rateLimited : .refused, attempt) { document in
      document.set("model", attempt.model)
      document.set("reason", "refused")
      document.set("wait_ms", error.retryAfterMilliseconds)
      document.set("error", error.document.deepCopy())
    }
  }

  func attemptPlayed(_ attempt: Attempt, isCached: Bool) {
    if isCached { tell(.cacheHit, attempt) { $0.set("model", attempt.model) } }
  }

  func attemptEnded(_ attempt: Attempt) {
    guard attempt.wasSent else { return }
    // A router is as well as its targets, who tell of themselves.
    if let change = statistics.count(attempt), !service.isRouter { tell(change, attempt) }
    guard let error = attempt.error, error.code != .cancelled else { return }
    tell(.error, attempt) { document in
      document.set("model", attempt.model)
      document.set("attempt", attempt.number)
      document.set("duration_ms", .real(attempt.duration.inMilliseconds))
      document.set("error", error.document.deepCopy())
    }
    guard error.code == .rateLimited else { return }
    tell(.rateLimited, attempt) { document in
      document.set("model", attempt.model)
      document.set("reason", "service")
      document.set("wait_ms", error.retryAfterMilliseconds)
    }
  }

  func willRetry(_ attempt: Attempt, after pause: Microseconds) {
    tell(.retry, attempt) { document in
      document.set("attempt", attempt.number)
      document.set("delay_ms", .real(pause.inMilliseconds))
      document.set("code", attempt.error.map { .string($0.code.name) })
    }
  }

  func willFallBack(_ attempt: Attempt, to provider: String, model: String?) {
    tell(.fallback, attempt.requestID) { document in
      document.set("from", attempt.provider)
      document.set("from_model", attempt.model)
      document.set("to", provider)
      document.set("to_model", model)
      document.set("code", attempt.error.map { .string($0.code.name) })
    }
  }

  func willHedge(_ attempt: Attempt, to provider: String, model: String?, after delay: Microseconds) {
    tell(.hedge, attempt.requestID) { document in
      document.set("from", attempt.provider)
      document.set("to", provider)
      document.set("to_model", model)
      document.set("delay_ms", .real(delay.inMilliseconds))
    }
  }

  func callEnded(_ outcome: CallOutcome) {
    statistics.count(outcome)
    let failed = outcome.error != nil && outcome.code != .cancelled
    tell(.callEnded, outcome.requestID, as: failed ? .error : .info, request: outcome.request, outcome: outcome) {
      document in
      document.set("operation", outcome.request.operation.name)
      document.set("model", outcome.model)
      document.set("code", outcome.code?.name ?? "ok")
      document.set("duration_ms", .real(outcome.duration.inMilliseconds))
      document.set("first_token_ms", outcome.timeToFirstToken.map { .real($0.inMilliseconds) })
      document.set("attempts", outcome.attempts)
      document.set("cached", outcome.isCached)
      document.set("cost_usd", outcome.nanoDollars.map { .real(Double($0) / 1e9) })
      if let usage = outcome.usage, !usage.isEmpty { document.set("usage", usage.document) }
    }
  }

  // MARK: Calls of routers

  func callCame() { statistics.countBeginning() }

  func attemptLeft(_ attempt: Attempt) {
    if let change = statistics.countRouted(attempt) { tell(change, attempt) }
  }

  func callLeft(_ last: Attempt, after duration: Microseconds) { statistics.countRoutedEnd(last, after: duration) }

  // MARK: What is around them

  func archiveFailed(_ error: LLMError) { tell(.error, nil) { $0.set("error", error.document) } }

  /// The idle connections were closed.
  func disconnected() {
    statistics.forgetConnection()
    tell(.disconnected, nil) { _ in }
  }

  func hear(_ event: ObservedEvent, requestID: String?, _ fill: (JSON) -> Void) { tell(event, requestID, fill) }

  // MARK: Telling

  private func tell(_ change: (from: Statistics.State, to: Statistics.State), _ attempt: Attempt) {
    tell(.statusChanged, attempt.requestID) { document in
      document.set("from", change.from.name)
      document.set("to", change.to.name)
    }
    if change.to == .connected { tell(.connected, attempt.requestID) { $0.set("model", attempt.model) } }
  }

  /// An event about an attempt: of a router's, it names the target.
  private func tell(_ event: ObservedEvent, _ attempt: Attempt, _ fill: (JSON) -> Void) {
    tell(event, attempt.requestID) { document in
      if service.isRouter { document.set("target", attempt.provider) }
      fill(document)
    }
  }

  private func tell(
    _ event: ObservedEvent, _ requestID: String?, as level: Log.Level? = nil, request: CallRequest? = nil,
    outcome: CallOutcome? = nil, of target: ObservedService? = nil, _ fill: (JSON) -> Void
  ) {
    if let router {
      router.tell(event, requestID, as: level, request: request, outcome: outcome, of: target ?? service, fill)
      return
    }
    let level = level ?? event.level
    let isLogged = Log.takes(level)
    guard isLogged || isObserved.load(ordering: .acquiring) else { return }
    let document = JSON.object()
    document.set("event", event.name)
    document.set("provider", service.name)
    document.set("target", target?.name)
    document.set("request_id", requestID)
    fill(document)
    let extra = request?.settings.extraHeaders ?? []
    let blotter = extra.isEmpty ? blotter : blotter.adding(extra)
    if isLogged { Log.write(level) { "\(blotter.blot(LogLine(level, document).text))" } }
    let current = setting.withLock { $0 }
    guard let receiver = current.receiver else { return }
    document.set("attributes", (target ?? service).attributes(of: document, request, outcome))
    let buffer = ByteBuffer(capacity: 512)
    document.write(into: buffer)
    blotter.blot(buffer)
    receiver(buffer.terminated(), current.userData)
  }
}
