import LLMCore

/// The JSON types that a key takes.
public struct JSONTypes: OptionSet, Sendable {
  /// The bits.
  public let rawValue: UInt8
  /// From bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Text.
  public static let string = JSONTypes(rawValue: 1 << 0)
  /// A number without a fraction.
  public static let integer = JSONTypes(rawValue: 1 << 1)
  /// Any number.
  public static let number = JSONTypes(rawValue: 1 << 2)
  /// true or false.
  public static let boolean = JSONTypes(rawValue: 1 << 3)
  /// Members: the rows below the key, or the caller's own where there are none.
  public static let object = JSONTypes(rawValue: 1 << 4)
  /// A list.
  public static let array = JSONTypes(rawValue: 1 << 5)
  /// Whatever JSON holds.
  public static let any = JSONTypes(rawValue: 0b11_1111)

  /// The names that messages and JSON Schema use, in the order of the bits.
  public static let names: [(name: StaticText, flag: JSONTypes)] = [
    ("string", .string), ("integer", .integer), ("number", .number), ("boolean", .boolean), ("object", .object),
    ("array", .array),
  ]

  /// The names of the types in it.
  public var names: [String] { JSONTypes.names.filter { contains($0.flag) }.map { $0.name.text } }

  /// Whether the value is of one of the types.
  func accepts(_ value: JSON) -> Bool {
    switch value.kind {
    case .string: contains(.string)
    case .integer: contains(.integer) || contains(.number)
    case .real: contains(.number) || (contains(.integer) && value.int != nil)
    case .boolean: contains(.boolean)
    case .object: contains(.object)
    case .array: contains(.array)
    case .null: self == .any
    }
  }
}

/// Where a key may stand.
public struct ConfigPlaces: OptionSet, Sendable {
  /// The bits.
  public let rawValue: UInt8
  /// From bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// A provider's configuration.
  public static let configuration = ConfigPlaces(rawValue: 1 << 0)
  /// The `llm` object of a request.
  public static let request = ConfigPlaces(rawValue: 1 << 1)
  /// Both; the request's word counts.
  public static let both = ConfigPlaces(rawValue: 0b11)
}

/// Which types a key is for; empty for all.
public struct ConfigScope: OptionSet, Sendable {
  /// The bits.
  public let rawValue: UInt16
  /// From bits.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// Services behind AWS's signatures.
  public static let aws = ConfigScope(rawValue: 1 << 0)
  /// Vertex AI.
  public static let vertex = ConfigScope(rawValue: 1 << 1)
  /// Azure.
  public static let azure = ConfigScope(rawValue: 1 << 2)
  /// The OpenAI wire formats.
  public static let openAI = ConfigScope(rawValue: 1 << 3)
  /// The mock.
  public static let mock = ConfigScope(rawValue: 1 << 4)
  /// A service the catalogue does not know.
  public static let custom = ConfigScope(rawValue: 1 << 5)
  /// Types whose address has the key's name in braces.
  public static let placeholder = ConfigScope(rawValue: 1 << 6)
  /// Anthropic's wire format.
  public static let anthropic = ConfigScope(rawValue: 1 << 7)
  /// The router.
  public static let router = ConfigScope(rawValue: 1 << 8)

  /// What messages and the documentation say, in the order of the bits.
  public static let names: [(name: StaticText, flag: ConfigScope)] = [
    ("bedrock", .aws), ("vertex", .vertex), ("azure", .azure), ("OpenAI wire formats", .openAI), ("mock", .mock),
    ("openai-compatible", .custom), ("types with it in their address", .placeholder),
    ("Anthropic's wire format", .anthropic), ("router", .router),
  ]

  /// What the table of keys says, in the order of the bits.
  static let words: [StaticText] = [
    "aws", "vertex", "azure", "openai", "mock", "custom", "placeholder", "anthropic", "router",
  ]

  /// For people: "bedrock, azure".
  public var text: String {
    var text = ""
    for (name, flag) in ConfigScope.names where contains(flag) { text += (text.isEmpty ? "" : ", ") + name.text }
    return text
  }

  /// What a provider's row is.
  init(of profile: ProviderProfile) {
    self = []
    if profile.name == RouterReading.type { insert(.router) }
    if case .sigV4 = profile.auth { insert(.aws) }
    if profile.quirks.contains(.vertexPaths) { insert(.vertex) }
    if profile.quirks.contains(.azurePaths) { insert(.azure) }
    guard profile.foreign == nil, !contains(.router) else { return }
    switch profile.dialect {
    case .openAIChat, .openAIResponses, .openAICompletions: insert(.openAI)
    case .anthropicMessages: insert(.anthropic)
    case .mock: insert(.mock)
    default: break
    }
  }
}

/// The smallest and the largest number that a key takes.
public struct ConfigBounds: Sendable {
  /// The smallest.
  public let minimum: Int64
  /// The largest.
  public let maximum: Int64

  init(_ minimum: Int64, _ maximum: Int64) {
    self.minimum = minimum
    self.maximum = maximum
  }

  /// Milliseconds: the longest time that can be said is some 24 days.
  static let time = ConfigBounds(0, 2_147_483_647)
  /// Requests, tokens.
  static let amount = ConfigBounds(1, 1_000_000_000)
  /// Bytes.
  static let size = ConfigBounds(1, 1 << 40)
  /// Seconds, up to ten years.
  static let seconds = ConfigBounds(1, 315_360_000)
}
