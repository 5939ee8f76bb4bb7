import LLMConfig
import LLMCore
import LLMWire

/// Anthropic's Messages API (`/v1/messages`), also as Vertex AI and others offer it.
///
/// Settings: `anthropic_version` (default 2023-06-01), `beta` (a string or an array of strings for the `anthropic-beta`
/// header). Requests may carry the service's own members `thinking`, `output_config`, `context_management`,
/// `container`, `mcp_servers`, `betas`, `inference_geo`, `speed` and content blocks and tools of its own.
public final class AnthropicMessages: Dialect {
  /// Stateless.
  public init() {}

  // MARK: Requests

  /// The request in Anthropic's words.
  public func encodeChat(_ request: ChatRequest, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    var encoder = AnthropicEncoder(request, context)
    let body = try encoder.makeBody()
    if context.isStreaming { body.set("stream", true) }
    let path = context.endpoint.paths.chat ?? AnthropicPaths.messages(context)
    if context.quirks.contains(.vertexPaths) { AnthropicPaths.moveModelToPath(body) }
    return makeRequest(path: path, body: body, betas: encoder.betas, context)
  }

  /// One decoder for events and whole answers.
  public func makeChatDecoder(_ context: RequestContext) -> any ChatDecoder { AnthropicDecoder() }

  // MARK: Counting and models

  /// `/v1/messages/count_tokens`, which takes what bears on the input.
  public func encodeTokenCount(_ request: ChatRequest, _ context: RequestContext) throws(LLMError) -> HTTPRequest? {
    var encoder = AnthropicEncoder(request, context)
    let body = try encoder.makeBody()
    for name in AnthropicPaths.membersNotCounted { body.remove(name) }
    return makeRequest(path: AnthropicPaths.tokenCount(context), body: body, betas: encoder.betas, context)
  }

  /// `{"input_tokens":…}`
  public func decodeTokenCount(_ body: JSON, _ context: RequestContext) throws(LLMError) -> Int64 {
    if let count = body.int("input_tokens") { return count }
    throw AnthropicDecoder.errorInPlaceOfAnswer(body)
  }

  /// A page of `/v1/models`.
  public func encodeModels(cursor: String?, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    var path = context.endpoint.paths.models ?? AnthropicPaths.path("/models", context)
    path += "?limit=1000"
    if let cursor { path += "&after_id=" + cursor.percentEncoded() }
    return makeRequest(method: "GET", path: path, body: nil, betas: [], context)
  }

  /// The page, and the id to go on after.
  public func decodeModels(
    _ body: JSON, _ context: RequestContext
  ) throws(LLMError) -> (models: [JSON], cursor: String?) {
    guard let list = body["data"], list.isArray else { throw AnthropicDecoder.errorInPlaceOfAnswer(body) }
    let cursor = body.bool("has_more") ?? false ? body.string("last_id") : nil
    return (list.elements.filter { $0["id"] != nil }, cursor)
  }

  // MARK: Headers

  private func makeRequest(
    method: StaticString = "POST", path: String, body: JSON?, betas: [String], _ context: RequestContext
  ) -> HTTPRequest {
    var request = context.makeRequest(method: method, path: path, body: body)
    let configured = request.value(ofHeader: "anthropic-beta")
    let all = AnthropicMessages.joined(configured, betas)
    if !all.isEmpty { request.setHeader(HTTPHeader("anthropic-beta", all)) }
    if request.value(ofHeader: "anthropic-version") == nil, !context.quirks.contains(.vertexPaths) {
      let version = context.endpoint.settings.string("anthropic_version") ?? "2023-06-01"
      request.setHeader(HTTPHeader("anthropic-version", version))
    }
    return request
  }

  private static func joined(_ configured: String?, _ added: [String]) -> String {
    var names: [String] = []
    for piece in (configured ?? "").pieces(separatedBy: UInt8(ascii: ",")) + added {
      let name = piece.trimmed
      if !name.isEmpty, !names.contains(name) { names.append(name) }
    }
    return names.reduce("") { $0.isEmpty ? $1 : $0 + "," + $1 }
  }
}

extension HTTPRequest {
  /// The value of a field that holds no secret.
  fileprivate func value(ofHeader name: String) -> String? {
    headers.first { $0.name.equalsIgnoringCase(name) && $0.secret == nil }?.value
  }
}

