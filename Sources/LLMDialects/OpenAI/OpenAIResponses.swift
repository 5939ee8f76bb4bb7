import LLMConfig
import LLMCore
import LLMWire

/// OpenAI's Responses (`/v1/responses`), which xAI, Azure and local servers speak as well. Requests stay chat requests:
/// messages become items, and items become messages again.
///
/// Nothing is left with the service: `store` is false unless the caller says otherwise, and thinking comes encrypted, to
/// be sent back. What is more than text and calls of functions travels in the message's `extra_content.openai`.
public final class OpenAIResponses: Dialect {
  private let chat = OpenAIChat()

  /// Stateless.
  public init() {}

  /// A chat request as items.
  public func encodeChat(_ request: ChatRequest, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    let body = try ResponsesRequest(request, context).body()
    return context.makeRequest(
      path: OpenAIPaths.path("/responses", context.endpoint.paths.chat, context), body: body)
  }

  /// One decoder for events and whole answers.
  public func makeChatDecoder(_ context: RequestContext) -> any ChatDecoder { OpenAIResponsesDecoder() }

  /// The service's own count, where it has one.
  public func encodeTokenCount(_ request: ChatRequest, _ context: RequestContext) throws(LLMError) -> HTTPRequest? {
    guard context.endpoint.profile.capabilities.contains(.tokenCount) else { return nil }
    let body = try ResponsesRequest(request, context).body()
    for name in ["stream", "store", "include", "max_output_tokens", "temperature", "top_p"] { body.remove(named: name) }
    return context.makeRequest(path: "/responses/input_tokens", body: body)
  }

  /// `{"input_tokens":…}`.
  public func decodeTokenCount(_ body: JSON, _ context: RequestContext) throws(LLMError) -> Int64 {
    guard let count = body.int("input_tokens") else {
      throw LLMError(.protocol, "the service's answer has no \"input_tokens\"", stage: .decode, providerError: body)
    }
    return count
  }

  /// As for chat completions.
  public func encodeEmbeddings(_ request: JSON, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    try chat.encodeEmbeddings(request, context)
  }
  /// As for chat completions.
  public func decodeEmbeddings(_ body: JSON, _ context: RequestContext) throws(LLMError) -> JSON {
    try chat.decodeEmbeddings(body, context)
  }
  /// OpenAI's neighbours'.
  public func encodeRerank(_ request: JSON, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    try chat.encodeRerank(request, context)
  }
  /// As for chat completions.
  public func encodeModels(cursor: String?, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    try chat.encodeModels(cursor: cursor, context)
  }
  /// As for chat completions.
  public func decodeModels(
    _ body: JSON, _ context: RequestContext
  ) throws(LLMError) -> (models: [JSON], cursor: String?) {
    try chat.decodeModels(body, context)
  }
}

// MARK: - Requests

/// Makes a Responses request of a chat request.
private struct ResponsesRequest {
  private let request: ChatRequest
  private let context: RequestContext

  init(_ request: ChatRequest, _ context: RequestContext) {
    self.request = request
    self.context = context
  }

  func body() throws(LLMError) -> JSON {
    let body = JSON.object()
    body.set("model", context.model)
    body.set("input", .array(try ResponsesInput(request, context).items()))
    try copyParameters(to: body)
    if !request.tools.isEmpty { body.set("tools", .array(request.tools.map { tool($0) })) }
    body.set("tool_choice", request.toolChoice.map { choice($0) })
    setText(body)
    setReasoning(body)
    setLogprobs(body)
    try setWebSearch(body)
    if context.isStreaming { body.set("stream", true) }
    return body
  }

  // MARK: Parameters

  /// What only chat completions know.
  private static let withoutCounterpart: [StaticText] = [
    "n", "stop", "seed", "presence_penalty", "frequency_penalty", "logit_bias", "modalities", "audio", "prediction",
    "functions", "function_call", "top_k",
  ]
  /// What is taken over in another shape, or means nothing here.
  private static let handled: [StaticText] = [
    "model", "messages", "stream", "stream_options", "tools", "tool_choice", "response_format", "verbosity",
    "reasoning_effort", "reasoning", "max_tokens", "max_completion_tokens", "logprobs", "web_search_options", "text",
  ]

