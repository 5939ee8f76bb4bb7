import CSystem

extension UnsafeRawBufferPointer {
  /// The place of a byte's first occurrence from a place on.
  public func firstOffset(of byte: UInt8, from start: Int = 0) -> Int? {
    guard let base = baseAddress, start < count, let hit = memchr(base + start, Int32(byte), count - start) else {
      return nil
    }
    return UnsafeRawPointer(hit) - base
  }

  /// Whether the bytes from a place on start with the others.
  public func hasPrefix(_ other: UnsafeRawBufferPointer, at start: Int = 0) -> Bool {
    guard let base = baseAddress, let sought = other.baseAddress else { return other.isEmpty }
    return start + other.count <= count && memcmp(base + start, sought, other.count) == 0
  }

  /// Calls the body with each line, without its end, until it answers false.
  public func forEachLine(_ body: (UnsafeRawBufferPointer) -> Bool) {
    var start = 0
    while start < count {
      let end = firstOffset(of: UInt8(ascii: "\n"), from: start) ?? count
      if !body(UnsafeRawBufferPointer(rebasing: self[start..<end])) { return }
      start = end + 1
    }
  }
}

extension StaticString {
  /// The text's bytes, which live as long as the program.
  public var utf8Bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: utf8Start, count: utf8CodeUnitCount)
  }
}
