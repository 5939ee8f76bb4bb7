import LLMCore

/// AWS event streams (`application/vnd.amazon.eventstream`): binary messages of a prelude, typed headers and a payload,
/// with two checksums.
///
/// A frame's event is the value of `:event-type`, or of `:exception-type` or `:error-code` where the message is marked
/// as an exception or an error; the data of an error without a payload is its `:error-message`.
public final class EventStreamFramer: Framer {
  private let limit: Int
  private let carried = ByteBuffer()
  private var isStopped = false

  /// A framer that refuses a message longer than the bound.
  public init(maxFrameBytes: Int) { limit = maxFrameBytes }

  public func feed(_ bytes: UnsafeRawBufferPointer, into sink: any FrameSink) throws(LLMError) -> Bool {
    var rest = bytes
    if !carried.isEmpty, !isStopped { try complete(from: &rest, into: sink) }
    while !isStopped, let length = try messageLength(of: rest), length <= rest.count {
      try deliver(UnsafeRawBufferPointer(rebasing: rest[..<length]), into: sink)
      rest = UnsafeRawBufferPointer(rebasing: rest[length...])
    }
    if isStopped { return false }
    try carried.append(rest, limit: max(limit, Self.preludeLength))
    return true
  }

  public func finish(into sink: any FrameSink) throws(LLMError) {
    if isStopped { return }
    isStopped = true
    guard carried.isEmpty else {
      throw LLMError(.streamTruncated, "The event stream ended inside a message.", stage: .decode)
    }
  }

  /// Takes as much of the piece as the carried message lacks, first its prelude, and delivers it when it is whole.
  private func complete(from rest: inout UnsafeRawBufferPointer, into sink: any FrameSink) throws(LLMError) {
    try take(Self.preludeLength - carried.count, from: &rest)
    guard let length = try messageLength(of: carried.bytes) else { return }
    try take(length - carried.count, from: &rest)
    guard carried.count == length else { return }
    try deliver(carried.bytes, into: sink)
    carried.removeAll()
  }

  private func take(_ count: Int, from rest: inout UnsafeRawBufferPointer) throws(LLMError) {
    let taken = min(max(count, 0), rest.count)
    try carried.append(UnsafeRawBufferPointer(rebasing: rest[..<taken]), limit: max(limit, Self.preludeLength))
    rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
  }
}

// MARK: - A message

extension EventStreamFramer {
  private static let preludeLength = 12
  private static let checksumLength = 4

  /// The length of the message that begins the bytes, its prelude checked; nil while the prelude is not whole.
  private func messageLength(of bytes: UnsafeRawBufferPointer) throws(LLMError) -> Int? {
    guard bytes.count >= Self.preludeLength else { return nil }
    let prelude = UnsafeRawBufferPointer(rebasing: bytes[..<8])
    guard CRC32.sum(of: prelude) == bytes.bigEndian(at: 8, as: UInt32.self) else {
      throw .malformedFrame("The prelude of an event-stream message fails its checksum.")
    }
    let length = Int(bytes.bigEndian(at: 0, as: UInt32.self))
    let headersLength = Int(bytes.bigEndian(at: 4, as: UInt32.self))
    guard length <= limit else { throw .frameTooLarge(limit) }
    guard length >= Self.preludeLength + Self.checksumLength,
      headersLength <= length - Self.preludeLength - Self.checksumLength
    else { throw .malformedFrame("The lengths in the prelude of an event-stream message contradict each other.") }
    return length
  }

  /// Checks and delivers a whole message, whose prelude was checked before.
  private func deliver(_ message: UnsafeRawBufferPointer, into sink: any FrameSink) throws(LLMError) {
    let end = message.count - Self.checksumLength
    let sum = CRC32.sum(of: UnsafeRawBufferPointer(rebasing: message[..<end]))
    guard sum == message.bigEndian(at: end, as: UInt32.self) else {
      throw .malformedFrame("An event-stream message fails its checksum.")
    }
    let headersEnd = Self.preludeLength + Int(message.bigEndian(at: 4, as: UInt32.self))
    let headers = try Headers(UnsafeRawBufferPointer(rebasing: message[Self.preludeLength..<headersEnd]))
    let payload = UnsafeRawBufferPointer(rebasing: message[headersEnd..<end])
    isStopped = !sink.receive(headers.frame(payload: payload))
  }
}

/// The headers of a message that say what it is; all are parsed, so that a malformed one is found.
private struct Headers {
  private var messageType = UnsafeRawBufferPointer(start: nil, count: 0)
  private var eventType = UnsafeRawBufferPointer(start: nil, count: 0)
  private var exceptionType = UnsafeRawBufferPointer(start: nil, count: 0)
  private var errorCode = UnsafeRawBufferPointer(start: nil, count: 0)
  private var errorMessage = UnsafeRawBufferPointer(start: nil, count: 0)

  init(_ bytes: UnsafeRawBufferPointer) throws(LLMError) {
    var reader = Reader(rest: bytes)
    while !reader.rest.isEmpty {
      guard let nameLength = reader.take(1)?.first, let name = reader.take(Int(nameLength)),
        let type = reader.take(1)?.first, let value = reader.takeValue(ofType: type)
      else { throw .malformedFrame("A header of an event-stream message is malformed.") }
      if type == Reader.stringType { set(name, to: value) }
    }
  }

  func frame(payload: UnsafeRawBufferPointer) -> Frame {
    if messageType.equals("exception") { return Frame(event: exceptionType, data: payload, isBinaryException: true) }
    if messageType.equals("error") {
      return Frame(event: errorCode, data: payload.isEmpty ? errorMessage : payload, isBinaryException: true)
    }
    return Frame(event: eventType, data: payload)
  }

  private mutating func set(_ name: UnsafeRawBufferPointer, to value: UnsafeRawBufferPointer) {
    if name.equals(":event-type") {
      eventType = value
    } else if name.equals(":message-type") {
      messageType = value
    } else if name.equals(":exception-type") {
      exceptionType = value
    } else if name.equals(":error-code") {
      errorCode = value
    } else if name.equals(":error-message") {
      errorMessage = value
    }
  }
}

private struct Reader {
  static let stringType: UInt8 = 7

  /// Bytes that a value of each type takes; types 6 and 7 (bytes and string) say their length themselves.
  private static func fixedLength(ofType type: UInt8) -> Int? {
    switch type {
    case 0, 1: 0
    case 2: 1
    case 3: 2
    case 4: 4
    case 5, 8: 8
    case 9: 16
    default: nil
    }
  }

  var rest: UnsafeRawBufferPointer

  mutating func take(_ count: Int) -> UnsafeRawBufferPointer? {
    guard count <= rest.count else { return nil }
    let taken = UnsafeRawBufferPointer(rebasing: rest[..<count])
    rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    return taken
  }

  mutating func takeValue(ofType type: UInt8) -> UnsafeRawBufferPointer? {
    if let length = Self.fixedLength(ofType: type) { return take(length) }
    guard type == 6 || type == Self.stringType, let length = take(2) else { return nil }
    return take(Int(length.bigEndian(at: 0, as: UInt16.self)))
  }
}

extension UnsafeRawBufferPointer {
  /// An integer in network order; the caller has checked that it lies inside.
  fileprivate func bigEndian<Value: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: Value.Type) -> Value {
    Value(bigEndian: loadUnaligned(fromByteOffset: offset, as: type))
  }
}