  /// What Responses call by the same name, and what this library does not know, goes as it is.
  private func copyParameters(to body: JSON) throws(LLMError) {
    for (name, value) in request.json.members where !value.isNull {
      if Self.handled.contains(where: { $0.matches(name) }) { continue }
      guard !Self.withoutCounterpart.contains(where: { $0.matches(name) }) else {
        if name == "n", value.int == 1 { continue }
        try context.warn(
          "unsupported_parameter", "the Responses API has no counterpart of \"\(name)\"; it was left out",
          param: "/" + name)
        continue
      }
      body.set(named: name, value)
    }
    body.set("max_output_tokens", request.maxTokens)
    body.setDefault("store", .boolean(false))
  }

  private func setText(_ body: JSON) {
    let text = request["text"]?.copy() ?? JSON.object()
    text.set("verbosity", request["verbosity"])
    if let format = request.responseFormat { text.set("format", self.format(format)) }
    if text.count > 0 { body.set("text", text) }
  }

  private func format(_ format: ChatResponseFormat) -> JSON {
    switch format {
    case .other(let json): return json
    case .text: return .typed("text")
    case .jsonObject: return .typed("json_object")
    case .jsonSchema(let name, let schema, let isStrict):
      let json = JSON.typed("json_schema")
      json.set("name", name)
      json.set("schema", schema)
      json.set("strict", isStrict)
      json.set("description", request["response_format", "json_schema"]?["description"])
      return json
    }
  }

  /// Without storage the thinking has to come along to be sent back; a model that does not think refuses to be asked.
  private func setReasoning(_ body: JSON) {
    let reasoning = request["reasoning"]?.copy() ?? JSON.object()
    if let effort = request["reasoning_effort"] { reasoning.setDefault("effort", effort) }
    if reasoning.count > 0 { body.set("reasoning", reasoning) }
    if body.bool("store") == false, thinks(reasoning) { include("reasoning.encrypted_content", in: body) }
  }

  /// Whether the model is known to think: by its row, since thinking is asked of it, or since it did before.
  private func thinks(_ reasoning: JSON) -> Bool {
    context.modelProfile?.capabilities.contains(.reasoning) ?? false || reasoning.count > 0
      || request.messages.contains { ResponsesItems.hasThinking($0) }
  }

  private func setLogprobs(_ body: JSON) {
    if request.bool("logprobs") == true { include("message.output_text.logprobs", in: body) }
  }

  private func include(_ what: StaticText, in body: JSON) {
    let list = body["include"]?.copy() ?? JSON.array()
    if !list.elements.contains(where: { $0.string == what.text }) { list.append(.string(what)) }
    body.set("include", list)
  }

  // MARK: Tools

  /// A function's description stands in the tool itself; so does a custom tool's.
  private func tool(_ tool: ChatTool) -> JSON {
    guard let inner = tool.json["function"] ?? tool.json["custom"] else { return tool.json }
    let flat = inner.copy()
    flat.set("type", tool.json["type"] ?? .string("function"))
    if let format = inner["format"], let grammar = format["grammar"] {
      let flatFormat = grammar.copy()
      flatFormat.set("type", format["type"])
      flat.set("format", flatFormat)
    }
    // Here schemas are strict unless said otherwise; in chat completions it is the other way round.
    if tool.isFunction { flat.setDefault("strict", .boolean(false)) }
    return flat
  }

  private func choice(_ choice: ChatToolChoice) -> JSON {
    switch choice {
    case .auto: return .string("auto")
    case .none: return .string("none")
    case .required: return .string("required")
    case .function(let name):
      return .typed("function", "name", .string(name))
    case .other(let json):
      guard let nested = json["allowed_tools"] ?? json["custom"] else { return json }
      let flat = nested.copy()
      flat.set("type", json["type"])
      if let tools = nested["tools"], tools.isArray {
        flat.set("tools", .array(tools.elements.map { flattened($0) }))
      }
      return flat
    }
  }

