import LLMConfig
import LLMCore
import LLMWire

/// OpenAI's chat completions (`/v1/chat/completions`), and what a hundred services made of it: where a service departs,
/// its row's quirks say so.
public final class OpenAIChat: Dialect {
  /// Stateless.
  public init() {}

  // MARK: Requests

  /// The caller's request, with what the service cannot take left out or renamed.
  public func encodeChat(_ request: ChatRequest, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    let body = request.draft
    body.set("model", context.model)
    try OpenAIRequest(context).adapt(body, request)
    return context.makeRequest(
      path: OpenAIPaths.path("/chat/completions", context.endpoint.paths.chat, context), draft: body)
  }

  /// One decoder for chunks and whole answers.
  public func makeChatDecoder(_ context: RequestContext) -> any ChatDecoder { OpenAIChatDecoder(context) }

  // MARK: Embeddings and models

  /// The caller's request as it is.
  public func encodeEmbeddings(_ request: JSON, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    let body = JSONDraft(request)
    body.remove("llm")
    body.set("model", context.model)
    return context.makeRequest(
      path: OpenAIPaths.path("/embeddings", context.endpoint.paths.embeddings, context), draft: body)
  }

  /// The service's answer as it is, once it is one.
  public func decodeEmbeddings(_ body: JSON, _ context: RequestContext) throws(LLMError) -> JSON {
    if body["error"] != nil { throw serviceError(in: body).error(status: 200, stage: .decode) }
    guard body["data"]?.isArray ?? false else {
      throw LLMError(
        .protocol, "the service's answer has no embeddings (\"data\")", stage: .decode, providerError: body)
    }
    return body.copy()
  }

  /// `/rerank`, which OpenAI has not and many of its neighbours have.
  public func encodeRerank(_ request: JSON, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    try Rerank.encode(request, path: OpenAIPaths.path("/rerank", context.endpoint.paths.rerank, context), context)
  }

  /// One page holds them all.
  public func encodeModels(cursor: String?, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    context.makeRequest(method: "GET", path: OpenAIPaths.path("/models", context.endpoint.paths.models, context))
  }

  /// `{"data":[…]}`, or the bare array that some services send.
  public func decodeModels(
    _ body: JSON, _ context: RequestContext
  ) throws(LLMError) -> (models: [JSON], cursor: String?) {
    if body["error"] != nil { throw serviceError(in: body).error(status: 200, stage: .decode) }
    guard let list = body.isArray ? body : (body["data"] ?? body["models"]), list.isArray else {
      throw LLMError(.protocol, "the service's answer has no list of models", stage: .decode, providerError: body)
    }
    return (list.elements.filter { $0["id"] != nil }, nil)
  }
}

/// Addresses below the base URL, Azure's included.
enum OpenAIPaths {
  static func path(_ standard: String, _ configured: String?, _ context: RequestContext) -> String {
    if let configured { return configured.replacing("{model}", with: context.model.percentEncoded()) }
    guard context.quirks.contains(.azurePaths) else { return standard }
    guard let version = context.endpoint.settings.string("api_version"), version != "v1" else {
      return "/openai/v1" + standard
    }
    let deployment = context.endpoint.settings.string("deployment") ?? context.model
    let query = "?api-version=" + version.percentEncoded()
    if !namesDeployment(standard) { return "/openai" + standard + query }
    return "/openai/deployments/" + deployment.percentEncoded() + standard + query
  }

  private static func namesDeployment(_ standard: String) -> Bool {
    standard == "/chat/completions" || standard == "/completions" || standard == "/embeddings"
  }
}

// MARK: - Adapting a request to a service

/// Takes an OpenAI request to what a row's quirks allow; what is dropped or changed is a warning.
struct OpenAIRequest {
  private let context: RequestContext
  private var quirks: Quirks { context.quirks }

  init(_ context: RequestContext) { self.context = context }

  /// The parameters that completions have as well.
  func adapt(parametersOf body: JSONDraft) throws(LLMError) {
    adaptStreaming(body)
    adaptTokenBound(body)
    if quirks.contains(.modelInPath) { body.remove("model") }
    try dropRefused(body)
    if quirks.contains(.randomSeed) { body.set("random_seed", body.take("seed")) }
  }

