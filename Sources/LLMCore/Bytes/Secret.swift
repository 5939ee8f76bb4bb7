/// An API key: never printed, wiped from memory when the last holder lets go.
public final class Secret: @unchecked Sendable {
  /// What stands in documents in the place of one.
  public static let redacted: StaticString = "[redacted]"

  private let buffer: ByteBuffer

  /// Copies the text.
  public init(_ text: String) {
    buffer = ByteBuffer(capacity: text.utf8.count + 1)
    buffer.append(text)
  }

  /// Copies bytes.
  public init(copying bytes: UnsafeRawBufferPointer) {
    buffer = ByteBuffer(capacity: bytes.count + 1)
    buffer.append(bytes)
  }

  /// Copies bytes, without the blanks and line ends around them that files and shells leave.
  public init(trimming bytes: UnsafeRawBufferPointer) {
    var (start, end) = (0, bytes.count)
    while start < end, bytes[start] <= 0x20 { start += 1 }
    while end > start, bytes[end - 1] <= 0x20 { end -= 1 }
    buffer = ByteBuffer(capacity: end - start + 1)
    buffer.append(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
  }

  deinit { buffer.wipe() }

  /// Whether there is nothing in it.
  public var isEmpty: Bool { buffer.isEmpty }

  /// The bytes, for a request's header; borrowed.
  public var bytes: UnsafeRawBufferPointer { buffer.bytes }

  /// The text, for signing. The copy is the caller's to keep short-lived.
  public var revealed: String { buffer.string }
}