  private func flattened(_ tool: JSON) -> JSON {
    guard let function = tool["function"] else { return tool }
    let flat = function.copy()
    flat.set("type", tool["type"])
    return flat
  }

  /// What chat completions ask for by a parameter is a tool here.
  private func setWebSearch(_ body: JSON) throws(LLMError) {
    guard let options = request["web_search_options"] else { return }
    let tool = JSON.typed("web_search")
    tool.set("search_context_size", options["search_context_size"])
    if let location = options["user_location"] {
      let flat = (location["approximate"] ?? location).copy()
      flat.set("type", "approximate")
      tool.set("user_location", flat)
    }
    body.set("tools", .array(body.elements("tools") + [tool]))
  }
}

extension JSON {
  /// An object with its type, and perhaps one member more.
  @inline(never)
  fileprivate static func typed(_ type: StaticText, _ name: String? = nil, _ value: JSON? = nil) -> JSON {
    let object = JSON.object()
    object.set("type", type)
    if let name { object.set(named: name, value) }
    return object
  }
}

// MARK: - Input items

/// Makes input items of messages.
private struct ResponsesInput {
  private let request: ChatRequest
  private let context: RequestContext
  /// Whether the service keeps items, so that ids mean something to it.
  private let isStored: Bool
  /// The ids of calls of custom tools, whose answers are items of another type.
  private let customCalls: [String]

  init(_ request: ChatRequest, _ context: RequestContext) {
    self.request = request
    self.context = context
    isStored = request.bool("store") ?? false
    customCalls = request.messages.flatMap { $0.toolCalls }.filter { $0.isCustom }.map { $0.id }
  }

  func items() throws(LLMError) -> [JSON] {
    var items: [JSON] = []
    for message in request.messages {
      switch message.role {
      case .system, .developer, .user: items.append(try spoken(message))
      case .assistant: items += try answered(message)
      case .tool: items.append(try toolOutput(message))
      }
    }
    return items
  }

  private func spoken(_ message: ChatMessage) throws(LLMError) -> JSON {
    let item = JSON.object()
    item.set("role", message.role.name)
    item.set("content", try content(of: message))
    return item
  }

  private func content(of message: ChatMessage) throws(LLMError) -> JSON {
    if let text = message.json["content"], text.isString { return text }
    return .array(try parts(of: message))
  }

  private func toolOutput(_ message: ChatMessage) throws(LLMError) -> JSON {
    let id = message.toolCallID ?? ""
    let item = JSON.typed(customCalls.contains(id) ? "custom_tool_call_output" : "function_call_output")
    item.set("call_id", id)
    let isText = message.parts.allSatisfy { $0.text != nil }
    item.set("output", isText ? .string(message.text) : .array(try parts(of: message)))
    return item
  }

  // MARK: Parts

  private func parts(of message: ChatMessage) throws(LLMError) -> [JSON] {
    var parts: [JSON] = []
    for part in message.parts {
      if let json = try self.part(part) { parts.append(json) }
    }
    return parts
  }

  private func part(_ part: ChatPart) throws(LLMError) -> JSON? {
    switch part.content {
    case .text(let text):
      return .typed("input_text", "text", .string(text))
    case .image(let source, let detail): return image(source, detail: detail)
    case .file(let source, let name): return file(source, name: name)
    case .refusal(let text):
      return .typed("refusal", "refusal", .string(text))
    case .audio:
      try context.warn(
        "unsupported_content", "the Responses API takes no sound; the part was left out", param: part.pointer)
      return nil
    case .other: return part.json
    }
  }

