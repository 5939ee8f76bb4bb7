import LLMConfig
import LLMCore
import LLMWire

/// Amazon Bedrock's Converse and ConverseStream.
///
/// Settings: `region` (for the signature), `guardrail` (the service's `guardrailConfig`). Requests may carry the
/// service's own members `guardrailConfig`, `additionalModelRequestFields`, `additionalModelResponseFieldPaths`,
/// `performanceConfig`, `requestMetadata`, `promptVariables`, `serviceTier` and content blocks and tools of its own.
public final class BedrockConverse: Dialect {
  /// Stateless.
  public init() {}

  /// AWS's binary messages.
  public var framing: Framing { .eventStream }

  // MARK: Requests

  /// The request in Converse's words.
  public func encodeChat(_ request: ChatRequest, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    var encoder = BedrockEncoder(request, context)
    let operation = context.isStreaming ? "/converse-stream" : "/converse"
    return try makeRequest(path: BedrockConverse.modelPath(context) + operation, body: try encoder.makeBody(), context)
  }

  /// One decoder for events and whole answers.
  public func makeChatDecoder(_ context: RequestContext) -> any ChatDecoder { BedrockDecoder(context) }

  // MARK: Counting and models

  /// The service counts for Claude; nil for other models.
  public func encodeTokenCount(_ request: ChatRequest, _ context: RequestContext) throws(LLMError) -> HTTPRequest? {
    guard context.model.containsText("anthropic.") else { return nil }
    var encoder = BedrockEncoder(request, context)
    let whole = try encoder.makeBody()
    let counted = JSON.make([
      "messages": whole["messages"], "system": whole["system"], "toolConfig": whole["toolConfig"],
    ])
    let body = JSON.make(["input": .make(["converse": counted])])
    return try makeRequest(path: BedrockConverse.modelPath(context) + "/count-tokens", body: body, context)
  }

  /// `{"inputTokens":…}`
  public func decodeTokenCount(_ body: JSON, _ context: RequestContext) throws(LLMError) -> Int64 {
    if let count = body.int("inputTokens") { return count }
    throw BedrockDecoder.errorInPlaceOfAnswer(body)
  }

  /// The list is the control plane's, at an address of its own.
  public func encodeModels(cursor: String?, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    let path = context.endpoint.paths.models ?? "/foundation-models"
    var request = context.makeRequest(method: "GET", path: path)
    let runtime = "://bedrock-runtime."
    if let place = request.url.firstByteOffset(of: runtime) {
      let rest = request.url.dropping(bytes: place + runtime.utf8.count)
      request.url = request.url.keeping(bytes: place) + "://bedrock." + rest
    }
    try authorize(&request, context)
    return request
  }

  /// One page holds them all.
  public func decodeModels(
    _ body: JSON, _ context: RequestContext
  ) throws(LLMError) -> (models: [JSON], cursor: String?) {
    guard let list = body["modelSummaries"], list.isArray else { throw BedrockDecoder.errorInPlaceOfAnswer(body) }
    let models = list.elements.compactMap { summary -> JSON? in
      guard let id = summary["modelId"] else { return nil }
      let model = summary.copy()
      model.set("id", id)
      model.set("owned_by", summary["providerName"])
      return model
    }
    return (models, nil)
  }

  // MARK: Addresses and credentials

  /// Ids hold colons, ARNs slashes as well.
  private static func modelPath(_ context: RequestContext) -> String { "/model/" + context.model.percentEncoded() }

  private func makeRequest(path: String, body: JSON, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    var request = context.makeRequest(path: path, body: body)
    try authorize(&request, context)
    return request
  }

  /// A key of Bedrock's own where there is one, else a signature with AWS credentials.
  private func authorize(_ request: inout HTTPRequest, _ context: RequestContext) throws(LLMError) {
    guard case .sigV4(let service) = context.endpoint.auth else { return }
    if let key = context.endpoint.apiKey {
      return request.setHeader(HTTPHeader("Authorization", prefix: "Bearer ", secret: key))
    }
    guard let credentials = context.endpoint.awsCredentials else {
      // What is answered by recordings needs no signature.
      if context.endpoint.settings["replay"] != nil { return }
      throw LLMError(
        .authentication,
        "there is nothing to sign the request with: give \"access_key_id\" and \"secret_access_key\", or \"api_key\"")
    }
    let signer = SigV4(
      credentials: credentials, region: BedrockConverse.region(context), service: service,
      unixSeconds: context.unixSeconds)
    signer.sign(&request)
  }