  func adapt(_ body: JSONDraft, _ request: ChatRequest) throws(LLMError) {
    try adapt(parametersOf: body)
    try adaptReasoning(body)
    if quirks.contains(.toolChoiceAny), case .required = request.toolChoice {
      body.set("tool_choice", "any")
    }
    if quirks.contains(.noJSONSchema), case .jsonSchema(_, let schema, _) = request.responseFormat {
      try replaceSchema(body, schema)
    }
    try adaptMessages(body, request)
    if !quirks.contains(.cacheControl), let tools = body["tools"],
      tools.elements.contains(where: { $0.has("cache_control") })
    {
      body.set("tools", .array(tools.elements.map { without(["cache_control"], $0) }))
    }
  }

  private func adaptStreaming(_ body: JSONDraft) {
    guard context.isStreaming else {
      body.remove("stream")
      body.remove("stream_options")
      return
    }
    body.set("stream", true)
    guard !quirks.contains(.noStreamOptions) else { return body.remove("stream_options") }
    let options = body["stream_options"]?.copy() ?? JSON.object()
    options.setDefault("include_usage", .boolean(true))
    body.set("stream_options", options)
  }

  private func adaptTokenBound(_ body: JSONDraft) {
    let (from, to): (StaticText, StaticText) =
      quirks.contains(.maxTokens)
      ? ("max_completion_tokens", "max_tokens") : ("max_tokens", "max_completion_tokens")
    guard quirks.contains(.maxTokens) || quirks.contains(.maxCompletionTokens), let bound = body[from] else { return }
    body.remove(from)
    body.setDefault(named: to.text, bound)
  }

  private static let refusals: [(quirk: Quirks, names: [StaticText])] = [
    (.noParallelToolCalls, ["parallel_tool_calls"]), (.noSeed, ["seed"]),
    (.noPenalties, ["frequency_penalty", "presence_penalty"]), (.noLogprobs, ["logprobs", "top_logprobs"]),
    (.noUser, ["user"]), (.noStop, ["stop"]), (.noTemperature, ["temperature"]),
  ]

  private func dropRefused(_ body: JSONDraft) throws(LLMError) {
    for row in Self.refusals where quirks.contains(row.quirk) {
      for name in row.names { try drop(name, from: body) }
    }
    if quirks.contains(.singleChoice), let count = body["n"]?.int {
      body.remove("n")
      if count > 1 { try warnDropped("n") }
    }
  }

  private func drop(_ name: StaticText, from body: JSONDraft) throws(LLMError) {
    if body.take(name) != nil { try warnDropped(name) }
  }

  private func warnDropped(_ name: StaticText) throws(LLMError) {
    try context.warn(
      "unsupported_parameter", "\(context.endpoint.profile.label) does not take \"\(name)\"; it was left out",
      param: "/" + name.text)
  }

  private func adaptReasoning(_ body: JSONDraft) throws(LLMError) {
    guard let effort = body["reasoning_effort"] else { return }
    if quirks.contains(.noReasoningEffort) { return try drop("reasoning_effort", from: body) }
    guard quirks.contains(.reasoningObject) else { return }
    body.remove("reasoning_effort")
    let reasoning = body["reasoning"]?.copy() ?? JSON.object()
    reasoning.setDefault("effort", effort)
    body.set("reasoning", reasoning)
  }

  /// A service that knows only "some JSON" is told the schema in words.
  private func replaceSchema(_ body: JSONDraft, _ schema: JSON) throws(LLMError) {
    try context.warn(
      "changed_parameter",
      "\(context.endpoint.profile.label) does not hold answers to a schema; it was asked for JSON and told the schema",
      param: "/response_format")
    let format = JSON.object()
    format.set("type", "json_object")
    body.set("response_format", format)
    let instruction = JSON.object()
    instruction.set("role", "system")
    instruction.set("content", "Answer with a JSON object that fits this JSON Schema: " + schema.text)
    body.set("messages", .array([instruction] + (body["messages"]?.elements ?? [])))
  }

  // MARK: Messages

  private func adaptMessages(_ body: JSONDraft, _ request: ChatRequest) throws(LLMError) {
    guard request.messages.contains(where: { needsChange($0) }) else { return }
    let adapted = body["messages"]?.elements.map { adapt(message: $0) }
    body.set("messages", adapted.map { .array($0) })
  }

  private func needsChange(_ message: ChatMessage) -> Bool {
    if message.role == .developer { return quirks.contains(.noDeveloperRole) }
    if quirks.contains(.shortToolIDs), message.role == .tool || !message.toolCalls.isEmpty { return true }
    if quirks.contains(.flatContent), message.json["content"]?.isArray ?? false { return true }
    if message.cacheControl != nil || message.parts.contains(where: { $0.cacheControl != nil }) {
      if !quirks.contains(.cacheControl) { return true }
    }
    return message.role == .assistant && Self.ownMembers.contains { message.json.has(named: $0.text) }
      || message.toolCalls.contains { $0.extraContent != nil }
  }

