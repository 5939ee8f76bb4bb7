import LLMCore

/// Who counts what the calls of routers do at a target. What happens is told by the router; this is bookkeeping alone.
public protocol TargetBookkeeper: AnyObject, Sendable {
  /// A call asks the target for the first time.
  func callCame()
  /// An attempt that the call made here is over, and was answered, by the service or the cache, or failed.
  func attemptLeft(_ attempt: Attempt)
  /// The call is over: its last attempt here, and how long all of them took together, pauses included.
  func callLeft(_ last: Attempt, after duration: Microseconds)
}

/// A call's visits to targets that keep books of their own: each comes once and leaves once.
struct TargetVisits {
  private struct Visit {
    let routeTarget: RouteTarget
    let since: Microseconds
    var last: Attempt
  }

  private var visits: [Visit] = []

  /// The call asks a target, again or for the first time.
  mutating func begin(_ routeTarget: RouteTarget, _ attempt: Attempt, now: Microseconds) {
    if let place = place(of: routeTarget) {
      visits[place].last = attempt
      return
    }
    visits.append(Visit(routeTarget: routeTarget, since: now, last: attempt))
    routeTarget.observer?.callCame()
  }

  /// An attempt is over.
  func end(_ attempt: Attempt, at routeTarget: RouteTarget) {
    guard !visits.isEmpty, attempt.wasSent || attempt.isCached, place(of: routeTarget) != nil else { return }
    routeTarget.observer?.attemptLeft(attempt)
  }

  /// The call is over.
  func leave(now: Microseconds) {
    for visit in visits {
      let end = visit.last.startedAt &+ visit.last.duration
      visit.routeTarget.observer?.callLeft(visit.last, after: max(0, end &- visit.since))
    }
  }

  private func place(of routeTarget: RouteTarget) -> Int? {
    visits.firstIndex { $0.routeTarget === routeTarget }
  }
}
