import LLMConfig
import LLMCore

/// JSON Schemas for Gemini. Its own `Schema` type is a subset (OpenAPI's); newer models also take JSON Schema itself,
/// likewise not all of it. A schema goes where nothing of it is lost; else into the subset, and what is lost is a
/// warning.
struct GeminiSchema {
  /// Whether it is for the members that take JSON Schema (`responseJsonSchema`, `parametersJsonSchema`).
  let isJSONSchema: Bool
  /// The schema.
  let document: JSON

  /// Takes a schema to one of the two forms; `pointer` is its place in the caller's document.
  init(
    _ schema: JSON, at pointer: String, modelTakesJSONSchema: Bool, _ context: RequestContext
  ) throws(LLMError) {
    var subset = SubsetWriter(root: schema, at: pointer)
    let written = subset.write(schema, at: pointer, depth: 0)
    if !subset.losses.isEmpty, modelTakesJSONSchema, JSONSchemaCheck.holdsOnlyWhatGeminiKnows(schema) {
      isJSONSchema = true
      document = schema
      return
    }
    isJSONSchema = false
    document = written
    for loss in subset.losses {
      try context.warn(
        "unsupported_parameter",
        "\(context.endpoint.profile.label) has no \"\(loss.keyword)\" in schemas\(loss.why); it was left out",
        param: loss.pointer)
    }
  }
}

/// What says nothing about the values, and is left out without a word.
private let annotations: [StaticText] = [
  "$schema", "$id", "$comment", "$anchor", "$defs", "definitions", "default", "examples", "example", "deprecated",
  "readOnly", "writeOnly", "strict",
]

private func isListed(_ word: String, in table: [StaticText]) -> Bool { table.contains { $0.matches(word) } }

/// Schemas are written down to this depth.
private let deepest = 48

// MARK: - The subset

/// Rewrites a schema in the subset: references are put in place, `oneOf` becomes `anyOf`, `const` an `enum` of one, the
/// type "null" becomes `nullable`.
private struct SubsetWriter {
  struct Loss {
    let keyword: String
    let pointer: String
    let why: String
  }

  /// References can double a schema with every step; no model would read what is larger.
  private static let mostNodes = 20_000
  private static let plain: [StaticText] = [
    "title", "description", "nullable", "minItems", "maxItems", "minimum", "maximum", "minLength", "maxLength",
    "pattern", "minProperties", "maxProperties", "required", "propertyOrdering",
  ]
  private static let formats: [StaticText] = ["date-time", "enum", "float", "double", "int32", "int64"]

  private let root: JSON
  private let rootPointer: String
  private(set) var losses: [Loss] = []
  private var nodes = 0
  /// The references that are being put in place.
  private var openReferences: [String] = []

  init(root: JSON, at pointer: String) {
    self.root = root
    rootPointer = pointer
  }

  mutating func write(_ schema: JSON, at pointer: String, depth: Int) -> JSON {
    let written = JSON.object()
    nodes += 1
    guard depth < deepest, nodes < Self.mostNodes else { return cutOff() }
    for (keyword, value) in schema.members where !value.isNull {
      if isListed(keyword, in: Self.plain) {
        written.set(named: keyword, value)
      } else if !isListed(keyword, in: annotations) {
        write(keyword, value, into: written, at: pointer, depth: depth)
      }
    }
    return written
  }

  private mutating func cutOff() -> JSON {
    lose("$ref", in: rootPointer, " that refer to themselves")
    return .make(["type": .word("OBJECT")])
  }

  private mutating func write(_ keyword: String, _ value: JSON, into written: JSON, at pointer: String, depth: Int) {
    switch keyword {
    case "type": write(type: value, into: written)
    case "format" where isListed(value.string ?? "", in: Self.formats): written.set("format", value)
    case "enum": write(choices: value.elements, keyword, into: written, at: pointer)
    case "const": write(choices: [value], keyword, into: written, at: pointer)
    case "items" where value.isObject:
      written.set("items", write(value, at: pointer + "/items", depth: depth + 1))
    case "properties": write(properties: value, into: written, at: pointer, depth: depth)
    case "anyOf", "oneOf": write(alternatives: value, keyword, into: written, at: pointer, depth: depth)
    case "allOf" where value.count == 1: lay(value[0], over: written, at: pointer + "/allOf/0", depth: depth)
    case "$ref": write(reference: value.string ?? "", into: written, at: pointer, depth: depth)
    // The subset allows no other properties than those named.
    case "additionalProperties" where value.bool == false: break
    default: lose(keyword, at: pointer)
    }
  }

  private mutating func lose(_ keyword: String, at pointer: String, _ why: String = "") {
    lose(keyword, in: pointer + "/" + keyword, why)
  }

