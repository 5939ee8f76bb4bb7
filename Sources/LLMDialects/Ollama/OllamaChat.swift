import LLMConfig
import LLMCore
import LLMWire

/// Ollama's own format: `/api/chat`, and `/api/generate` for a bare prompt.
///
/// A request goes to `/api/generate` when it has `prompt` in place of messages and no tools, or one of the members that
/// only that address takes: `suffix` (fill in the middle), `raw`, `template`, `context`; it may then hold one prompt
/// besides system messages. `keep_alive` and `options` are taken as they are. How long loading, reading and writing took comes back in `timings`, in milliseconds.
public final class OllamaChat: Dialect {
  /// Stateless.
  public init() {}

  /// A line of JSON each.
  public var framing: Framing { .ndjson }

  // MARK: Chats

  /// `/api/chat` or `/api/generate`.
  public func encodeChat(_ request: ChatRequest, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    let encoder = OllamaRequest(request, context)
    let path = context.endpoint.paths.chat ?? (encoder.isPrompt ? "/api/generate" : "/api/chat")
    return context.makeRequest(path: path, body: try encoder.makeBody())
  }

  /// One decoder for lines and whole answers of both addresses.
  public func makeChatDecoder(_ context: RequestContext) -> any ChatDecoder { OllamaDecoder(context) }

  // MARK: Embeddings

  /// `/api/embed`.
  public func encodeEmbeddings(_ request: JSON, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    let texts = try EmbeddingInput.texts(of: request)
    try EmbeddingInput.warn(
      of: request,
      except: ["model", "input", "dimensions", "encoding_format", "llm", "truncate", "keep_alive", "options"], context)
    let body = JSON.make([
      "model": .string(context.model), "input": .array(texts), "dimensions": request["dimensions"],
      "truncate": request["truncate"], "keep_alive": request["keep_alive"], "options": request["options"],
    ])
    return context.makeRequest(path: context.endpoint.paths.embeddings ?? "/api/embed", body: body)
  }

  /// The vectors in OpenAI's shape; the one vector of the older `/api/embeddings` too.
  public func decodeEmbeddings(_ body: JSON, _ context: RequestContext) throws(LLMError) -> JSON {
    if body["error"] != nil { throw serviceError(in: body).error(status: 200, stage: .decode) }
    guard let vectors = body["embeddings"]?.elements ?? body["embedding"].map({ [$0] }) else {
      throw LLMError(.protocol, "the service's answer has no embeddings", stage: .decode, providerError: body)
    }
    return EmbeddingInput.response(
      vectors, model: body.string("model"), tokens: body.int("prompt_eval_count"), context)
  }

  // MARK: Models

  /// The models that were pulled.
  public func encodeModels(cursor: String?, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    context.makeRequest(method: "GET", path: context.endpoint.paths.models ?? "/api/tags")
  }

  /// `models`, each with its file's size and family.
  public func decodeModels(
    _ body: JSON, _ context: RequestContext
  ) throws(LLMError) -> (models: [JSON], cursor: String?) {
    if body["error"] != nil { throw serviceError(in: body).error(status: 200, stage: .decode) }
    guard let models = body["models"], models.isArray else {
      throw LLMError(.protocol, "the service's answer has no list of models", stage: .decode, providerError: body)
    }
    return (
      models.elements.compactMap { entry in
        (entry["model"] ?? entry["name"])?.string.map { OllamaChat.model(entry, id: $0) }
      }, nil
    )
  }

  /// By the model's name.
  public func describesModels(_ quirks: Quirks) -> Bool { true }

  /// `/api/show`, which knows context windows and capabilities.
  public func encodeModelInfo(_ model: String, _ context: RequestContext) throws(LLMError) -> HTTPRequest? {
    context.makeRequest(path: "/api/show", body: .make(["model": .string(model)]))
  }

  /// The description without the licence and the weights' inventory, which are long.
  public func decodeModelInfo(_ body: JSON, _ model: String, _ context: RequestContext) throws(LLMError) -> JSON {
    if body["error"] != nil { throw serviceError(in: body).error(status: 200, stage: .decode) }
    let description = OllamaChat.model(body, id: model)
    for name in ["license", "modelfile", "tensors"] { description.remove(named: name) }
    for (name, value) in body.members("model_info") {
      if name.endsWith(".context_length") { description.set("context_window", value) }
      if name.startsWith("tokenizer.") { description["model_info"]?.remove(named: name) }
    }
    return description
  }

  private static func model(_ entry: JSON, id: String) -> JSON {
    let model = entry.deepCopy()
    model.set("id", id)
    model.set("object", "model")
    model.set("created", Timestamp.unixSeconds(entry.string("modified_at")).map { .integer($0) })
    return model
  }

  // MARK: Errors

  /// `{"error":"…"}`; a model that is not there is explained.
  public func serviceError(in body: JSON) -> ServiceError { OllamaError.read(body) }
}

/// Errors in Ollama's shape.
enum OllamaError {
  static func read(_ body: JSON) -> ServiceError {
    var error = ServiceError(body)
    let message = error.message ?? ""
    if let model = missingModel(message) {
      error.code = .notFound
      error.message = formatted("\(message); `ollama pull \(model)` fetches it")
    } else if message.containsText("does not support") {
      error.code = .unsupported
    } else if message.containsText("server busy") || message.containsText("loading model", ignoringCase: true) {
      error.code = .overloaded
    }
    return error
  }

