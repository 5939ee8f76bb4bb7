import LLMConfig
import LLMCore

/// Reads rows of the built-in table.
enum ModelTable {
  /// The row of exactly that id, with what the rules of its family say.
  static func model(_ id: String, of provider: String) -> ModelProfile? {
    guard let rows = section(of: provider), !isRule(id.utf8) else { return nil }
    return rows.line(startingWith: id).map { profile(from: $0, provider: provider) }
  }

  /// What the rules of its family say of a model that has no row; nil where there is none.
  static func family(of id: String, _ provider: String) -> ModelProfile? {
    let rules = ModelTable.rules(for: id, of: provider)
    guard !rules.isEmpty else { return nil }
    let model = ModelProfile(provider: provider, id: id, label: modelLabel(of: id))
    let usual = model.copy()
    var none = TableColumns(UnsafeRawBufferPointer(start: nil, count: 0), separator: space)
    ModelWords.apply(&none, to: usual)
    apply(rules, to: model)
    return model.tellsMore(than: usual) ? model : nil
  }

  /// All rows of a provider.
  static func models(of provider: String) -> [ModelProfile] {
    var models: [ModelProfile] = []
    section(of: provider)?.forEachLine { line in
      if !isRule(line) { models.append(profile(from: line, provider: provider)) }
      return true
    }
    return models
  }

  private static func section(of provider: String) -> UnsafeRawBufferPointer? {
    for section in Models.sections where section.provider.text == provider { return section.rows.utf8Bytes }
    return nil
  }

  private static func profile(from line: UnsafeRawBufferPointer, provider: String) -> ModelProfile {
    var columns = TableColumns(line, separator: space)
    let id = columns.text ?? ""
    return profile(id, &columns, rules(for: id, of: provider), provider: provider)
  }

  /// A row of which the id was read, over its rules.
  static func profile(
    _ id: String, _ columns: inout TableColumns, _ rules: [UnsafeRawBufferPointer], provider: String
  ) -> ModelProfile {
    let model = ModelProfile(provider: provider, id: id, label: modelLabel(of: id))
    model.asOf = Models.asOf.text
    let window = columns.integer
    let size = columns.integer
    for unit in PricedUnit.changeable { model.prices[unit] = columns.price }
    apply(rules, to: model)
    model.contextWindow = window ?? model.contextWindow
    ModelWords.apply(&columns, to: model)
    guard let size else { return model }
    if model.purpose == .embedding { model.dimensions = size } else { model.maxOutput = size }
    return model
  }

  // MARK: Rules

  /// A rule's id ends with a star.
  private static func isRule(_ line: some Collection<UInt8>) -> Bool {
    line.prefix { $0 != space }.last == UInt8(ascii: "*")
  }

  /// The rules for an id: those of the provider whose models these are as well, then its own, in each the most general
  /// first.
  private static func rules(for id: String, of provider: String) -> [UnsafeRawBufferPointer] {
    guard !isRule(id.utf8) else { return [] }
    var rules: [UnsafeRawBufferPointer] = []
    for relative in Models.relatives where relative.provider.matches(provider) {
      rules = matching(id, section(of: relative.other.text))
    }
    return rules + matching(id, section(of: provider))
  }

  /// The rules of a section, which stand before the rows.
  static func matching(_ id: String, _ rows: UnsafeRawBufferPointer?) -> [UnsafeRawBufferPointer] {
    var rules: [(length: Int, line: UnsafeRawBufferPointer)] = []
    rows?.forEachLine { line in
      guard isRule(line), let length = line.firstOffset(of: UInt8(ascii: "*")) else { return false }
      if id.utf8.starts(with: line.prefix(length)) {
        rules.insert((length, line), at: rules.firstIndex { $0.length > length } ?? rules.count)
      }
      return true
    }
    return rules.map { $0.line }
  }

  /// What rules say. Their columns of prices are empty: what a family's next model costs is not known.
  private static func apply(_ rules: [UnsafeRawBufferPointer], to model: ModelProfile) {
    for rule in rules {
      var columns = TableColumns(rule, separator: space)
      columns.skip()
      model.contextWindow = columns.integer ?? model.contextWindow
      model.maxOutput = columns.integer ?? model.maxOutput
      for _ in PricedUnit.changeable { columns.skip() }
      ModelWords.apply(&columns, to: model)
    }
  }
}

extension ModelProfile {
  /// Whether more is known than that it is a model: a rule of prices alone says nothing of one whose price is unknown.
  fileprivate func tellsMore(than usual: ModelProfile) -> Bool {
    capabilities != usual.capabilities || !lacks.isEmpty || !refusals.isEmpty || !thinkingRefusals.isEmpty
      || !efforts.isEmpty || dialect != nil || needsResponsesForTools || contextWindow > 0 || !prices.isEmpty
  }
}

private let space = UInt8(ascii: " ")

/// A label for people out of an id: "claude-sonnet-4-5" is "Claude Sonnet 4.5".
func modelLabel(of id: String) -> String {
  let bytes = Array(id.utf8)
  let start = bytes.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0
  var label: [UInt8] = []
  var isWordStart = true
  for (index, byte) in bytes.enumerated().dropFirst(start) {
    if byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") {
      label.append(isVersionHyphen(at: index, in: bytes) ? UInt8(ascii: ".") : space)
      isWordStart = true
    } else {
      let isLower = byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
      label.append(isWordStart && isLower ? byte & 0xDF : byte)
      isWordStart = false
    }
  }
  return inCapitals(String(decoding: label, as: UTF8.self))
}

/// Between two single digits: "4-5".
private func isVersionHyphen(at index: Int, in bytes: [UInt8]) -> Bool {
  func isDigit(_ place: Int) -> Bool { bytes.indices.contains(place) && bytes[place].isASCIIDigit }
  return isDigit(index - 1) && isDigit(index + 1) && !isDigit(index - 2) && !isDigit(index + 2)
}

/// Names that are abbreviations.
private func inCapitals(_ label: String) -> String {
  for name in ["GPT", "GLM"] where label.keeping(bytes: name.utf8.count).equalsIgnoringCase(name) {
    return name + label.dropping(bytes: name.utf8.count)
  }
  return label
}
