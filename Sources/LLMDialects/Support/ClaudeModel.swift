import LLMCore

/// What can be told of a Claude model by its name: the same models are reached by the Messages API, Vertex AI and
/// Bedrock, under names that have the family and the version in common.
struct ClaudeModel {
  /// "opus", "sonnet", …; empty where the name has none.
  let family: String
  let major: Int
  let minor: Int

  /// Nil for a model that is no Claude, or whose name says no version.
  init?(_ id: String) {
    guard let start = id.firstByteOffset(of: "claude-", ignoringCase: true) else { return nil }
    let words = ClaudeModel.words(of: id.dropping(bytes: start + 7))
    guard let place = words.firstIndex(where: { ClaudeModel.versionNumber($0) != nil }),
      let major = ClaudeModel.versionNumber(words[place])
    else { return nil }
    self.major = major
    minor = place + 1 < words.count ? (ClaudeModel.versionNumber(words[place + 1]) ?? 0) : 0
    family = words.first { word in word.utf8.allSatisfy { !$0.isASCIIDigit } } ?? ""
  }

  /// Whether the version is that or a later one.
  func isAtLeast(_ major: Int, _ minor: Int) -> Bool { (self.major, self.minor) >= (major, minor) }

  private static func words(of name: String) -> [String] {
    name.utf8.split { byte in !byte.isASCIIAlphanumeric }.map { String(decoding: $0, as: UTF8.self) }
  }

  /// A small number; dates and "v1" are none.
  private static func versionNumber(_ word: String) -> Int? {
    guard let number = word.asInteger, (0..<100).contains(number) else { return nil }
    return Int(number)
  }
}

extension ClaudeModel {
  /// Holds answers to a JSON Schema (`output_config.format`), and tool calls to theirs (`strict`).
  var hasStructuredOutput: Bool { isAtLeast(4, 5) }
  /// Decides itself how long to think, led by `output_config.effort`.
  var thinksAdaptively: Bool { isAtLeast(4, 6) }
  /// Knows the effort "xhigh", and leaves the thinking's text out unless asked for it.
  var hasExtraHighEffort: Bool { isAtLeast(4, 7) }
  /// Refuses `temperature`, `top_p` and `top_k`.
  var refusesSampling: Bool { isAtLeast(4, 7) }
  /// Takes `temperature` or `top_p`, not both.
  var takesOneOfTemperatureAndTopP: Bool { isAtLeast(4, 1) }
  /// Refuses a `tool_choice` that forces a call.
  var refusesForcedTools: Bool { isAtLeast(5, 1) }
  /// Thinks unless told not to.
  var thinksByDefault: Bool { isAtLeast(5, 0) }
  /// Thinks even if told not to.
  var alwaysThinks: Bool { isAtLeast(5, 1) || (thinksByDefault && (family == "fable" || family == "mythos")) }
}

/// How an effort in OpenAI's words is said to a Claude model.
enum ClaudeThinking {
  /// The least budget that the service takes.
  static let leastBudget: Int64 = 1024

  /// Tokens of thinking, for models that want a number.
  static func budget(effort: String) -> Int64 {
    switch effort {
    case "minimal", "low": leastBudget
    case "medium": 8192
    case "high": 24_576
    default: 32_768
    }
  }

  /// The word for models that think adaptively.
  static func effort(_ effort: String, _ model: ClaudeModel) -> String {
    switch effort {
    case "minimal": "low"
    case "xhigh": model.hasExtraHighEffort ? "xhigh" : "max"
    default: effort
    }
  }
}

extension ClaudeThinking {
  /// What `reasoning_details` call thinking that a Claude signed.
  static let format: StaticString = "anthropic-claude-v1"
}
