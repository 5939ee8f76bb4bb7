import LLMCore

/// Keeps back what an attempt tells before its first content, since another may be quicker.
final class BufferedSink: EventSink {
  private let sink: any EventSink
  private let held = EventQueue()
  private var isOpen = false

  init(_ sink: any EventSink) { self.sink = sink }

  func receive(_ event: Event) -> Bool {
    if !isOpen, !event.kind.isContent { return held.receive(event) }
    return release() && sink.receive(event)
  }

  /// Hands over what was kept back; false where the receiver wants no more.
  @discardableResult
  func release() -> Bool {
    isOpen = true
    while let event = held.pop() {
      guard sink.receive(event) else { return false }
    }
    return true
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
