import LLMCatalog
import LLMConfig
import LLMCore

/// One call's way through a router: whom to ask, whom next, whom again.
public final class Itinerary {
  /// What comes next.
  struct Step {
    let candidate: Candidate
    /// Not before that moment.
    let at: Microseconds
    /// Whether the same target is asked again.
    let isRetry: Bool
  }

  private let router: Router
  /// What the request's `llm` says, laid over each target's settings.
  private let own: RequestSettings?
  private let random: any RandomSource
  private var candidates: [Candidate] = []
  /// Those that were not asked yet.
  private var queue: [Candidate] = []
  /// Names to go on with when the queue is empty.
  private var pending: [String] = []
  private var entered: [String] = []
  /// Who was asked first, and gets the request's header fields.
  private var firstAsked: RouteTarget?

  /// Plans a call.
  public init(
    _ router: Router, model: String?, own: RequestSettings?, now: Microseconds, _ random: any RandomSource
  ) throws(LLMError) {
    self.router = router
    self.own = own
    self.random = random
    enter(try router.name(for: model), now: now)
    if let fallbacks = own?.fallbacks { pending = fallbacks }
    for (place, name) in pending.enumerated() where router.members(named: name).isEmpty {
      throw LLMError(.notFound, "the router has no model \"\(name)\"", param: "/llm/fallbacks/\(place)")
    }
  }

  /// Whom to ask first; nil where there is nobody.
  func first() -> Candidate? { takeNext(now: 0) }

  var cooldown: Microseconds { router.cooldown }
  var hedge: HedgeSettings? { router.hedge }

  /// Whether anybody is left who was not asked.
  var hasOthers: Bool {
    !queue.isEmpty || pending.contains { !entered.contains($0) && !router.members(named: $0).isEmpty }
  }

  /// Somebody else to ask while the first is slow.
  func spare(now: Microseconds) -> Candidate? { takeNext(now: now) }

  /// A target is busy until that moment, and others are left.
  func passOver(_ candidate: Candidate, until moment: Microseconds, now: Microseconds) -> Step? {
    candidate.attempts -= 1
    candidate.resumesAt = moment
    candidate.isPassedOver = true
    return next(now: now)
  }

  /// Notes a failure, for the time when everybody was asked.
  func note(_ error: LLMError, from candidate: Candidate, wasSent: Bool, now: Microseconds) {
    let pause = RetryPolicy(candidate.settings).pause(
      after: error, attempt: candidate.sendings, hadContent: false, random)
    candidate.resumesAt = wasSent ? pause.map { now &+ $0 } : nil
    candidate.isPassedOver = false
    candidate.opensAt = nil
    if !wasSent, candidate.sendings < candidate.settings.attempts, FailureClass.remedy(for: error) == .again {
      candidate.opensAt = error.retryAfterMilliseconds.map { now &+ .milliseconds($0) }
    }
  }

  /// What comes after a failure; nil where nothing does.
  func next(after error: LLMError, from candidate: Candidate, wasSent: Bool, now: Microseconds) -> Step? {
    note(error, from: candidate, wasSent: wasSent, now: now)
    let destinations = router.destinations(from: candidate.group, after: error.code)
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
    if let candidate = takeNext(now: now) { return Step(candidate: candidate, at: now, isRetry: false) }
    return again(now: now)
  }

  /// Everybody was asked: the one who is ready first is asked again, as far as its retry budget allows. Whose gate has
  /// opened in the meantime, for calls wait in queues and pauses, comes before.
  private func again(now: Microseconds) -> Step? {
    for candidate in candidates {
      guard let moment = candidate.opensAt, moment <= now else { continue }
      candidate.opensAt = nil
      return Step(candidate: candidate, at: now, isRetry: false)
    }
    while true {
      var soonest: Candidate?
      for candidate in candidates {
        guard let moment = candidate.resumesAt else { continue }
        if let best = soonest?.resumesAt, best <= moment { continue }
        soonest = candidate
      }
      guard let candidate = soonest, let moment = candidate.resumesAt else { return nil }
      candidate.resumesAt = nil
      // Who was only busy is asked at once, and waits in its own queue.
      if candidate.isPassedOver { return Step(candidate: candidate, at: now, isRetry: false) }
      if candidate.routeTarget.retryBudget.spend() {
        return Step(candidate: candidate, at: max(now, moment), isRetry: true)
      }
    }
  }

  private func takeNext(now: Microseconds) -> Candidate? {
    while queue.isEmpty, !pending.isEmpty { enter(pending.removeFirst(), now: now) }
    guard !queue.isEmpty else { return nil }
    let candidate = queue.removeFirst()
    if firstAsked == nil { firstAsked = candidate.routeTarget }
    if candidate.routeTarget !== firstAsked, let own, !own.headers.isEmpty {
      // They may hold a key, and another provider is another company.
      candidate.settings = own.over(candidate.routeTarget.target.endpoint.call, withHeaders: false)
      candidate.lacksHeaders = true
    }
    return candidate
  }

  private func enter(_ name: String, now: Microseconds) {
    guard !entered.contains(name) else { return }
    entered.append(name)
    for member in router.order(name, now: now, random) {
      let isKnown = candidates.contains { $0.routeTarget === member.routeTarget && $0.model == member.model }
      guard !isKnown else { continue }
      let settings = member.routeTarget.target.endpoint.call
      let candidate = Candidate(member.routeTarget, member.model, own?.over(settings) ?? settings, group: name)
      queue.append(candidate)
      candidates.append(candidate)
    }
    if own?.fallbacks == nil { pending += router.destinations(from: name, after: nil) }
  }
}
