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
  var refusesForcedTools: Bool { isAtLeast(5, 1) && family != "haiku" }
  /// Thinks unless told not to.
  var thinksByDefault: Bool { isAtLeast(5, 0) }
  /// Thinks even if told not to.
  var alwaysThinks: Bool {
    (isAtLeast(5, 1) && family != "haiku") || (thinksByDefault && (family == "fable" || family == "mythos"))
  }
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
  static let format: StaticText = "anthropic-claude-v1"
}

/// Thinking and sampling as a Claude model takes them, under whatever service; what it does not take is a warning.
struct ClaudeGeneration {
  private let request: ChatRequest
  private let context: RequestContext
  private let claude: ClaudeModel?
  private let maxTokens: Int64
  /// How the model is to think; nil for its default.
  private(set) var thinking: JSON?
  /// The word for a model that decides itself how long to think.
  private(set) var effort: String?
  private(set) var temperature: JSON?
  private(set) var topP: JSON?
  private(set) var topK: JSON?

  init(
    _ request: ChatRequest, _ context: RequestContext, _ claude: ClaudeModel?, maxTokens: Int64, isToolForced: Bool
  ) throws(LLMError) {
    self.request = request
    self.context = context
    self.claude = claude
    self.maxTokens = maxTokens
    try readThinking(isToolForced: isToolForced)
    try readSampling()
  }

  private var thinks: Bool {
    guard let type = thinking?.string("type") else { return false }
    return type != "disabled"
  }

  private func drop(_ name: String, _ why: String) throws(LLMError) {
    try context.warn("unsupported_parameter", "\"\(name)\" was left out: \(why)", param: "/" + name)
  }

  // MARK: Thinking

  private mutating func readThinking(isToolForced: Bool) throws(LLMError) {
    if let own = request["thinking"] {
      thinking = own
      return
    }
    let budget = request.source.int("reasoning", "max_tokens")
    guard let wanted = request.reasoningEffort ?? (budget == nil ? nil : "high") else { return }
    if wanted == "none" { return try readNoThinking() }
    guard try canThink() else { return }
    if let claude, claude.thinksAdaptively { effort = ClaudeThinking.effort(wanted, claude) }
    if isToolForced {
      try context.warn(
        "changed_parameter", "the model does not think where it is forced to call a tool", param: "/reasoning_effort")
    } else if let claude, claude.thinksAdaptively {
      thinking = .make([
        "type": .word("adaptive"), "display": claude.hasExtraHighEffort ? .word("summarized") : nil,
      ])
    } else {
      try setBudget(budget ?? ClaudeThinking.budget(effort: wanted))
    }
  }

  private func canThink() throws(LLMError) -> Bool {
    let isTooOld = claude.map { !$0.isAtLeast(3, 7) } ?? false
    let isKnownNotTo = context.modelProfile?.lacks.contains(.reasoning) ?? false
    guard isTooOld || (isKnownNotTo && claude == nil) else { return true }
    try drop("reasoning_effort", "the model does not think")
    return false
  }

  private mutating func readNoThinking() throws(LLMError) {
    guard let claude, claude.thinksByDefault else { return }
    guard claude.alwaysThinks else {
      thinking = .make(["type": .word("disabled")])
      return
    }
    try context.warn(
      "changed_parameter", "the model cannot be kept from thinking; it was asked for the least",
      param: "/reasoning_effort")
    effort = "low"
  }

  /// The budget is part of `max_tokens`, of which a quarter is left for the answer.
  private mutating func setBudget(_ wanted: Int64) throws(LLMError) {
    let least = ClaudeThinking.leastBudget
    guard maxTokens > least else {
      return try context.warn(
        "changed_parameter",
        "the model was not asked to think: that takes more than \(least) tokens, and max_tokens is \(maxTokens)",
        param: "/reasoning_effort")
    }
    let budget = max(least, min(wanted, maxTokens - maxTokens / 4))
    thinking = .make(["type": .word("enabled"), "budget_tokens": .integer(budget)])
  }

  // MARK: Sampling

  private mutating func readSampling() throws(LLMError) {
    if claude?.refusesSampling ?? false {
      for name in ["temperature", "top_p", "top_k"] where request[named: name] != nil {
        try drop(name, "the model does not take it")
      }
      return
    }
    try readTemperature()
    try readTopP()
    guard let given = request["top_k"] else { return }
    if thinks { try drop("top_k", "a model that thinks does not take it") } else { topK = given }
  }

  /// OpenAI's scale ends at 2, this one at 1.
  private mutating func readTemperature() throws(LLMError) {
    guard let given = request["temperature"], let value = given.double else { return }
    if thinks, value != 1 { return try drop("temperature", "a model that thinks takes none but 1") }
    temperature = given
    guard value > 1 else { return }
    temperature = .integer(1)
    try context.warn("changed_parameter", "the service takes temperatures up to 1; 1 was sent", param: "/temperature")
  }

  private mutating func readTopP() throws(LLMError) {
    guard let given = request["top_p"], let value = given.double else { return }
    if thinks, value < 0.95 {
      try drop("top_p", "a model that thinks takes none below 0.95")
    } else if temperature != nil, claude?.takesOneOfTemperatureAndTopP ?? false {
      try drop("top_p", "the model takes \"temperature\" or \"top_p\", not both")
    } else {
      topP = given
    }
  }
}
