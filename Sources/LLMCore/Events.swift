/// What an event tells. Raw values are the `LLM_EVENT_…` constants of the header; kinds are only added.
public enum EventKind: Int32, Sendable {
  case start = 1
  case response = 2
  case text = 3
  case reasoning = 4
  case refusal = 5
  case toolCall = 6
  case toolArguments = 7
  case toolCallEnd = 8
  case source = 9
  case usage = 10
  case ping = 11
  case retry = 12
  case raw = 13
  case finish = 14
  case error = 15
  case cancelled = 16

  /// Whether nothing comes after it.
  public var isTerminal: Bool { rawValue >= EventKind.finish.rawValue }
}

/// One event, borrowed: everything it points to is valid during the call it is handed to.
public struct Event {
  /// What it tells.
  public var kind: EventKind
  /// Which of `n` answers.
  public var choice: UInt32
  /// Which block, or which tool call: the library's own numbering.
  public var index: UInt32
  /// The increment, or the document; a NUL stands behind its end.
  public var data: UnsafeRawBufferPointer
  /// The tool call's id; of a RESPONSE the answer's.
  public var id: UnsafePointer<CChar>?
  /// The tool's name; of a START or RESPONSE the model's.
  public var name: UnsafePointer<CChar>?

  /// Makes an event.
  public init(
    _ kind: EventKind, choice: UInt32 = 0, index: UInt32 = 0, data: UnsafeRawBufferPointer = Event.noData,
    id: UnsafePointer<CChar>? = nil, name: UnsafePointer<CChar>? = nil
  ) {
    self.kind = kind
    self.choice = choice
    self.index = index
    self.data = data
    self.id = id
    self.name = name
  }

  /// An empty, NUL-terminated text.
  public static var noData: UnsafeRawBufferPointer {
    let empty = StaticString("")
    return UnsafeRawBufferPointer(start: empty.utf8Start, count: 0)
  }
}

/// Who is told of a call's events.
public protocol EventSink: AnyObject {
  /// Takes one event; false cancels the call.
  func receive(_ event: Event) -> Bool
}

extension EventSink {
  /// Hands over a document about a whole answer, with the id and the model that are known of it; false where the receiver
  /// wants no more.
  public func receive(
    _ kind: EventKind, document: UnsafeRawBufferPointer, id: String? = nil, model: String? = nil
  ) -> Bool {
    var goesOn = true
    withCString(id) { id in
      withCString(model) { model in
        goesOn = receive(Event(kind, data: document, id: id, name: model))
      }
    }
    return goesOn
  }
}

private func withCString(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Void) {
  if let text { text.withCString { body($0) } } else { body(nil) }
}
