import LLMConfig
import LLMCore

/// A chat request in Ollama's words.
struct OllamaRequest {
  private let request: ChatRequest
  private let context: RequestContext

  init(_ request: ChatRequest, _ context: RequestContext) {
    self.request = request
    self.context = context
  }

  private static let options: [(name: StaticText, theirs: StaticText)] = [
    ("temperature", "temperature"), ("top_p", "top_p"), ("top_k", "top_k"), ("min_p", "min_p"), ("seed", "seed"),
    ("presence_penalty", "presence_penalty"), ("frequency_penalty", "frequency_penalty"),
    ("repeat_penalty", "repeat_penalty"), ("num_ctx", "num_ctx"),
  ]
  private static let ownMembers: [StaticText] = [
    "keep_alive", "logprobs", "top_logprobs", "truncate", "shift",
  ]
  private static let promptMembers: [StaticText] = ["suffix", "raw", "template", "context"]
  private static let otherMembers: [StaticText] = [
    "max_tokens", "max_completion_tokens", "stop", "reasoning_effort", "reasoning", "think", "options",
    "stream_options", "parallel_tool_calls",
  ]

  /// Whether it is for `/api/generate`.
  var isPrompt: Bool {
    (request.isBarePrompt && request.tools.isEmpty) || Self.promptMembers.contains { request[$0] != nil }
  }

  func makeBody() throws(LLMError) -> JSON {
    let body = JSON.make(["model": .string(context.model)])
    if isPrompt {
      try addPrompt(to: body)
    } else {
      body.set("messages", .array(try makeMessages()))
      try addTools(to: body)
    }
    try addFormat(to: body)
    body.set("think", try makeThink())
    let options = makeOptions()
    if options.count > 0 { body.set("options", options) }
    for name in Self.ownMembers { body.set(name, request[name]) }
    // Streaming is what the service does unless told not to.
    body.set("stream", context.isStreaming)
    try request.warnOfUnused(
      except: Self.options.map { $0.name } + Self.ownMembers + Self.promptMembers + Self.otherMembers, context)
    return body
  }

  private func makeOptions() -> JSON {
    let options = request["options"]?.copy() ?? JSON.object()
    for option in Self.options { options.set(option.theirs, request[option.name]) }
    options.set("num_predict", request.maxTokens)
    if !request.stop.isEmpty { options.set("stop", .array(request.stop)) }
    return options
  }

  private func addFormat(to body: JSON) throws(LLMError) {
    switch request.responseFormat {
    case .jsonObject: body.set("format", "json")
    case .jsonSchema(_, let schema, _): body.set("format", schema)
    case .other: try warnOfFormat()
    case .text, nil: break
    }
  }

  private func warnOfFormat() throws(LLMError) {
    try context.warn(
      "unsupported_parameter", "\(context.endpoint.profile.label) does not know this response format",
      param: "/response_format")
  }

  private static let efforts: [(word: StaticText, level: StaticText)] = [
    ("minimal", "low"), ("low", "low"), ("medium", "medium"), ("high", "high"), ("xhigh", "high"), ("max", "high"),
  ]

  /// Models that think in levels are told the level; to the others any level means "think".
  private func makeThink() throws(LLMError) -> JSON? {
    if let think = request["think"] { return think }
    guard let word = request.reasoningEffort else { return nil }
    if word == "none" { return .boolean(false) }
    guard let effort = Self.efforts.first(where: { $0.word.matches(word) }) else {
      try context.warn(
        "unsupported_parameter", "\(context.endpoint.profile.label) has no reasoning effort \"\(word)\"",
        param: "/reasoning_effort")
      return nil
    }
    if effort.level.text != word {
      try context.warn(
        "changed_parameter",
        "\(context.endpoint.profile.label) has no reasoning effort \"\(word)\"; it was given \"\(effort.level)\"",
        param: "/reasoning_effort")
    }
    return .word(effort.level)
  }

  // MARK: Tools

