import LLMCore

/// Whether a text of JSON that grows is a whole object by now, told by its brackets. Each byte is looked at once, however
/// often it is asked.
struct ObjectBalance {
  /// How far the text was looked at.
  private var count = 0
  private var depth = 0
  private var isInString = false
  private var isEscaped = false
  private var hasBegun = false

  /// Whether the text begins an object and does not end it.
  mutating func isOpen(_ text: UnsafeRawBufferPointer) -> Bool {
    read(text)
    return hasBegun && depth > 0
  }

  /// Whether the text is one object from its first byte to its last.
  mutating func isWhole(_ text: UnsafeRawBufferPointer) -> Bool {
    read(text)
    return hasBegun && depth == 0 && text.last == UInt8(ascii: "}")
  }

  private mutating func read(_ text: UnsafeRawBufferPointer) {
    if count == 0 { hasBegun = text.first == UInt8(ascii: "{") }
    guard hasBegun else { return }
    while count < text.count {
      read(text[count])
      count += 1
    }
  }

  private mutating func read(_ byte: UInt8) {
    if isEscaped {
      isEscaped = false
    } else if isInString {
      isEscaped = byte == UInt8(ascii: "\\")
      isInString = byte != UInt8(ascii: "\"")
    } else {
      switch byte {
      case UInt8(ascii: "\""): isInString = true
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
      default: break
      }
    }
  }
}
