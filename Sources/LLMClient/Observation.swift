import LLMCore
import LLMPolicy

/// Turns what happens to calls into statistics, events for the program's observer, and log lines.
final class Observation: CallObserver, GateListener, ArchiveReporter, @unchecked Sendable {
  /// The program's observer: the event's document as text, and the program's own pointer.
  typealias Receiver = @convention(c) (UnsafePointer<CChar>?, UnsafeMutableRawPointer?) -> Void

  private struct Setting: @unchecked Sendable {
    var receiver: Receiver?
    var userData: UnsafeMutableRawPointer?
  }

  private let provider: String
  private let setting = Locked(Setting())
  let statistics = Statistics()

  init(provider: String) { self.provider = provider }

  func set(_ receiver: Receiver?, userData: UnsafeMutableRawPointer?) {
    setting.withLock { $0 = Setting(receiver: receiver, userData: userData) }
  }

  func attemptQueued(_ attempt: Attempt, reason: Word, wait: Microseconds) {
    tell("queued") { document in
      document.set("request_id", attempt.requestID)
      document.set("model", attempt.model)
      document.set("reason", reason)
      document.set("wait_ms", .real(wait.inMilliseconds))
    }
  }

  func attemptRefused(_ attempt: Attempt) {
    guard let error = attempt.error else { return }
    Log.write(.warning) { "\(attempt.requestID) \(provider) refused: \(error.code.name): \(error.message)" }
    tell(error.code == .rateLimited ? "rate_limited" : "refused") { document in
      document.set("request_id", attempt.requestID)
      document.set("error", error.document)
    }
  }

  func attemptPlayed(_ attempt: Attempt, isCached: Bool) {
    guard isCached else { return }
    tell("cache_hit") { document in
      document.set("request_id", attempt.requestID)
      document.set("model", attempt.model)
    }
  }

  func attemptEnded(_ attempt: Attempt) {
    if let error = attempt.error {
      Log.write(error.code == .cancelled ? .info : .warning) {
        "\(attempt.requestID) \(provider) attempt \(attempt.number): \(error.code.name): \(error.message)"
      }
    } else {
      Log.write(.info) { "\(attempt.requestID) \(provider) \(attempt.model) answered in \(attempt.duration / 1000) ms" }
    }
    guard attempt.wasSent else { return }
    if let change = statistics.count(attempt) { tellChange(change, attempt) }
    if let error = attempt.error, error.code != .cancelled {
      tell("error") { document in
        document.set("request_id", attempt.requestID)
        document.set("error", error.document)
      }
    }
  }

  private func tellChange(_ change: (from: Statistics.State, to: Statistics.State), _ attempt: Attempt) {
    tell("status_changed") { document in
      document.set("from", change.from.name)
      document.set("to", change.to.name)
    }
    if change.to == .connected { tell("connected") { $0.set("model", attempt.model) } }
  }

  func willRetry(_ attempt: Attempt, after pause: Microseconds) {
    tell("retry") { document in
      document.set("request_id", attempt.requestID)
      document.set("attempt", attempt.number)
      document.set("delay_ms", .real(pause.inMilliseconds))
      document.set("code", attempt.error.map { .string($0.code.name) })
    }
  }

  func willFallBack(_ attempt: Attempt, to provider: String, model: String?) {
    tell("fallback") { document in
      document.set("request_id", attempt.requestID)
      document.set("from", attempt.provider)
      document.set("from_model", attempt.model)
      document.set("to", provider)
      document.set("to_model", model)
      document.set("code", attempt.error.map { .string($0.code.name) })
    }
  }

  func willHedge(_ attempt: Attempt, to provider: String, model: String?, after delay: Microseconds) {
    tell("hedge") { document in
      document.set("request_id", attempt.requestID)
      document.set("from", attempt.provider)
      document.set("to", provider)
      document.set("to_model", model)
      document.set("delay_ms", .real(delay.inMilliseconds))
    }
  }

  func callEnded(_ outcome: CallOutcome) { statistics.count(outcome) }

  func gateTold(_ event: Word, _ document: JSON) {
    tell(event) { $0.merge(document) }
  }

  func archiveFailed(_ error: LLMError) { tell("error") { $0.set("error", error.document) } }

  /// The idle connections were closed.
  func disconnected() {
    statistics.forgetConnection()
    tell("disconnected") { _ in }
  }

  private func tell(_ event: Word, _ fill: (JSON) -> Void) {
    let current = setting.withLock { $0 }
    guard let receiver = current.receiver else { return }
    let document = JSON.object()
    document.set("event", event)
    document.set("provider", provider)
    fill(document)
    let buffer = ByteBuffer(capacity: 256)
    document.write(into: buffer)
    receiver(buffer.terminated(), current.userData)
  }
}
