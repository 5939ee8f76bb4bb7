// Percent-encoding as addresses have it (RFC 3986), on bytes.

extension UInt8 {
  /// Whether an address takes it as it is, wherever it stands.
  var isUnreserved: Bool {
    switch self {
    case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
    default: isASCIIAlphanumeric
    }
  }
}

extension String {
  /// The text as a part of a URL's path or query: all but unreserved characters (and those given) percent-encoded.
  @inline(never)
  public func percentEncoded(keeping kept: StaticText = "") -> String {
    let out = ByteBuffer()
    withBytes { bytes in
      for byte in bytes {
        if kept.utf8.contains(byte) { out.append(byte) } else { out.append(percentEncoded: byte) }
      }
    }
    return out.string
  }
}

extension ByteBuffer {
  /// Appends a byte, encoded unless addresses take it as it is.
  public func append(percentEncoded byte: UInt8) {
    guard !byte.isUnreserved else { return append(byte) }
    append(UInt8(ascii: "%"))
    append(hexDigit(byte >> 4).asciiUppercased)
    append(hexDigit(byte).asciiUppercased)
  }

  /// Appends what encoded bytes stand for; a percent sign that begins no code is itself.
  public func append(percentDecoding text: UnsafeRawBufferPointer) {
    var place = 0
    while place < text.count {
      let isCode = text[place] == UInt8(ascii: "%") && place + 2 < text.count
      if isCode, let high = hexValue(text[place + 1]), let low = hexValue(text[place + 2]) {
        append(high << 4 | low)
        place += 3
      } else {
        append(text[place])
        place += 1
      }
    }
  }
}