  /// What responses of this library carry and not every service takes back.
  private static let ownMembers: [StaticText] = [
    "reasoning_content", "reasoning_details", "reasoning", "extra_content", "annotations",
  ]

  private func adapt(message: JSON) -> JSON {
    let adapted = without(membersToDrop, message)
    if quirks.contains(.noDeveloperRole), message.says("role", "developer") {
      adapted.set("role", "system")
    }
    if quirks.contains(.shortToolIDs) { shortenToolIDs(of: adapted) }
    if quirks.contains(.strictMessages), let calls = adapted["tool_calls"], calls.isArray {
      adapted.set("tool_calls", .array(calls.elements.map { without(["extra_content"], $0) }))
    }
    if let content = message["content"], content.isArray { adapted.set("content", adapt(parts: content.elements)) }
    return adapted
  }

  /// The same id becomes the same short one in the call and in its answer.
  private func shortenToolIDs(of message: JSON) {
    if let id = message.string("tool_call_id") { message.set("tool_call_id", shortToolID(id)) }
    guard let calls = message["tool_calls"], calls.isArray else { return }
    message.set(
      "tool_calls",
      .array(
        calls.elements.map { call in
          let short = call.copy()
          short.set("id", call.string("id").map { .string(shortToolID($0)) })
          return short
        }))
  }

  private func shortToolID(_ id: String) -> String {
    let length = 9
    if id.utf8.count == length, id.utf8.allSatisfy({ $0.isASCIIAlphanumeric }) { return id }
    var hash = fnv1a(id.utf8)
    var digits: [UInt8] = []
    for _ in 0..<length {
      let digit = UInt8(hash % 36)
      digits.append(digit < 10 ? 0x30 &+ digit : 0x57 &+ digit)
      hash /= 36
    }
    return String(decoding: digits, as: UTF8.self)
  }

  private var membersToDrop: [StaticText] {
    var names: [StaticText] = ["annotations"]
    if !quirks.contains(.reasoningContentBack) { names += ["reasoning_content", "reasoning"] }
    if !quirks.contains(.reasoningDetailsBack) { names.append("reasoning_details") }
    if quirks.contains(.strictMessages) { names.append("extra_content") }
    if !quirks.contains(.cacheControl) { names.append("cache_control") }
    return names
  }

  private func adapt(parts: [JSON]) -> JSON {
    let cleaned = quirks.contains(.cacheControl) ? parts : parts.map { without(["cache_control"], $0) }
    let isOnlyText = cleaned.allSatisfy { $0.says("type", "text") }
    guard quirks.contains(.flatContent), isOnlyText else { return .array(cleaned) }
    return .string(cleaned.reduce("") { $0 + ($1.string("text") ?? "") })
  }

  private func without(_ names: [StaticText], _ value: JSON) -> JSON {
    guard value.isObject else { return value }
    let copy = value.copy()
    for name in names { copy.remove(name) }
    return copy
  }
}

// MARK: - Reading answers

/// Reads chunks and whole answers. The most frequent chunk (one increment of text, thinking or arguments and nothing
/// else of interest) is matched in place on the received bytes; everything else is parsed.
final class OpenAIChatDecoder: ChatDecoder {
  private let context: RequestContext
  private let hotFields: [HotField]
  /// An answer that comes whole needs none.
  private lazy var hotPath = HotPath(hotFields)
  /// The first chunk tells what the hot path skips (id, model), and is always parsed.
  private var hasReadFirst = false
  private var legacyCall: ResponseBuilder.ToolHandle?
  private var sources = SearchResults()
  private var thinkTags: [(choice: Int, splitter: ThinkTagSplitter)] = []

