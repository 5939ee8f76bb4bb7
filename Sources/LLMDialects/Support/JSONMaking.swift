import LLMCore

extension JSON {
  /// An object with the members that are not nil.
  static func make(_ members: KeyValuePairs<StaticString, JSON?>) -> JSON {
    let object = JSON.object()
    for (name, value) in members { object.set(name.text, value) }
    return object
  }

  /// A string; nil for nil.
  static func text(_ value: String?) -> JSON? { value.map { .string($0) } }
  /// A constant.
  static func word(_ value: StaticString) -> JSON { .string(value) }
}