  private func image(_ source: MediaSource, detail: String?) -> JSON {
    let json = JSON.typed("input_image")
    switch source {
    case .url(let url): json.set("image_url", url)
    case .base64(let type, let data): json.set("image_url", formatted("data:\(type);base64,\(data)"))
    case .fileID(let id): json.set("file_id", id)
    }
    json.set("detail", detail)
    return json
  }

  private func file(_ source: MediaSource, name: String?) -> JSON {
    let json = JSON.typed("input_file")
    switch source {
    case .url(let url): json.set("file_url", url)
    case .base64(let type, let data):
      json.set("filename", name ?? "file")
      json.set("file_data", formatted("data:\(type);base64,\(data)"))
    case .fileID(let id): json.set("file_id", id)
    }
    return json
  }

  // MARK: What the model said

  /// The items as they came, where the message is still what they say; else items made of it.
  private func answered(_ message: ChatMessage) throws(LLMError) -> [JSON] {
    if let items = message.extraContent?["openai", "content"]?.elements, ResponsesItems.agree(items, with: message) {
      return ResponsesItems.sendable(items, isStored: isStored)
    }
    var items = ResponsesItems.reasoning(from: message.reasoningDetails)
    let said = try parts(of: message).map { part in
      part.says("type", "input_text") ? JSON.typed("output_text", "text", part["text"]) : part
    }
    if let refusal = message.json["refusal"], refusal.isString {
      items.append(assistant([.typed("refusal", "refusal", refusal)]))
    } else if !said.isEmpty, !(message.text.isEmpty && !message.toolCalls.isEmpty) {
      items.append(assistant(said))
    }
    return items + message.toolCalls.map { call($0) }
  }

  private func assistant(_ content: [JSON]) -> JSON {
    let item = JSON.object()
    item.set("role", "assistant")
    item.set("content", .array(content))
    return item
  }

  private func call(_ call: ChatToolCall) -> JSON {
    let item = JSON.typed(call.isCustom ? "custom_tool_call" : "function_call")
    item.set("call_id", call.id)
    item.set("name", call.name)
    item.set(call.isCustom ? "input" : "arguments", .string(call.arguments))
    return item
  }
}

// MARK: - Items that come and go

/// What is common to both directions.
enum ResponsesItems {
  /// The format's name in `reasoning_details`.
  private static let format = "openai-responses-v1"

  /// Whether a message still says what these items say: the caller has not edited it.
  static func agree(_ items: [JSON], with message: ChatMessage) -> Bool {
    let said = items.filter { $0.says("type", "message") }.flatMap { $0.elements("content") }
    let text = said.reduce("") { $0 + ($1.string("text") ?? "") }
    let calls = items.filter { isCall($0) }.compactMap { $0.string("call_id") }
    return !items.isEmpty && text == message.text && calls == message.toolCalls.map { $0.id }
  }

  /// Whether a message came with thinking out of this API.
  static func hasThinking(_ message: ChatMessage) -> Bool {
    message.reasoningDetails.contains { $0.string("format") == format }
  }

  /// Whether the caller has to answer it as a tool call.
  static func isCall(_ item: JSON) -> Bool {
    let type = item.string("type")
    return type == "function_call" || type == "custom_tool_call"
  }

  /// The items as the service takes them back. One that keeps nothing knows thinking only by its encrypted content, and
  /// once it lacks an item of thinking it must not be reminded of it by the ids of the others.
  static func sendable(_ items: [JSON], isStored: Bool) -> [JSON] {
    let isLost = { (item: JSON) in item.says("type", "reasoning") && item["encrypted_content"] == nil }
    guard !isStored, items.contains(where: isLost) else { return items }
    return items.filter { !isLost($0) }.map { item in
      let anonymous = item.copy()
      anonymous.remove("id")
      return anonymous
    }
  }

