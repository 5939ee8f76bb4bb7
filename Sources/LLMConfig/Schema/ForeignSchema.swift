import LLMCore

/// The JSON Schema that a type of the program's own gives for its configuration keys: as much of the language as
/// configurations need.
package struct ForeignSchema {
  /// No sensible schema is deeper.
  private static let deepest = 16

  private let schema: JSON

  package init?(_ profile: ProviderProfile?) {
    guard let foreign = profile?.foreign else { return nil }
    schema = foreign.configSchema
  }

  /// The schema of one key.
  func property(_ name: String) -> JSON? { schema["properties"]?[named: name] }

  /// The keys it names.
  var propertyNames: [String] { schema["properties"]?.members.map { $0.key } ?? [] }

  /// Whether keys that it does not name are the type's own business.
  var allowsOthers: Bool { Self.allowsOthers(schema, unlessSaid: false) }

  private static func allowsOthers(_ schema: JSON, unlessSaid otherwise: Bool) -> Bool {
    guard let others = schema["additionalProperties"] else { return otherwise }
    return others.bool ?? true
  }

  /// Whether a key must be given, the library's own included.
  package func requires(_ name: String) -> Bool { Self.requiredNames(schema).contains(name) }

  private static func requiredNames(_ schema: JSON) -> [String] {
    schema["required"]?.elements.compactMap { $0.string } ?? []
  }

  /// Notes the keys that are missing. The key of the service may come from the environment, and the library reports it.
  func checkRequired(in document: JSON, into problems: inout ConfigProblems) {
    Self.checkRequired(schema, in: document, except: ["api_key", "type"], into: &problems)
  }

  private static func checkRequired(
    _ schema: JSON, in document: JSON, except others: [String], into problems: inout ConfigProblems
  ) {
    for name in requiredNames(schema) where document[named: name] == nil && !others.contains(name) {
      problems.report(at: name, "\"\(name)\" is missing\(problems.place)")
    }
  }

  /// Fills in what the configuration leaves out.
  func setDefaults(in settings: JSON) {
    for (name, property) in schema["properties"]?.members ?? [] {
      settings.setDefault(named: name, property["default"])
    }
  }

  // MARK: The schema itself

  /// What is wrong with the schema; nil where it can be held to.
  package static func mistake(in schema: JSON, at place: String = "/config_schema", depth: Int = 0) -> String? {
    guard depth < deepest else { return formatted("nesting deeper than \(deepest) at \(place)") }
    guard schema.isObject || depth > 0 && schema.kind == .boolean else {
      return formatted("expected object, found \(schema.kind.name) at \(place)")
    }
    if let type = schema["type"] {
      for word in type.isArray ? type.elements : [type] where !isType(word.string) {
        return formatted("\(word.text) at \(place)/type is no type")
      }
    }
    for bound: StaticText in ["minimum", "maximum"] {
      if let value = schema[bound], value.double == nil {
        return formatted("expected number, found \(value.kind.name) at \(place)/\(bound)")
      }
    }
    if let least = schema["minimum"]?.double, let most = schema["maximum"]?.double, least > most {
      return formatted("\"minimum\" is above \"maximum\" at \(place)")
    }
    let kinds: [(name: StaticText, kind: JSON.Kind)] = [
      ("enum", .array), ("required", .array), ("properties", .object),
    ]
    for (name, kind) in kinds {
      if let value = schema[name], value.kind != kind {
        return formatted("expected \(kind.name), found \(value.kind.name) at \(place)/\(name)")
      }
    }
    for (name, property) in schema["properties"]?.members ?? [] {
      if let found = mistake(in: property, at: place + "/properties/" + name, depth: depth + 1) { return found }
    }
    return schema["items"].flatMap { mistake(in: $0, at: place + "/items", depth: depth + 1) }
  }

  private static func isType(_ word: String?) -> Bool {
    guard let word else { return false }
    return word == "null" || JSONTypes.names.contains { $0.name.matches(word) }
  }

  // MARK: Checking

  /// Notes everything that is wrong with a value.
  static func check(_ value: JSON, against schema: JSON, into problems: inout ConfigProblems) {
    check(value, against: schema, depth: 0, into: &problems)
  }

  private static func check(_ value: JSON, against schema: JSON, depth: Int, into problems: inout ConfigProblems) {
    guard depth < deepest, !value.isNull, schema.isObject else { return }
    guard types(of: schema).accepts(value) else {
      let expected = alternatives(types(of: schema).names)
      return problems.report("expected \(expected), found \(value.kind.name)\(problems.place)")
    }
    checkWord(value, schema, into: &problems)
    checkBounds(value, schema, into: &problems)
    if value.isObject { checkMembers(of: value, against: schema, depth: depth, into: &problems) }
    if let items = schema["items"] {
      for (index, element) in value.elements.enumerated() {
        problems.enter("\(index)")
        check(element, against: items, depth: depth + 1, into: &problems)
        problems.leave()
      }
    }
  }

  private static func types(of schema: JSON) -> JSONTypes {
    guard let named = schema["type"] else { return .any }
    let words = named.isArray ? named.elements.compactMap { $0.string } : [named.string ?? ""]
    let known = JSONTypes.names.filter { words.contains($0.name.text) }
    return known.isEmpty ? .any : JSONTypes(known.map { $0.flag })
  }

  private static func checkWord(_ value: JSON, _ schema: JSON, into problems: inout ConfigProblems) {
    guard let words = schema["enum"]?.elements, !words.contains(where: { $0.equals(value) }) else { return }
    let nearest = value.string.flatMap { nearestName(to: $0, among: words.compactMap { $0.string }) }
    problems.report(
      "\(value.text)\(problems.place) is none of \(alternatives(words.map { $0.text }))\(didYouMean(nearest))",
      suggestion: nearest)
  }

  private static func checkBounds(_ value: JSON, _ schema: JSON, into problems: inout ConfigProblems) {
    guard let number = value.double else { return }
    if let minimum = schema["minimum"]?.double, number < minimum {
      problems.report("\(value.text)\(problems.place) is below \(schema["minimum"]?.text ?? "")")
    }
    if let maximum = schema["maximum"]?.double, number > maximum {
      problems.report("\(value.text)\(problems.place) is above \(schema["maximum"]?.text ?? "")")
    }
  }

  private static func checkMembers(
    of object: JSON, against schema: JSON, depth: Int, into problems: inout ConfigProblems
  ) {
    let properties = schema["properties"]
    for (name, member) in object.members {
      problems.enter(name)
      if let property = properties?[named: name] {
        check(member, against: property, depth: depth + 1, into: &problems)
      } else if !allowsOthers(schema, unlessSaid: true) {
        let nearest = nearestName(to: name, among: properties?.members.map { $0.key } ?? [])
        problems.report("unknown key \"\(name)\"\(problems.place)\(didYouMean(nearest))", suggestion: nearest)
      }
      problems.leave()
    }
    checkRequired(schema, in: object, except: [], into: &problems)
  }
}

extension ForeignSchema {
  /// Lays the type's own keys over the schema of the keys that all types have.
  func extend(_ common: JSON) {
    for (name, property) in schema["properties"]?.members ?? [] { common["properties"]?.set(named: name, property) }
    let required = Self.requiredNames(schema).filter { $0 != "type" && $0 != "api_key" }
    common.set("required", .array(["type"] + required))
    if allowsOthers { common.set("additionalProperties", true) }
  }
}
