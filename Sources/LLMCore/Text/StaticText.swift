import CSystem

/// A text known at compile time: the key of a JSON member, a name in a table. `String` and `StaticString` take two and
/// three machine words and twice the code at each of thousands of uses; this is one pointer to bytes that end in a NUL.
public struct StaticText: ExpressibleByStringLiteral, CustomStringConvertible, @unchecked Sendable {
  /// The bytes and the NUL behind them.
  public let cString: UnsafePointer<CChar>

  /// The constant's own storage.
  @inline(__always)
  public init(stringLiteral constant: StaticString) {
    cString = UnsafeRawPointer(constant.utf8Start).assumingMemoryBound(to: CChar.self)
  }

  /// Bytes of a constant that end in a NUL.
  package init(lasting start: UnsafeRawPointer) { cString = start.assumingMemoryBound(to: CChar.self) }

  /// The bytes without the NUL.
  public var utf8: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: cString, count: strlen(cString)) }

  /// Whether there are no bytes.
  public var isEmpty: Bool { cString.pointee == 0 }

  /// The text as a String.
  @inline(never)
  public var text: String { String(cString: cString) }

  /// The text, for messages.
  public var description: String { text }

  /// Whether the bytes are those of the text.
  @inline(never)
  public func matches(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { matches(UnsafeRawBufferPointer($0)) }
  }

  /// Whether the bytes are the same.
  @inline(never)
  public func matches(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let base = bytes.baseAddress, !bytes.isEmpty else { return cString.pointee == 0 }
    // Most words differ in their first letter.
    guard base.load(as: CChar.self) == cString.pointee else { return false }
    return strlen(cString) == bytes.count && memcmp(cString, base, bytes.count) == 0
  }
}
