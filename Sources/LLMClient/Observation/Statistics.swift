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

  /// What is counted of one model.
  struct PerModel {
    let model: String
    var counters = Counters()
  }

  /// More models than a program asks for by name; what it makes up beyond them is counted together.
  private static let mostModels = 64
  /// The name for those beyond.
  static let otherModels = "other"

  private let lock = Lock()
  private let startedAt = SystemClock.shared.now
  private var state = State.idle
  /// When the service last failed.
  private var failedAt: Microseconds = 0
  private var inFlight: Int64 = 0
  private var models: [PerModel] = []
  private var lastUsed: Int64?
  private var lastError: LLMError?

  /// Counts a call that begins.
  func countBeginning() { lock.withLock { inFlight &+= 1 } }

  /// Where a model is counted.
  private func place(of model: String) -> Int {
    if let known = models.firstIndex(where: { $0.model == model }) { return known }
    let isBeyond = models.count >= Statistics.mostModels
    if isBeyond, let others = models.firstIndex(where: { $0.model == Statistics.otherModels }) { return others }
    models.append(PerModel(model: isBeyond ? Statistics.otherModels : model))
    return models.count - 1
  }

  /// Counts an attempt, and tells the state if it changed.
  func count(_ attempt: Attempt) -> (from: State, to: State)? {
    lock.withLock {
      let place = place(of: attempt.model)
      models[place].counters.end(Counters.attempts, attempt.error?.code)
      if attempt.isRetry { models[place].counters[.retries] &+= 1 }
      if let first = attempt.timeToFirstToken { models[place].counters.add(.firstToken, first) }
      if attempt.error == nil { models[place].counters.add(.attempt, attempt.duration) }
      noteError(attempt)
      return noteState(attempt)
    }
  }

  private func noteError(_ attempt: Attempt) {
    guard let error = attempt.error, error.code != .cancelled else { return }
    lastError = error
    // The caller gets the same value, and may change it.
    lastError?.providerError = error.providerError?.deepCopy()
  }

  private func noteState(_ attempt: Attempt) -> (from: State, to: State)? {
    let before = state
    if let error = attempt.error {
      guard error.code != .cancelled, Statistics.tellsOfService(error) else { return nil }
      state = .error
      failedAt = max(failedAt, attempt.startedAt &+ attempt.duration)
    } else if saysSomethingNew(attempt) {
      state = .connected
    }
    return before == state ? nil : (before, state)
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

  /// Counts a call that ended.
  func count(_ outcome: CallOutcome) {
    let time = SystemClock.shared.unixSeconds
    lock.withLock {
      let place = place(of: outcome.model ?? "")
      end(place, outcome.code, after: outcome.duration, at: time)
      pay(place, outcome.usage, outcome.nanoDollars, isCached: outcome.isCached)
    }
  }

  /// Counts an attempt of a router's call here, and what it cost; tells the state if it changed.
  func countRouted(_ attempt: Attempt) -> (from: State, to: State)? {
    lock.withLock {
      let place = place(of: attempt.model)
      pay(place, attempt.usage, attempt.nanoDollars, isCached: attempt.isCached)
      if let reused = attempt.reusedConnection {
        models[place].counters[reused ? .connectionsReused : .connectionsOpened] &+= 1
      }
    }
    return attempt.wasSent ? count(attempt) : nil
  }

  /// Counts a router's call that is over, by its last attempt here.
  func countRoutedEnd(_ last: Attempt, after duration: Microseconds) {
    let time = SystemClock.shared.unixSeconds
    lock.withLock { end(place(of: last.model), last.error?.code, after: duration, at: time) }
  }

  private func end(_ place: Int, _ code: ErrorCode?, after duration: Microseconds, at time: Int64) {
    lastUsed = time
    inFlight &-= 1
    models[place].counters.end(Counters.calls, code)
    if code == nil { models[place].counters.add(.call, duration) }
  }

  /// What is played from the cache was counted, and paid, before.
  private func pay(_ place: Int, _ usage: Usage?, _ nanoDollars: Int64?, isCached: Bool) {
    if isCached { return models[place].counters.count(.cacheHits, 1) }
    models[place].counters.count(.promptTokens, usage?.prompt)
    models[place].counters.count(.completionTokens, usage?.completion)
    models[place].counters.count(.cachedTokens, usage?.cached)
    models[place].counters.count(.cacheWriteTokens, usage?.cacheWrite)
    models[place].counters.count(.reasoningTokens, usage?.reasoning)
    models[place].counters.count(.nanoDollars, nanoDollars)
  }

  /// Connections were closed.
  func forgetConnection() { lock.withLock { if state == .connected { state = .idle } } }

  /// Whether a call made now may be expected to be served.
  var isAvailable: Bool { lock.withLock { state != .error } }

  /// What is counted of each model, and the gauges of all, as they are now.
  var snapshot: (models: [PerModel], gauges: Counters) {
    lock.withLock {
      var gauges = Counters()
      gauges[.inFlight] = inFlight
      gauges[.available] = state == .error ? 0 : 1
      return (models, gauges)
    }
  }

  /// Of all models together; to be asked under the lock.
  private var total: Counters {
    var total = Counters()
    for model in models { total.merge(model.counters) }
    total[.inFlight] = inFlight
    return total
  }

  /// Connections that the calls of routers opened and used again: theirs are not in the provider's own pool.
  var routedConnections: (opened: Int64, reused: Int64) {
    lock.withLock {
      let total = total
      return (total[.connectionsOpened], total[.connectionsReused])
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
      total.fill(document)
      document.set("last_error", lastError?.document.deepCopy() ?? .null)
    }
  }
}
