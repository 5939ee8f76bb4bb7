import LLMConfig
import LLMCore

/// A chat request in Gemini's words.
struct GeminiRequest {
  private let request: ChatRequest
  private let context: RequestContext
  private let model: GeminiModel

  init(_ request: ChatRequest, _ context: RequestContext) {
    self.request = request
    self.context = context
    model = GeminiModel(context.model)
  }

  private static let generationMembers: [(name: StaticText, theirs: StaticText)] = [
    ("temperature", "temperature"), ("top_p", "topP"), ("top_k", "topK"), ("seed", "seed"), ("n", "candidateCount"),
    ("presence_penalty", "presencePenalty"), ("frequency_penalty", "frequencyPenalty"),
    ("logprobs", "responseLogprobs"), ("top_logprobs", "logprobs"),
    ("thinkingConfig", "thinkingConfig"), ("thinking_config", "thinkingConfig"),
    ("responseModalities", "responseModalities"), ("speechConfig", "speechConfig"), ("speech_config", "speechConfig"),
    ("imageConfig", "imageConfig"), ("image_config", "imageConfig"), ("mediaResolution", "mediaResolution"),
    ("media_resolution", "mediaResolution"),
  ]
  private static let ownMembers: [(name: StaticText, theirs: StaticText)] = [
    ("safetySettings", "safetySettings"), ("safety_settings", "safetySettings"), ("cachedContent", "cachedContent"),
    ("cached_content", "cachedContent"), ("labels", "labels"), ("toolConfig", "toolConfig"),
    ("tool_config", "toolConfig"), ("generationConfig", "generationConfig"), ("generation_config", "generationConfig"),
  ]
  private static let otherMembers: [StaticText] = [
    "max_tokens", "max_completion_tokens", "stop", "reasoning_effort", "reasoning", "modalities", "stream_options",
    "parallel_tool_calls",
  ]

  func makeBody() throws(LLMError) -> JSON {
    let body = JSON.object()
    var contents = GeminiContents(model, context)
    for message in request.messages { try contents.add(message) }
    guard contents.hasTurns else {
      throw LLMError(
        .invalidRequest, "\(context.endpoint.profile.label) needs a message of the user's", param: "/messages")
    }
    body.set("contents", contents.document)
    body.set("systemInstruction", contents.systemInstruction)
    try addTools(to: body)
    let generation = try makeGenerationConfig()
    if generation.count > 0 { body.set("generationConfig", generation) }
    for member in Self.ownMembers {
      if let value = request[member.name] { merge(value, into: body, as: member.theirs.text) }
    }
    try request.warnOfUnused(
      except: Self.generationMembers.map { $0.name } + Self.ownMembers.map { $0.name } + Self.otherMembers, context)
    return body
  }

  private func merge(_ value: JSON, into body: JSON, as name: String) {
    guard let known = body[named: name], known.isObject, value.isObject else { return body.set(named: name, value) }
    known.merge(value)
  }

  // MARK: Generation

  private func makeGenerationConfig() throws(LLMError) -> JSON {
    let config = JSON.object()
    let refused = RefusedParameters(context, effort: request.reasoningEffort)
    for member in Self.generationMembers {
      guard let value = request[member.name], try !refused.contains(member.name.text, value) else { continue }
      config.set(member.theirs, value)
    }
    config.set("maxOutputTokens", request.maxTokens)
    if !request.stop.isEmpty { config.set("stopSequences", .array(request.stop)) }
    if let modalities = request["modalities"]?.elements.compactMap({ $0.string }) {
      config.set("responseModalities", .array(modalities.map { $0.asciiUppercased }))
    }
    try addFormat(to: config)
    if !config.has("thinkingConfig") { config.set("thinkingConfig", try makeThinkingConfig()) }
    return config
  }

  private func addFormat(to config: JSON) throws(LLMError) {
    switch request.responseFormat {
    case .jsonObject: config.set("responseMimeType", "application/json")
    case .jsonSchema(_, let schema, _):
      let pointer = "/response_format" + (request["response_format", "json_schema"] == nil ? "" : "/json_schema")
      let fitted = try GeminiSchema(
        schema, at: pointer + "/schema", modelTakesJSONSchema: model.takesJSONSchema, context)
      config.set("responseMimeType", "application/json")
      config.set(fitted.isJSONSchema ? "responseJsonSchema" : "responseSchema", fitted.document)
    case .other:
      try context.warn(
        "unsupported_parameter", "\(context.endpoint.profile.label) does not know this response format",
        param: "/response_format")
    case .text, nil: break
    }
  }

  // MARK: Thinking

  /// An effort in the words of the two generations; budgets as Google's own OpenAI-compatible service sets them.
  private struct Effort {
    let word: StaticText
    let level: StaticText
    let budget: Int64
  }

  private static let efforts = [
    Effort(word: "none", level: "MINIMAL", budget: 0), Effort(word: "minimal", level: "MINIMAL", budget: 1024),
    Effort(word: "low", level: "LOW", budget: 1024), Effort(word: "medium", level: "MEDIUM", budget: 8192),
    Effort(word: "high", level: "HIGH", budget: 24_576), Effort(word: "xhigh", level: "HIGH", budget: 24_576),
    Effort(word: "max", level: "HIGH", budget: 24_576),
  ]
  private static let smallestProBudget: Int64 = 128
  private static let largestProBudget: Int64 = 32_768

