import LLMConfig
import LLMCore
import LLMDialects

/// What is asked, of whom.
final class Candidate {
  let routeTarget: RouteTarget
  /// The model in place of the request's; nil leaves it to the request and the target.
  let model: String?
  /// The target's settings with the request's own over them.
  let settings: CallSettings
  /// Of a router's: the name by which the call came to it.
  let group: String
  /// How often it was asked.
  var attempts = 0
  /// When it may be asked again; nil for not.
  var resumesAt: Microseconds?
  /// Whether it was busy and not asked yet.
  var isPassedOver = false
  /// When a gate that refused it expects to be open again; nobody waits for that.
  var opensAt: Microseconds?

  init(_ routeTarget: RouteTarget, _ model: String?, _ settings: CallSettings, group: String = "") {
    self.routeTarget = routeTarget
    self.model = model
    self.settings = settings
    self.group = group
  }
}

/// One attempt under way: its leave to be sent, its exchange, its bounds in time.
final class Lane {
  enum Work {
    /// Waits for leave until that moment, then asks again.
    case asking(until: Microseconds)
    /// With the driver.
    case sent
    /// Played by an exchange that needs no network.
    case playing(any LocalExchange, until: Microseconds)
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
  /// After a stream's own end: until then the exchange may come to its own, so that its connection can be used again.
  var drainsUntil: Microseconds?
  /// How long that may take.
  static let longestDrain = Microseconds.milliseconds(50)
  /// Whether the exchange has a connection.
  var isConnected = false
  /// Whether the answer comes out of a cache.
  var isCached = false
  /// What the answer cost, as far as known.
  var nanoDollars: Int64?
  /// Keeps its events back while it races with another.
  let heldSink: BufferedSink?
  /// Whether it counts as under way with its routeTarget.
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

  /// Tells a router's routeTarget how it went.
  func report(_ error: LLMError?, cooldown: Microseconds, now: Microseconds) {
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

  /// Whether it may still be told something.
  var isUnderWay: Bool {
    switch work {
    case .sent, .playing: true
    default: false
    }
  }

  /// Whether the driver has its exchange.
  var isSent: Bool {
    if case .sent = work { return true }
    return false
  }

  /// The next moment at which something is due.
  var deadline: Microseconds? {
    if let drainsUntil { return drainsUntil }
    var bound = deadlines.next
    if let moment = admission?.renewsAt { bound = min(bound ?? moment, moment) }
    switch work {
    case .asking(let moment), .playing(_, let moment): return bound.map { min($0, moment) } ?? moment
    default: return bound
    }
  }

  /// Makes what waits ask again.
  func hurry() {
    if case .asking = work { work = .asking(until: .min) }
  }

  /// How far it has come.
  var stage: Stage {
    guard isConnected else { return .connect }
    if !exchange.hasHead { return .firstByte }
    return exchange.hasContent || !exchange.context.isStreaming ? .stream : .firstToken
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
}
