/// Looks for the bytes of a text that JSON would escape, eight at a time.
///
/// A subtraction sets a byte's high bit where the byte is one that is looked for. It borrows from the byte above only
/// then, so that the lowest bit set, which is the one that counts, is never wrong.
package enum PlainRun {
  private static var ones: UInt64 { 0x0101_0101_0101_0101 }
  private static var highBits: UInt64 { 0x8080_8080_8080_8080 }

  /// The first byte from `place` on that is a quote, a backslash, a control character or not ASCII; or `end`.
  @inline(__always)
  package static func end(from place: UnsafeRawPointer, _ end: UnsafeRawPointer) -> UnsafeRawPointer {
    var place = place
    while end - place >= 8 {
      let word = UInt64(littleEndian: place.loadUnaligned(as: UInt64.self))
      let special = (marks(of: word) | word) & highBits
      if special != 0 { return place + (special.trailingZeroBitCount &>> 3) }
      place += 8
    }
    while place < end, isPlainASCII(place.load(as: UInt8.self)) { place += 1 }
    return place
  }

  /// How many bytes at the start are no quote, no backslash and no control character.
  static func length(of bytes: UnsafeRawBufferPointer) -> Int {
    var place = 0
    while bytes.count - place >= 8 {
      let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
      let special = marks(of: word) & ~word & highBits
      if special != 0 { return place + special.trailingZeroBitCount / 8 }
      place += 8
    }
    while place < bytes.count, bytes[place] >= 0x80 || isPlainASCII(bytes[place]) { place += 1 }
    return place
  }

  @inline(__always)
  package static func isPlainASCII(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte < 0x80 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }

  @inline(__always)
  private static func marks(of word: UInt64) -> UInt64 {
    let isQuote = (word ^ (ones &* 0x22)) &- ones
    let isBackslash = (word ^ (ones &* 0x5C)) &- ones
    let isControl = word &- ones &* 0x20
    return isQuote | isBackslash | isControl
  }
}
