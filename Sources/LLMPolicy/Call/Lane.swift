import LLMConfig
import LLMCore
import LLMDialects

/// One attempt under way: its leave to be sent, its exchange, its bounds in time.
final class Lane {
  enum Work {
    /// Waits for leave until that moment, then asks again.
    case asking(until: Microseconds)
    /// With the driver.
    case sent
    /// With the driver, and answered: until that moment the connection may come to its own end, to be used again.
    case draining(until: Microseconds)
    /// Played by an exchange that needs no network.
    case playing(any LocalExchange, until: Microseconds)
    /// Played, and answered.
    case played
    case over
  }

  /// The driver's number for it.
  let number: Int
  let candidate: Candidate
  let exchange: Exchange
  let admission: Admission?
  let attempt: Attempt
  var work: Work
  var deadlines: Deadlines
  /// When it was sent; before, since when it asks.
  var startedAt: Microseconds
  /// How long an exchange may take to end after the stream's own end.
  static let longestDrain = Microseconds.milliseconds(50)
  /// Whether the exchange has a connection.
  var isConnected = false
  /// Keeps its events back while it races with another.
  let heldSink: BufferedSink?
  /// Whether it counts as under way with its target.
  private var isCounted = false

  init(
    _ number: Int, _ candidate: Candidate, _ exchange: Exchange, _ admission: Admission?, _ attempt: Attempt,
    heldSink: BufferedSink?, now: Microseconds
  ) {
    self.number = number
    self.heldSink = heldSink
    self.candidate = candidate
    self.exchange = exchange
    self.admission = admission
    self.attempt = attempt
    work = .asking(until: now)
    startedAt = now
    deadlines = Deadlines(candidate.settings, startedAt: now)
  }

  deinit { vacate() }

  /// Whether it may still be told something.
  var isUnderWay: Bool {
    switch work {
    case .sent, .playing: true
    default: false
    }
  }

  /// Whether its answer is whole, and its exchange has had its time to end.
  func isAnswered(now: Microseconds) -> Bool {
    switch work {
    case .draining(let moment): now >= moment
    case .played: true
    default: false
    }
  }

  /// Whether the driver has its exchange.
  var isWithDriver: Bool {
    switch work {
    case .sent, .draining: true
    default: false
    }
  }

  /// The next moment at which something is due.
  var deadline: Microseconds? {
    var bound = deadlines.next
    if let moment = admission?.renewsAt { bound = min(bound ?? moment, moment) }
    switch work {
    case .asking(let moment), .playing(_, let moment), .draining(let moment): return min(bound ?? moment, moment)
    default: return bound
    }
  }

  /// How far it has come.
  var stage: Stage {
    guard isConnected else { return .connect }
    if !exchange.hasHead { return .firstByte }
    return exchange.hasContent || !exchange.context.isStreaming ? .stream : .firstToken
  }

  // MARK: Its way

  /// Makes what waits ask again.
  func hurry() {
    if case .asking = work { work = .asking(until: .min) }
  }

  /// It goes on its way.
  func depart(_ work: Work, now: Microseconds) {
    if admission?.waitingSince != nil { attempt.queued = now &- startedAt }
    startedAt = now
    self.work = work
    deadlines.sent(now: now)
  }

  /// Notes the first content.
  func noteProgress(now: Microseconds) {
    let hasContent = exchange.hasContent
    deadlines.received(content: hasContent, now: now)
    if hasContent, attempt.timeToFirstToken == nil { attempt.timeToFirstToken = now &- startedAt }
  }

  /// Notes how the attempt ended, and gives back its leave.
  func close(_ error: LLMError?, cooldown: Microseconds, now: Microseconds) {
    attempt.usage = exchange.usage
    if error == nil, !attempt.isCached { attempt.nanoDollars = exchange.cost?.nanoDollars }
    admission?.end(error, end(error), now: now)
    attempt.startedAt = startedAt
    attempt.duration = max(now &- startedAt, 1)
    attempt.error = error
    report(error, cooldown: cooldown, now: now)
  }

  private func end(_ error: LLMError?) -> AttemptEnd {
    guard attempt.wasSent else { return .notSent }
    if let error { return .failed(error) }
    let tokens = attempt.usage.flatMap { usage in
      usage.prompt.map { max(0, $0) &+ max(0, usage.completion ?? 0) }
    }
    return .answered(tokens: tokens, nanoDollars: attempt.nanoDollars)
  }

  // MARK: What routers ask

  /// Counts as under way, for routers that ask how busy a target is.
  func occupy() {
    isCounted = true
    candidate.routeTarget.health.withLock { $0.inFlight += 1 }
  }

  private func vacate() {
    guard isCounted else { return }
    isCounted = false
    candidate.routeTarget.health.withLock { $0.inFlight -= 1 }
  }

  /// Tells its target's health how it went.
  private func report(_ error: LLMError?, cooldown: Microseconds, now: Microseconds) {
    guard isCounted else { return }
    vacate()
    guard attempt.wasSent else { return }
    let latency = error == nil ? attempt.timeToFirstToken ?? attempt.duration : nil
    let pause = error.flatMap { error in
      FailureClass.tellsOfTarget(error)
        ? max(cooldown, error.retryAfterMilliseconds.map { .milliseconds($0) } ?? 0) : nil
    }
    candidate.routeTarget.health.withLock { health in
      if let latency {
        health.note(latency: latency)
        health.coolsUntil = .min
      }
      if let pause { health.coolsUntil = max(health.coolsUntil, now &+ pause) }
    }
  }
}
