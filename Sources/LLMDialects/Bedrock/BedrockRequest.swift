import LLMConfig
import LLMCore

/// Writes one request in Converse's words.
struct BedrockRequest {
  /// The makers of models that differ in what they take.
  enum Family { case claude, nova, mistral, gptOSS, other }

  let request: ChatRequest
  let context: RequestContext
  let claude: ClaudeModel?
  let family: Family
  var documentCount = 0

  init(_ request: ChatRequest, _ context: RequestContext) {
    self.request = request
    self.context = context
    claude = ClaudeModel(context.model)
    family = BedrockRequest.family(of: context.model)
  }

  static func family(of model: String) -> Family {
    let words: [(word: StaticText, family: Family)] = [
      ("anthropic.", .claude), ("amazon.nova", .nova), ("mistral.", .mistral), ("openai.gpt-oss", .gptOSS),
    ]
    return words.first { model.containsText($0.word.text) }?.family ?? .other
  }

  mutating func makeBody() throws(LLMError) -> JSON {
    let body = JSON.object()
    try setMessages(body)
    let answerSchema = try setResponseFormat(body)
    try setTools(body, answerSchema)
    try setInference(body)
    try setOwnMembers(body)
    try request.warnOfUnused(except: Self.handledMembers, context)
    return body
  }

  private static let ownMembers: [StaticText] = [
    "guardrailConfig", "additionalModelResponseFieldPaths", "performanceConfig", "requestMetadata", "promptVariables",
    "serviceTier",
  ]
  private static let handledMembers: [StaticText] =
    ownMembers + [
      "max_tokens", "max_completion_tokens", "temperature", "top_p", "top_k", "stop", "reasoning_effort", "reasoning",
      "thinking", "metadata", "service_tier", "additionalModelRequestFields", "stream_options",
    ]

  func warnDropped(_ name: String, _ why: String) throws(LLMError) {
    try context.warn("unsupported_parameter", "\"\(name)\" was left out: \(why)", param: "/" + name)
  }
}

// MARK: Inference

extension BedrockRequest {
  private func setInference(_ body: JSON) throws(LLMError) {
    let inference = JSON.object()
    let extra = JSON.object()
    inference.set("maxTokens", request.maxTokens)
    if family == .claude {
      try setClaude(inference, extra, body)
    } else {
      inference.set("temperature", request["temperature"])
      inference.set("topP", request["top_p"])
      try setTopK(extra)
      try setEffort(extra)
    }
    if !request.stop.isEmpty { inference.set("stopSequences", .array(request.stop)) }
    if let own = request["additionalModelRequestFields"], own.isObject { extra.merge(own) }
    if inference.count > 0 { body.set("inferenceConfig", inference) }
    if extra.count > 0 { body.set("additionalModelRequestFields", extra) }
  }

  private func setClaude(_ inference: JSON, _ extra: JSON, _ body: JSON) throws(LLMError) {
    let choice = body["toolConfig", "toolChoice"]
    let isForced = choice?["any"] != nil || choice?["tool"] != nil
    let generation = try ClaudeGeneration(
      request, context, claude, maxTokens: request.maxTokens ?? .max, isToolForced: isForced)
    inference.set("temperature", generation.temperature)
    inference.set("topP", generation.topP)
    extra.set("top_k", generation.topK)
    extra.set("thinking", generation.thinking)
    if let effort = generation.effort { extra.set("output_config", .make(["effort": .string(effort)])) }
    if let budget = generation.thinking?.int("budget_tokens") {
      inference.setDefault("maxTokens", .integer(budget &+ AnthropicRequest.defaultMaxTokens))
    }
  }

  private func setTopK(_ extra: JSON) throws(LLMError) {
    guard let topK = request["top_k"] else { return }
    switch family {
    case .nova: extra.set("inferenceConfig", .make(["topK": topK]))
    case .mistral: extra.set("top_k", topK)
    default: try warnDropped("top_k", "the model does not take it")
    }
  }

  private func setEffort(_ extra: JSON) throws(LLMError) {
    guard let effort = request.reasoningEffort else { return }
    switch family {
    case .gptOSS: extra.set("reasoning_effort", effort)
    case .nova where context.model.containsText("nova-2"):
      guard effort != "none" else { return }
      let level = effort == "minimal" ? "low" : (effort == "xhigh" ? "high" : effort)
      extra.set(
        "reasoningConfig", .make(["type": .word("enabled"), "maxReasoningEffort": .string(level)]))
    default: if effort != "none" { try warnDropped("reasoning_effort", "the model takes no such setting") }
    }
  }

  private func setOwnMembers(_ body: JSON) throws(LLMError) {
    body.set("guardrailConfig", context.endpoint.settings["guardrail"])
    body.set("requestMetadata", request["metadata"])
    for name in Self.ownMembers { body.set(name, request[name]) }
    guard let tier = request["service_tier"] else { return }
    switch tier.string {
    case "auto": break
    case "default", "flex", "priority", "reserved": body.set("serviceTier", .make(["type": tier]))
    default: try warnDropped("service_tier", "the service knows \"default\", \"flex\", \"priority\" and \"reserved\"")
    }
  }
}
