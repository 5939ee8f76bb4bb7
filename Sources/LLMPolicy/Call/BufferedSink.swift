import LLMCore

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