  /// The thinking of an item as `reasoning_details`.
  static func details(of item: JSON) -> [JSON] {
    var details: [JSON] = []
    for (type, name, parts) in [("summary", "summary", item["summary"]), ("text", "text", item["content"])] {
      for part in parts?.elements ?? [] { details.append(detail(type, name, part["text"], of: item)) }
    }
    if let data = item["encrypted_content"] { details.append(detail("encrypted", "data", data, of: item)) }
    return details
  }

  private static func detail(_ type: String, _ name: String, _ value: JSON?, of item: JSON) -> JSON {
    let detail = JSON.object()
    detail.set("type", "reasoning." + type)
    detail.set(named: name, value)
    detail.set("id", item["id"])
    detail.set("format", format)
    return detail
  }

  /// Items of thinking out of `reasoning_details` of this format, one for each that is encrypted: without it the service
  /// has no use for them.
  static func reasoning(from details: [JSON]) -> [JSON] {
    let own = details.filter { $0.string("format") == format }
    return own.filter { $0["data"] != nil }.map { encrypted in
      let summaries = own.filter { $0["summary"] != nil && $0.string("id") == encrypted.string("id") }
      let item = JSON.typed("reasoning", "encrypted_content", encrypted["data"])
      item.set("id", encrypted["id"])
      item.set("summary", .array(summaries.map { JSON.typed("summary_text", "text", $0["summary"]) }))
      return item
    }
  }

  /// An annotation as chat completions have it.
  static func annotation(_ annotation: JSON) -> JSON {
    guard annotation.says("type", "url_citation"), annotation["url_citation"] == nil else { return annotation }
    let citation = annotation.copy()
    citation.remove("type")
    return .typed("url_citation", "url_citation", citation)
  }

  /// What a tool of the service's own found.
  static func sources(of item: JSON) -> [JSON] {
    let pages = item["action", "sources"]?.elements.filter { $0["url"] != nil } ?? []
    let files = item["results"]?.elements.filter { $0["file_id"] != nil } ?? []
    return pages.map { annotation(.typed("url_citation", "url", $0["url"])) }
      + files.map { result in
        let citation = JSON.typed("file_citation", "file_id", result["file_id"])
        citation.set("filename", result["filename"])
        return citation
      }
  }
}

// MARK: - Answers

/// Reads the events of a stream, and whole answers. What the deltas did not say, the items do; what neither said, the
/// response at the end does.
final class OpenAIResponsesDecoder: ChatDecoder {
  /// An item of the output as far as it has come.
  private final class Item {
    let index: Int
    var id: String?
    var tool: ResponseBuilder.ToolHandle?
    /// Where its text and its thinking begin, once there is some.
    var textStart: Int?
    var reasoningStart: Int?
    var hasRefusal = false
    var hasArguments = false
    var annotationCount = 0
    /// The item as the service says it is, once it is whole.
    var whole: JSON?

    init(index: Int) { self.index = index }
  }

  private var items: [Item] = []
  /// Items of responses that came before in the same stream: a gateway that runs tools itself goes on with another one,
  /// which counts from 0 again.
  private var earlier: [Item] = []
  private let hotText = HotPath(OpenAIResponsesDecoder.hotFields("response.output_text.delta", .text))
  private let hotSummary = HotPath(
    OpenAIResponsesDecoder.hotFields("response.reasoning_summary_text.delta", .reasoning))
  private let hotReasoning = HotPath(OpenAIResponsesDecoder.hotFields("response.reasoning_text.delta", .reasoning))
  private let hotArguments = HotPath(
    OpenAIResponsesDecoder.hotFields("response.function_call_arguments.delta", .arguments))
  /// Log probabilities come with every piece of text or with none, and the hot path skips them.
  private var hasLogprobs = false

  private static let indexSlot = 0

  private static func hotFields(_ type: StaticString, _ payload: HotRole) -> [HotField] {
    [
      HotField("type", .constant(type)), HotField("sequence_number", .skip), HotField("item_id", .skip),
      HotField("output_index", .integer(indexSlot)), HotField("content_index", .skip),
      HotField("summary_index", .skip), HotField("delta", payload), HotField("logprobs", .skip),
      HotField("obfuscation", .skip),
    ]
  }

