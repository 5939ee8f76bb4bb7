import LLMConfig
import LLMCore
import LLMDialects

// A second target for a call whose first is slow: whichever has content first goes on, the other is closed.

/// Keeps back what an attempt tells before its first content, since another may be quicker.
final class BufferedSink: EventSink {
  private let sink: any EventSink
  private var held: [HeldEvent] = []
  private var isOpen = false

  init(_ sink: any EventSink) { self.sink = sink }

  func receive(_ event: Event) -> Bool {
    if !isOpen, !event.kind.isContent {
      let data = ByteBuffer(capacity: event.data.count + 1)
      data.append(event.data)
      _ = data.terminated()
      held.append(HeldEvent(event.kind, event.choice, data))
      return true
    }
    return release() && sink.receive(event)
  }

  /// Hands over what was kept back; false where the receiver wants no more.
  @discardableResult
  func release() -> Bool {
    isOpen = true
    let events = held
    held = []
    for event in events where !sink.receive(Event(event.kind, choice: event.choice, data: event.data.bytes)) {
      return false
    }
    return true
  }
}

private final class HeldEvent {
  let kind: EventKind
  let choice: UInt32
  let data: ByteBuffer

  init(_ kind: EventKind, _ choice: UInt32, _ data: ByteBuffer) {
    self.kind = kind
    self.choice = choice
    self.data = data
  }
}

extension EventKind {
  /// Whether it is a part of an answer, not about it.
  var isContent: Bool {
    switch self {
    case .text, .reasoning, .refusal, .toolCall, .toolArguments, .toolCallEnd, .source: true
    default: false
    }
  }
}

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
