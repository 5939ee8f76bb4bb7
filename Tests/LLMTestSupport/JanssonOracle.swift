import CSystem
import LLMCore

/// What jansson reads in the bytes, as a value of ours: the oracle for reading. Nil where it refuses them.
public func janssonDocument(_ bytes: UnsafeRawBufferPointer) -> JSON? {
  let flags = Int(JSON_ALLOW_NUL) | Int(JSON_DECODE_ANY)
  let text = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
  guard let text, let tree = json_loadb(text, bytes.count, flags, nil) else { return nil }
  defer { json_decref(tree) }
  return value(tree)
}

private func value(_ tree: UnsafeMutablePointer<json_t>) -> JSON {
  switch tree.pointee.type {
  case JSON_OBJECT:
    let object = JSON.object()
    var iterator = json_object_iter(tree)
    while let place = iterator {
      let key = UnsafeRawBufferPointer(start: json_object_iter_key(place), count: json_object_iter_key_len(place))
      if let member = json_object_iter_value(place) { object.set(utf8: key, value(member)) }
      iterator = json_object_iter_next(tree, place)
    }
    return object
  case JSON_ARRAY:
    let array = JSON.array()
    for index in 0..<json_array_size(tree) { array.append(value(json_array_get(tree, index))) }
    return array
  case JSON_STRING:
    return .string(UnsafeRawBufferPointer(start: json_string_value(tree), count: json_string_length(tree)))
  case JSON_INTEGER: return .integer(Int64(json_integer_value(tree)))
  case JSON_REAL: return .real(json_real_value(tree))
  case JSON_TRUE, JSON_FALSE: return .boolean(tree.pointee.type == JSON_TRUE)
  default: return .null
  }
}