  /// As configured, else as the address says ("bedrock-runtime.eu-west-1.amazonaws.com").
  private static func region(_ context: RequestContext) -> String {
    if let region = context.endpoint.settings.string("region") { return region }
    let labels = RequestAddress(context.endpoint.baseURL).host.pieces(separatedBy: UInt8(ascii: "."))
    return labels.count > 3 && labels[0].startsWith("bedrock") ? labels[1] : "us-east-1"
  }
}

// MARK: - Writing requests

/// Writes one request in Converse's words.
struct BedrockEncoder {
  /// The makers of models that differ in what they take.
  private enum Family { case claude, nova, mistral, gptOSS, other }

  private let request: ChatRequest
  private let context: RequestContext
  private let claude: ClaudeModel?
  private let family: Family
  private var documentCount = 0

  init(_ request: ChatRequest, _ context: RequestContext) {
    self.request = request
    self.context = context
    claude = ClaudeModel(context.model)
    family = BedrockEncoder.family(of: context.model)
  }

  private static func family(of model: String) -> Family {
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

  private func warnDropped(_ name: String, _ why: String) throws(LLMError) {
    try context.warn("unsupported_parameter", "\"\(name)\" was left out: \(why)", param: "/" + name)
  }
}

// MARK: Messages

extension BedrockEncoder {
  private mutating func setMessages(_ body: JSON) throws(LLMError) {
    var system: [JSON] = []
    var turns = AlternatingTurns()
    for message in request.messages {
      switch message.role {
      case .system, .developer:
        if !turns.isEmpty { try context.warnMoved(message) }
        system += try blocks(of: message)
      case .user: turns.addUser(try blocks(of: message))
      case .tool: turns.addResults(try toolResult(message))
      case .assistant: turns.addModel(try assistantBlocks(message))
      }
    }
    try turns.mendBeginning(&system, Self.textBlock("Continue."), context)
    if !system.isEmpty { body.set("system", .array(system)) }
    body.set("messages", turns.messages)
  }

  private static func textBlock(_ text: String) -> JSON { .make(["text": .string(text)]) }

  /// A mark behind what is to be cached.
  @inline(never)
  private static func cachePoint(_ control: JSON?) -> [JSON] {
    guard let control else { return [] }
    return [.make(["cachePoint": .make(["type": .word("default"), "ttl": control["ttl"]])])]
  }

  private mutating func blocks(of message: ChatMessage) throws(LLMError) -> [JSON] {
    let content = try blocks(of: message.parts)
    return content.isEmpty ? [] : content + Self.cachePoint(message.cacheControl)
  }

  private mutating func blocks(of parts: [ChatPart]) throws(LLMError) -> [JSON] {
    var blocks: [JSON] = []
    for part in parts {
      guard let block = try block(of: part) else { continue }
      blocks.append(block)
      blocks += Self.cachePoint(part.cacheControl)
    }
    return blocks
  }

  /// Blank texts are left out: the service refuses them.
  private mutating func block(of part: ChatPart) throws(LLMError) -> JSON? {
    switch part.content {
    case .text(let text), .refusal(let text): return text.trimmed.isEmpty ? nil : Self.textBlock(text)
    case .image(let source, _): return try image(source, part)
    case .file(let source, let name): return try document(source, name: name, part)
    case .audio(let data, let format):
      let audio = JSON.make(["format": .string(format), "source": .make(["bytes": .string(data)])])
      return .make(["audio": audio])
    case .other(let type):
      guard Self.ownBlocks.contains(where: { $0.matches(type) }), let own = part.json[named: type] else {
        return try drop(part, formatted("parts of type \"\(type)\""))
      }
      return JSON.object().with(type, own)
    }
  }

  /// Blocks that a caller may write in the service's own words: `{"type":"video","video":{…}}`.
  private static let ownBlocks: [StaticText] = [
    "audio", "cachePoint", "citationsContent", "document", "guardContent", "image", "reasoningContent", "searchResult",
    "toolResult", "toolUse", "video",
  ]

  private func drop(_ part: ChatPart, _ what: String) throws(LLMError) -> JSON? {
    try context.warn(
      "unsupported_content", "\(context.endpoint.profile.label) does not take \(what); the part was left out",
      param: part.pointer)
    return nil
  }

