import CSystem

/// Writes jansson values as compact JSON. jansson's own writer prints 0.7 as 0.69999999999999996 and calls back for
/// every token; this one prints the shortest digits and appends runs.
struct JSONWriter {
  /// jansson parses no deeper; a tree that a program built deeper (or in a circle) is cut with null.
  private static let deepest = 2048

  private let out: ByteBuffer
  /// Members and elements up to that depth have a line of their own.
  private let deepestLine: Int
  /// Whether equal values give equal text: members in the order of their names, integers without a fraction.
  private let isCanonical: Bool

  init(_ out: ByteBuffer, linesToDepth deepestLine: Int = 0, isCanonical: Bool = false) {
    self.out = out
    self.deepestLine = deepestLine
    self.isCanonical = isCanonical
  }

  func write(_ value: UnsafeMutablePointer<json_t>, depth: Int) {
    guard depth < Self.deepest else { return out.append("null") }
    switch value.pointee.type {
    case JSON_OBJECT: writeObject(value, depth: depth)
    case JSON_ARRAY: writeArray(value, depth: depth)
    case JSON_STRING:
      write(string: UnsafeRawBufferPointer(start: json_string_value(value), count: json_string_length(value)))
    case JSON_INTEGER: out.append(integer: json_integer_value(value))
    case JSON_REAL: write(real: json_real_value(value))
    case JSON_TRUE: out.append("true")
    case JSON_FALSE: out.append("false")
    default: out.append("null")
    }
  }

  private func write(real value: Double) {
    if isCanonical, let whole = JSON.integer(exactly: value) { return out.append(integer: whole) }
    out.append("\(value)")
  }

  private func writeObject(_ object: UnsafeMutablePointer<json_t>, depth: Int) {
    out.append(UInt8(ascii: "{"))
    if isCanonical {
      writeSorted(object, depth: depth)
    } else {
      var iterator = json_object_iter(object)
      var isFirst = true
      while let place = iterator {
        if let key = json_object_iter_key(place), let value = json_object_iter_value(place) {
          separate(&isFirst, depth: depth)
          write(
            member: UnsafeRawBufferPointer(start: key, count: json_object_iter_key_len(place)), value, depth: depth)
        }
        iterator = json_object_iter_next(object, place)
      }
    }
    if json_object_size(object) > 0 { breakLine(depth: depth, indentation: depth) }
    out.append(UInt8(ascii: "}"))
  }

  private func writeSorted(_ object: UnsafeMutablePointer<json_t>, depth: Int) {
    var isFirst = true
    let names = JSON(borrowing: object)?.members.map { $0.key } ?? []
    for name in names.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      var name = name
      separate(&isFirst, depth: depth)
      name.withUTF8 {
        guard let value = json_object_getn(object, $0.baseAddress, $0.count) else { return }
        write(member: UnsafeRawBufferPointer($0), value, depth: depth)
      }
    }
  }

  private func write(member key: UnsafeRawBufferPointer, _ value: UnsafeMutablePointer<json_t>, depth: Int) {
    write(string: key)
    out.append(UInt8(ascii: ":"))
    if deepestLine > 0 { out.append(UInt8(ascii: " ")) }
    write(value, depth: depth + 1)
  }

  private func writeArray(_ array: UnsafeMutablePointer<json_t>, depth: Int) {
    out.append(UInt8(ascii: "["))
    var isFirst = true
    for index in 0..<json_array_size(array) {
      separate(&isFirst, depth: depth)
      if let value = json_array_get(array, index) { write(value, depth: depth + 1) }
    }
    if !isFirst { breakLine(depth: depth, indentation: depth) }
    out.append(UInt8(ascii: "]"))
  }

  private func separate(_ isFirst: inout Bool, depth: Int) {
    if !isFirst { out.append(UInt8(ascii: ",")) }
    if deepestLine > 0, depth >= deepestLine, !isFirst { out.append(UInt8(ascii: " ")) }
    isFirst = false
    breakLine(depth: depth, indentation: depth + 1)
  }

  private func breakLine(depth: Int, indentation: Int) {
    guard depth < deepestLine else { return }
    out.append(UInt8(ascii: "\n"))
    for _ in 0..<indentation { out.append("  ") }
  }

  func write(string utf8: UnsafeRawBufferPointer) {
    out.append(UInt8(ascii: "\""))
    var rest = utf8
    while true {
      let plain = JSONWriter.plainLength(of: rest)
      out.append(UnsafeRawBufferPointer(rebasing: rest.prefix(plain)))
      guard plain < rest.count else { break }
      write(escapeOf: rest[plain])
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(plain + 1))
    }
    out.append(UInt8(ascii: "\""))
  }

  /// How many bytes at the start need no escape. Eight at a time: a subtraction sets a byte's high bit where the byte is
  /// the one looked for (and, by a borrow, perhaps above it; the lowest one is never wrong).
  private static func plainLength(of bytes: UnsafeRawBufferPointer) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    var place = 0
    while bytes.count - place >= 8 {
      let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self))
      let isQuote = (word ^ (ones &* 0x22)) &- ones
      let isBackslash = (word ^ (ones &* 0x5C)) &- ones
      let isControl = word &- ones &* 0x20
      let special = (isQuote | isBackslash | isControl) & ~word & (ones &* 0x80)
      if special != 0 { return place + special.trailingZeroBitCount / 8 }
      place += 8
    }
    while place < bytes.count, bytes[place] >= 0x20, bytes[place] != 0x22, bytes[place] != 0x5C { place += 1 }
    return place
  }

  private func write(escapeOf byte: UInt8) {
    switch byte {
    case 0x22: out.append("\\\"")
    case 0x5C: out.append("\\\\")
    case 0x08: out.append("\\b")
    case 0x0C: out.append("\\f")
    case 0x0A: out.append("\\n")
    case 0x0D: out.append("\\r")
    case 0x09: out.append("\\t")
    default:
      out.append("\\u00")
      out.append(hexDigit(byte >> 4))
      out.append(hexDigit(byte & 0xF))
    }
  }

  private func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 &+ value : 0x57 &+ value }
}
