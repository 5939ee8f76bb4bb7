import LLMCore

extension JSON {
  /// An object with the members that are not nil.
  static func make(_ members: KeyValuePairs<StaticText, JSON?>) -> JSON {
    let object = JSON.object()
    for (name, value) in members { object.set(name, value) }
    return object
  }

  /// The object itself, with one more member.
  func with(_ name: String, _ value: JSON) -> JSON {
    set(named: name, value)
    return self
  }

  /// How many bytes it is when written.
  var length: Int {
    let text = ByteBuffer()
    write(into: text)
    return text.count
  }

  /// A string; nil for nil.
  static func text(_ value: String?) -> JSON? { value.map { .string($0) } }
  /// A constant.
  static func word(_ value: StaticText) -> JSON { .string(value) }
}

/// An object out of what a peer sent piece by piece; an empty one where that is none.
func parsedObject(_ bytes: UnsafeRawBufferPointer) -> JSON {
  do throws(LLMError) {
    let value = try parsePeerJSON(bytes)
    return value.isObject ? value : .object()
  } catch { return .object() }
}
