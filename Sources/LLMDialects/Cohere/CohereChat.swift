import LLMConfig
import LLMCore
import LLMWire

/// Cohere's chat in version 2 of its API, its embeddings, its rankings and its list of models.
///
/// Members of Cohere's own are taken in a request under their own names (`documents`, `citation_options`,
/// `safety_mode`, `thinking`, …). The plan that a model makes before it calls tools is reasoning; citations are
/// annotations of the type "citation".
public final class CohereChat: Dialect {
  /// Stateless.
  public init() {}

  // MARK: Chats

  /// `/v2/chat`.
  public func encodeChat(_ request: ChatRequest, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    context.makeRequest(
      path: context.endpoint.paths.chat ?? "/v2/chat", body: try CohereRequest(request, context).makeBody())
  }

  /// One decoder for events and whole answers.
  public func makeChatDecoder(_ context: RequestContext) -> any ChatDecoder { CohereDecoder() }

  // MARK: Embeddings

  private static let embeddingMembers: [StaticText] = [
    "model", "input", "dimensions", "encoding_format", "llm", "input_type", "truncate", "max_tokens",
  ]

  /// `/v2/embed`; what is embedded is to be searched, unless `input_type` says otherwise.
  public func encodeEmbeddings(_ request: JSON, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    let texts = try EmbeddingInput.texts(of: request)
    try EmbeddingInput.warn(of: request, except: Self.embeddingMembers, context)
    let body = JSON.make([
      "model": .string(context.model), "texts": .array(texts),
      "input_type": request["input_type"] ?? .word("search_document"), "embedding_types": .array(["float"]),
      "output_dimension": request["dimensions"], "truncate": request["truncate"],
      "max_tokens": request["max_tokens"],
    ])
    return context.makeRequest(path: context.endpoint.paths.embeddings ?? "/v2/embed", body: body)
  }

  /// The vectors in OpenAI's shape.
  public func decodeEmbeddings(_ body: JSON, _ context: RequestContext) throws(LLMError) -> JSON {
    guard let embeddings = body["embeddings"], let vectors = embeddings["float"] ?? embeddings.arrayOrNil else {
      throw CohereChat.errorInPlaceOfAnswer(body)
    }
    let units = body["meta", "billed_units"]
    return EmbeddingInput.response(
      vectors.elements, model: nil, tokens: (units?["input_tokens"] ?? units?["image_tokens"])?.int, context)
  }

  /// `/v2/rerank`.
  public func encodeRerank(_ request: JSON, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    try Rerank.encode(request, path: context.endpoint.paths.rerank ?? "/v2/rerank", context)
  }

  // MARK: Models

  /// Pages of a thousand.
  public func encodeModels(cursor: String?, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    var path = (context.endpoint.paths.models ?? "/v1/models") + "?page_size=1000"
    if let cursor { path += "&page_token=" + cursor.percentEncoded() }
    return context.makeRequest(method: "GET", path: path)
  }

  /// `models`, each with what it can be asked for.
  public func decodeModels(
    _ body: JSON, _ context: RequestContext
  ) throws(LLMError) -> (models: [JSON], cursor: String?) {
    guard let models = body["models"], models.isArray else { throw CohereChat.errorInPlaceOfAnswer(body) }
    let cursor = body.string("next_page_token").flatMap { $0.isEmpty ? nil : $0 }
    return (models.elements.compactMap { CohereChat.model($0) }, cursor)
  }

  /// By the model's name.
  public func describesModels(_ quirks: Quirks) -> Bool { true }

  /// The model's own resource.
  public func encodeModelInfo(_ model: String, _ context: RequestContext) throws(LLMError) -> HTTPRequest? {
    context.makeRequest(method: "GET", path: "/v1/models/" + model.percentEncoded())
  }

  /// The resource, as in the list.
  public func decodeModelInfo(_ body: JSON, _ model: String, _ context: RequestContext) throws(LLMError) -> JSON {
    guard let model = CohereChat.model(body) else { throw CohereChat.errorInPlaceOfAnswer(body) }
    return model
  }

  private static func model(_ resource: JSON) -> JSON? {
    guard let name = resource["name"] else { return nil }
    let model = resource.copy()
    model.set("id", name)
    model.set("object", "model")
    model.set("context_window", resource["context_length"])
    return model
  }

