import LLMCore
import LLMDialects

// A second target for a call whose first is slow: whichever has content first goes on, the other is closed.

extension Call {
  /// When a second target is to be asked; nil where none is.
  var hedgeMoment: Microseconds? {
    guard !hasHedged, let hedge = itinerary?.hedge, lanes.count == 1, lanes[0].isUnderWay,
      !lanes[0].exchange.hasContent, request.operation.isGeneration
    else { return nil }
    let delay = hedge.delay ?? lanes[0].candidate.routeTarget.health.withLock { $0.usualBound }
    return delay.map { lanes[0].startedAt &+ $0 }
  }

  /// Asks a second target, if there is one.
  func hedge(now: Microseconds) {
    hasHedged = true
    guard let first = lanes.first, let candidate = itinerary?.spare(now: now) else { return }
    tellObservers(of: first) {
      $0.willHedge(
        first.attempt, to: candidate.routeTarget.target.endpoint.name, model: candidate.model,
        after: now &- first.startedAt)
    }
    startAttempt(candidate, heldSink: sink.map { BufferedSink($0) }, now: now)
  }

  /// The first content of a race: the others are closed.
  func win(_ lane: Lane, now: Microseconds) {
    for other in lanes where other !== lane {
      giveUp(other, LLMError(.cancelled, "another target answered first"), now: now)
    }
  }
}
