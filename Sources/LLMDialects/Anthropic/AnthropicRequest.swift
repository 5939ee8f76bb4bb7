import LLMConfig
import LLMCore

/// Writes one request in Anthropic's words.
struct AnthropicRequest {
  /// Where neither the request nor the catalogue says: what every model of the service can give.
  static let defaultMaxTokens: Int64 = 4096

  let request: ChatRequest
  let context: RequestContext
  let claude: ClaudeModel?
  /// Names for the `anthropic-beta` header.
  private(set) var betas: [String]

  init(_ request: ChatRequest, _ context: RequestContext) {
    self.request = request
    self.context = context
    claude = ClaudeModel(context.model)
    betas = AnthropicRequest.strings(context.endpoint.settings["beta"]) + AnthropicRequest.strings(request["betas"])
  }

  mutating func makeBody() throws(LLMError) -> JSON {
    let body = JSON.object()
    body.set("model", context.model)
    body.set("max_tokens", maxTokens)
    try setMessages(body)
    let answerSchema = try setResponseFormat(body)
    try setTools(body, answerSchema)
    try setGeneration(body)
    try setStop(body)
    try setOwnMembers(body)
    try request.warnOfUnused(except: Self.handledMembers, context)
    return body
  }

  private static let handledMembers: [StaticText] = [
    "max_tokens", "max_completion_tokens", "temperature", "top_p", "top_k", "stop", "parallel_tool_calls",
    "reasoning_effort", "reasoning", "user", "metadata", "service_tier", "thinking", "output_config",
    "context_management", "container", "mcp_servers", "betas", "inference_geo", "speed", "cache_control",
    "stream_options",
  ]

  private var maxTokens: Int64 {
    if let asked = request.maxTokens { return asked }
    let known = context.modelProfile?.maxOutput ?? 0
    return known > 0 ? known : Self.defaultMaxTokens
  }

  private static func strings(_ value: JSON?) -> [String] {
    guard let value else { return [] }
    return value.string.map { [$0] } ?? value.elements.compactMap { $0.string }
  }

  mutating func require(beta name: StaticText) {
    if !betas.contains(name.text) { betas.append(name.text) }
  }

  func warnDropped(_ name: String, _ why: String) throws(LLMError) {
    try context.warn("unsupported_parameter", "\"\(name)\" was left out: \(why)", param: "/" + name)
  }
}

// MARK: Thinking and the rest

extension AnthropicRequest {
  private func setGeneration(_ body: JSON) throws(LLMError) {
    let isForced = Self.forcesCall(body["tool_choice"])
    let generation = try ClaudeGeneration(request, context, claude, maxTokens: maxTokens, isToolForced: isForced)
    if let own = request["output_config"] { merge(own, into: body) }
    if let effort = generation.effort { merge(.make(["effort": .string(effort)]), into: body) }
    body.set("thinking", generation.thinking)
    body.set("temperature", generation.temperature)
    body.set("top_p", generation.topP)
    body.set("top_k", generation.topK)
  }

  private func merge(_ config: JSON, into body: JSON) {
    let merged = body["output_config"] ?? JSON.object()
    merged.merge(config)
    body.set("output_config", merged)
  }

  /// The service refuses sequences of white space.
  private func setStop(_ body: JSON) throws(LLMError) {
    let sequences = request.stop
    let usable = sequences.filter { !$0.trimmed.isEmpty }
    if usable.count < sequences.count {
      try context.warn(
        "changed_parameter", "the service takes no stop sequences of white space alone; they were left out",
        param: "/stop")
    }
    if !usable.isEmpty { body.set("stop_sequences", .array(usable)) }
  }

  private func setOwnMembers(_ body: JSON) throws(LLMError) {
    for name in ["context_management", "container", "mcp_servers", "inference_geo", "speed", "cache_control"] {
      body.set(named: name, request[named: name])
    }
    try setMetadata(body)
    guard let tier = request["service_tier"] else { return }
    switch tier.string {
    case "auto", "standard_only": body.set("service_tier", tier)
    case "default": body.set("service_tier", "standard_only")
    default: try warnDropped("service_tier", "the service knows \"auto\" and \"standard_only\"")
    }
  }

  /// The service takes the user's id and nothing else.
  private func setMetadata(_ body: JSON) throws(LLMError) {
    let metadata = request["metadata"]
    if let user = metadata?["user_id"] ?? request["user"] { body.set("metadata", .make(["user_id": user])) }
    for (name, _) in metadata?.members ?? [] where name != "user_id" {
      try context.warn(
        "unsupported_parameter", "the service takes no metadata but \"user_id\"; \"\(name)\" was left out",
        param: "/metadata/" + name)
    }
  }
}