  // MARK: Errors

  /// `{"message":…}`, with an `error_type` where the service has a word for it.
  public func serviceError(in body: JSON) -> ServiceError { CohereChat.read(error: body) }

  static func read(error body: JSON) -> ServiceError {
    var error = ServiceError(body)
    if let type = error.raw.string("error_type") { error.kinds.insert(type, at: 0) }
    if error.kinds.contains("TOO_MANY_TOKENS") { error.code = .contextLength }
    return error
  }

  /// What a service says in an HTTP 200 that is no answer.
  static func errorInPlaceOfAnswer(_ body: JSON) -> LLMError {
    let said = read(error: body)
    if said.message != nil { return said.error(status: 200, stage: .decode) }
    return LLMError(
      .protocol, "the service's answer is none that this library knows", stage: .decode, providerError: body)
  }
}

extension JSON {
  fileprivate var arrayOrNil: JSON? { isArray ? self : nil }
}

// MARK: - Requests

/// A chat request in Cohere's words.
private struct CohereRequest {
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
    body.set("tools", .array(tools.map { CohereRequest.document(of: $0) }))
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
    var parts: [JSON] = []
    for part in message.parts {
      if let made = try self.part(part) { parts.append(made) }
    }
    return parts
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

// MARK: - Answers

/// Reads events and whole answers. The most frequent event, a piece of text, is matched in place.
final class CohereDecoder: ChatDecoder {
  private let hotPath = HotPath(CohereDecoder.hotFields)
  /// The calls that are arriving, by the service's number.
  private var tools: [(number: Int64, handle: ResponseBuilder.ToolHandle)] = []
  private let plan = ByteBuffer()
  private var citations: [JSON] = []

  private static let numberSlot = 0
  /// Blocks are numbered; the plan is a block of its own.
  private static let planBlock = -2
  private static let hotFields: [HotField] = [
    HotField("type", .constant("content-delta")), HotField("index", .integer(numberSlot)),
    HotField("delta.message.content.text", .text), HotField("delta.message.content.thinking", .reasoning),
  ]

  func decode(_ frame: Frame, into builder: ResponseBuilder) throws(LLMError) {
    if hotPath.match(frame.data) {
      let block = hotPath.integer(Self.numberSlot)
      switch hotPath.kind {
      case .text: builder.text(hotPath.payload, block: block)
      case .reasoning: builder.reasoning(hotPath.payload, block: block)
      case .arguments, .empty: break
      }
      return
    }
    if frame.data.starts(with: "[DONE]".utf8) { return }
    let event = try readPeerJSON(frame.data)
    try read(event, type: event.string("type") ?? "", into: builder)
  }

  func decode(whole body: JSON, into builder: ResponseBuilder) throws(LLMError) {
    guard let message = body["message"], message.isObject else { throw CohereChat.errorInPlaceOfAnswer(body) }
    builder.response(id: body.string("id"))
    readPlan(message["tool_plan"], builder)
    if message["content"]?.isString ?? false { builder.text(message["content"]) }
    for (number, part) in message.elements("content").enumerated() {
      read(part: part, number: number, builder)
    }
    for call in message.elements("tool_calls") {
      builder.endTool(try begin(call, number: nil, builder))
    }
    for citation in message.elements("citations") { read(citation: citation, builder) }
    if let logprobs = body["logprobs"] { read(logprobs: logprobs.elements, builder) }
    try finish(body, builder)
  }

  /// The raw message goes along, where text and calls do not say it all.
  func finish(into builder: ResponseBuilder) throws(LLMError) {
    let blocks = builder.blocks().filter { $0.key != Self.planBlock && $0.kind != .tool }
    guard !plan.isEmpty || !citations.isEmpty || blocks.contains(where: { $0.kind != .text }) else { return }
    let content = JSON.array()
    for block in blocks {
      let text = builder.text(of: block)
      switch block.kind {
      case .reasoning: content.append(.make(["type": .word("thinking"), "thinking": text]))
      case .text: content.append(.make(["type": .word("text"), "text": text]))
      default: if let opaque = block.opaque { content.append(opaque) }
      }
    }
    builder.setExtraContent(
      "cohere",
      .make([
        "content": content, "tool_plan": plan.isEmpty ? nil : .string(plan),
        "citations": citations.isEmpty ? nil : .array(citations),
      ]))
  }

