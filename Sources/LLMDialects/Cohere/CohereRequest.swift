import LLMConfig
import LLMCore

/// A chat request in Cohere's words.
struct CohereRequest {
  private let request: ChatRequest
  private let context: RequestContext

  init(_ request: ChatRequest, _ context: RequestContext) {
    self.request = request
    self.context = context
  }

  private static let members: [(name: StaticText, theirs: StaticText)] = [
    ("temperature", "temperature"), ("top_p", "p"), ("top_k", "k"), ("seed", "seed"),
    ("presence_penalty", "presence_penalty"), ("frequency_penalty", "frequency_penalty"), ("logprobs", "logprobs"),
    ("documents", "documents"), ("citation_options", "citation_options"), ("safety_mode", "safety_mode"),
    ("thinking", "thinking"), ("priority", "priority"), ("strict_tools", "strict_tools"),
  ]
  private static let otherMembers: [StaticText] = [
    "max_tokens", "max_completion_tokens", "stop", "reasoning_effort", "reasoning", "stream_options",
    "parallel_tool_calls",
  ]

  func makeBody() throws(LLMError) -> JSON {
    let body = JSON.make(["model": .string(context.model), "messages": .array(try makeMessages())])
    for member in Self.members { body.set(member.theirs, request[member.name]) }
    body.set("max_tokens", request.maxTokens)
    if !request.stop.isEmpty { body.set("stop_sequences", .array(request.stop)) }
    try addFormat(to: body)
    try addTools(to: body)
    if !body.has("thinking") { body.set("thinking", try makeThinking()) }
    body.set("stream", context.isStreaming)
    let used = Self.members.map { $0.name } + Self.otherMembers
    try request.warnOfUnused(except: request.int("n") == 1 ? used + ["n"] : used, context)
    return body
  }

  private func addFormat(to body: JSON) throws(LLMError) {
    switch request.responseFormat {
    case .jsonObject: body.set("response_format", .make(["type": .word("json_object")]))
    case .jsonSchema(_, let schema, _):
      body.set("response_format", .make(["type": .word("json_object"), "json_schema": schema]))
    case .other:
      try context.warn(
        "unsupported_parameter", "\(context.endpoint.profile.label) does not know this response format",
        param: "/response_format")
    case .text, nil: break
    }
  }

  // MARK: Thinking

  /// Efforts as budgets of tokens; nil leaves the model all it wants.
  private static let efforts: [(word: StaticText, budget: Int64?)] = [
    ("minimal", 1024), ("low", 1024), ("medium", 8192), ("high", nil), ("xhigh", nil), ("max", nil),
  ]

  private func makeThinking() throws(LLMError) -> JSON? {
    if let budget = request["reasoning", "max_tokens"] {
      return .make(["type": .word("enabled"), "token_budget": budget])
    }
    guard let word = request.reasoningEffort else { return nil }
    if word == "none" { return .make(["type": .word("disabled")]) }
    guard let effort = Self.efforts.first(where: { $0.word.matches(word) }) else {
      try context.warn(
        "unsupported_parameter", "\(context.endpoint.profile.label) has no reasoning effort \"\(word)\"",
        param: "/reasoning_effort")
      return nil
    }
    return .make(["type": .word("enabled"), "token_budget": effort.budget.map { .integer($0) }])
  }

  // MARK: Tools