  private static let choiceSlot = 0
  private static let toolSlot = 1
  private static let hotMembers: [HotField] = [
    HotField("id", .skip), HotField("object", .skip), HotField("created", .skip), HotField("model", .skip),
    HotField("system_fingerprint", .skip), HotField("service_tier", .skip), HotField("provider", .skip),
    HotField("usage", .null), HotField("obfuscation", .skip), HotField("p", .skip),
    HotField("choices.0.index", .integer(choiceSlot)), HotField("choices.0.finish_reason", .null),
    HotField("choices.0.native_finish_reason", .null), HotField("choices.0.logprobs", .null),
    HotField("choices.0.stop_reason", .null), HotField("choices.0.token_ids", .null),
    HotField("choices.0.seed", .null),
  ]
  private static let hotBareText: [HotField] = hotMembers + [HotField("choices.0.text", .text)]
  private static let hotChunk: [HotField] =
    hotMembers + [
      HotField("choices.0.text", .skip), HotField("choices.0.delta.role", .skip),
      HotField("choices.0.delta.content", .text), HotField("choices.0.delta.reasoning_content", .reasoning),
      HotField("choices.0.delta.reasoning", .reasoning), HotField("choices.0.delta.token_id", .skip),
      HotField("choices.0.delta.refusal", .null), HotField("choices.0.delta.function_call", .null),
      HotField("choices.0.delta.tool_calls.0.index", .integer(toolSlot)),
      HotField("choices.0.delta.tool_calls.0.id", .null), HotField("choices.0.delta.tool_calls.0.type", .skip),
      HotField("choices.0.delta.tool_calls.0.function.name", .null),
      HotField("choices.0.delta.tool_calls.0.function.arguments", .arguments),
    ]

  init(_ context: RequestContext) {
    self.context = context
    hotFields = Self.hotChunk
  }

  /// For services whose chunks carry bare text.
  init(bareText context: RequestContext) {
    self.context = context
    hotFields = Self.hotBareText
  }

  func decode(_ frame: Frame, into builder: ResponseBuilder) throws(LLMError) {
    if hasReadFirst, hotPath.match(frame.data), deliverHot(to: builder) { return }
    if isDone(frame.data) { return end(builder) }
    let chunk = try readPeerJSON(frame.data)
    if frame.event.elementsEqual("error".utf8) { throw ServiceError(chunk).error(status: nil, stage: .stream) }
    try read(chunk, isWhole: false, into: builder)
    hasReadFirst = builder.responseID != nil
  }

  func decode(whole body: JSON, into builder: ResponseBuilder) throws(LLMError) {
    guard body["choices"]?.isArray ?? false else {
      throw OpenAIChatDecoder.errorInPlaceOfAnswer(body)
    }
    try read(body, isWhole: true, into: builder)
  }

  /// What a service says in an HTTP 200 that is no answer.
  static func errorInPlaceOfAnswer(_ body: JSON) -> LLMError {
    let said = ServiceError(body)
    if body["error"] != nil || said.message != nil { return said.error(status: 200, stage: .decode) }
    return LLMError(.protocol, "the service's answer has no \"choices\"", stage: .decode, providerError: body)
  }

  /// Whether the matched chunk could be delivered: arguments may belong to a call that takes a closer look to find.
  private func deliverHot(to builder: ResponseBuilder) -> Bool {
    let choice = hotPath.integer(Self.choiceSlot)
    switch hotPath.kind {
    case .text: deliver(text: hotPath.payload, choice, builder)
    case .reasoning: builder.reasoning(hotPath.payload, choice: choice)
    case .arguments:
      guard let tool = builder.lastTool(choice: choice, serviceIndex: hotPath.integer(Self.toolSlot)) else {
        return false
      }
      builder.toolArguments(tool, hotPath.payload)
    case .empty: break
    }
    return true
  }

  /// `[DONE]` ends an answer that has a reason to end. Some gateways send it as well when the service behind them broke
  /// off, and then the answer is not whole.
  private func end(_ builder: ResponseBuilder) {
    if builder.hasReasonToEnd { builder.end() }
  }

  private func isDone(_ data: UnsafeRawBufferPointer) -> Bool {
    guard data.first == UInt8(ascii: "[") else { return false }
    return data.starts(with: "[DONE]".utf8)
  }

  /// Text, out of which thinking is taken where the service leaves it between tags.
  private func deliver(text: UnsafeRawBufferPointer, _ choice: Int, _ builder: ResponseBuilder) {
    guard context.quirks.contains(.thinkTags) else { return builder.text(text, choice: choice) }
    splitter(of: choice).split(text) { bytes, isThinking in
      OpenAIChatDecoder.deliver(bytes, isThinking, choice, builder)
    }
  }

  private static func deliver(
    _ bytes: UnsafeRawBufferPointer, _ isThinking: Bool, _ choice: Int, _ builder: ResponseBuilder
  ) {
    if isThinking { builder.reasoning(bytes, choice: choice) } else { builder.text(bytes, choice: choice) }
  }

