import LLMCore

/// What services want of JSON Schemas.
enum SchemaRules {
  private static let depthLimit = 64
  private static let valueWords: [StaticText] = ["enum", "const", "default", "examples"]
  private static let nameWords: [StaticText] = ["properties", "$defs", "definitions", "patternProperties"]

  private static func isOneOf(_ name: String, _ words: [StaticText]) -> Bool { words.contains { $0.matches(name) } }

  /// A schema of an object, which the arguments of a tool have to be.
  static func asObject(_ schema: JSON?) -> JSON {
    guard let schema, schema.isObject else {
      return .make(["type": .word("object"), "properties": .object()])
    }
    if schema["type"] != nil { return schema }
    let completed = JSON.make(["type": .word("object")])
    for (name, value) in schema.members { completed.set(named: name, value) }
    return completed
  }

  /// The schema with every object closed to further members, as strict services demand.
  static func closed(_ schema: JSON) -> JSON { closed(schema, depth: 0, isNamed: false) }

  /// `isNamed` says that the members are names of the caller's, not words of JSON Schema.
  private static func closed(_ schema: JSON, depth: Int, isNamed: Bool) -> JSON {
    guard depth < depthLimit else { return schema }
    if schema.isArray { return .array(schema.elements.map { closed($0, depth: depth + 1, isNamed: false) }) }
    guard schema.isObject else { return schema }
    let result = JSON.object()
    for (name, value) in schema.members {
      let isValue = !isNamed && isOneOf(name, valueWords)
      let holdsNames = !isNamed && isOneOf(name, nameWords)
      result.set(named: name, isValue ? value : closed(value, depth: depth + 1, isNamed: holdsNames))
    }
    if !isNamed, schema.says("type", "object"), schema["properties"]?.isObject ?? false {
      result.setDefault("additionalProperties", .boolean(false))
    }
    return result
  }
}