/// Addresses below the base URL.
enum AnthropicPaths {
  /// What has no bearing on the length of the input.
  static let membersNotCounted: [StaticText] = [
    "max_tokens", "stop_sequences", "temperature", "top_p", "top_k", "metadata", "service_tier", "inference_geo",
    "container", "speed",
  ]

  /// The base URL is written with and without the version.
  static func path(_ rest: String, _ context: RequestContext) -> String {
    context.endpoint.baseURL.endsWith("/v1") ? rest : "/v1" + rest
  }

  static func messages(_ context: RequestContext) -> String {
    guard context.quirks.contains(.vertexPaths) else { return path("/messages", context) }
    let method = context.isStreaming ? ":streamRawPredict" : ":rawPredict"
    return vertexModels(context) + context.model.percentEncoded(keeping: "@") + method
  }

  static func tokenCount(_ context: RequestContext) -> String {
    guard context.quirks.contains(.vertexPaths) else { return path("/messages/count_tokens", context) }
    return vertexModels(context) + "count-tokens:rawPredict"
  }

  /// Vertex AI names the model in the address and the version in the body.
  static func moveModelToPath(_ body: JSON) {
    body.remove("model")
    body.set("anthropic_version", "vertex-2023-10-16")
  }

  private static func vertexModels(_ context: RequestContext) -> String {
    let models = "/publishers/anthropic/models/"
    if context.endpoint.baseURL.containsText("/projects/") { return models }
    let settings = context.endpoint.settings
    let project = settings.string("project") ?? ""
    let location = settings.string("location") ?? "global"
    return formatted("/projects/\(project.percentEncoded())/locations/\(location.percentEncoded())") + models
  }
}

// MARK: - Writing requests

/// Writes one request in Anthropic's words.
struct AnthropicEncoder {
  /// Where neither the request nor the catalogue says: what every model of the service can give.
  static let defaultMaxTokens: Int64 = 4096

  private let request: ChatRequest
  private let context: RequestContext
  private let claude: ClaudeModel?
  /// Names for the `anthropic-beta` header.
  private(set) var betas: [String]

  init(_ request: ChatRequest, _ context: RequestContext) {
    self.request = request
    self.context = context
    claude = ClaudeModel(context.model)
    betas = AnthropicEncoder.strings(context.endpoint.settings["beta"]) + AnthropicEncoder.strings(request["betas"])
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

  private mutating func require(beta name: StaticText) {
    if !betas.contains(name.text) { betas.append(name.text) }
  }

  private func warnDropped(_ name: String, _ why: String) throws(LLMError) {
    try context.warn("unsupported_parameter", "\"\(name)\" was left out: \(why)", param: "/" + name)
  }
}

// MARK: Messages

extension AnthropicEncoder {
  private mutating func setMessages(_ body: JSON) throws(LLMError) {
    var system: [JSON] = []
    var turns = AlternatingTurns()
    for message in request.messages {
      switch message.role {
      case .system, .developer:
        if !turns.isEmpty { try context.warnMoved(message) }
        system += try blocks(of: message)
      case .user: turns.addUser(try blocks(of: message))
      case .tool: turns.addResults([try toolResult(message)])
      case .assistant: turns.addModel(try assistantBlocks(message))
      }
    }
    trimUnfinishedAnswer(&turns)
    try turns.mendBeginning(&system, Self.textBlock("Continue."), context)
    if !system.isEmpty { body.set("system", systemMember(system)) }
    body.set("messages", turns.messages)
  }

  /// A plain text stays a string.
  private func systemMember(_ blocks: [JSON]) -> JSON {
    if blocks.count == 1, blocks[0].count == 2, let text = blocks[0]["text"] { return text }
    return .array(blocks)
  }

  /// The service refuses an answer begun for the model that ends in white space.
  private func trimUnfinishedAnswer(_ turns: inout AlternatingTurns) {
    turns.mapLastModelBlock { block in
      guard block.says("type", "text"), let text = block.string("text") else { return block }
      let trimmed = ("." + text).trimmed.dropping(bytes: 1)
      if trimmed.utf8.count == text.utf8.count { return block }
      if trimmed.isEmpty { return nil }
      let changed = block.copy()
      changed.set("text", trimmed)
      return changed
    }
  }

  private static func textBlock(_ text: String) -> JSON {
    .make(["type": .word("text"), "text": .string(text)])
  }

