/// Appends the bytes in Base64 with the standard alphabet and padding.
public func base64Encode(_ bytes: UnsafeRawBufferPointer, into out: ByteBuffer) {
  let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  out.reserve((bytes.count / 3 + 1) * 4)
  var place = 0
  while place < bytes.count {
    let available = min(bytes.count - place, 3)
    var group: UInt32 = 0
    for index in 0..<3 { group = group << 8 | (index < available ? UInt32(bytes[place + index]) : 0) }
    for index in 0..<4 {
      let sextet = Int((group >> UInt32(18 - 6 * index)) & 0x3F)
      out.append(index <= available ? alphabet.utf8Start[sextet] : UInt8(ascii: "="))
    }
    place += available
  }
}

/// Appends what the Base64 text stands for. The standard and the URL alphabet are read, padding may be left out, line
/// breaks and blanks are skipped; false, and nothing appended, when it is anything else.
public func base64Decode(_ text: UnsafeRawBufferPointer, into out: ByteBuffer) -> Bool {
  guard let decodedCount = base64DecodedCount(text) else { return false }
  out.reserve(decodedCount)
  var group: UInt32 = 0
  var bits: UInt32 = 0
  for byte in text {
    guard let sextet = base64Sextet(byte) else { continue }
    group = group << 6 | sextet
    bits += 6
    if bits >= 8 {
      bits -= 8
      out.append(UInt8(truncatingIfNeeded: group >> bits))
    }
  }
  return true
}

/// How many bytes the text stands for, or nil when it is not Base64.
private func base64DecodedCount(_ text: UnsafeRawBufferPointer) -> Int? {
  var digits = 0
  var padding = 0
  for byte in text {
    switch byte {
    case UInt8(ascii: "="): padding += 1
    case 0x20, 0x09, 0x0A, 0x0D: break
    default:
      guard padding == 0, base64Sextet(byte) != nil else { return nil }
      digits += 1
    }
  }
  guard digits % 4 != 1, padding == 0 || (padding <= 2 && (digits + padding) % 4 == 0) else { return nil }
  return digits * 6 / 8
}

private func base64Sextet(_ byte: UInt8) -> UInt32? {
  switch byte {
  case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(byte &- 0x41)
  case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(byte &- 0x61 &+ 26)
  case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte &- 0x30 &+ 52)
  case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
  case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
  default: nil
  }
}