  private func addTools(to body: JSON) throws(LLMError) {
    switch request.toolChoice {
    case .none?: return
    case .auto, nil: break
    case .required, .function, .other:
      try context.warn(
        "unsupported_parameter", "\(context.endpoint.profile.label) cannot be made to call a tool",
        param: "/tool_choice")
    }
    if request.bool("parallel_tool_calls") == false {
      try context.warn(
        "unsupported_parameter", "\(context.endpoint.profile.label) cannot be held to one tool call at a time",
        param: "/parallel_tool_calls")
    }
    let tools = JSON.array()
    for tool in request.tools {
      if tool.isFunction {
        tools.append(tool.plainFunction)
      } else {
        try context.warn(
          "unsupported_parameter", "\(context.endpoint.profile.label) has no tools of its own", param: tool.pointer)
      }
    }
    if tools.count > 0 { body.set("tools", tools) }
  }

  // MARK: Messages

  private func makeMessages() throws(LLMError) -> [JSON] {
    var messages: [JSON] = []
    var calls: [ChatToolCall] = []
    for message in request.messages {
      if message.role == .assistant { calls = message.toolCalls }
      messages.append(try document(of: message, calls: calls))
    }
    return messages
  }

  private func document(of message: ChatMessage, calls: [ChatToolCall]) throws(LLMError) -> JSON {
    let role = message.role == .developer ? ChatRole.system.name : message.role.name
    let document = JSON.make(["role": .word(role), "content": .string(message.text)])
    let images = try images(of: message)
    if !images.isEmpty { document.set("images", .array(images)) }
    if message.role == .assistant { document.set("thinking", message.reasoningContent) }
    if !message.toolCalls.isEmpty {
      document.set("tool_calls", .array(message.toolCalls.map { OllamaRequest.document(of: $0) }))
    }
    if message.role == .tool {
      document.set("tool_name", .text(calls.first { $0.id == message.toolCallID }?.name ?? message.name))
      document.set("tool_call_id", message.toolCallID)
    }
    return document
  }

  private static func document(of call: ChatToolCall) -> JSON {
    let function = JSON.make(["name": .string(call.name), "arguments": call.argumentsObject])
    return .make(["id": call.id.isEmpty ? nil : .string(call.id), "function": function])
  }

  /// Pictures stand beside the text, in base64; nothing else is taken.
  private func images(of message: ChatMessage) throws(LLMError) -> [JSON] {
    var images: [JSON] = []
    for part in message.parts {
      switch part.content {
      case .text, .refusal: break
      case .image(.base64(_, let data), _): images.append(.string(data))
      case .image:
        try warnOfContent("\(context.endpoint.profile.label) fetches no pictures (send it as a data: URL)", part)
      case .audio, .file, .other:
        try warnOfContent("\(context.endpoint.profile.label) takes only text and pictures", part)
      }
    }
    return images
  }

  private func warnOfContent(_ message: Message, _ part: ChatPart) throws(LLMError) {
    try context.warn("unsupported_content", "\(message.text); it was left out", param: part.pointer)
  }

  // MARK: Prompts

  private func addPrompt(to body: JSON) throws(LLMError) {
    let system = request.messages.filter { $0.role == .system || $0.role == .developer }
    let others = request.messages.filter { $0.role != .system && $0.role != .developer }
    guard others.count == 1, let prompt = others.first, prompt.role == .user else {
      throw LLMError(
        .invalidRequest,
        """
        \(context.endpoint.profile.label) takes "suffix", "raw", "template" and "context" with one prompt only, not \
        with a conversation
        """,
        param: "/messages")
    }
    body.set("prompt", prompt.text)
    if !system.isEmpty { body.set("system", system.map { $0.text }.joined(separator: "\n\n")) }
    for name in Self.promptMembers { body.set(name, request[name]) }
    let images = try images(of: prompt)
    if !images.isEmpty { body.set("images", .array(images)) }
    if !request.tools.isEmpty {
      try context.warn(
        "unsupported_parameter", "\(context.endpoint.profile.label) takes no tools with a bare prompt", param: "/tools")
    }
  }
}
