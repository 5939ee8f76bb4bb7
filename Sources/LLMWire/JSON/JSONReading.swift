import LLMCore

/// Reads a document that is not to be changed: what jansson would accept, and as jansson would understand it.
public func readJSON(_ bytes: UnsafeRawBufferPointer) throws(JSONSyntaxError) -> JSON {
  var reader = JSONReader(bytes)
  if reader.readDocument(), let document = reader.cells.document { return document }
  if Memory.hasRunOut { throw .noMemory }
  return try parseJSON(bytes)
}

/// Lays a document's tape. It refuses, beside what is malformed, what is better off as a tree: objects with very many
/// members or with one twice.
private struct JSONReader {
  /// Members are found by looking at one after the other.
  private static let mostMembers = 64

  var cells: JSONCells
  private var scanner: JSONScanner
  private let scratch = ByteBuffer()

  init(_ bytes: UnsafeRawBufferPointer) {
    cells = JSONCells(bytes)
    scanner = JSONScanner(cells.text)
  }

  mutating func readDocument() -> Bool { readValue() && scanner.isAtEnd() }

  /// The scanner bounds how deep this goes.
  private mutating func readValue() -> Bool {
    switch scanner.peek() {
    case .object: return readObject()
    case .array: return readArray()
    case .string:
      guard let text = scanner.string() else { return false }
      return append(text) != nil
    case .number:
      guard let number = scanner.number() else { return false }
      return number.integer.map { cells.append(integer: $0) } ?? cells.append(real: number.text)
    case .boolean:
      guard let value = scanner.boolean() else { return false }
      return cells.append(value)
    case .null: return scanner.null() && cells.appendNull()
    case .none: return false
    }
  }

  private mutating func readObject() -> Bool {
    guard scanner.enterObject(), let object = cells.open() else { return false }
    var members = 0
    var seen: UInt64 = 0
    while let key = scanner.nextKey() {
      guard members < Self.mostMembers, let name = append(key) else { return false }
      let mark = Self.mark(of: name)
      if seen & mark != 0, cells.repeatsKey(in: object, members: members) { return false }
      seen |= mark
      guard readValue() else { return false }
      members += 1
    }
    cells.close(object, isObject: true, count: members)
    return !scanner.hasFailed
  }

  private mutating func readArray() -> Bool {
    guard scanner.enterArray(), let array = cells.open() else { return false }
    var elements = 0
    while scanner.nextElement() {
      guard readValue() else { return false }
      elements += 1
    }
    cells.close(array, isObject: false, count: elements)
    return !scanner.hasFailed
  }

  /// A text with escapes is replaced in the tape's copy by what it stands for, which is shorter.
  private mutating func append(_ text: JSONScanner.Text) -> UnsafeRawBufferPointer? {
    guard text.hasEscapes else { return cells.append(string: text.raw, isPlain: true) ? text.raw : nil }
    let value = text.value(scratch: scratch)
    guard let start = text.raw.baseAddress, value.count <= text.raw.count else { return nil }
    let target = UnsafeMutableRawBufferPointer(start: UnsafeMutableRawPointer(mutating: start), count: value.count)
    target.copyMemory(from: value)
    return cells.append(string: UnsafeRawBufferPointer(target), isPlain: false) ? UnsafeRawBufferPointer(target) : nil
  }

  /// A bit that two keys rarely share which are not the same.
  private static func mark(of key: UnsafeRawBufferPointer) -> UInt64 {
    guard let first = key.first, let last = key.last else { return 1 }
    return 1 << ((UInt64(first) &+ UInt64(last) &* 7 &+ UInt64(truncatingIfNeeded: key.count) &* 31) & 63)
  }
}