  private func makeThinkingConfig() throws(LLMError) -> JSON? {
    let tellsThoughts = !(request["reasoning"]?.bool("exclude") ?? false)
    if let budget = request["reasoning", "max_tokens"] {
      return .make(["thinkingBudget": budget, "includeThoughts": .boolean(tellsThoughts)])
    }
    guard let word = request.reasoningEffort else { return nil }
    guard model.thinks, let effort = Self.efforts.first(where: { $0.word.matches(word) }) else {
      try context.warn(
        "unsupported_parameter", "\(context.model) has no reasoning effort \"\(word)\"; it was left out",
        param: "/reasoning_effort")
      return nil
    }
    let config = model.isThirdGeneration ? try level(for: effort) : try budget(for: effort)
    if word != "none" { config.set("includeThoughts", tellsThoughts) }
    return config
  }

  private func level(for effort: Effort) throws(LLMError) -> JSON {
    var level = effort.level.text
    if model.isPro, level == "MINIMAL" { level = "LOW" }
    if model.knowsOnlyLowAndHigh, level == "MEDIUM" { level = "HIGH" }
    if !level.equalsIgnoringCase(effort.word.text) { try warnOfEffort(effort, formatted("the level \(level)")) }
    return .make(["thinkingLevel": .string(level)])
  }

  private func budget(for effort: Effort) throws(LLMError) -> JSON {
    var budget = effort.budget
    if model.isPro {
      if effort.word.text == "xhigh" || effort.word.text == "max" { budget = Self.largestProBudget }
      if budget < Self.smallestProBudget {
        budget = Self.smallestProBudget
        try warnOfEffort(effort, formatted("a budget of \(budget) tokens, the least that it takes"))
      }
    }
    return .make(["thinkingBudget": .integer(budget)])
  }

  private func warnOfEffort(_ effort: Effort, _ what: String) throws(LLMError) {
    try context.warn(
      "changed_parameter", "\(context.model) has no reasoning effort \"\(effort.word)\"; it was given \(what)",
      param: "/reasoning_effort")
  }

  // MARK: Tools

  private func addTools(to body: JSON) throws(LLMError) {
    let functions = request.tools.filter { $0.isFunction }
    let services = request.tools.filter { !$0.isFunction }
    if request.bool("parallel_tool_calls") == false {
      try context.warn(
        "unsupported_parameter", "\(context.endpoint.profile.label) cannot be held to one tool call at a time",
        param: "/parallel_tool_calls")
    }
    guard !request.tools.isEmpty else { return }
    let tools = JSON.array()
    if !functions.isEmpty {
      let declarations = JSON.array()
      for tool in functions { declarations.append(try declaration(of: tool)) }
      tools.append(.make(["functionDeclarations": declarations]))
    }
    for tool in services { tools.append(GeminiRequest.serviceTool(tool.json)) }
    body.set("tools", tools)
    let config = JSON.object()
    if !functions.isEmpty { config.set("functionCallingConfig", try callingConfig()) }
    if !functions.isEmpty, !services.isEmpty, model.isThirdGeneration {
      config.set("includeServerSideToolInvocations", true)
    }
    if config.count > 0 { body.set("toolConfig", config) }
  }

  private func declaration(of tool: ChatTool) throws(LLMError) -> JSON {
    let declaration = JSON.make(["name": .string(tool.name), "description": .text(tool.summary)])
    // An object without properties is refused; no parameters say the same.
    guard let parameters = tool.parameters, parameters["properties"]?.count ?? 0 > 0 || parameters.has("$ref") else {
      return declaration
    }
    let pointer = tool.pointer + (tool.json["function"] == nil ? "/parameters" : "/function/parameters")
    let fitted = try GeminiSchema(parameters, at: pointer, modelTakesJSONSchema: model.takesJSONSchema, context)
    declaration.set(fitted.isJSONSchema ? "parametersJsonSchema" : "parameters", fitted.document)
    return declaration
  }

  /// `{"type":"google_search", …}` is `{"google_search":{…}}` to the service.
  private static func serviceTool(_ tool: JSON) -> JSON {
    let settings = tool.copy()
    settings.remove("type")
    var name = tool.string("type") ?? ""
    if name.startsWith("web_search") { name = "google_search" }
    if name == "code_interpreter" { name = "code_execution" }
    let document = JSON.object()
    document.set(named: name, tool[named: name] ?? settings)
    return document
  }

  private func callingConfig() throws(LLMError) -> JSON? {
    switch request.toolChoice {
    case .auto: return .make(["mode": .word("AUTO")])
    case .none?: return .make(["mode": .word("NONE")])
    case .required: return .make(["mode": .word("ANY")])
    case .function(let name): return .make(["mode": .word("ANY"), "allowedFunctionNames": .array([name])])
    case .other:
      try context.warn(
        "unsupported_parameter", "\(context.endpoint.profile.label) does not know this tool choice",
        param: "/tool_choice")
      return nil
    case nil: return nil
    }
  }
}
