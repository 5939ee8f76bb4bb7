import LLMCore

extension AnthropicRequest {
  /// Asks for JSON; the schema is returned where a tool has to stand in for what the model does not have.
  func setResponseFormat(_ body: JSON) throws(LLMError) -> JSON? {
    switch request.responseFormat {
    case nil, .text: return nil
    case .jsonSchema(_, let schema, _):
      guard claude?.hasStructuredOutput ?? false else { return schema }
      let format = JSON.make(["type": .word("json_schema"), "schema": SchemaRules.closed(schema)])
      body.set("output_config", .make(["format": format]))
      return nil
    case .jsonObject:
      guard claude?.refusesForcedTools ?? false else { return AnswerTool.anyObject }
      try context.warn(
        "changed_parameter", "the model has no JSON mode; it was told in words to answer with a JSON object",
        param: "/response_format")
      instruct(body, "Answer with a JSON object and nothing else.")
      return nil
    case .other:
      try warnDropped("response_format", "its type is not known")
      return nil
    }
  }

  private func instruct(_ body: JSON, _ sentence: String) {
    var blocks: [JSON] = []
    if let system = body["system"] { blocks = system.isArray ? system.elements : [Self.textBlock(system.string ?? "")] }
    body.set("system", systemMember(blocks + [Self.textBlock(sentence)]))
  }

  mutating func setTools(_ body: JSON, _ answerSchema: JSON?) throws(LLMError) {
    var tools: [JSON] = []
    for tool in request.tools {
      if let encoded = try encode(tool) { tools.append(encoded) }
    }
    let hasOwnTools = !tools.isEmpty
    if let answerSchema {
      tools.append(
        .make([
          "name": .word(AnswerTool.name), "description": .word(AnswerTool.summary), "input_schema": answerSchema,
        ]))
    }
    guard !tools.isEmpty else { return }
    body.set("tools", .array(tools))
    let choice =
      answerSchema == nil ? try toolChoice() : toolChoiceWithAnswer(hasOwnTools: hasOwnTools)
    body.set("tool_choice", choice)
  }

  private mutating func encode(_ tool: ChatTool) throws(LLMError) -> JSON? {
    guard tool.isFunction else { return try encodeOwn(tool) }
    let encoded = JSON.make([
      "name": .string(tool.name), "description": .text(tool.summary),
      "input_schema": SchemaRules.asObject(tool.parameters),
    ])
    if tool.isStrict ?? false {
      if claude?.hasStructuredOutput ?? false {
        encoded.set("strict", true)
        encoded.set("input_schema", SchemaRules.closed(SchemaRules.asObject(tool.parameters)))
      } else {
        try context.warn(
          "unsupported_parameter", "the model does not hold tool calls to their schema; \"strict\" was left out",
          param: tool.pointer + "/function/strict")
      }
    }
    encoded.set("cache_control", tool.cacheControl)
    return encoded
  }

  /// The service's own tools are passed on as they are, with the header that some of them need.
  private mutating func encodeOwn(_ tool: ChatTool) throws(LLMError) -> JSON? {
    let type = tool.json.string("type") ?? ""
    if type == "custom", tool.json["input_schema"] == nil {
      try context.warn(
        "unsupported_parameter", "the service has no tools that take free text; this one was left out",
        param: tool.pointer)
      return nil
    }
    for row in Self.betaTools where row.tool.matches(type) { require(beta: row.beta) }
    return tool.json
  }

  private static let betaTools: [(tool: StaticText, beta: StaticText)] = [
    ("computer_20241022", "computer-use-2024-10-22"), ("computer_20250124", "computer-use-2025-01-24"),
    ("computer_20251124", "computer-use-2025-11-24"), ("code_execution_20250522", "code-execution-2025-05-22"),
    ("code_execution_20250825", "code-execution-2025-08-25"), ("web_fetch_20250910", "web-fetch-2025-09-10"),
    ("memory_20250818", "context-management-2025-06-27"),
  ]

  private func toolChoice() throws(LLMError) -> JSON? {
    let isSerial = request.bool("parallel_tool_calls") == false
    let choice: JSON
    switch request.toolChoice {
    case nil:
      guard isSerial else { return nil }
      choice = .make(["type": .word("auto")])
    case .auto: choice = .make(["type": .word("auto")])
    case ChatToolChoice.none?: return .make(["type": .word("none")])
    case .required: choice = .make(["type": .word("any")])
    case .function(let name): choice = .make(["type": .word("tool"), "name": .string(name)])
    case .other(let json): return json
    }
    if claude?.refusesForcedTools ?? false, Self.forcesCall(choice) {
      try context.warn(
        "changed_parameter", "the model cannot be forced to call a tool; it may choose", param: "/tool_choice")
      choice.set("type", "auto")
      choice.remove("name")
    }
    if isSerial { choice.set("disable_parallel_tool_use", true) }
    return choice
  }

  /// Where a tool gives the answer the model has to call one: that tool, or one of the caller's on the way.
  private func toolChoiceWithAnswer(hasOwnTools: Bool) -> JSON {
    if case .function(let name) = request.toolChoice { return .make(["type": .word("tool"), "name": .string(name)]) }
    let choice: JSON
    if hasOwnTools, !isToolUseForbidden {
      choice = .make(["type": .word("any")])
      if request.bool("parallel_tool_calls") != false { return choice }
    } else {
      choice = .make(["type": .word("tool"), "name": .word(AnswerTool.name)])
    }
    choice.set("disable_parallel_tool_use", true)
    return choice
  }

  private var isToolUseForbidden: Bool {
    if case ChatToolChoice.none? = request.toolChoice { return true }
    return false
  }

  static func forcesCall(_ choice: JSON?) -> Bool {
    let type = choice?.string("type")
    return type == "any" || type == "tool"
  }
}