  private mutating func lose(_ keyword: String, in pointer: String, _ why: String) {
    guard !losses.contains(where: { $0.keyword == keyword && $0.pointer == pointer }) else { return }
    losses.append(Loss(keyword: keyword, pointer: pointer, why: why))
  }

  private func write(type: JSON, into written: JSON) {
    let words = type.isString ? [type.string ?? ""] : type.elements.compactMap { $0.string }
    let types = words.filter { $0 != "null" }.map { JSON.string($0.asciiUppercased) }
    if types.count < words.count { written.set("nullable", true) }
    if types.count == 1 {
      written.set("type", types[0])
    } else if types.count > 1 {
      written.set("anyOf", .array(types.map { .make(["type": $0]) }))
    }
  }

  /// Choices are strings in the subset.
  private mutating func write(choices: [JSON], _ keyword: String, into written: JSON, at pointer: String) {
    let words = choices.filter { !$0.isNull }
    if words.count < choices.count { written.set("nullable", true) }
    guard words.allSatisfy({ $0.isString }) else { return lose(keyword, at: pointer, " but for strings") }
    written.set("enum", .array(words))
    written.setDefault("type", .word("STRING"))
  }

  private mutating func write(properties: JSON, into written: JSON, at pointer: String, depth: Int) {
    let rewritten = JSON.object()
    for (name, property) in properties.members {
      rewritten.set(named: name, write(property, at: pointer + "/properties/" + name, depth: depth + 1))
    }
    written.set("properties", rewritten)
  }

  private mutating func write(
    alternatives: JSON, _ keyword: String, into written: JSON, at pointer: String, depth: Int
  ) {
    var rewritten: [JSON] = []
    for (index, alternative) in alternatives.elements.enumerated() {
      if alternative.says("type", "null") {
        written.set("nullable", true)
      } else {
        rewritten.append(write(alternative, at: formatted("\(pointer)/\(keyword)/\(index)"), depth: depth + 1))
      }
    }
    if rewritten.count == 1 {
      for (name, value) in rewritten[0].members { written.setDefault(named: name, value) }
    } else {
      written.set("anyOf", .array(rewritten))
    }
  }

  private mutating func write(reference: String, into written: JSON, at pointer: String, depth: Int) {
    guard let schema = target(of: reference) else {
      return lose("$ref", at: pointer, " to what the schema does not define")
    }
    guard !openReferences.contains(reference) else {
      for (name, value) in cutOff().members { written.setDefault(named: name, value) }
      return
    }
    openReferences.append(reference)
    lay(schema, over: written, at: rootPointer + reference.dropping(bytes: 1), depth: depth)
    openReferences.removeLast()
  }

  private mutating func lay(_ schema: JSON?, over written: JSON, at pointer: String, depth: Int) {
    guard let schema else { return }
    for (name, value) in write(schema, at: pointer, depth: depth + 1).members { written.setDefault(named: name, value) }
  }

  /// What `#/$defs/Name` and `#/definitions/Name` stand for.
  private func target(of reference: String) -> JSON? {
    guard reference.startsWith("#") else { return nil }
    var place: JSON? = root
    for step in reference.dropping(bytes: 1).pieces(separatedBy: UInt8(ascii: "/")) where !step.isEmpty {
      place = place?[named: step]
    }
    return place
  }
}

// MARK: - JSON Schema itself

/// Whether Gemini's reading of JSON Schema knows all of a schema.
private enum JSONSchemaCheck {
  private static let plain: [StaticText] = [
    "$ref", "type", "format", "title", "description", "enum", "minItems", "maxItems", "minimum", "maximum", "required",
    "propertyOrdering",
  ]
  private static let withSchema: [StaticText] = ["items", "additionalProperties"]
  private static let withSchemas: [StaticText] = ["anyOf", "oneOf", "prefixItems"]
  private static let withNamedSchemas: [StaticText] = ["properties", "$defs", "definitions"]

  static func holdsOnlyWhatGeminiKnows(_ schema: JSON, depth: Int = 0) -> Bool {
    guard depth < deepest else { return false }
    return schema.members.allSatisfy { keyword, value in
      if isListed(keyword, in: withSchema) { return holdsOnlyWhatGeminiKnows(value, depth: depth + 1) }
      if isListed(keyword, in: withSchemas) {
        return value.elements.allSatisfy { holdsOnlyWhatGeminiKnows($0, depth: depth + 1) }
      }
      if isListed(keyword, in: withNamedSchemas) {
        return value.members.allSatisfy { holdsOnlyWhatGeminiKnows($0.value, depth: depth + 1) }
      }
      return isListed(keyword, in: plain) || isListed(keyword, in: annotations)
    }
  }
}
