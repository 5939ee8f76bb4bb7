/// An API key: never printed, wiped from memory when the last holder lets go.
public final class Secret: @unchecked Sendable {
  private let buffer: ByteBuffer

  /// Copies the text.
  public init(_ text: String) {
    buffer = ByteBuffer(capacity: text.utf8.count + 1)
    buffer.append(text)
  }

  deinit { buffer.wipe() }

  /// Whether there is nothing in it.
  public var isEmpty: Bool { buffer.isEmpty }

  /// The bytes, for a request's header; borrowed.
  public var bytes: UnsafeRawBufferPointer { buffer.bytes }

  /// The text, for signing. The copy is the caller's to keep short-lived.
  public var revealed: String { buffer.string }
}
