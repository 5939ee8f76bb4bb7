import LLMCore

/// Keeps events for later: copied into one buffer that is used again once it is empty.
public final class EventQueue: EventSink {
  private struct Record {
    let kind: EventKind
    let choice: UInt32
    let index: UInt32
    let data: Range<Int>
    let id: Int?
    let name: Int?
  }

  private let bytes = ByteBuffer()
  private var records: [Record] = []
  private var next = 0
  /// Whether there was no memory to keep the terminal event: that is then told in its place.
  public private(set) var hasLostEnd = false
  private var isTold = false

  /// Makes an empty queue.
  public init() {}

  /// Whether nothing waits.
  public var isEmpty: Bool { next == records.count && (!hasLostEnd || isTold) }

  /// Takes one event; it never wants fewer.
  public func receive(_ event: Event) -> Bool {
    let data = store(event.data)
    let (id, name) = (store(event.id), store(event.name))
    // The call, which sees the thread's mark, ends with that.
    guard !bytes.isExhausted, records.makeRoom() else {
      if event.kind.isTerminal { hasLostEnd = true }
      return true
    }
    records.append(
      Record(kind: event.kind, choice: event.choice, index: event.index, data: data, id: id, name: name))
    return true
  }

  /// The oldest event, valid until the next call of anything here.
  public func pop() -> Event? {
    guard next < records.count else {
      if hasLostEnd, !isTold {
        isTold = true
        return Event(.error, data: ErrorDocument.noMemory.utf8Bytes)
      }
      removeAll()
      return nil
    }
    let record = records[next]
    next += 1
    return Event(
      record.kind, choice: record.choice, index: record.index,
      data: UnsafeRawBufferPointer(rebasing: bytes.bytes[record.data]), id: text(at: record.id),
      name: text(at: record.name))
  }

  /// Drops what waits.
  public func removeAll() {
    records.removeAll(keepingCapacity: true)
    bytes.removeAll()
    next = 0
  }

  private func store(_ data: UnsafeRawBufferPointer) -> Range<Int> {
    let start = bytes.count
    bytes.append(data)
    bytes.append(0)
    return start..<start + data.count
  }

  private func store(_ text: UnsafePointer<CChar>?) -> Int? {
    guard let text else { return nil }
    var length = 0
    while text[length] != 0 { length += 1 }
    return store(UnsafeRawBufferPointer(start: text, count: length)).lowerBound
  }

  private func text(at place: Int?) -> UnsafePointer<CChar>? {
    guard let place, let base = bytes.bytes.baseAddress else { return nil }
    return (base + place).assumingMemoryBound(to: CChar.self)
  }
}