  func decode(_ frame: Frame, into builder: ResponseBuilder) throws(LLMError) {
    if deliverHot(frame.data, to: builder) { return }
    if frame.data.starts(with: "[DONE]".utf8) { return builder.end() }
    let event = try readPeerJSON(frame.data)
    guard let type = event.string("type") else {
      if event["error"] != nil { throw ServiceError(event).error(status: nil, stage: .stream) }
      return
    }
    try read(event, type, into: builder)
  }

  func decode(whole body: JSON, into builder: ResponseBuilder) throws(LLMError) {
    if body["error"] != nil { throw ServiceError(body).error(status: 200, stage: .decode) }
    guard body["output"]?.isArray ?? false else {
      throw LLMError(.protocol, "the service's answer has no \"output\"", stage: .decode, providerError: body)
    }
    readHead(body, builder)
    try readEnd(body, builder)
  }

  /// What goes back in the next turn, where it is more than the message itself says.
  func finish(into builder: ResponseBuilder) throws(LLMError) {
    let whole = (earlier + items).compactMap { $0.whole }
    let isMore = whole.contains { item in
      item["phase"] != nil || !(item.says("type", "message") || ResponsesItems.isCall(item))
    }
    guard isMore else { return }
    let content = JSON.object()
    content.set("content", .array(whole))
    builder.setExtraContent("openai", content)
  }
}

// MARK: - Events

extension OpenAIResponsesDecoder {
  private func deliverHot(_ data: UnsafeRawBufferPointer, to builder: ResponseBuilder) -> Bool {
    if !hasLogprobs, hotText.match(data), let item = known(hotText), item.textStart != nil {
      builder.text(hotText.payload, block: item.index)
      return true
    }
    for matcher in [hotSummary, hotReasoning] where matcher.match(data) {
      guard let item = known(matcher), item.reasoningStart != nil else { return false }
      builder.reasoning(matcher.payload, block: item.index)
      return true
    }
    if hotArguments.match(data), let item = known(hotArguments), item.hasArguments, let tool = item.tool {
      builder.toolArguments(tool, hotArguments.payload)
      return true
    }
    return false
  }

  /// The item that a matched frame belongs to, where its first delta was read in full.
  private func known(_ matcher: HotPath) -> Item? {
    let index = matcher.integer(Self.indexSlot)
    return items.last { $0.index == index }
  }

  private func read(_ event: JSON, _ type: String, into builder: ResponseBuilder) throws(LLMError) {
    switch type {
    case "response.created":
      earlier += items
      items = []
      readHead(event["response"], builder)
    case "response.in_progress", "response.queued": readHead(event["response"], builder)
    case "response.output_item.added": try readStart(of: event["item"], item(for: event), builder)
    case "response.output_item.done": try readWhole(event["item"], item(for: event), builder)
    case "response.output_text.delta": readText(event, item(for: event), builder)
    case "response.refusal.delta":
      item(for: event).hasRefusal = true
      builder.refusal(event["delta"])
    case "response.reasoning_summary_text.delta", "response.reasoning_text.delta":
      let item = item(for: event)
      item.reasoningStart = item.reasoningStart ?? builder.length(of: .reasoning)
      builder.reasoning(event["delta"], block: item.index)
    case "response.function_call_arguments.delta", "response.custom_tool_call_input.delta":
      try readArguments(event, builder)
    case "response.output_text.annotation.added":
      item(for: event).annotationCount += 1
      if let annotation = event["annotation"] { builder.source(ResponsesItems.annotation(annotation)) }
    case "response.completed", "response.incomplete", "response.failed", "response.cancelled":
      try readEnd(event["response"] ?? event, builder)
      builder.end()
    case "error": throw ServiceError(event).error(status: nil, stage: .stream)
    case "keepalive": builder.ping()
    default: break
    }
  }