  private mutating func blocks(of message: ChatMessage) throws(LLMError) -> [JSON] {
    var blocks = try blocks(of: message.parts)
    mark(&blocks, cached: message.cacheControl)
    return blocks
  }

  private mutating func blocks(of parts: [ChatPart]) throws(LLMError) -> [JSON] {
    var blocks: [JSON] = []
    for part in parts {
      if let block = try block(of: part) { blocks.append(block) }
    }
    return blocks
  }

  /// `cache_control` of a message marks its last block; thinking cannot carry it.
  private func mark(_ blocks: inout [JSON], cached control: JSON?) {
    guard let control, let last = blocks.indices.last else { return }
    let type = blocks[last].string("type")
    if type == "thinking" || type == "redacted_thinking" { return }
    let marked = blocks[last].copy()
    marked.setDefault("cache_control", control)
    blocks[last] = marked
  }

  private mutating func block(of part: ChatPart) throws(LLMError) -> JSON? {
    guard let block = try uncachedBlock(of: part) else { return nil }
    if case .other = part.content { return block }
    block.set("cache_control", part.cacheControl)
    return block
  }

  /// Empty texts are left out: the service refuses them, and they say nothing.
  private mutating func uncachedBlock(of part: ChatPart) throws(LLMError) -> JSON? {
    switch part.content {
    case .text(let text), .refusal(let text): return text.isEmpty ? nil : Self.textBlock(text)
    case .image(let source, _): return .make(["type": .word("image"), "source": mediaSource(source)])
    case .file(let source, let name): return try document(source, name: name, part)
    case .audio: return try drop(part, "sound")
    case .other(let type):
      return Self.isOwn(blockType: type) ? part.json : try drop(part, formatted("parts of type \"\(type)\""))
    }
  }

  private func drop(_ part: ChatPart, _ what: String) throws(LLMError) -> JSON? {
    try context.warn(
      "unsupported_content", "\(context.endpoint.profile.label) does not take \(what); the part was left out",
      param: part.pointer)
    return nil
  }

  /// Blocks that a caller may write in the service's own words.
  private static func isOwn(blockType type: String) -> Bool {
    let own: [StaticText] = [
      "image", "document", "search_result", "tool_use", "tool_result", "thinking", "redacted_thinking",
      "server_tool_use", "mcp_tool_use", "container_upload", "compaction", "fallback",
    ]
    return own.contains { $0.matches(type) } || type.endsWith("_tool_result")
  }

  private mutating func mediaSource(_ source: MediaSource) -> JSON {
    switch source {
    case .url(let url): return .make(["type": .word("url"), "url": .string(url)])
    case .base64(let type, let data):
      return .make(["type": .word("base64"), "media_type": .string(type), "data": .string(data)])
    case .fileID(let id):
      require(beta: "files-api-2025-04-14")
      return .make(["type": .word("file"), "file_id": .string(id)])
    }
  }

  private mutating func document(_ source: MediaSource, name: String?, _ part: ChatPart) throws(LLMError) -> JSON? {
    var described = mediaSource(source)
    if case .base64(let type, let data) = source {
      if type.startsWith("image/") { return .make(["type": .word("image"), "source": described]) }
      if type.startsWith("text/") {
        guard let text = Self.decodedText(data) else { return try drop(part, "a text that is no base64 of UTF-8") }
        described = .make(["type": .word("text"), "media_type": .word("text/plain"), "data": .string(text)])
      } else if type != "application/pdf" {
        return try drop(part, formatted("files of type \(type)"))
      }
    }
    return .make([
      "type": .word("document"), "source": described, "title": .text(name), "context": part.json["context"],
      "citations": part.json["citations"],
    ])
  }

  private static func decodedText(_ base64: String) -> ByteBuffer? {
    let (encoded, decoded) = (ByteBuffer(), ByteBuffer())
    encoded.append(base64)
    guard base64Decode(encoded.bytes, into: decoded) else { return nil }
    return String(validating: decoded.bytes, as: UTF8.self) == nil ? nil : decoded
  }

