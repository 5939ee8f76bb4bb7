import LLMCore
import LLMDialects
import LLMPolicy

/// What a provider has been doing. Counted by every call, read by `llm_provider_status` and `llm_metrics`.
public final class Statistics: @unchecked Sendable {
  /// What is known of the service by the calls made so far.
  public enum State: Sendable {
    case idle, connected, error

    var name: StaticText {
      switch self {
      case .idle: "idle"
      case .connected: "connected"
      case .error: "error"
      }
    }
  }

  private let lock = Lock()
  private let startedAt = SystemClock.shared.now
  private var state = State.idle
  /// When the service last failed.
  private var failedAt: Microseconds = 0
  private var counters = Counters()
  private var lastUsed: Int64?
  private var lastError: LLMError?

  /// Counts a call that begins.
  func countBeginning() { lock.withLock { counters[.inFlight] &+= 1 } }

  /// Counts an attempt, and tells the state if it changed.
  func count(_ attempt: Attempt) -> (from: State, to: State)? {
    lock.withLock {
      counters.end(Counters.attempts, attempt.error?.code)
      if attempt.number > 1 { counters[.retries] &+= 1 }
      if let first = attempt.timeToFirstToken { counters.add(.firstToken, first) }
      let before = state
      if let error = attempt.error {
        guard error.code != .cancelled else { return nil }
        lastError = error
        // The caller gets the same value, and may change it.
        lastError?.providerError = error.providerError?.deepCopy()
        if Statistics.tellsOfService(error) {
          state = .error
          failedAt = max(failedAt, attempt.startedAt &+ attempt.duration)
        }
      } else {
        counters.add(.attempt, attempt.duration)
        if saysSomethingNew(attempt) { state = .connected }
      }
      return before == state ? nil : (before, state)
    }
  }

  /// What was sent before a failure says nothing of the service since: its answer may have been on its way already, if it
  /// did not take much longer.
  private func saysSomethingNew(_ attempt: Attempt) -> Bool {
    attempt.startedAt >= failedAt || attempt.startedAt &+ attempt.duration > failedAt &+ Statistics.longestWay
  }

  /// How long an answer may lie about in sockets and threads that are not served.
  private static let longestWay: Microseconds = .milliseconds(1000)

  /// A request that the service refused as such says nothing against the service.
  private static func tellsOfService(_ error: LLMError) -> Bool {
    switch error.code {
    case .invalidRequest, .unsupported, .contextLength, .contentFilter, .notFound, .invalidArgument, .tooLarge: false
    default: true
    }
  }

  /// Counts a call that ended. What is played from the cache was counted, and paid, before.
  func count(_ outcome: CallOutcome) {
    let isCached = outcome.isCached
    let usage = isCached ? nil : outcome.usage
    let time = SystemClock.shared.unixSeconds
    lock.withLock {
      lastUsed = time
      counters[.inFlight] &-= 1
      counters.end(Counters.calls, outcome.code)
      if outcome.code == nil { counters.add(.call, outcome.duration) }
      counters.count(.cacheHits, isCached ? 1 : 0)
      counters.count(.promptTokens, usage?.prompt)
      counters.count(.completionTokens, usage?.completion)
      counters.count(.cachedTokens, usage?.cached)
      counters.count(.cacheWriteTokens, usage?.cacheWrite)
      counters.count(.reasoningTokens, usage?.reasoning)
      counters.count(.nanoDollars, outcome.nanoDollars)
    }
  }

  /// Connections were closed.
  func forgetConnection() { lock.withLock { if state == .connected { state = .idle } } }

  /// Whether a call made now may be expected to be served.
  var isAvailable: Bool { lock.withLock { state != .error } }

  /// All that is counted, as it is now.
  var snapshot: Counters {
    lock.withLock {
      var snapshot = counters
      snapshot[.available] = state == .error ? 0 : 1
      return snapshot
    }
  }

  /// The members of the status document that are counted here.
  func fill(_ document: JSON) {
    let now = SystemClock.shared.now
    lock.withLock {
      document.set("state", state.name)
      document.set("available", state != .error)
      document.set("uptime_s", (now &- startedAt) / 1_000_000)
      document.set("last_used", lastUsed)
      counters.fill(document)
      document.set("last_error", lastError?.document.deepCopy() ?? .null)
    }
  }
}
