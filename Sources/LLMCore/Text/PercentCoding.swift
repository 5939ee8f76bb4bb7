// Percent-encoding as addresses have it (RFC 3986), on bytes.

extension UInt8 {
  /// Whether an address takes it as it is, wherever it stands.
  var isUnreserved: Bool {
    switch self {
    case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
    default: isASCIIAlphanumeric
    }
  }

  private static let hexadecimalDigits = StaticString("0123456789ABCDEF")
  fileprivate var hexadecimalDigit: UInt8 { UInt8.hexadecimalDigits.utf8Start[Int(self & 0xF)] }

  fileprivate var hexadecimalValue: UInt8? {
    switch asciiLowercased {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self &- 0x30
    case UInt8(ascii: "a")...UInt8(ascii: "f"): asciiLowercased &- 0x57
    default: nil
    }
  }
}

extension ByteBuffer {
  /// Appends a byte, encoded unless addresses take it as it is.
  public func append(percentEncoded byte: UInt8) {
    guard !byte.isUnreserved else { return append(byte) }
    append(UInt8(ascii: "%"))
    append((byte >> 4).hexadecimalDigit)
    append(byte.hexadecimalDigit)
  }

  /// Appends what encoded bytes stand for; a percent sign that begins no code is itself.
  public func append(percentDecoding text: UnsafeRawBufferPointer) {
    var place = 0
    while place < text.count {
      let isCode = text[place] == UInt8(ascii: "%") && place + 2 < text.count
      if isCode, let high = text[place + 1].hexadecimalValue, let low = text[place + 2].hexadecimalValue {
        append(high << 4 | low)
        place += 3
      } else {
        append(text[place])
        place += 1
      }
    }
  }
}
