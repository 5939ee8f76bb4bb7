import LLMCore

/// What a model refuses of what its service takes: by the names of requests, and two customs.
public struct ModelRefusals: OptionSet, Sendable {
  /// The bits.
  public let rawValue: UInt16
  /// From bits.
  public init(rawValue: UInt16) { self.rawValue = rawValue }

  /// `temperature` but the usual one.
  public static let temperature = ModelRefusals(rawValue: 1 << 0)
  /// `top_p` but the usual one.
  public static let topP = ModelRefusals(rawValue: 1 << 1)
  /// `top_k`.
  public static let topK = ModelRefusals(rawValue: 1 << 2)
  /// `frequency_penalty` and `presence_penalty`.
  public static let penalties = ModelRefusals(rawValue: 1 << 3)
  /// `logprobs` and `top_logprobs`.
  public static let logprobs = ModelRefusals(rawValue: 1 << 4)
  /// `logit_bias`.
  public static let logitBias = ModelRefusals(rawValue: 1 << 5)
  /// `stop`.
  public static let stop = ModelRefusals(rawValue: 1 << 6)
  /// `seed`.
  public static let seed = ModelRefusals(rawValue: 1 << 7)
  /// `n` above 1.
  public static let choices = ModelRefusals(rawValue: 1 << 8)
  /// A last message of the assistant's, to be continued.
  public static let prefill = ModelRefusals(rawValue: 1 << 9)
  /// A `tool_choice` that forces a call.
  public static let forcedTools = ModelRefusals(rawValue: 1 << 10)
  /// All that leads the choice of tokens.
  public static let sampling: ModelRefusals = [.temperature, .topP, .topK, .penalties, .logprobs, .logitBias]

  /// Names in documents; the last one stands for several.
  public static let names: [(name: StaticText, refusals: ModelRefusals)] = [
    ("temperature", .temperature), ("top_p", .topP), ("top_k", .topK), ("penalties", .penalties),
    ("logprobs", .logprobs), ("logit_bias", .logitBias), ("stop", .stop), ("seed", .seed), ("n", .choices),
    ("prefill", .prefill), ("forced_tools", .forcedTools), ("sampling", .sampling),
  ]

  /// Those of a name.
  package init?(name: String) {
    for (own, refusals) in ModelRefusals.names where own.matches(name) {
      self = refusals
      return
    }
    return nil
  }

  /// The names of those in it, each by itself.
  public var nameList: [String] {
    ModelRefusals.names.dropLast().filter { contains($0.refusals) }.map { $0.name.text }
  }
}

/// The words for how much a model is to think, from none on.
public enum ReasoningEffort: Int, Sendable, CaseIterable, Comparable {
  case none, minimal, low, medium, high, xhigh, max

  /// The word.
  public var name: StaticText {
    switch self {
    case .none: "none"
    case .minimal: "minimal"
    case .low: "low"
    case .medium: "medium"
    case .high: "high"
    case .xhigh: "xhigh"
    case .max: "max"
    }
  }

  /// The effort of that word.
  public init?(name: String) {
    for effort in ReasoningEffort.allCases where effort.name.matches(name) {
      self = effort
      return
    }
    return nil
  }

  /// The lesser one first.
  public static func < (one: ReasoningEffort, other: ReasoningEffort) -> Bool { one.rawValue < other.rawValue }

  /// The nearest that is taken: no more than was asked for, and thinking where thinking was asked for.
  public func nearest(among taken: [ReasoningEffort]) -> ReasoningEffort {
    if taken.isEmpty || taken.contains(self) { return self }
    let lesser = taken.filter { $0 < self && $0 != .none }.max()
    return lesser ?? taken.filter { $0 > self }.min() ?? self
  }
}
