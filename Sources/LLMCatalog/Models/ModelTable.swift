import LLMConfig
import LLMCore

/// Reads rows of the built-in table.
enum ModelTable {
  /// The row of exactly that id.
  static func model(_ id: String, of provider: String) -> ModelProfile? {
    guard let rows = section(of: provider) else { return nil }
    return rows.line(startingWith: id).map { profile(from: $0, provider: provider) }
  }

  /// All rows of a provider.
  static func models(of provider: String) -> [ModelProfile] {
    var models: [ModelProfile] = []
    section(of: provider)?.forEachLine { line in
      models.append(profile(from: line, provider: provider))
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
    let model = ModelProfile(provider: provider, id: id, label: modelLabel(of: id))
    model.contextWindow = columns.integer ?? 0
    let size = columns.integer ?? 0
    model.inputPrice = columns.price
    model.outputPrice = columns.price
    model.cacheReadPrice = columns.price
    model.cacheWritePrice = columns.price
    if let letters = columns.next() { apply(letters, to: model) }
    if model.purpose == .embedding { model.dimensions = size } else { model.maxOutput = size }
    model.deprecatedOn = columns.text
    return model
  }

  private static func apply(_ letters: UnsafeRawBufferPointer, to model: ModelProfile) {
    var capabilities: Capabilities = [.streaming, .systemMessages, .jsonMode]
    for letter in letters {
      switch letter {
      case UInt8(ascii: "t"): capabilities.formUnion([.tools, .toolChoice])
      case UInt8(ascii: "p"): capabilities.insert(.parallelTools)
      case UInt8(ascii: "j"): capabilities.insert(.jsonSchema)
      case UInt8(ascii: "v"): capabilities.insert(.vision)
      case UInt8(ascii: "a"): capabilities.insert(.audioInput)
      case UInt8(ascii: "f"): capabilities.insert(.files)
      case UInt8(ascii: "r"): capabilities.insert(.reasoning)
      case UInt8(ascii: "c"): capabilities.insert(.promptCache)
      case UInt8(ascii: "R"): model.dialect = .openAIResponses
      case UInt8(ascii: "e"):
        model.purpose = .embedding
        capabilities = .embeddings
      default: break
      }
    }
    model.capabilities = capabilities
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