  private mutating func toolResult(_ message: ChatMessage) throws(LLMError) -> JSON {
    guard let id = message.toolCallID else {
      throw LLMError(
        .invalidRequest, "a tool's message needs the \"tool_call_id\" that it answers",
        param: message.pointer + "/tool_call_id")
    }
    let isPlain = message.json["content"]?.isString ?? false
    let content = isPlain ? JSON.string(message.text) : JSON.array(try blocks(of: message.parts))
    return .make([
      "type": .word("tool_result"), "tool_use_id": .string(portableToolID(id)), "content": content,
      "is_error": message.json["is_error"], "cache_control": message.cacheControl,
    ])
  }
}

// MARK: The model's own messages

extension AnthropicEncoder {
  /// The blocks as the service gave them, where the caller left them as they were; else rebuilt from what the message
  /// says.
  private mutating func assistantBlocks(_ message: ChatMessage) throws(LLMError) -> [JSON] {
    var blocks: [JSON]
    if let own = message.extraContent?["anthropic", "content"], Self.agrees(own.elements, with: message) {
      blocks = own.elements
    } else {
      blocks = Self.thinkingBlocks(message.reasoningDetails)
      blocks += try self.blocks(of: message.parts)
      blocks += message.toolCalls.map { Self.toolUse($0) }
    }
    mark(&blocks, cached: message.cacheControl)
    return blocks
  }

  private static func agrees(_ blocks: [JSON], with message: ChatMessage) -> Bool {
    guard !blocks.isEmpty else { return false }
    let text = blocks.reduce("") { $0 + ($1.says("type", "text") ? $1.string("text") ?? "" : "") }
    let calls = blocks.filter { $0.says("type", "tool_use") }
    guard text == message.text, calls.count == message.toolCalls.count else { return false }
    for (block, call) in zip(calls, message.toolCalls) {
      guard block.string("id") == call.id, block.string("name") == call.name,
        (block["input"] ?? .object()).equals(call.argumentsObject)
      else { return false }
    }
    return true
  }

  private static func toolUse(_ call: ChatToolCall) -> JSON {
    .make([
      "type": .word("tool_use"), "id": .string(portableToolID(call.id)), "name": .string(call.name),
      "input": call.argumentsObject,
    ])
  }

