import LLMCore

extension BedrockRequest {
  /// Asks for JSON; the schema is returned where a tool has to stand in for what the model does not have.
  func setResponseFormat(_ body: JSON) throws(LLMError) -> JSON? {
    switch request.responseFormat {
    case nil, .text: return nil
    case .jsonObject: return AnswerTool.anyObject
    case .jsonSchema(let name, let schema, _):
      guard claude?.hasStructuredOutput ?? false else { return schema }
      let definition = JSON.make(["name": .string(name), "schema": .string(SchemaRules.closed(schema).text)])
      let format = JSON.make(["type": .word("json_schema"), "structure": .make(["jsonSchema": definition])])
      body.set("outputConfig", .make(["textFormat": format]))
      return nil
    case .other:
      try warnDropped("response_format", "its type is not known")
      return nil
    }
  }

  func setTools(_ body: JSON, _ answerSchema: JSON?) throws(LLMError) {
    var tools: [JSON] = []
    for tool in request.tools {
      guard let encoded = try encode(tool) else { continue }
      tools.append(encoded)
      tools += Self.cachePoint(tool.cacheControl)
    }
    let hasOwnTools = !tools.isEmpty
    if let answerSchema {
      tools.append(
        Self.toolSpec(.word(AnswerTool.name), .word(AnswerTool.summary), SchemaRules.asObject(answerSchema)))
    }
    guard !tools.isEmpty, !(try forbidsTools(hasAnswerTool: answerSchema != nil)) else { return }
    let config = JSON.make(["tools": .array(tools)])
    config.set("toolChoice", try toolChoice(hasOwnTools: hasOwnTools, hasAnswerTool: answerSchema != nil))
    body.set("toolConfig", config)
  }

  private static func toolSpec(_ name: JSON, _ summary: JSON?, _ schema: JSON) -> JSON {
    let spec = JSON.make([
      "name": name, "description": summary, "inputSchema": .make(["json": schema]),
    ])
    return .make(["toolSpec": spec])
  }

  private func encode(_ tool: ChatTool) throws(LLMError) -> JSON? {
    guard tool.isFunction else { return try encodeOwn(tool) }
    let isStrict = tool.isStrict ?? false
    let schema = SchemaRules.asObject(tool.parameters)
    let summary = tool.summary.flatMap { $0.isEmpty ? nil : JSON.string($0) }
    guard isStrict, claude?.hasStructuredOutput ?? false else {
      if isStrict {
        try context.warn(
          "unsupported_parameter", "the model does not hold tool calls to their schema; \"strict\" was left out",
          param: tool.pointer + "/function/strict")
      }
      return Self.toolSpec(.string(tool.name), summary, schema)
    }
    let strict = Self.toolSpec(.string(tool.name), summary, SchemaRules.closed(schema))
    strict["toolSpec"]?.set("strict", true)
    return strict
  }

  /// `{"type":"systemTool","systemTool":{"name":…}}` and what else the service has of its own.
  private func encodeOwn(_ tool: ChatTool) throws(LLMError) -> JSON? {
    let type = tool.json.string("type") ?? ""
    if let own = tool.json[named: type], own.isObject { return JSON.object().with(type, own) }
    try context.warn(
      "unsupported_parameter", "the service has no tools of type \"\(type)\"; it was left out", param: tool.pointer)
    return nil
  }

  /// The service has no word for "no tool": the tools are left out, unless the messages already speak of them.
  private func forbidsTools(hasAnswerTool: Bool) throws(LLMError) -> Bool {
    guard case ChatToolChoice.none? = request.toolChoice, !hasAnswerTool else { return false }
    guard request.messages.contains(where: { !$0.toolCalls.isEmpty || $0.role == .tool }) else { return true }
    try context.warn(
      "changed_parameter", "the service cannot forbid tools that the messages speak of; the model may choose",
      param: "/tool_choice")
    return false
  }

  func toolChoice(hasOwnTools: Bool, hasAnswerTool: Bool) throws(LLMError) -> JSON? {
    let choice: JSON?
    switch request.toolChoice {
    case .function(let name): choice = .make(["tool": .make(["name": .string(name)])])
    case .required: choice = .make(["any": .object()])
    case .other(let json): return json
    case ChatToolChoice.none? where hasAnswerTool: choice = Self.answerChoice
    case .auto where !hasAnswerTool: choice = .make(["auto": .object()])
    default: choice = hasAnswerTool ? (hasOwnTools ? .make(["any": .object()]) : Self.answerChoice) : nil
    }
    guard let choice, choice["auto"] == nil, !canForceTools else { return choice }
    try context.warn(
      "changed_parameter", "the model cannot be forced to call a tool; it may choose",
      param: hasAnswerTool ? "/response_format" : "/tool_choice")
    return nil
  }

  private static var answerChoice: JSON { .make(["tool": .make(["name": .word(AnswerTool.name)])]) }

  private var canForceTools: Bool {
    switch family {
    case .claude: !(claude?.refusesForcedTools ?? false)
    case .nova, .mistral: true
    case .gptOSS, .other: false
    }
  }
}
