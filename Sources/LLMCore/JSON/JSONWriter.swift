import CSystem

/// Writes values as JSON text: reals with the fewest digits that read back the same, texts in runs.
struct JSONWriter {
  /// As deep as the library's own documents are read; what a program built deeper (or in a circle) is cut with null.
  private static let deepest = JSONScanner.deepestOwn

  private let out: ByteBuffer

  init(_ out: ByteBuffer) { self.out = out }

  /// Writes a value without blanks.
  func write(_ value: JSONPlace, depth: Int) {
    let cell = value.pointee
    switch cell.kind {
    case .object, .array, .branch: writeContainer(value, depth: depth)
    case .string: write(cell)
    case .integer: out.append(integer: cell.integer)
    case .realText, .real: out.append("\(cell.double)")
    case .yes: out.append("true")
    case .no: out.append("false")
    case .null: out.append("null")
    }
  }

  private func writeContainer(_ container: JSONPlace, depth: Int) {
    guard depth < Self.deepest else { return out.append("null") }
    let isObject = container.isObject
    out.append(isObject ? UInt8(ascii: "{") : UInt8(ascii: "["))
    if container.pointee.kind == .branch {
      writeContent(of: container, isObject, depth: depth)
    } else {
      var place = container + 1
      for index in 0..<container.pointee.count {
        if index > 0 { out.append(UInt8(ascii: ",")) }
        if isObject {
          write(place.pointee)
          out.append(UInt8(ascii: ":"))
          place += 1
        }
        write(place, depth: depth + 1)
        place = place.next
      }
    }
    out.append(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
  }

  private func writeContent(of branch: JSONPlace, _ isObject: Bool, depth: Int) {
    var content = JSONContent(branch)
    var isFirst = true
    while let item = content.next() {
      if !isFirst { out.append(UInt8(ascii: ",")) }
      isFirst = false
      if isObject {
        write(string: item.key)
        out.append(UInt8(ascii: ":"))
      }
      write(item.slot.place, depth: depth + 1)
    }
  }

  private func write(_ text: JSONCell) {
    let quote = UInt8(ascii: "\"")
    if text.isPlain { out.append(quote, text.bytes, quote) } else { write(string: text.bytes) }
  }
}

// MARK: - Texts

extension JSONWriter {
  func write(string utf8: UnsafeRawBufferPointer) {
    let quote = UInt8(ascii: "\"")
    var plain = PlainRun.length(of: utf8)
    guard plain < utf8.count else { return out.append(quote, utf8, quote) }
    var rest = utf8
    out.append(quote)
    while true {
      out.append(UnsafeRawBufferPointer(rebasing: rest.prefix(plain)))
      guard plain < rest.count else { break }
      write(escapeOf: rest[plain])
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(plain + 1))
      plain = PlainRun.length(of: rest)
    }
    out.append(quote)
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
      out.append(hexadecimal: byte)
    }
  }
}

extension JSON {
  /// Writes the value as compact JSON. Reals are written as the shortest text that reads back the same.
  @inline(never)
  public func write(into buffer: ByteBuffer) { JSONWriter(buffer).write(place, depth: 0) }

  /// The value as compact JSON.
  @inline(never)
  public var text: String {
    let buffer = ByteBuffer()
    write(into: buffer)
    return buffer.string
  }

  /// The value as compact JSON in malloc'd, NUL-terminated storage of the caller's.
  @inline(never)
  public func makeCString() -> UnsafeMutablePointer<CChar> {
    let buffer = ByteBuffer(capacity: 2048)
    write(into: buffer)
    return buffer.takeCString()
  }
}
