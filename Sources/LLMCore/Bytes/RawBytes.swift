import CSystem

extension UnsafeRawBufferPointer {
  /// Whether the bytes are the text.
  package func equals(_ text: StaticString) -> Bool {
    guard let base = baseAddress else { return text.utf8CodeUnitCount == 0 }
    return count == text.utf8CodeUnitCount && memcmp(base, text.utf8Start, count) == 0
  }

  /// Whether the bytes begin with the text.
  package func starts(with text: StaticString) -> Bool {
    let length = text.utf8CodeUnitCount
    guard let base = baseAddress else { return length == 0 }
    return count >= length && memcmp(base, text.utf8Start, length) == 0
  }
}
