import LLMCore

/// Server-sent events, by the WHATWG rules, with one leniency: an event that the stream's end cuts off before its blank
/// line is delivered, since services end so.
public final class SSEFramer: Framer {
  /// How many comment lines came: keep-alives that deliver no frame.
  public private(set) var commentCount = 0

  private let limit: Int
  private var lines: LineCutter
  private var data = Field()
  private var event = Field()
  private var isFirstLine = true
  private var isStopped = false

  /// A framer that refuses a line or an event longer than the bound.
  public init(maxFrameBytes: Int) {
    limit = maxFrameBytes
    lines = LineCutter(.lineFeedOrCarriageReturn, limit: maxFrameBytes)
  }

  public func feed(_ bytes: UnsafeRawBufferPointer, into sink: any FrameSink) throws(LLMError) -> Bool {
    if isStopped { return false }
    lines.begin(bytes)
    while let line = try lines.next() {
      try read(line, into: sink)
      if isStopped { return false }
    }
    try data.keep(limit: limit)
    try event.keep(limit: limit)
    try lines.keepRest()
    return true
  }

  public func finish(into sink: any FrameSink) throws(LLMError) {
    if isStopped { return }
    if let line = lines.last() { try read(line, into: sink) }
    dispatch(into: sink)
    isStopped = true
  }

  private func read(_ line: UnsafeRawBufferPointer, into sink: any FrameSink) throws(LLMError) {
    let line = isFirstLine ? line.withoutByteOrderMark : line
    isFirstLine = false
    guard let first = line.first else { return dispatch(into: sink) }
    if first == UInt8(ascii: ":") {
      commentCount &+= 1
      return sink.receiveComment()
    }
    if let value = line.value(of: "data") {
      try data.add(value, limit: limit)
    } else if let value = line.value(of: "event") {
      event.set(value)
    }
  }

  private func dispatch(into sink: any FrameSink) {
    if data.isPresent, !isStopped {
      isStopped = !sink.receive(Frame(event: event.bytes, data: data.bytes))
    }
    data.clear()
    event.clear()
  }
}

/// The value of a field while its event is being read: a slice of the fed bytes as long as that will do, a copy in a
/// buffer from the second line on or when the piece ends.
private struct Field {
  private(set) var isPresent = false
  private var slice = UnsafeRawBufferPointer(start: nil, count: 0)
  private var isCopied = false
  private let copy = ByteBuffer()

  var bytes: UnsafeRawBufferPointer { isCopied ? copy.bytes : slice }

  /// Replaces the value.
  mutating func set(_ value: UnsafeRawBufferPointer) {
    clear()
    slice = value
    isPresent = true
  }

  /// Adds a line to the value.
  mutating func add(_ line: UnsafeRawBufferPointer, limit: Int) throws(LLMError) {
    guard isPresent else { return set(line) }
    try keep(limit: limit)
    guard line.count < limit &- copy.count else { throw .frameTooLarge(limit) }
    copy.append(UInt8(ascii: "\n"))
    try copy.append(line, limit: limit)
  }

  /// Copies what still lies in the fed bytes, which are about to go.
  mutating func keep(limit: Int) throws(LLMError) {
    guard isPresent, !isCopied else { return }
    try copy.append(slice, limit: limit)
    isCopied = true
  }

  mutating func clear() {
    if isCopied { copy.removeAll() }
    isCopied = false
    isPresent = false
    slice = UnsafeRawBufferPointer(start: nil, count: 0)
  }
}

extension UnsafeRawBufferPointer {
  /// The value when the line is the named field: what follows the colon and one space; empty when there is no colon.
  fileprivate func value(of name: StaticString) -> UnsafeRawBufferPointer? {
    let length = name.utf8CodeUnitCount
    guard let base = baseAddress, starts(with: name) else { return nil }
    guard count > length else { return UnsafeRawBufferPointer(start: base + count, count: 0) }
    guard self[length] == UInt8(ascii: ":") else { return nil }
    let hasSpace = count > length + 1 && self[length + 1] == UInt8(ascii: " ")
    return UnsafeRawBufferPointer(rebasing: self[(hasSpace ? length + 2 : length + 1)...])
  }

  fileprivate var withoutByteOrderMark: UnsafeRawBufferPointer {
    guard count >= 3, self[0] == 0xEF, self[1] == 0xBB, self[2] == 0xBF else { return self }
    return UnsafeRawBufferPointer(rebasing: self[3...])
  }
}
