/// Why a text is no JSON, and where.
public struct JSONSyntaxError: Error, Sendable {
  /// The line, from 1.
  public var line: Int
  /// The column in bytes, from 1.
  public var column: Int
  /// What is wrong.
  public var reason: String
  /// One sentence of it all.
  public var description: String { formatted("\(reason) (line \(line), column \(column))") }
}

extension JSONScanner {
  /// What was wrong with the bytes, of which the scanner has read a copy up to where it failed or stopped.
  @inline(never)
  func diagnosis(of bytes: UnsafeRawBufferPointer) -> JSONSyntaxError {
    let (place, reason) = fault(in: bytes)
    var (line, start) = (1, 0)
    for index in 0..<min(place, bytes.count) where bytes[index] == UInt8(ascii: "\n") {
      line += 1
      start = index + 1
    }
    return JSONSyntaxError(line: line, column: place - start + 1, reason: reason)
  }

  private func fault(in bytes: UnsafeRawBufferPointer) -> (place: Int, reason: String) {
    let place = position
    guard place < bytes.count else { return (bytes.count, "unexpected end of file") }
    if !hasFailed { return (place, formatted("end of file expected\(near(place, bytes))")) }
    if isTooDeep { return (place, formatted("maximum depth of \(Self.deepest) levels exceeded")) }
    switch bytes[place] {
    case UInt8(ascii: "\""): return stringFault(from: place + 1, bytes)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      return (place, formatted("\(numberFault(at: place, bytes))\(near(place, bytes))"))
    default: return (place, formatted("unexpected token\(near(place, bytes))"))
    }
  }

  private func numberFault(at place: Int, _ bytes: UnsafeRawBufferPointer) -> StaticText {
    guard let base = bytes.baseAddress, let extent = JSONLexer.numberExtent(at: base + place, base + bytes.count) else {
      return "malformed number"
    }
    return extent.digitsEnd == extent.end ? "too big integer" : "real number overflow"
  }

  /// The first byte of a string that is wrong in it, and why.
  private func stringFault(from start: Int, _ bytes: UnsafeRawBufferPointer) -> (place: Int, reason: String) {
    guard let base = bytes.baseAddress else { return (start, "unexpected end of file") }
    var place = start
    while place < bytes.count {
      let byte = bytes[place]
      if byte < 0x20 { return (place, formatted("control character \(Int(byte)) in a string")) }
      if byte == UInt8(ascii: "\"") { return (place, "a name with a NUL, or no colon after it") }
      var length = 1
      if byte == UInt8(ascii: "\\") {
        length = JSONLexer.escapeLength(at: base + place, base + bytes.count, .strict)
        if length == 0 {
          let isUnicode = JSONLexer.unicodeEscape(at: base + place, base + bytes.count) != nil
          let what: StaticText = isUnicode ? "invalid Unicode" : "invalid escape"
          return (place, formatted("\(what)\(near(place, bytes))"))
        }
      } else if byte >= 0x80 {
        length = UTF8Rules.multibyteLength(at: base + place, end: base + bytes.count)
        if length == 0 { return (place, "invalid UTF-8 in a string") }
      }
      place += length
    }
    return (bytes.count, "unexpected end of file in a string")
  }

  /// What stands there, where it is a sign or a short word (NaN, None). Anything else is not shown: in a configuration it
  /// may be a part of a key.
  private func near(_ place: Int, _ bytes: UnsafeRawBufferPointer) -> String {
    let most = 5
    let shown = bytes[place...].prefix(most + 1).prefix { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\"") }
    let isWhole = shown.count <= most && (shown.endIndex == bytes.count || bytes[shown.endIndex] != UInt8(ascii: "\""))
    return shown.isEmpty || !isWhole ? "" : formatted(" near '\(String(decoding: shown, as: UTF8.self))'")
  }
}