  private func splitter(of choice: Int) -> ThinkTagSplitter {
    if let known = thinkTags.first(where: { $0.choice == choice }) { return known.splitter }
    let splitter = ThinkTagSplitter()
    thinkTags.append((choice, splitter))
    return splitter
  }

  /// What looked like the beginning of a tag and was none.
  func finish(into builder: ResponseBuilder) throws(LLMError) {
    for (choice, splitter) in thinkTags {
      splitter.finish { bytes, isThinking in OpenAIChatDecoder.deliver(bytes, isThinking, choice, builder) }
    }
  }

  // MARK: Chunks and answers

  /// Members that are read below; any other is passed on as it is.
  private static let knownMembers: [StaticText] = [
    "id", "object", "created", "model", "choices", "usage", "error", "obfuscation", "p",
  ]

  private func read(_ chunk: JSON, isWhole: Bool, into builder: ResponseBuilder) throws(LLMError) {
    guard chunk.isObject else { return }
    if chunk["error"] != nil { throw ServiceError(chunk).error(status: nil, stage: .stream) }
    builder.response(id: chunk.string("id"), model: chunk.string("model"), created: chunk.int("created"))
    chunk.forEachMember { name, value in
      if value.isNull || Self.knownMembers.contains(where: { $0.matches(name) }) { return }
      builder.setExtra(String(decoding: name, as: UTF8.self), value)
    }
    for choice in chunk.elements("choices") { try read(choice: choice, isWhole: isWhole, into: builder) }
    if context.quirks.contains(.searchResults) { sources.report(chunk, to: builder) }
    if let usage = chunk["usage"] ?? chunk["x_groq", "usage"], usage.isObject {
      builder.report(Usage(openAI: usage))
    }
  }

  private func read(choice: JSON, isWhole: Bool, into builder: ResponseBuilder) throws(LLMError) {
    guard choice.isObject else { return }
    let index = Int(clamping: choice.int("index") ?? 0)
    if let error = choice["error"] {
      throw ServiceError(error).error(status: nil, stage: .stream)
    }
    // Perplexity sends both: the message as it is so far beside each delta, and an empty delta beside a whole message.
    if choice["delta"] == nil, choice["message"] == nil { readBareText(choice, index, builder) }
    let delta = (isWhole ? choice["message"] ?? choice["delta"] : choice["delta"] ?? choice["message"]) ?? JSON.object()
    try read(message: delta, choice: index, into: builder)
    if let logprobs = choice["logprobs"], logprobs.isObject {
      builder.logprobs(LegacyLogprobs.modernized(logprobs), choice: index)
    }
    for name: StaticText in ["content_filter_results", "content_filter_result"] {
      if let results = choice[name] { builder.setMessageExtra(name.text, results, choice: index) }
    }
    if let reason = choice["finish_reason"] { builder.finish(reason.string ?? reason.text, choice: index) }
  }

  /// Completions of a bare prompt.
  private func readBareText(_ choice: JSON, _ index: Int, _ builder: ResponseBuilder) {
    if let text = choice["text"]?.stringBytes { deliver(text: text, index, builder) }
  }

  private func read(message: JSON, choice: Int, into builder: ResponseBuilder) throws(LLMError) {
    readReasoning(message, choice, builder)
    readContent(message["content"], choice, builder)
    builder.refusal(message["refusal"], choice: choice)
    for (position, call) in message.elements("tool_calls").enumerated() {
      try read(call: call, position: position, choice: choice, into: builder)
    }
    if let call = message["function_call"] { try read(legacyCall: call, choice: choice, into: builder) }
    for annotation in message.elements("annotations") { builder.source(annotation, choice: choice) }
    for name: StaticText in ["audio", "images"] {
      if let extra = message[name] { mergeExtra(name.text, extra, choice, builder) }
    }
    if let extra = message["extra_content"], extra.isObject {
      for (name, value) in extra.members { builder.setExtraContent(name, value, choice: choice) }
    }
  }

  /// The services spell it three ways; one that uses two at once says the same in both.
  private func readReasoning(_ message: JSON, _ choice: Int, _ builder: ResponseBuilder) {
    var text: JSON?
    for spelling: StaticText in ["reasoning_content", "reasoning", "thinking"] where text == nil {
      text = message[spelling].flatMap { $0.stringBytes?.isEmpty == false ? $0 : nil }
    }
    builder.reasoning(text, choice: choice)
    for detail in message.elements("reasoning_details") {
      builder.reasoningDetail(piece: detail, choice: choice)
      if text == nil { builder.reasoning(detail["text"] ?? detail["summary"], choice: choice) }
    }
  }

