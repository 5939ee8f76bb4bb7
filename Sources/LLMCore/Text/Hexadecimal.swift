/// The digit of the lower half of a byte, with small letters.
package func hexDigit(_ value: UInt8) -> UInt8 {
  let half = value & 0xF
  return half < 10 ? 0x30 &+ half : 0x57 &+ half
}

/// What a digit of either case stands for; nil for what is none.
package func hexValue(_ digit: UInt8) -> UInt8? {
  switch digit {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): digit &- 0x30
  case UInt8(ascii: "a")...UInt8(ascii: "f"): digit &- 0x57
  case UInt8(ascii: "A")...UInt8(ascii: "F"): digit &- 0x37
  default: nil
  }
}

extension ByteBuffer {
  /// Appends two digits, with small letters.
  package func append(hexadecimal byte: UInt8) {
    append(hexDigit(byte >> 4))
    append(hexDigit(byte))
  }
}
