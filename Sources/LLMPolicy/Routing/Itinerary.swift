import LLMCatalog
import LLMCore

/// One call's way through a router: whom to ask, whom next, whom again.
public final class Itinerary {
  /// What comes next.
  struct Step {
    let leg: Leg
    /// Not before that moment.
    let at: Microseconds
    /// Whether the same target is asked again.
    let isRetry: Bool
  }

  private let router: Router
  private let llm: JSON?
  /// The request's own fallbacks, in place of the configured ones.
  private let ownFallbacks: [String]?
  private let random: any RandomSource
  private var legs: [Leg] = []
  /// Those that were not asked yet.
  private var queue: [Leg] = []
  /// Names to go on with when the queue is empty.
  private var pending: [String] = []
  private var entered: [String] = []

  /// Plans a call. `llm` is the request's own, laid over each target's settings.
  public init(
    _ router: Router, model: String?, llm: JSON?, now: Microseconds, _ random: any RandomSource
  ) throws(LLMError) {
    self.router = router
    self.llm = llm
    self.random = random
    ownFallbacks = llm?["fallbacks"].map { list in list.elements.compactMap { $0.string } }
    enter(try router.name(for: model), now: now)
    if let ownFallbacks { pending = ownFallbacks }
    for (place, name) in pending.enumerated() where router.members(named: name).isEmpty {
      throw LLMError(.notFound, "the router has no model \"\(name)\"", param: "/llm/fallbacks/\(place)")
    }
  }

  /// Whom to ask first; nil where there is nobody.
  func first() -> Leg? { takeNext(now: 0) }

  var cooldown: Microseconds { router.cooldown }
  var hedge: HedgeSettings? { router.hedge }

  /// Whether anybody is left who was not asked.
  var hasOthers: Bool {
    !queue.isEmpty || pending.contains { !entered.contains($0) && !router.members(named: $0).isEmpty }
  }

  /// Somebody else to ask while the first is slow.
  func spare(now: Microseconds) -> Leg? { takeNext(now: now) }

  /// Notes that a target is asked; whether for the first time.
  func begin(_ leg: Leg) -> Bool {
    leg.attempts += 1
    return leg.attempts == 1
  }

  /// A target is busy until that moment, and others are left.
  func passOver(_ leg: Leg, until moment: Microseconds, now: Microseconds) -> Step? {
    leg.attempts -= 1
    leg.resumesAt = moment
    leg.isPassedOver = true
    return next(now: now)
  }

  /// Notes a failure, for the time when everybody was asked.
  func note(_ error: LLMError, from leg: Leg, wasSent: Bool, now: Microseconds) {
    let pause = RetryPolicy(leg.settings).pause(after: error, attempt: leg.attempts, hadContent: false, random)
    leg.resumesAt = wasSent ? pause.map { now &+ $0 } : nil
    leg.isPassedOver = false
    leg.opensAt = nil
    if !wasSent, leg.attempts < leg.settings.attempts, FailureClass.remedy(for: error) == .again {
      leg.opensAt = error.retryAfterMilliseconds.map { now &+ .milliseconds($0) }
    }
  }

  /// What comes after a failure; nil where nothing does.
  func next(after error: LLMError, from leg: Leg, wasSent: Bool, now: Microseconds) -> Step? {
    note(error, from: leg, wasSent: wasSent, now: now)
    let destinations = router.destinations(from: leg.group, after: error.code)
    switch FailureClass.remedy(for: error) {
    case .none, .byRule:
      if destinations.isEmpty { return nil }
    default: break
    }
    let rest = queue
    queue = []
    for name in destinations { enter(name, now: now) }
    queue += rest
    return next(now: now)
  }

  private func next(now: Microseconds) -> Step? {
    if let leg = takeNext(now: now) { return Step(leg: leg, at: now, isRetry: false) }
    return again(now: now)
  }

  /// Everybody was asked: the one who is ready first is asked again, as far as its retry budget allows. Whose gate has
  /// opened in the meantime, for calls wait in queues and pauses, comes before.
  private func again(now: Microseconds) -> Step? {
    for leg in legs {
      guard let moment = leg.opensAt, moment <= now else { continue }
      leg.opensAt = nil
      return Step(leg: leg, at: now, isRetry: false)
    }
    while true {
      var soonest: Leg?
      for leg in legs {
        guard let moment = leg.resumesAt else { continue }
        if let best = soonest?.resumesAt, best <= moment { continue }
        soonest = leg
      }
      guard let leg = soonest, let moment = leg.resumesAt else { return nil }
      leg.resumesAt = nil
      // Who was only busy is asked at once, and waits in its own queue.
      if leg.isPassedOver { return Step(leg: leg, at: now, isRetry: false) }
      if leg.station.retryBudget.spend() { return Step(leg: leg, at: max(now, moment), isRetry: true) }
    }
  }

  private func takeNext(now: Microseconds) -> Leg? {
    while queue.isEmpty, !pending.isEmpty { enter(pending.removeFirst(), now: now) }
    return queue.isEmpty ? nil : queue.removeFirst()
  }

  private func enter(_ name: String, now: Microseconds) {
    guard !entered.contains(name) else { return }
    entered.append(name)
    for member in router.order(name, now: now, random) {
      let isKnown = legs.contains { $0.station === member.station && $0.model == member.model }
      guard !isKnown else { continue }
      let leg = Leg(member.station, member.model, settings(of: member.station), group: name)
      queue.append(leg)
      legs.append(leg)
    }
    if ownFallbacks == nil { pending += router.destinations(from: name, after: nil) }
  }

  /// The target's settings with the request's own over them, which were checked before.
  private func settings(of station: Station) -> CallSettings {
    let settings = station.target.endpoint.call
    guard let llm else { return settings }
    do throws(LLMError) {
      return try settings.applying(llm: llm)
    } catch {
      return settings
    }
  }
}