  private func addTools(to body: JSON) throws(LLMError) {
    if request.bool("parallel_tool_calls") == false {
      try context.warn(
        "unsupported_parameter", "\(context.endpoint.profile.label) cannot be held to one tool call at a time",
        param: "/parallel_tool_calls")
    }
    var tools: [ChatTool] = []
    for tool in request.tools {
      if tool.isFunction {
        tools.append(tool)
      } else {
        try context.warn(
          "unsupported_parameter", "\(context.endpoint.profile.label) has no tools of its own", param: tool.pointer)
      }
    }
    guard !tools.isEmpty else { return }
    switch request.toolChoice {
    case .required: body.set("tool_choice", "REQUIRED")
    case .none?: body.set("tool_choice", "NONE")
    case .function(let name):
      // The only tool there is, is the one it has to call.
      tools = tools.filter { $0.name == name }
      body.set("tool_choice", "REQUIRED")
    case .other:
      try context.warn(
        "unsupported_parameter", "\(context.endpoint.profile.label) does not know this tool choice",
        param: "/tool_choice")
    case .auto, nil: break
    }
    if tools.contains(where: { $0.isStrict ?? false }) { body.setDefault("strict_tools", .boolean(true)) }
    body.set("tools", .array(tools.map { $0.plainFunction }))
  }

  // MARK: Messages

  private func makeMessages() throws(LLMError) -> [JSON] {
    var messages: [JSON] = []
    for message in request.messages { messages.append(try document(of: message)) }
    return messages
  }

  private func document(of message: ChatMessage) throws(LLMError) -> JSON {
    switch message.role {
    case .system, .developer: return .make(["role": .word("system"), "content": try content(of: message)])
    case .user: return .make(["role": .word("user"), "content": try content(of: message)])
    case .assistant: return try answer(message)
    case .tool:
      return .make([
        "role": .word("tool"), "tool_call_id": .text(message.toolCallID), "content": try content(of: message),
      ])
    }
  }

  /// A string where it is one; else parts.
  private func content(of message: ChatMessage) throws(LLMError) -> JSON {
    if let text = message.json["content"], text.isString { return text }
    return .array(try parts(of: message))
  }

  private func parts(of message: ChatMessage) throws(LLMError) -> [JSON] {
    try message.parts.converted { part throws(LLMError) in try self.part(part) }
  }

  private func part(_ part: ChatPart) throws(LLMError) -> JSON? {
    switch part.content {
    case .text(let text), .refusal(let text): return .make(["type": .word("text"), "text": .string(text)])
    case .image(.url(let url), let detail): return CohereRequest.image(url, detail)
    case .image(.base64(let type, let data), let detail):
      return CohereRequest.image(formatted("data:\(type);base64,\(data)"), detail)
    case .other(let type) where type == "document": return part.json
    case .image, .audio, .file, .other:
      try context.warn(
        "unsupported_content", "\(context.endpoint.profile.label) does not take this part; it was left out",
        param: part.pointer)
      return nil
    }
  }

  private static func image(_ url: String, _ detail: String?) -> JSON {
    .make(["type": .word("image_url"), "image_url": .make(["url": .string(url), "detail": .text(detail)])])
  }

  /// What the model said goes back as it came; the reasoning of other services has no place but the plan of tools.
  private func answer(_ message: ChatMessage) throws(LLMError) -> JSON {
    let answer = JSON.make(["role": .word("assistant")])
    let own = message.extraContent?["cohere"]
    let returned = own?["content"]?.elements ?? []
    if returned.reduce("", { $0 + ($1.string("text") ?? "") }) == message.text, own != nil {
      if !returned.isEmpty { answer.set("content", .array(returned)) }
      answer.set("tool_plan", own?["tool_plan"])
      answer.set("citations", own?["citations"])
    } else {
      let parts = try parts(of: message).filter { $0["text"]?.stringBytes?.isEmpty != true }
      if !parts.isEmpty { answer.set("content", .array(parts)) }
      if !message.toolCalls.isEmpty { answer.set("tool_plan", message.reasoningContent) }
    }
    if !message.toolCalls.isEmpty {
      answer.set("tool_calls", .array(message.toolCalls.map { CohereRequest.document(of: $0) }))
    } else if !answer.has("content") {
      answer.set("content", "")
    }
    return answer
  }

  private static func document(of call: ChatToolCall) -> JSON {
    let arguments = call.arguments.isEmpty ? "{}" : call.arguments
    let function = JSON.make(["name": .string(call.name), "arguments": .string(arguments)])
    return .make(["id": .string(call.id), "type": .word("function"), "function": function])
  }
}
