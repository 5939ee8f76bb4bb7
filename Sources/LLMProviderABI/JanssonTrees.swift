import CLLMProvider
import CSystem
import LLMCore

// Documents as jansson's trees, as programs hand them in and get them. Inside the library there are none.

extension JSON {
  /// A tree that nests deeper (or in a circle) is refused, as a text is.
  static let deepestTree = 256

  /// The document that a tree says; nil where it nests too deeply.
  init?(tree: UnsafePointer<json_t>) {
    guard let value = JSON.value(UnsafeMutablePointer(mutating: tree), depth: 0) else { return nil }
    self = value
  }

  private static func value(_ tree: UnsafeMutablePointer<json_t>, depth: Int) -> JSON? {
    guard depth < deepestTree else { return nil }
    if Memory.hasRunOut { return .null }
    switch tree.pointee.type {
    case JSON_OBJECT: return object(tree, depth: depth)
    case JSON_ARRAY: return array(tree, depth: depth)
    case JSON_STRING:
      return .string(UnsafeRawBufferPointer(start: json_string_value(tree), count: json_string_length(tree)))
    case JSON_INTEGER: return .integer(Int64(json_integer_value(tree)))
    case JSON_REAL: return .real(json_real_value(tree))
    case JSON_TRUE, JSON_FALSE: return .boolean(tree.pointee.type == JSON_TRUE)
    default: return .null
    }
  }

  private static func object(_ tree: UnsafeMutablePointer<json_t>, depth: Int) -> JSON? {
    let object = JSON.object()
    var iterator = json_object_iter(tree)
    while let place = iterator {
      let key = UnsafeRawBufferPointer(start: json_object_iter_key(place), count: llm_json_key_length(place))
      guard let inner = json_object_iter_value(place), let member = value(inner, depth: depth + 1) else { return nil }
      object.set(utf8: key, member)
      iterator = json_object_iter_next(tree, place)
    }
    return object
  }

  private static func array(_ tree: UnsafeMutablePointer<json_t>, depth: Int) -> JSON? {
    let array = JSON.array()
    for index in 0..<json_array_size(tree) {
      guard let inner = json_array_get(tree, index), let element = value(inner, depth: depth + 1) else { return nil }
      array.append(element)
    }
    return array
  }
}

extension JSON {
  /// A tree of the caller's own that says the same. Where memory runs out the thread is marked, and it lacks something.
  func makeTree() -> UnsafeMutablePointer<json_t> {
    let tree: UnsafeMutablePointer<json_t>?
    switch kind {
    case .object: tree = makeObject()
    case .array: tree = makeArray()
    case .string: tree = makeString()
    case .integer: tree = json_integer(json_int_t(int ?? 0))
    case .real: tree = json_real(double ?? 0)
    case .boolean: tree = bool == true ? json_true() : json_false()
    case .null: tree = json_null()
    }
    if tree == nil { Memory.hasRunOut = true }
    return tree ?? json_null()
  }

  private func makeObject() -> UnsafeMutablePointer<json_t>? {
    let tree = json_object()
    forEachMember { key, value in
      let name = key.bindMemory(to: CChar.self).baseAddress
      if llm_json_set_new(tree, name, key.count, value.makeTree()) != 0 { Memory.hasRunOut = true }
    }
    return tree
  }

  private func makeArray() -> UnsafeMutablePointer<json_t>? {
    let tree = json_array()
    forEachElement {
      if json_array_append_new(tree, $0.makeTree()) != 0 { Memory.hasRunOut = true }
    }
    return tree
  }

  private func makeString() -> UnsafeMutablePointer<json_t>? {
    guard let bytes = stringBytes, let text = bytes.bindMemory(to: CChar.self).baseAddress else {
      return json_string("")
    }
    return json_stringn_nocheck(text, bytes.count)
  }
}