  /// The name in `model 'NAME' not found`, with whichever quotes.
  private static func missingModel(_ message: String) -> String? {
    guard message.startsWith("model "), message.containsText("not found") else { return nil }
    let quoted = message.dropping(bytes: 6)
    for quote in [UInt8(ascii: "'"), UInt8(ascii: "\"")] where quoted.utf8.first == quote {
      let pieces = quoted.pieces(separatedBy: quote)
      if pieces.count > 2, !pieces[1].isEmpty { return pieces[1] }
    }
    return nil
  }
}

// MARK: - Requests

/// A chat request in Ollama's words.
private struct OllamaRequest {
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
        tools.append(OllamaRequest.document(of: tool))
      } else {
        try context.warn(
          "unsupported_parameter", "\(context.endpoint.profile.label) has no tools of its own", param: tool.pointer)
      }
    }
    if tools.count > 0 { body.set("tools", tools) }
  }

  private static func document(of tool: ChatTool) -> JSON {
    let function = JSON.make([
      "name": .string(tool.name), "description": .text(tool.summary),
      "parameters": SchemaRules.asObject(tool.parameters),
    ])
    return .make(["type": .word("function"), "function": function])
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

// MARK: - Answers

/// Reads lines and whole answers, of chats (`message`) and of bare prompts (`response`).
final class OllamaDecoder: ChatDecoder {
  private let context: RequestContext
  private let hotPath = HotPath(OllamaDecoder.hotFields)
  /// The first line tells the model, and is always parsed.
  private var hasReadFirst = false

  private static let hotFields: [HotField] = [
    HotField("model", .skip), HotField("created_at", .skip), HotField("message.role", .skip),
    HotField("message.content", .text), HotField("message.thinking", .reasoning), HotField("response", .text),
    HotField("thinking", .reasoning), HotField("done", .no),
  ]

  init(_ context: RequestContext) { self.context = context }

  func decode(_ frame: Frame, into builder: ResponseBuilder) throws(LLMError) {
    if hasReadFirst, hotPath.match(frame.data) {
      switch hotPath.kind {
      case .text: builder.text(hotPath.payload)
      case .reasoning: builder.reasoning(hotPath.payload)
      case .arguments, .empty: break
      }
      return
    }
    // A proxy's habit, not Ollama's.
    if frame.data.starts(with: "[DONE]".utf8) { return }
    try read(try readPeerJSON(frame.data), into: builder)
    hasReadFirst = true
  }

  func decode(whole body: JSON, into builder: ResponseBuilder) throws(LLMError) {
    guard body["message"] != nil || body["response"] != nil || body["error"] != nil || body["done"] != nil else {
      throw LLMError(.protocol, "the service's answer has no \"message\"", stage: .decode, providerError: body)
    }
    try read(body, into: builder)
  }

  private func read(_ line: JSON, into builder: ResponseBuilder) throws(LLMError) {
    guard line.isObject else { return }
    if line["error"] != nil { throw OllamaError.read(line).error(status: nil, stage: .stream) }
    builder.response(
      model: line.string("model"), created: Timestamp.unixSeconds(line.string("created_at")))
    let message = line["message"] ?? line
    builder.reasoning(message["thinking"])
    builder.text(message["content"] ?? line["response"])
    for call in message.elements("tool_calls") { try read(call: call, into: builder) }
    if let logprobs = line["logprobs"], logprobs.count > 0 { builder.logprobs(.make(["content": logprobs])) }
    if line.bool("done") ?? false { finish(line, builder) }
  }

  /// Calls come whole, one or more to a line.
  private func read(call: JSON, into builder: ResponseBuilder) throws(LLMError) {
    guard let function = call["function"], let name = function.string("name") else { return }
    let id = call.string("id").flatMap { $0.isEmpty ? nil : $0 }
    let handle = try builder.beginTool(id: id, name: name)
    builder.toolArguments(handle, function["arguments"])
    builder.endTool(handle)
  }

  private func finish(_ line: JSON, _ builder: ResponseBuilder) {
    let usage = Usage()
    usage.prompt = line.int("prompt_eval_count")
    usage.completion = line.int("eval_count")
    usage.cached = line.int("prompt_eval_cached_count")
    builder.report(usage)
    let timings = OllamaDecoder.timings(line)
    if timings.count > 0 { builder.setExtra("timings", timings) }
    // The tokens that continue a bare prompt.
    builder.setExtra("context", line["context"])
    // "load": the model was loaded, and there was nothing to answer.
    builder.finish(line.string("done_reason") ?? "stop")
    builder.end()
  }

  private static let durations: [(theirs: StaticText, name: StaticText)] = [
    ("total_duration", "total_ms"), ("load_duration", "load_ms"), ("prompt_eval_duration", "prompt_ms"),
    ("eval_duration", "predicted_ms"),
  ]
  private static let nanosecondsPerMillisecond = 1_000_000.0

  private static func timings(_ line: JSON) -> JSON {
    let timings = JSON.object()
    for row in durations {
      if let duration = line[row.theirs]?.double {
        timings.set(row.name, .real(duration / nanosecondsPerMillisecond))
      }
    }
    return timings
  }
}
