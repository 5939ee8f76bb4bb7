import CSystem

/// Writes values as compact JSON. jansson's own writer prints 0.7 as 0.69999999999999996 and calls back for
/// every token; this one prints the shortest digits and appends runs.
struct JSONWriter {
  /// As deep as the library's own documents are read; a tree that a program built deeper (or in a circle) is cut with null.
  private static let deepest = 512

  private let out: ByteBuffer

  init(_ out: ByteBuffer) { self.out = out }

  func write(_ value: UnsafeMutablePointer<json_t>, depth: Int) {
    guard depth < Self.deepest else { return out.append("null") }
    switch value.pointee.type {
    case JSON_OBJECT: writeObject(value, depth: depth)
    case JSON_ARRAY: writeArray(value, depth: depth)
    case JSON_STRING:
      write(string: UnsafeRawBufferPointer(start: json_string_value(value), count: json_string_length(value)))
    case JSON_INTEGER: out.append(integer: json_integer_value(value))
    case JSON_REAL: out.append("\(json_real_value(value))")
    case JSON_TRUE: out.append("true")
    case JSON_FALSE: out.append("false")
    default: out.append("null")
    }
  }

  private func writeObject(_ object: UnsafeMutablePointer<json_t>, depth: Int) {
    out.append(UInt8(ascii: "{"))
    var iterator = json_object_iter(object)
    var isFirst = true
    while let place = iterator {
      if !isFirst { out.append(UInt8(ascii: ",")) }
      isFirst = false
      writeMember(at: place, depth: depth)
      iterator = json_object_iter_next(object, place)
    }
    out.append(UInt8(ascii: "}"))
  }

  private func writeMember(at place: UnsafeMutableRawPointer, depth: Int) {
    guard let key = json_object_iter_key(place), let value = json_object_iter_value(place) else { return }
    write(string: UnsafeRawBufferPointer(start: key, count: llm_json_key_length(place)))
    out.append(UInt8(ascii: ":"))
    write(value, depth: depth + 1)
  }

  private func writeArray(_ array: UnsafeMutablePointer<json_t>, depth: Int) {
    out.append(UInt8(ascii: "["))
    for index in 0..<json_array_size(array) {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      if let value = json_array_get(array, index) { write(value, depth: depth + 1) }
    }
    out.append(UInt8(ascii: "]"))
  }

  /// A value that was read, and so is no deeper than the scanner goes.
  func write(_ place: JSONPlace) {
    let cell = place.pointee
    switch cell.kind {
    case .object, .array: writeContainer(place, isObject: cell.kind == .object)
    case .string: write(cell)
    case .integer: out.append(integer: cell.integer)
    case .real: out.append("\(cell.double)")
    case .yes: out.append("true")
    case .no: out.append("false")
    case .null: out.append("null")
    }
  }

  private func writeContainer(_ container: JSONPlace, isObject: Bool) {
    out.append(isObject ? UInt8(ascii: "{") : UInt8(ascii: "["))
    var place = container + 1
    for index in 0..<container.pointee.count {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      if isObject {
        write(place.pointee)
        out.append(UInt8(ascii: ":"))
        place += 1
      }
      write(place)
      place = place.next
    }
    out.append(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
  }

  private func write(_ text: JSONCell) {
    let quote = UInt8(ascii: "\"")
    if text.isPlain { out.append(quote, text.bytes, quote) } else { write(string: text.bytes) }
  }

  func write(string utf8: UnsafeRawBufferPointer) {
    let quote = UInt8(ascii: "\"")
    var plain = JSONWriter.plainLength(of: utf8)
    guard plain < utf8.count else { return out.append(quote, utf8, quote) }
    var rest = utf8
    out.append(quote)
    while true {
      out.append(UnsafeRawBufferPointer(rebasing: rest.prefix(plain)))
      guard plain < rest.count else { break }
      write(escapeOf: rest[plain])
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(plain + 1))
      plain = JSONWriter.plainLength(of: rest)
    }
    out.append(quote)
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