  private func image(_ source: MediaSource, _ part: ChatPart) throws(LLMError) -> JSON? {
    switch source {
    case .base64(let type, let data):
      let format = type.startsWith("image/") ? type.dropping(bytes: 6) : type
      return Self.media("image", format == "jpg" ? "jpeg" : format, .make(["bytes": .string(data)]))
    case .url(let url) where url.startsWith("s3://"):
      return Self.media("image", Self.fileExtension(url, default: "png"), Self.s3(url))
    case .url, .fileID: return try drop(part, "pictures by address, but for s3://")
    }
  }

  private static func media(_ kind: String, _ format: String, _ source: JSON) -> JSON {
    JSON.object().with(kind, .make(["format": .string(format), "source": source]))
  }

  private static func s3(_ url: String) -> JSON { .make(["s3Location": .make(["uri": .string(url)])]) }

  private static func fileExtension(_ name: String, default standard: String) -> String {
    let pieces = name.pieces(separatedBy: UInt8(ascii: "."))
    guard pieces.count > 1, let last = pieces.last, last.utf8.count <= 4 else { return standard }
    let lower = last.asciiLowercased
    return lower == "jpg" ? "jpeg" : lower
  }

  private mutating func document(_ source: MediaSource, name: String?, _ part: ChatPart) throws(LLMError) -> JSON? {
    let format: String
    let bytes: JSON
    switch source {
    case .base64(let type, let data):
      if type.startsWith("image/") { return try image(source, part) }
      guard let known = Self.documentFormat(mediaType: type) ?? name.map({ Self.fileExtension($0, default: "txt") })
      else { return try drop(part, formatted("files of type \(type)")) }
      format = known
      bytes = .make(["bytes": .string(data)])
    case .url(let url) where url.startsWith("s3://"):
      format = Self.fileExtension(url, default: "pdf")
      bytes = Self.s3(url)
    case .url, .fileID: return try drop(part, "files by address, but for s3://")
    }
    documentCount += 1
    return .make([
      "document": .make([
        "format": .string(format), "name": .string(Self.documentName(name, documentCount)), "source": bytes,
        "context": part.json["context"], "citations": part.json["citations"],
      ])
    ])
  }

  private static func documentFormat(mediaType: String) -> String? {
    let types: [(type: StaticText, format: StaticText)] = [
      ("application/pdf", "pdf"), ("text/csv", "csv"), ("text/html", "html"), ("text/markdown", "md"),
      ("application/msword", "doc"), ("application/vnd.ms-excel", "xls"),
      ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
      ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"), ("text/", "txt"),
    ]
    return types.first { mediaType.startsWith($0.type.text) }?.format.text
  }

  /// The service wants a name for each document, different ones, of letters, digits, blanks, hyphens and brackets.
  private static func documentName(_ name: String?, _ number: Int) -> String {
    guard let name else { return formatted("document-\(number)") }
    let end = name.utf8.lastIndex(of: UInt8(ascii: ".")) ?? name.utf8.endIndex
    let bytes = name.utf8[..<end].map { byte -> UInt8 in
      byte.isASCIIAlphanumeric || "()[]".utf8.contains(byte) ? byte : UInt8(ascii: "-")
    }
    let stem = bytes.isEmpty ? "document" : String(decoding: bytes.prefix(190), as: UTF8.self)
    return formatted("\(stem)-\(number)")
  }

  private mutating func toolResult(_ message: ChatMessage) throws(LLMError) -> [JSON] {
    guard let id = message.toolCallID else {
      throw LLMError(
        .invalidRequest, "a tool's message needs the \"tool_call_id\" that it answers",
        param: message.pointer + "/tool_call_id")
    }
    var content: [JSON] = []
    for part in message.parts {
      if let block = try block(of: part) { content.append(block) }
    }
    if content.isEmpty { content = [Self.textBlock("(no output)")] }
    let failed = message.json.bool("is_error") ?? false
    let result = JSON.make([
      "toolUseId": .string(portableToolID(id)), "content": .array(content), "status": failed ? .word("error") : nil,
    ])
    return [.make(["toolResult": result])] + Self.cachePoint(message.cacheControl)
  }
}

// MARK: The model's own messages

extension BedrockEncoder {
  /// The blocks as the service gave them, where the caller left them as they were; else rebuilt from what the message
  /// says.
  private mutating func assistantBlocks(_ message: ChatMessage) throws(LLMError) -> [JSON] {
    if let own = message.extraContent?["bedrock", "content"], Self.agrees(own.elements, with: message) {
      return own.elements + Self.cachePoint(message.cacheControl)
    }
    var blocks = family == .claude ? Self.reasoningBlocks(message.reasoningDetails) : []
    blocks += try self.blocks(of: message.parts)
    blocks += message.toolCalls.map { Self.toolUse($0) }
    return blocks.isEmpty ? [] : blocks + Self.cachePoint(message.cacheControl)
  }