  private func readHead(_ response: JSON?, _ builder: ResponseBuilder) {
    guard let response else { return }
    builder.response(id: response.string("id"), model: response.string("model"), created: response.int("created_at"))
  }

  /// By its place in the output, else by its id: some gateways give an item a new id in every event.
  private func item(for event: JSON) -> Item {
    let id = event.string("item_id") ?? event.string("item", "id")
    let index = event.int("output_index").map { Int(clamping: $0) }
    if let known = items.last(where: { index == nil ? id != nil && $0.id == id : $0.index == index }) { return known }
    let item = Item(index: index ?? items.count)
    item.id = id
    items.append(item)
    return item
  }

  /// The item of the output at the end: its place need not be the one that the events gave it.
  private func item(_ id: String?, at index: Int) -> Item {
    if let id, let known = items.first(where: { $0.id == id }) { return known }
    if let known = items.first(where: { $0.index == index }) { return known }
    let item = Item(index: index)
    items.append(item)
    return item
  }

  private func readText(_ event: JSON, _ item: Item, _ builder: ResponseBuilder) {
    item.textStart = item.textStart ?? builder.length(of: .text)
    builder.text(event["delta"], block: item.index)
    if let logprobs = event["logprobs"], logprobs.count > 0 {
      hasLogprobs = true
      readLogprobs(logprobs, builder)
    }
  }

  private func readLogprobs(_ logprobs: JSON, _ builder: ResponseBuilder) {
    let content = JSON.object()
    content.set("content", logprobs)
    builder.logprobs(content)
  }

  private func readArguments(_ event: JSON, _ builder: ResponseBuilder) throws(LLMError) {
    let item = item(for: event)
    let isCustom = event.says("type", "response.custom_tool_call_input.delta")
    let tool = try tool(of: item, id: nil, name: nil, isCustom: isCustom, builder)
    item.hasArguments = true
    builder.toolArguments(tool, event["delta"])
  }

  private func tool(
    of item: Item, id: String?, name: String?, isCustom: Bool, _ builder: ResponseBuilder
  ) throws(LLMError) -> ResponseBuilder.ToolHandle {
    if let known = item.tool {
      builder.complete(known, id: id, name: name)
      return known
    }
    let tool = try builder.beginTool(id: id, name: name, serviceIndex: item.index, isCustom: isCustom)
    item.tool = tool
    return tool
  }
}

// MARK: - Items and the end

extension OpenAIResponsesDecoder {
  private func readStart(of json: JSON?, _ item: Item, _ builder: ResponseBuilder) throws(LLMError) {
    guard let json else { return }
    if json.says("type", "reasoning") { builder.openReasoning(block: item.index) }
    // A call is announced with its id; where that is still to come, so is the announcement.
    guard ResponsesItems.isCall(json), let id = json.string("call_id") else { return }
    let isCustom = json.says("type", "custom_tool_call")
    _ = try tool(of: item, id: id, name: json.string("name"), isCustom: isCustom, builder)
  }

  /// An item that is whole: what its deltas left out.
  private func readWhole(_ json: JSON?, _ item: Item, _ builder: ResponseBuilder) throws(LLMError) {
    guard let json, json.isObject, item.whole == nil else { return }
    item.whole = json
    switch json.string("type") {
    case "message": readMessage(json, item, builder)
    case "reasoning": readReasoning(json, item, builder)
    case "function_call": try readCall(json, arguments: json["arguments"], item, builder)
    case "custom_tool_call": try readCall(json, arguments: json["input"], item, builder)
    default: readOther(json, item, builder)
    }
  }

  private func readMessage(_ json: JSON, _ item: Item, _ builder: ResponseBuilder) {
    let parts = json.elements("content")
    let hadText = item.textStart != nil
    complete(.text, from: item.textStart, with: parts.compactMap { $0["text"] }, item, builder)
    for part in parts {
      if !item.hasRefusal { builder.refusal(part["refusal"]) }
      if !hadText, let logprobs = part["logprobs"], logprobs.count > 0 { readLogprobs(logprobs, builder) }
    }
    for annotation in parts.flatMap({ $0.elements("annotations") }).dropFirst(item.annotationCount) {
      builder.source(ResponsesItems.annotation(annotation))
    }
  }