  /// Thinking that a Claude signed, under whatever service; other models' is not for this one.
  private static func thinkingBlocks(_ details: [JSON]) -> [JSON] {
    var blocks: [JSON] = []
    for detail in details where detail.says("format", ClaudeThinking.format) {
      switch detail.string("type") {
      case "reasoning.text":
        guard let signature = detail["signature"] else { continue }
        blocks.append(
          .make([
            "type": .word("thinking"), "thinking": detail["text"] ?? .word(""), "signature": signature,
          ]))
      case "reasoning.encrypted":
        blocks.append(.make(["type": .word("redacted_thinking"), "data": detail["data"]]))
      default: break
      }
    }
    return blocks
  }
}

// MARK: Tools and structured output

extension AnthropicEncoder {
  /// Asks for JSON; the schema is returned where a tool has to stand in for what the model does not have.
  private func setResponseFormat(_ body: JSON) throws(LLMError) -> JSON? {
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

  private mutating func setTools(_ body: JSON, _ answerSchema: JSON?) throws(LLMError) {
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

  private static func forcesCall(_ choice: JSON?) -> Bool {
    let type = choice?.string("type")
    return type == "any" || type == "tool"
  }
}

// MARK: Thinking and the rest

extension AnthropicEncoder {
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

// MARK: - Reading answers

/// Reads events and whole answers. The most frequent event (one increment of text, thinking or arguments) is matched in
/// place on the received bytes; everything else is parsed.
final class AnthropicDecoder: ChatDecoder {
  /// A block between its start and its stop.
  private struct OpenBlock {
    enum Kind {
      case text, thinking, answer, opaque
      case tool(ResponseBuilder.ToolHandle)
    }
    let index: Int
    /// The number under which the builder knows it: services start over within one stream.
    let key: Int
    let kind: Kind
    /// The block as it began.
    let json: JSON
    /// The arguments of a tool of the service's own.
    let input = ByteBuffer()
  }

  private static let indexSlot = 0
  private let hotPath = HotPath([
    HotField("type", .constant("content_block_delta")), HotField("index", .integer(indexSlot)),
    HotField("delta.type", .skip), HotField("delta.text", .text), HotField("delta.thinking", .reasoning),
    HotField("delta.partial_json", .arguments),
  ])
  private var open: [OpenBlock] = []
  private var nextKey = 0
  /// Whether the answer came as the arguments of the tool for it.
  private var hasAnswered = false
  private var citations: [(key: Int, list: JSON)] = []
  /// `caller` of the tool calls that have one, by the call's place among them.
  private var callers: [(key: Int, caller: JSON)] = []
  private let usageDetails = JSON.object()

  func decode(_ frame: Frame, into builder: ResponseBuilder) throws(LLMError) {
    if hotPath.match(frame.data), deliverHot(to: builder) { return }
    let event = try readPeerJSON(frame.data)
    switch event.string("type") {
    case "content_block_delta": try readDelta(event, builder)
    case "content_block_start": try startBlock(index(of: event), event["content_block"] ?? .object(), builder)
    case "content_block_stop": stopBlock(index(of: event), builder)
    case "message_start": readMessage(event["message"] ?? .object(), builder)
    case "message_delta": readMessageDelta(event, builder)
    case "message_stop": builder.end()
    case "ping": builder.ping()
    case "error": throw Self.streamError(event)
    default: if event["error"] != nil { throw Self.streamError(event) }
    }
  }

  func decode(whole body: JSON, into builder: ResponseBuilder) throws(LLMError) {
    guard !body.says("type", "error"), let content = body["content"], content.isArray else {
      throw Self.errorInPlaceOfAnswer(body)
    }
    readMessage(body, builder)
    for (index, block) in content.elements.enumerated() {
      try startBlock(index, block, builder)
      stopBlock(index, builder)
    }
    readEnd(body, builder)
    if body["stop_reason"] == nil { builder.finish(.stop, raw: nil) }
    builder.end()
  }

  func finish(into builder: ResponseBuilder) throws(LLMError) {
    // What broke off is no block: thinking without its end, say, has no signature, and cannot be sent back.
    guard builder.isComplete else { return }
    for block in open { close(block, builder) }
    open.removeAll()
    keepBlocks(builder)
  }

  // MARK: Errors

  /// What a service says in an HTTP 200 that is no answer.
  static func errorInPlaceOfAnswer(_ body: JSON) -> LLMError {
    let said = ServiceError(body)
    if body["error"] != nil || said.message != nil { return complete(said.error(status: 200, stage: .decode), body) }
    return LLMError(.protocol, "the service's answer has no \"content\"", stage: .decode, providerError: body)
  }

  private static func streamError(_ event: JSON) -> LLMError {
    complete(ServiceError(event).error(status: nil, stage: .stream), event)
  }

  private static func complete(_ error: LLMError, _ body: JSON) -> LLMError {
    var error = error
    error.requestID = body.string("request_id")
    return error
  }
}

// MARK: Messages

extension AnthropicDecoder {
  private func readMessage(_ message: JSON, _ builder: ResponseBuilder) {
    builder.response(id: message.string("id"), model: message.string("model"))
    report(message["usage"], builder)
  }

  private func readMessageDelta(_ event: JSON, _ builder: ResponseBuilder) {
    report(event["usage"], builder)
    readEnd(event["delta"] ?? .object(), builder)
    builder.setExtra("context_management", event["context_management"])
  }

  private func readEnd(_ end: JSON, _ builder: ResponseBuilder) {
    for name in ["stop_sequence", "stop_details", "container", "context_management"] {
      builder.setExtra(name, end[named: name])
    }
    builder.refusal(end["stop_details", "explanation"])
    if let reason = end.string("stop_reason") { AnswerTool.finish(builder, reason, hasAnswered: hasAnswered) }
  }

  /// The service counts input that was read from the cache or written to it apart; reports come in parts.
  private func report(_ report: JSON?, _ builder: ResponseBuilder) {
    guard let report, report.isObject else { return }
    for (name, value) in report.members where !value.isNull {
      if !Self.countedMembers.contains(where: { $0.matches(name) }) { usageDetails.set(named: name, value) }
    }
    let usage = Usage()
    usage.cached = report.int("cache_read_input_tokens")
    usage.cacheWrite = report.int("cache_creation_input_tokens")
    usage.prompt = report.int("input_tokens").map { $0 &+ (usage.cached ?? 0) &+ (usage.cacheWrite ?? 0) }
    usage.completion = report.int("output_tokens")
    usage.reasoning = report.int("output_tokens_details", "thinking_tokens")
    if usageDetails.count > 0 { usage.extra = usageDetails }
    builder.report(usage)
  }

  /// Said by OpenAI's names.
  private static let countedMembers: [StaticText] = [
    "input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens_details",
  ]
}

// MARK: Blocks

extension AnthropicDecoder {
  private func index(of event: JSON) -> Int { Int(clamping: event.int("index") ?? 0) }

  private func deliverHot(to builder: ResponseBuilder) -> Bool {
    let index = hotPath.integer(Self.indexSlot)
    guard let block = open.last(where: { $0.index == index }) else { return false }
    switch (hotPath.kind, block.kind) {
    case (.text, .text): builder.text(hotPath.payload, block: block.key)
    case (.reasoning, .thinking): builder.reasoning(hotPath.payload, block: block.key)
    case (.arguments, .tool(let handle)): builder.toolArguments(handle, hotPath.payload)
    case (.arguments, .answer): builder.text(hotPath.payload, block: block.key)
    case (.arguments, .opaque): block.input.append(hotPath.payload)
    case (.empty, _): break
    default: return false
    }
    return true
  }

  private func startBlock(_ index: Int, _ json: JSON, _ builder: ResponseBuilder) throws(LLMError) {
    stopBlock(index, builder)
    let key = nextKey
    nextKey &+= 1
    let kind: OpenBlock.Kind
    switch json.string("type") {
    case "text": kind = .text
    case "thinking": kind = .thinking
    case "tool_use":
      if json.says("name", AnswerTool.name) {
        kind = .answer
        hasAnswered = true
      } else {
        kind = .tool(
          try builder.beginTool(id: json.string("id"), name: json.string("name"), serviceIndex: key))
      }
    default: kind = .opaque
    }
    var known = json
    // What is not read here grows by its deltas.
    if case .opaque = kind { known = json.copy() }
    let block = OpenBlock(index: index, key: key, kind: kind, json: known)
    open.append(block)
    readBeginning(of: block, builder)
  }

  /// What a block begins with is all there is of it in an answer that comes whole.
  private func readBeginning(of block: OpenBlock, _ builder: ResponseBuilder) {
    let json = block.json
    switch block.kind {
    case .text:
      builder.text(json["text"], block: block.key)
      for citation in json.elements("citations") { cite(citation, in: block, builder) }
    case .thinking:
      builder.openReasoning(block: block.key)
      builder.reasoning(json["thinking"], block: block.key)
      sign(block, json["signature"], builder)
    case .tool(let handle):
      if let caller = json["caller"], !caller.says("type", "direct") { callers.append((block.key, caller)) }
      if let input = json["input"], input.isString || input.count > 0 { builder.toolArguments(handle, input) }
    case .answer:
      guard let input = json["input"], input.count > 0 else { break }
      let text = ByteBuffer()
      input.write(into: text)
      builder.text(text.bytes, block: block.key)
    case .opaque: break
    }
  }

  private func readDelta(_ event: JSON, _ builder: ResponseBuilder) throws(LLMError) {
    guard let delta = event["delta"] else { return }
    let index = index(of: event)
    if !open.contains(where: { $0.index == index }) {
      try startBlock(index, Self.beginning(before: delta), builder)
    }
    guard let block = open.last(where: { $0.index == index }) else { return }
    switch delta.string("type") {
    case "text_delta": builder.text(delta["text"], block: block.key)
    case "thinking_delta": builder.reasoning(delta["thinking"], block: block.key)
    case "signature_delta": sign(block, delta["signature"], builder)
    case "citations_delta": cite(delta["citation"], in: block, builder)
    case "input_json_delta": readInput(delta["partial_json"], of: block, builder)
    default: if case .opaque = block.kind { Self.complete(block.json, with: delta) }
    }
  }

  /// The block that a delta belongs to whose start did not come.
  private static func beginning(before delta: JSON) -> JSON {
    let isThinking = delta.says("type", "thinking_delta") || delta.says("type", "signature_delta")
    return .make(["type": .word(isThinking ? "thinking" : "text")])
  }

  private func readInput(_ piece: JSON?, of block: OpenBlock, _ builder: ResponseBuilder) {
    switch block.kind {
    case .tool(let handle): builder.toolArguments(handle, piece)
    case .answer: builder.text(piece, block: block.key)
    default: if let bytes = piece?.stringBytes { block.input.append(bytes) }
    }
  }

  /// Blocks that this library does not know grow by deltas of their members.
  private static func complete(_ block: JSON, with delta: JSON) {
    for (name, value) in delta.members where name != "type" {
      if let before = block[named: name]?.string, let more = value.string {
        block.set(named: name, .string(before + more))
      } else {
        block.set(named: name, value)
      }
    }
  }

  private func sign(_ block: OpenBlock, _ signature: JSON?, _ builder: ResponseBuilder) {
    guard let bytes = signature?.stringBytes, !bytes.isEmpty else { return }
    builder.signature(bytes, block: block.key)
  }

  private func stopBlock(_ index: Int, _ builder: ResponseBuilder) {
    guard let place = open.lastIndex(where: { $0.index == index }) else { return }
    close(open.remove(at: place), builder)
  }

  private func close(_ block: OpenBlock, _ builder: ResponseBuilder) {
    switch block.kind {
    case .tool(let handle): builder.endTool(handle)
    case .opaque:
      if !block.input.isEmpty { block.json.set("input", parsedObject(block.input.bytes)) }
      builder.opaque(block.json, block: block.key)
    case .text, .thinking, .answer: break
    }
  }

  /// Pages are told in OpenAI's shape; places in documents, for which it has none, in the service's.
  private func cite(_ citation: JSON?, in block: OpenBlock, _ builder: ResponseBuilder) {
    guard let citation else { return }
    if let place = citations.firstIndex(where: { $0.key == block.key }) {
      citations[place].list.append(citation)
    } else {
      citations.append((block.key, .array([citation])))
    }
    guard let url = citation["url"] else { return builder.source(citation) }
    let page = JSON.make(["url": url, "title": citation["title"], "cited_text": citation["cited_text"]])
    builder.source(.make(["type": .word("url_citation"), "url_citation": page]))
  }
}

// MARK: What the next turn sends back

extension AnthropicDecoder {
  /// Keeps the blocks as they came where text and tool calls alone would not say all.
  private func keepBlocks(_ builder: ResponseBuilder) {
    let blocks = builder.blocks()
    for (place, block) in blocks.enumerated() {
      if let detail = reasoningDetail(block, place, builder) { builder.reasoningDetail(detail) }
    }
    guard hasMoreThanTextAndCalls(blocks) else { return }
    let content = blocks.compactMap { raw($0, builder) }
    builder.setExtraContent("anthropic", .make(["content": .array(content)]))
  }

  private func hasMoreThanTextAndCalls(_ blocks: [AnswerBlock]) -> Bool {
    var sawCall = false
    for block in blocks {
      switch block.kind {
      case .reasoning, .opaque: return true
      case .text: if sawCall { return true }
      case .tool: sawCall = true
      case .refusal: break
      }
    }
    return !citations.isEmpty || !callers.isEmpty
  }

  private func raw(_ block: AnswerBlock, _ builder: ResponseBuilder) -> JSON? {
    switch block.kind {
    case .text:
      let cited = citations.first { $0.key == block.key }?.list
      return .make(["type": .word("text"), "text": builder.text(of: block), "citations": cited])
    case .reasoning:
      return .make([
        "type": .word("thinking"), "thinking": builder.text(of: block),
        "signature": block.signature.map { .string($0) },
      ])
    case .tool:
      guard let call = builder.tool(of: block), let input = call.arguments.stringBytes else { return nil }
      return .make([
        "type": .word("tool_use"), "id": call.id, "name": call.name, "input": parsedObject(input),
        "caller": callers.first { $0.key == block.key }?.caller,
      ])
    case .opaque: return block.opaque
    case .refusal: return nil
    }
  }

  private func reasoningDetail(_ block: AnswerBlock, _ place: Int, _ builder: ResponseBuilder) -> JSON? {
    let format = JSON.word(ClaudeThinking.format)
    if block.kind == .reasoning, let signature = block.signature {
      return .make([
        "type": .word("reasoning.text"), "text": builder.text(of: block), "signature": .string(signature),
        "format": format, "index": .integer(place),
      ])
    }
    guard block.kind == .opaque, block.opaque?.string("type") == "redacted_thinking" else { return nil }
    return .make([
      "type": .word("reasoning.encrypted"), "data": block.opaque?["data"], "format": format, "index": .integer(place),
    ])
  }
}