  private static func agrees(_ blocks: [JSON], with message: ChatMessage) -> Bool {
    guard !blocks.isEmpty else { return false }
    let text = blocks.reduce("") { $0 + BedrockDecoder.text(of: $1) }
    let calls = blocks.compactMap { $0["toolUse"] }.filter { !$0.says("type", BedrockDecoder.serverTool) }
    guard text == message.text, calls.count == message.toolCalls.count else { return false }
    for (block, call) in zip(calls, message.toolCalls) {
      guard block.string("toolUseId") == call.id, block.string("name") == call.name,
        (block["input"] ?? .object()).equals(call.argumentsObject)
      else { return false }
    }
    return true
  }

  private static func toolUse(_ call: ChatToolCall) -> JSON {
    .make([
      "toolUse": .make([
        "toolUseId": .string(portableToolID(call.id)), "name": .string(call.name), "input": call.argumentsObject,
      ])
    ])
  }

  /// Thinking that a Claude signed, under whatever service.
  private static func reasoningBlocks(_ details: [JSON]) -> [JSON] {
    details.compactMap { detail -> JSON? in
      guard detail.says("format", ClaudeThinking.format), detail.says("type", "reasoning.text"),
        let signature = detail["signature"]
      else { return nil }
      let text = JSON.make(["text": detail["text"] ?? .word(""), "signature": signature])
      return .make(["reasoningContent": .make(["reasoningText": text])])
    }
  }
}

// MARK: Tools and structured output

extension BedrockEncoder {
  /// Asks for JSON; the schema is returned where a tool has to stand in for what the model does not have.
  private func setResponseFormat(_ body: JSON) throws(LLMError) -> JSON? {
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

  private func setTools(_ body: JSON, _ answerSchema: JSON?) throws(LLMError) {
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

  private func toolChoice(hasOwnTools: Bool, hasAnswerTool: Bool) throws(LLMError) -> JSON? {
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

// MARK: Inference

extension BedrockEncoder {
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
      inference.setDefault("maxTokens", .integer(budget &+ AnthropicEncoder.defaultMaxTokens))
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

// MARK: - Reading answers

/// Reads events and whole answers. The most frequent event (one increment of text, thinking or arguments) is matched in
/// place on the received bytes; everything else is parsed.
final class BedrockDecoder: ChatDecoder {
  /// A block between its first event and its stop.
  private struct OpenBlock {
    enum Kind {
      case plain, answer, opaque
      case tool(ResponseBuilder.ToolHandle)
    }
    let index: Int
    /// The number under which the builder knows it.
    let key: Int
    let kind: Kind
    /// What is passed through unread, as it grows.
    let json: JSON
    /// The arguments of a tool of the service's own.
    let input = ByteBuffer()
    /// Thinking that is withheld, out of its Base64: its pieces make one whole.
    let redacted = ByteBuffer()
  }

  /// How the service marks calls of its own tools.
  static let serverTool: StaticText = "server_tool_use"
  private static let indexSlot = 0
  private let hotPath = HotPath([
    HotField("contentBlockIndex", .integer(indexSlot)), HotField("delta.text", .text),
    HotField("delta.reasoningContent.text", .reasoning), HotField("delta.toolUse.input", .arguments),
    HotField("p", .skip),
  ])
  private var open: [OpenBlock] = []
  private var nextKey = 0
  /// Whether the answer came as the arguments of the tool for it.
  private var hasAnswered = false
  private var citations: [(key: Int, list: JSON)] = []
  /// Whether a Claude answers, whose signatures hold under its other services too.
  private let isClaude: Bool

  init(_ context: RequestContext) { isClaude = ClaudeModel(context.model) != nil }

  func decode(_ frame: Frame, into builder: ResponseBuilder) throws(LLMError) {
    if frame.event.elementsEqual("contentBlockDelta".utf8), hotPath.match(frame.data), deliverHot(to: builder) {
      return
    }
    let name = String(decoding: frame.event, as: UTF8.self)
    if frame.isBinaryException || name.endsWith("Exception") { throw Self.exception(name, frame.data) }
    let event = try readPeerJSON(frame.data)
    switch name {
    case "contentBlockDelta": try readDelta(event, builder)
    case "contentBlockStart": try startBlock(index(of: event), event["start"] ?? .object(), builder)
    case "contentBlockStop": stopBlock(index(of: event), builder)
    case "messageStop":
      readEnd(event, builder)
      builder.end()
    case "metadata": readMetadata(event, builder)
    default: break
    }
  }

  func decode(whole body: JSON, into builder: ResponseBuilder) throws(LLMError) {
    guard let output = body["output"] else { throw Self.errorInPlaceOfAnswer(body) }
    for (index, block) in (output["message", "content"]?.elements ?? []).enumerated() {
      try read(whole: block, index, builder)
      stopBlock(index, builder)
    }
    readEnd(body, builder)
    readMetadata(body, builder)
    if body["stopReason"] == nil { builder.finish(.stop, raw: nil) }
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
    if said.message != nil { return said.error(status: 200, stage: .decode) }
    return LLMError(.protocol, "the service's answer has no \"output\"", stage: .decode, providerError: body)
  }

  /// An exception in place of an event; its name is the class of error.
  private static func exception(_ name: String, _ data: UnsafeRawBufferPointer) -> LLMError {
    let body: JSON
    do throws(LLMError) {
      body = try readPeerJSON(data)
    } catch {
      body = .make(["message": data.isEmpty ? nil : .string(String(decoding: data, as: UTF8.self))])
    }
    var said = ServiceError(body)
    said.kinds.insert(name, at: 0)
    said.raw = body.isObject ? body.copy().with("type", .string(name)) : body
    return said.error(status: nil, stage: .stream)
  }
}

// MARK: Messages

extension BedrockDecoder {
  private func readEnd(_ end: JSON, _ builder: ResponseBuilder) {
    builder.setExtra("additionalModelResponseFields", end["additionalModelResponseFields"])
    if let reason = end.string("stopReason") { AnswerTool.finish(builder, reason, hasAnswered: hasAnswered) }
  }

  private func readMetadata(_ metadata: JSON, _ builder: ResponseBuilder) {
    for name in ["metrics", "trace", "performanceConfig", "serviceTier"] {
      builder.setExtra(name, metadata[named: name])
    }
    builder.response(model: metadata["trace"]?.string("promptRouter", "invokedModelId"))
    guard let report = metadata["usage"], report.isObject else { return }
    let usage = Usage()
    usage.cached = report.int("cacheReadInputTokens")
    usage.cacheWrite = report.int("cacheWriteInputTokens")
    usage.prompt = report.int("inputTokens").map { $0 &+ (usage.cached ?? 0) &+ (usage.cacheWrite ?? 0) }
    usage.completion = report.int("outputTokens")
    if let tools = report["serverToolUsage"], tools.count > 0 { usage.extra = .make(["serverToolUsage": tools]) }
    builder.report(usage)
  }
}

// MARK: Blocks

extension BedrockDecoder {
  private func index(of event: JSON) -> Int { Int(clamping: event.int("contentBlockIndex") ?? 0) }

  private func deliverHot(to builder: ResponseBuilder) -> Bool {
    let index = hotPath.integer(Self.indexSlot)
    guard let block = open.last(where: { $0.index == index }) else { return false }
    switch (hotPath.kind, block.kind) {
    case (.text, .plain): builder.text(hotPath.payload, block: block.key)
    case (.reasoning, .plain): builder.reasoning(hotPath.payload, block: block.key)
    case (.arguments, .tool(let handle)): builder.toolArguments(handle, hotPath.payload)
    case (.arguments, .answer): builder.text(hotPath.payload, block: block.key)
    case (.arguments, .opaque): block.input.append(hotPath.payload)
    case (.empty, _): break
    default: return false
    }
    return true
  }

  /// Only tools, their results and pictures say when they begin.
  private func startBlock(_ index: Int, _ start: JSON, _ builder: ResponseBuilder) throws(LLMError) {
    stopBlock(index, builder)
    let key = nextKey
    nextKey &+= 1
    let call = start["toolUse"]
    let kind: OpenBlock.Kind
    if let call, !call.says("type", BedrockDecoder.serverTool) {
      if call.says("name", AnswerTool.name) {
        kind = .answer
        hasAnswered = true
      } else {
        kind = .tool(
          try builder.beginTool(id: call.string("toolUseId"), name: call.string("name"), serviceIndex: key))
      }
    } else {
      // The service runs its own tools itself: nothing is asked of the caller.
      kind = start.count == 0 ? .plain : .opaque
    }
    open.append(OpenBlock(index: index, key: key, kind: kind, json: start.deepCopy()))
  }

  private func openBlock(_ index: Int, _ builder: ResponseBuilder) throws(LLMError) -> OpenBlock? {
    if let block = open.last(where: { $0.index == index }) { return block }
    try startBlock(index, .object(), builder)
    return open.last
  }

  private func readDelta(_ event: JSON, _ builder: ResponseBuilder) throws(LLMError) {
    guard let delta = event["delta"], let block = try openBlock(index(of: event), builder) else { return }
    builder.text(delta["text"], block: block.key)
    if let reasoning = delta["reasoningContent"] { read(reasoning: reasoning, in: block, builder) }
    if let citation = delta["citation"] { cite(citation, in: block, builder) }
    readInput(delta["toolUse", "input"], of: block, builder)
    if case .opaque = block.kind { Self.complete(block.json, with: delta) }
  }

  private func read(reasoning: JSON, in block: OpenBlock, _ builder: ResponseBuilder) {
    if reasoning["text"] != nil || reasoning["signature"] != nil { builder.openReasoning(block: block.key) }
    builder.reasoning(reasoning["text"], block: block.key)
    if let signature = reasoning["signature"]?.stringBytes, !signature.isEmpty {
      builder.signature(signature, block: block.key)
    }
    if let redacted = reasoning["redactedContent"]?.stringBytes { _ = base64Decode(redacted, into: block.redacted) }
  }

  private func readInput(_ piece: JSON?, of block: OpenBlock, _ builder: ResponseBuilder) {
    guard let piece else { return }
    switch block.kind {
    case .tool(let handle): builder.toolArguments(handle, piece)
    case .answer: builder.text(piece.isString ? piece : .string(piece.text), block: block.key)
    case .opaque: if let bytes = piece.stringBytes { block.input.append(bytes) }
    case .plain: break
    }
  }

  /// Results of the service's own tools come in lists of pieces; what else there is, by members.
  private static func complete(_ block: JSON, with delta: JSON) {
    for (name, piece) in delta.members where name != "toolUse" {
      guard let known = block[named: name] else { continue }
      if piece.isArray {
        let content = known["content"] ?? .array()
        for element in piece.elements { content.append(element) }
        known.set("content", content)
      } else {
        known.merge(piece)
      }
    }
  }

  /// A block of an answer that came whole.
  private func read(whole block: JSON, _ index: Int, _ builder: ResponseBuilder) throws(LLMError) {
    let isCall = block["toolUse"] != nil
    let isReadHere = block["text"] != nil || block["reasoningContent"] != nil || block["citationsContent"] != nil
    try startBlock(index, isReadHere ? .object() : block, builder)
    guard let opened = open.last else { return }
    builder.text(block["text"], block: opened.key)
    if let reasoning = block["reasoningContent"] {
      read(reasoning: reasoning["reasoningText"] ?? reasoning, in: opened, builder)
    }
    if let cited = block["citationsContent"] {
      for piece in cited.elements("content") { builder.text(piece["text"], block: opened.key) }
      for citation in cited.elements("citations") { cite(citation, in: opened, builder) }
    }
    if isCall, let input = block["toolUse", "input"], input.isString || input.count > 0 {
      readInput(input, of: opened, builder)
    }
  }

  private func stopBlock(_ index: Int, _ builder: ResponseBuilder) {
    guard let place = open.lastIndex(where: { $0.index == index }) else { return }
    close(open.remove(at: place), builder)
  }

  private func close(_ block: OpenBlock, _ builder: ResponseBuilder) {
    switch block.kind {
    case .tool(let handle): builder.endTool(handle)
    case .opaque:
      if !block.input.isEmpty { block.json["toolUse"]?.set("input", parsedObject(block.input.bytes)) }
      builder.opaque(block.json, block: block.key)
    case .plain:
      keepRedacted(of: block, builder)
      keepBareCitations(of: block, builder)
    case .answer: break
    }
  }

  private func keepRedacted(of block: OpenBlock, _ builder: ResponseBuilder) {
    guard !block.redacted.isEmpty else { return }
    let encoded = ByteBuffer()
    base64Encode(block.redacted.bytes, into: encoded)
    let content = JSON.make(["redactedContent": .string(encoded)])
    builder.opaque(.make(["reasoningContent": content]), block: block.key)
  }

  /// Citations that stand behind the text they belong to have a block without a text.
  private func keepBareCitations(of block: OpenBlock, _ builder: ResponseBuilder) {
    guard let place = citations.firstIndex(where: { $0.key == block.key }),
      !builder.blocks().contains(where: { $0.key == block.key })
    else { return }
    let cited = JSON.make(["citations": citations.remove(at: place).list])
    builder.opaque(.make(["citationsContent": cited]), block: block.key)
  }

  /// Pages are told in OpenAI's shape; places in documents, for which it has none, in the service's.
  private func cite(_ citation: JSON, in block: OpenBlock, _ builder: ResponseBuilder) {
    if let place = citations.firstIndex(where: { $0.key == block.key }) {
      citations[place].list.append(citation)
    } else {
      citations.append((block.key, .array([citation])))
    }
    guard let url = citation["location", "web"]?["url"] else { return builder.source(citation) }
    let page = JSON.make(["url": url, "title": citation["title"] ?? citation["location", "web"]?["domain"]])
    builder.source(.make(["type": .word("url_citation"), "url_citation": page]))
  }
}

// MARK: What the next turn sends back

extension BedrockDecoder {
  /// The text that a block adds to an answer.
  static func text(of block: JSON) -> String {
    let cited = block["citationsContent", "content"]?.elements ?? []
    return (block.string("text") ?? "") + cited.reduce("") { $0 + ($1.string("text") ?? "") }
  }

  /// Keeps the blocks as they came where text and tool calls alone would not say all.
  private func keepBlocks(_ builder: ResponseBuilder) {
    let blocks = builder.blocks()
    for (place, block) in blocks.enumerated() where isClaude {
      guard block.kind == .reasoning, let signature = block.signature else { continue }
      builder.reasoningDetail(
        .make([
          "type": .word("reasoning.text"), "text": builder.text(of: block), "signature": .string(signature),
          "format": .word(ClaudeThinking.format), "index": .integer(place),
        ]))
    }
    guard hasMoreThanTextAndCalls(blocks) else { return }
    let content = blocks.compactMap { raw($0, builder) }
    builder.setExtraContent("bedrock", .make(["content": .array(content)]))
  }

  private func hasMoreThanTextAndCalls(_ blocks: [AnswerBlock]) -> Bool {
    var sawCall = false
    for block in blocks {
      switch block.kind {
      case .reasoning: if block.signature != nil { return true }
      case .opaque: return true
      case .text: if sawCall { return true }
      case .tool: sawCall = true
      case .refusal: break
      }
    }
    return !citations.isEmpty
  }

  /// Models that do not sign their thinking do not want it back.
  private func raw(_ block: AnswerBlock, _ builder: ResponseBuilder) -> JSON? {
    switch block.kind {
    case .text:
      let text = JSON.make(["text": builder.text(of: block)])
      guard let cited = citations.first(where: { $0.key == block.key })?.list else { return text }
      return .make(["citationsContent": .make(["content": .array([text]), "citations": cited])])
    case .reasoning:
      guard let signature = block.signature else { return nil }
      let text = JSON.make(["text": builder.text(of: block), "signature": .string(signature)])
      return .make(["reasoningContent": .make(["reasoningText": text])])
    case .tool:
      guard let call = builder.tool(of: block), let input = call.arguments.stringBytes else { return nil }
      return .make([
        "toolUse": .make(["toolUseId": call.id, "name": call.name, "input": parsedObject(input)])
      ])
    case .opaque: return block.opaque
    case .refusal: return nil
    }
  }
}
