import LLMCore

extension ConfigSchema {
  /// The JSON Schema of a type's configuration.
  public static func jsonSchema(for profile: ProviderProfile) -> JSON {
    let schema = objectSchema(of: "", for: profile)
    schema.set("$schema", .string("https://json-schema.org/draft/2020-12/schema"))
    schema.set("required", .array(["type"]))
    let type = JSON.object()
    type.set("const", profile.name)
    schema["properties"]?.set("type", type)
    ForeignSchema(profile)?.extend(schema)
    return schema
  }

  private static func objectSchema(of section: StaticText, for profile: ProviderProfile) -> JSON {
    let properties = JSON.object()
    for key in members(of: section, at: .configuration) where key.applies(to: profile) {
      properties.set(named: key.name, schema(of: key, for: profile))
    }
    let schema = JSON.object()
    schema.set("type", "object")
    schema.set("properties", properties)
    // A store of a registered type has keys of its own.
    schema.set("additionalProperties", section.text == "store")
    return schema
  }

  private static func schema(of key: ConfigKey, for profile: ProviderProfile) -> JSON {
    if key.types == .array, hasMembers(key.path) {
      let schema = plainSchema(of: key)
      schema.set("items", objectSchema(of: key.path, for: profile))
      return schema
    }
    guard key.types.contains(.object), hasMembers(key.path) else { return plainSchema(of: key) }
    let object = objectSchema(of: key.path, for: profile)
    guard key.types != .object else {
      object.set("description", key.summary)
      return object
    }
    let word = JSON.object()
    word.set("enum", .array(key.wordList))
    let choice = JSON.object()
    choice.set("description", key.summary)
    choice.set("anyOf", .array([word, object]))
    return choice
  }

  private static func plainSchema(of key: ConfigKey) -> JSON {
    let schema = JSON.object()
    let names = key.types.names
    schema.set("type", names.count == 1 ? .string(names[0]) : .array(names))
    schema.set("description", key.summary)
    schema.set("default", key.defaultValue)
    schema.set("minimum", key.bounds.map { .integer($0.minimum) })
    schema.set("maximum", key.bounds.map { .integer($0.maximum) })
    if !key.wordList.isEmpty { schema.set("enum", .array(key.wordList)) }
    if key.isSecret { schema.set("writeOnly", true) }
    guard key.elements != .any else { return schema }
    let elements = JSON.object()
    elements.set("type", key.elements.names.first ?? "string")
    schema.set(key.types.contains(.object) ? "additionalProperties" : "items", elements)
    return schema
  }
}
