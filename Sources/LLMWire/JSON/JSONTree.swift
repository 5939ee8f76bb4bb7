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
  return try JSON.parse(bytes)
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
    case .boolean: scanner.boolean().map { $0 ? json_true() : json_false() }
    case .null: scanner.null() ? json_null() : nil
    case .none: nil
    }
  }

  private mutating func object() -> Tree? {
    guard scanner.enterObject(), let object = json_object() else { return nil }
    while let key = scanner.nextKey() {
      guard let value = keyed(key, in: object) else { return released(object) }
      if value != 0 { return released(object) }
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
    return llm_json_set_new(object, name.assumingMemoryBound(to: CChar.self), key.count, value)
  }

  private mutating func array() -> Tree? {
    guard scanner.enterArray(), let array = json_array() else { return nil }
    while scanner.nextElement() {
      guard let element = value(), json_array_append_new(array, element) == 0 else { return released(array) }
    }
    return scanner.hasFailed ? released(array) : array
  }

  private func string(_ text: JSONScanner.Text) -> Tree? {
    let bytes = text.value(scratch: scratch)
    guard let base = bytes.baseAddress else { return json_string("") }
    return json_stringn_nocheck(base.assumingMemoryBound(to: CChar.self), bytes.count)
  }

  /// Integers are read here, reals by jansson, which knows what the locale's decimal point has to do with it.
  private mutating func number() -> Tree? {
    guard let number = scanner.number() else { return nil }
    if let integer = number.integer { return json_integer(integer) }
    let text = number.text.baseAddress?.assumingMemoryBound(to: CChar.self)
    return json_loadb(text, number.text.count, Int(JSON_DECODE_ANY), nil)
  }

  private func released(_ tree: Tree) -> Tree? {
    json_decref(tree)
    return nil
  }
}