  /// A string, or parts: text, thinking (Mistral's, whose content is parts again), references.
  private func readContent(_ content: JSON?, _ choice: Int, _ builder: ResponseBuilder) {
    guard let content else { return }
    if let text = content.stringBytes { return deliver(text: text, choice, builder) }
    for part in content.isObject ? [content] : content.elements {
      switch part.string("type") {
      case "thinking": readThinking(part["thinking"], choice, builder)
      case "reference": builder.source(part, choice: choice)
      case "text", "output_text", nil: builder.text(part.isString ? part : part["text"], choice: choice)
      default: builder.opaque(part, choice: choice)
      }
    }
  }

  private func readThinking(_ thinking: JSON?, _ choice: Int, _ builder: ResponseBuilder) {
    builder.reasoning(thinking, choice: choice)
    for part in thinking?.elements ?? [] { builder.reasoning(part["text"], choice: choice) }
  }

  // MARK: Tool calls

  private func read(call: JSON, position: Int, choice: Int, into builder: ResponseBuilder) throws(LLMError) {
    let function = call["function"] ?? call["custom"]
    let arguments = function?["arguments"] ?? function?["input"]
    let index = call.int("index")
    let handle = try builder.toolForDelta(
      choice: choice, id: call.string("id"), serviceIndex: index.map { Int(clamping: $0) },
      name: function?.string("name"), startsArguments: startsObject(arguments), isCustom: call["custom"] != nil)
    builder.toolArguments(handle, arguments)
    if let extra = call["extra_content"] { builder.setToolExtra(handle, extra) }
  }

  private func startsObject(_ arguments: JSON?) -> Bool {
    guard let arguments else { return false }
    return arguments.isObject || arguments.stringBytes?.first == UInt8(ascii: "{")
  }

  /// `function_call`, from before tools.
  private func read(legacyCall call: JSON, choice: Int, into builder: ResponseBuilder) throws(LLMError) {
    let handle: ResponseBuilder.ToolHandle
    if let known = legacyCall {
      handle = known
      builder.complete(handle, id: nil, name: call.string("name"))
    } else {
      handle = try builder.beginTool(choice: choice, id: nil, name: call.string("name"))
      legacyCall = handle
    }
    builder.toolArguments(handle, call["arguments"])
  }

  /// Sound arrives in pieces of base64; pictures as a list that grows.
  private func mergeExtra(_ name: String, _ value: JSON, _ choice: Int, _ builder: ResponseBuilder) {
    guard let known = builder.messageExtra(name, choice: choice) else {
      return builder.setMessageExtra(name, value.deepCopy(), choice: choice)
    }
    for element in value.elements { known.append(element) }
    for (member, piece) in value.members {
      let isText = member == "data" || member == "transcript"
      if isText, let before = known[named: member]?.string, let more = piece.string {
        known.set(named: member, .string(before + more))
      } else {
        known.set(named: member, piece)
      }
    }
  }
}

/// What a service found by searching, told beside the choices: often again in every chunk.
private struct SearchResults {
  private var reported = 0

  /// The results with their titles, else the bare addresses.
  mutating func report(_ chunk: JSON, to builder: ResponseBuilder) {
    let results = chunk.elements("search_results")
    let found = results.isEmpty ? chunk.elements("citations") : results
    for result in found.dropFirst(reported) {
      let citation = result.isObject ? result : JSON.object()
      if !result.isObject { citation.set("url", result) }
      let source = JSON.object()
      source.set("type", "url_citation")
      source.set("url_citation", citation)
      builder.source(source)
    }
    reported = max(reported, found.count)
  }
}

/// Log probabilities of completions: parallel lists, which become chat's list of tokens.
private enum LegacyLogprobs {
  static func modernized(_ logprobs: JSON) -> JSON {
    guard let tokens = logprobs["tokens"], tokens.isArray else { return logprobs }
    let list = tokens.elements.enumerated().map { index, token in
      let entry = self.entry(token, logprobs["token_logprobs"]?[index])
      let alternatives = logprobs["top_logprobs"]?[index]?.members ?? []
      entry.set("top_logprobs", .array(alternatives.map { self.entry(.string($0.key), $0.value) }))
      return entry
    }
    let modern = JSON.object()
    modern.set("content", .array(list))
    return modern
  }

  private static func entry(_ token: JSON, _ logprob: JSON?) -> JSON {
    let entry = JSON.object()
    entry.set("token", token)
    entry.set("logprob", logprob ?? .null)
    return entry
  }
}
