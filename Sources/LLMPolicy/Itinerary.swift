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

  private struct Stop {
    let leg: Leg
    /// The name by which the call came to it.
    let group: String
    var attempts = 0
    /// When it may be asked again; nil for not.
    var resumesAt: Microseconds?
    /// Whether it was busy and not asked yet.
    var isPassedOver = false
    /// When a gate that refused it expects to be open again; nobody waits for that.
    var opensAt: Microseconds?
  }

  private let router: Router
  private let llm: JSON?
  /// The request's own fallbacks, in place of the configured ones.
  private let ownFallbacks: [String]?
  private let random: any RandomSource
  private var stops: [Stop] = []
  /// Stops that were not asked yet.
  private var queue: [Int] = []
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
  func first() -> Leg? { takeNext(now: 0).map { stops[$0].leg } }

  var cooldown: Microseconds { router.cooldown }
  var hedge: HedgeSettings? { router.hedge }

  /// Whether anybody is left who was not asked.
  var hasOthers: Bool {
    !queue.isEmpty || pending.contains { !entered.contains($0) && !router.members(named: $0).isEmpty }
  }

  /// Somebody else to ask while the first is slow.
  func spare(now: Microseconds) -> Leg? { takeNext(now: now).map { stops[$0].leg } }

  /// Notes that a target is asked; whether for the first time.
  func begin(_ leg: Leg) -> Bool {
    stops[leg.place].attempts += 1
    return stops[leg.place].attempts == 1
  }

  /// A target is busy until that moment, and others are left.
  func passOver(_ leg: Leg, until moment: Microseconds, now: Microseconds) -> Step? {
    stops[leg.place].attempts -= 1
    stops[leg.place].resumesAt = moment
    stops[leg.place].isPassedOver = true
    return next(now: now)
  }

  /// Notes a failure, for the time when everybody was asked.
  func note(_ error: LLMError, from leg: Leg, wasSent: Bool, now: Microseconds) {
    let attempts = stops[leg.place].attempts
    let pause = RetryPolicy(leg.settings).pause(after: error, attempt: attempts, hadContent: false, random)
    stops[leg.place].resumesAt = wasSent ? pause.map { now &+ $0 } : nil
    stops[leg.place].isPassedOver = false
    stops[leg.place].opensAt = nil
    if !wasSent, attempts < leg.settings.attempts, FailureClass.remedy(for: error) == .again {
      stops[leg.place].opensAt = error.retryAfterMilliseconds.map { now &+ .milliseconds($0) }
    }
  }

  /// What comes after a failure; nil where nothing does.
  func next(after error: LLMError, from leg: Leg, wasSent: Bool, now: Microseconds) -> Step? {
    note(error, from: leg, wasSent: wasSent, now: now)
    let destinations = router.destinations(from: stops[leg.place].group, after: error.code)
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
    if let place = takeNext(now: now) { return Step(leg: stops[place].leg, at: now, isRetry: false) }
    return again(now: now)
  }

  /// Everybody was asked: the one who is ready first is asked again, as far as its retry budget allows. Whose gate has
  /// opened in the meantime, for calls wait in queues and pauses, comes before.
  private func again(now: Microseconds) -> Step? {
    for (place, stop) in stops.enumerated() {
      guard let moment = stop.opensAt, moment <= now else { continue }
      stops[place].opensAt = nil
      return Step(leg: stop.leg, at: now, isRetry: false)
    }
    while true {
      var soonest: Int?
      for (place, stop) in stops.enumerated() {
        guard let moment = stop.resumesAt else { continue }
        if let best = soonest.flatMap({ stops[$0].resumesAt }), best <= moment { continue }
        soonest = place
      }
      guard let soonest, let moment = stops[soonest].resumesAt else { return nil }
      let stop = stops[soonest]
      stops[soonest].resumesAt = nil
      // Who was only busy is asked at once, and waits in its own queue.
      if stop.isPassedOver { return Step(leg: stop.leg, at: now, isRetry: false) }
      if stop.leg.station.retryBudget.spend() { return Step(leg: stop.leg, at: max(now, moment), isRetry: true) }
    }
  }

  private func takeNext(now: Microseconds) -> Int? {
    while queue.isEmpty, !pending.isEmpty { enter(pending.removeFirst(), now: now) }
    return queue.isEmpty ? nil : queue.removeFirst()
  }

  private func enter(_ name: String, now: Microseconds) {
    guard !entered.contains(name) else { return }
    entered.append(name)
    for member in router.order(name, now: now, random) {
      let isKnown = stops.contains { $0.leg.station === member.station && $0.leg.model == member.model }
      guard !isKnown else { continue }
      let leg = Leg(
        station: member.station, model: member.model, settings: settings(of: member.station), place: stops.count)
      queue.append(stops.count)
      stops.append(Stop(leg: leg, group: name))
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