  private func readReasoning(_ json: JSON, _ item: Item, _ builder: ResponseBuilder) {
    builder.openReasoning(block: item.index)
    let parts = json.elements("summary") + json.elements("content")
    complete(.reasoning, from: item.reasoningStart, with: parts.compactMap { $0["text"] }, item, builder)
    for detail in ResponsesItems.details(of: json) { builder.reasoningDetail(detail) }
  }

  /// Adds what the deltas of an item left out, which may be all of it.
  private func complete(
    _ kind: AnswerBlock.Kind, from start: Int?, with texts: [JSON], _ item: Item, _ builder: ResponseBuilder
  ) {
    let whole = ByteBuffer()
    for text in texts {
      if let bytes = text.stringBytes { whole.append(bytes) }
    }
    builder.complete(kind, from: start ?? builder.length(of: kind), with: whole, block: item.index)
  }

  private func readCall(
    _ json: JSON, arguments: JSON?, _ item: Item, _ builder: ResponseBuilder
  ) throws(LLMError) {
    let isCustom = json.says("type", "custom_tool_call")
    let id = json.string("call_id") ?? json.string("id")
    let tool = try tool(of: item, id: id, name: json.string("name"), isCustom: isCustom, builder)
    if !item.hasArguments { builder.toolArguments(tool, arguments) }
    builder.endTool(tool)
  }

  /// A call of one of the service's own tools, or something new: kept as it is, with what it found.
  private func readOther(_ json: JSON, _ item: Item, _ builder: ResponseBuilder) {
    builder.opaque(json, block: item.index)
    for source in ResponsesItems.sources(of: json) { builder.source(source) }
    guard json.says("type", "image_generation_call"), let data = json.string("result") else { return }
    let url = JSON.object()
    url.set("url", formatted("data:image/\(json.string("output_format") ?? "png");base64,\(data)"))
    let images = builder.messageExtra("images")?.copy() ?? JSON.array()
    images.append(.typed("image_url", "image_url", url))
    builder.setMessageExtra("images", images)
  }

  private func readEnd(_ response: JSON, _ builder: ResponseBuilder) throws(LLMError) {
    readHead(response, builder)
    for (index, json) in response.elements("output").enumerated() {
      try readWhole(json, item(json.string("id"), at: index), builder)
    }
    items.sort { $0.index < $1.index }
    builder.setExtra("service_tier", response["service_tier"])
    if let usage = response["usage"], usage.isObject { builder.report(Usage(responses: usage)) }
    if response["error"] != nil { throw ServiceError(response).error(status: nil, stage: .stream) }
    try readFinish(response, builder)
  }

  private func readFinish(_ response: JSON, _ builder: ResponseBuilder) throws(LLMError) {
    let status = response.string("status") ?? "completed"
    switch status {
    case "incomplete": builder.finish(response.string("incomplete_details", "reason") ?? "max_output_tokens")
    case "failed":
      throw LLMError(
        .serverError, "the service says that the response failed, and not why", stage: .stream, providerError: response)
    case "completed": builder.finish(.stop, raw: status)
    default: builder.finish(.error, raw: status)
    }
  }
}

extension Usage {
  /// The same under the names of Responses.
  fileprivate convenience init(responses usage: JSON) {
    self.init()
    prompt = usage.int("input_tokens")
    completion = usage.int("output_tokens")
    total = usage.int("total_tokens")
    cached = usage.int("input_tokens_details", "cached_tokens")
    reasoning = usage.int("output_tokens_details", "reasoning_tokens")
    let rest = usage.copy()
    for name in ["input_tokens", "output_tokens", "input_tokens_details", "output_tokens_details"] {
      rest.remove(named: name)
    }
    extra = rest
  }
}
