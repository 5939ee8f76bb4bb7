import CSystem
import LLMCore

/// Builds the tree that jansson would build of the same bytes, at a fraction of the cost: jansson reads byte by byte
/// through a callback. What the scanner refuses jansson refuses too, and it is then jansson that says why.
public func parseJSON(_ bytes: UnsafeRawBufferPointer) throws(JSONSyntaxError) -> JSON {
  try parseJSON(bytes, deepest: JSONScanner.deepest)
}

private func parseJSON(_ bytes: UnsafeRawBufferPointer, deepest: Int) throws(JSONSyntaxError) -> JSON {
  var builder = JSONTreeBuilder(bytes, deepest: deepest)
  if let tree = builder.document() { return tree }
  if builder.hasRunOut { throw .noMemory }
  return try JSON.parse(bytes)
}

/// The same of a text.
public func parseJSON(_ text: String) throws(JSONSyntaxError) -> JSON {
  let buffer = ByteBuffer()
  buffer.append(text)
  return try parseJSON(buffer.bytes)
}

extension JSON {
  /// The tree of an object that the library itself has written.
  public static func own(_ bytes: UnsafeRawBufferPointer) -> JSON {
    do throws(JSONSyntaxError) {
      return try parseJSON(bytes, deepest: JSONScanner.deepestOwn)
    } catch { return .object() }
  }

  /// The tree of an object whose members are written as text.
  public static func object(_ write: (JSONText) -> Void) -> JSON {
    let buffer = ByteBuffer()
    let text = JSONText(buffer)
    text.openObject()
    write(text)
    text.closeObject()
    return own(buffer.bytes)
  }
}

private struct JSONTreeBuilder {
  private typealias Tree = UnsafeMutablePointer<json_t>

  private var scanner: JSONScanner
  private let scratch = ByteBuffer()
  /// Whether it was memory that lacked: the text may be as it should.
  private(set) var hasRunOut = false

  init(_ bytes: UnsafeRawBufferPointer, deepest: Int) { scanner = JSONScanner(bytes, deepest: deepest) }

  mutating func document() -> JSON? {
    guard let tree = JSON(adopting: value()), scanner.isAtEnd() else { return nil }
    return tree
  }

  /// A new reference to the next value. The scanner bounds how deep this goes.
  private mutating func value() -> Tree? {
    switch scanner.peek() {
    case .object: object()
    case .array: array()
    case .string: scanner.string().flatMap { string($0) }
    case .number: number()
    case .boolean: scanner.boolean().flatMap { $0 ? json_true() : json_false() }
    case .null: scanner.null() ? json_null() : nil
    case .none: nil
    }
  }

  private mutating func object() -> Tree? {
    guard scanner.enterObject(), let object = made(json_object()) else { return nil }
    while let key = scanner.nextKey() {
      guard let value = keyed(key, in: object) else { return released(object) }
      if value != 0 { return ranOut(object) }
    }
    return scanner.hasFailed ? released(object) : object
  }

  /// A key with escapes lies in the scratch buffer, which its value needs too: it is copied first.
  private mutating func keyed(_ key: JSONScanner.Text, in object: Tree) -> Int32? {
    guard key.hasEscapes else {
      guard let value = value() else { return nil }
      return set(key.raw, value, in: object)
    }
    let name = ByteBuffer()
    name.append(key.value(scratch: scratch))
    guard let value = value() else { return nil }
    return withExtendedLifetime(name) { set(name.bytes, value, in: object) }
  }

  private func set(_ key: UnsafeRawBufferPointer, _ value: Tree, in object: Tree) -> Int32 {
    let empty: StaticString = ""
    let name = key.baseAddress ?? UnsafeRawPointer(empty.utf8Start)
    return json_object_setn_new_nocheck(object, name.assumingMemoryBound(to: CChar.self), key.count, value)
  }

  private mutating func array() -> Tree? {
    guard scanner.enterArray(), let array = made(json_array()) else { return nil }
    while scanner.nextElement() {
      guard let element = value() else { return released(array) }
      if json_array_append_new(array, element) != 0 { return ranOut(array) }
    }
    return scanner.hasFailed ? released(array) : array
  }

  private mutating func string(_ text: JSONScanner.Text) -> Tree? {
    let bytes = text.value(scratch: scratch)
    if scratch.isExhausted { return made(nil) }
    guard let base = bytes.baseAddress else { return made(json_string("")) }
    return made(json_stringn_nocheck(base.assumingMemoryBound(to: CChar.self), bytes.count))
  }

  /// A number that a double cannot hold is jansson's to refuse.
  private mutating func number() -> Tree? {
    guard let number = scanner.number() else { return nil }
    if let integer = number.integer { return made(json_integer(integer)) }
    guard let real = JSON.real(number.text) else { return nil }
    return made(json_real(real))
  }

  private mutating func made(_ tree: Tree?) -> Tree? {
    if tree == nil {
      hasRunOut = true
      Memory.hasRunOut = true
    }
    return tree
  }

  private mutating func ranOut(_ tree: Tree) -> Tree? {
    _ = made(nil)
    return released(tree)
  }

  private func released(_ tree: Tree) -> Tree? {
    json_decref(tree)
    return nil
  }
}
