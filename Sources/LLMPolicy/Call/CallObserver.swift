import LLMCore
import LLMDialects

/// Who is told of what happens to calls: counters, observers, logs. Each call that begins ends.
public protocol CallObserver: EventListener {
  /// A call begins, with that model as far as is known.
  func callBegan(_ requestID: String, _ request: CallRequest, model: String?)
  /// An attempt has to wait for leave to be sent: for a rate limit, or for another call that asks the same. Told once.
  func attemptQueued(_ attempt: Attempt, reason: StaticText, wait: Microseconds)
  /// A gate or an archive refused an attempt: nothing was sent.
  func attemptRefused(_ attempt: Attempt)
  /// An attempt is answered out of an archive: nothing is sent.
  func attemptPlayed(_ attempt: Attempt, isCached: Bool)
  /// An attempt is over: nil after success.
  func attemptEnded(_ attempt: Attempt)
  /// Another attempt follows after a pause.
  func willRetry(_ attempt: Attempt, after pause: Microseconds)
  /// Another target is asked in place of the one that failed.
  func willFallBack(_ attempt: Attempt, to provider: String, model: String?)
  /// A second target is asked, since the first has not answered for so long.
  func willHedge(_ attempt: Attempt, to provider: String, model: String?, after delay: Microseconds)
  /// The call is over.
  func callEnded(_ outcome: CallOutcome)
}