  // MARK: Events

  private func read(_ event: JSON, type: String, into builder: ResponseBuilder) throws(LLMError) {
    let number = event.int("index") ?? 0
    let message = event["delta", "message"]
    switch type {
    case "message-start": builder.response(id: event.string("id"))
    case "content-start", "content-delta":
      if let part = message?["content"] { read(part: part, number: Int(clamping: number), builder) }
    case "tool-plan-delta": readPlan(message?["tool_plan"], builder)
    case "tool-call-start":
      if let call = message?["tool_calls"] { _ = try begin(call, number: number, builder) }
    case "tool-call-delta":
      let arguments = message?["tool_calls", "function"]?["arguments"]
      if let handle = handle(of: number) { builder.toolArguments(handle, arguments) }
    case "tool-call-end":
      if let handle = handle(of: number) { builder.endTool(handle) }
    case "citation-start":
      if let citation = message?["citations"] { read(citation: citation, builder) }
    case "message-end":
      try finish(event["delta"] ?? event, builder)
      builder.end()
    default:
      // What is not known yet is no error; an error without a type is one.
      if type.isEmpty, event["message"] != nil || event["error"] != nil {
        throw CohereChat.read(error: event).error(status: nil, stage: .stream)
      }
    }
    if let logprobs = event["logprobs"] { read(logprobs: [logprobs], builder) }
  }

  private func finish(_ document: JSON, _ builder: ResponseBuilder) throws(LLMError) {
    if let usage = document["usage"] { builder.report(CohereDecoder.usage(usage)) }
    if let error = document["error"] {
      throw CohereChat.read(error: .make(["error": error])).error(status: nil, stage: .stream)
    }
    if let reason = document.string("finish_reason") { builder.finish(reason) }
  }

  private static func usage(_ document: JSON) -> Usage {
    let usage = Usage()
    let tokens = document["tokens"] ?? document["billed_units"]
    usage.prompt = tokens?.int("input_tokens")
    usage.completion = tokens?.int("output_tokens")
    usage.reasoning = tokens?.int("reasoning_tokens")
    usage.cached = document.int("cached_tokens")
    if let billed = document["billed_units"] { usage.extra = .make(["billed_units": billed]) }
    return usage
  }

  // MARK: Content

  private func read(part: JSON, number: Int, _ builder: ResponseBuilder) {
    guard part["text"] != nil || part["thinking"] != nil else {
      // An opening part may be empty; only what is of another type is kept.
      if let type = part.string("type"), type != "text", type != "thinking" { builder.opaque(part, block: number) }
      return
    }
    builder.reasoning(part["thinking"], block: number)
    builder.text(part["text"], block: number)
  }

  private func readPlan(_ text: JSON?, _ builder: ResponseBuilder) {
    guard let bytes = text?.stringBytes else { return }
    plan.append(bytes)
    builder.reasoning(bytes, block: Self.planBlock)
  }

  private func read(citation: JSON, _ builder: ResponseBuilder) {
    for citation in citation.isArray ? citation.elements : [citation] {
      citations.append(citation)
      builder.source(
        .make([
          "type": .word("citation"), "start_index": citation["start"], "end_index": citation["end"],
          "text": citation["text"], "sources": citation["sources"],
        ]))
    }
  }

  private func read(logprobs: [JSON], _ builder: ResponseBuilder) {
    let content = JSON.array()
    for piece in logprobs {
      for (place, value) in piece.elements("logprobs").enumerated() {
        // A piece of several tokens has its text only as a whole.
        content.append(.make(["token": place == 0 ? piece["text"] : .word(""), "logprob": value]))
      }
    }
    if content.count > 0 { builder.logprobs(.make(["content": content])) }
  }

  // MARK: Calls

  private func begin(
    _ call: JSON, number: Int64?, _ builder: ResponseBuilder
  ) throws(LLMError) -> ResponseBuilder.ToolHandle {
    let function = call["function"]
    let handle = try builder.beginTool(id: call.string("id"), name: function?.string("name"))
    builder.toolArguments(handle, function?["arguments"])
    if let number { tools.append((number, handle)) }
    return handle
  }

  private func handle(of number: Int64) -> ResponseBuilder.ToolHandle? {
    tools.last { $0.number == number }?.handle
  }
}
