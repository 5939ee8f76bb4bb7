import LLMConfig
import LLMCore
import LLMWire

/// Gemini's `generateContent` and `streamGenerateContent`, at Google AI Studio and (quirk `vertex_paths`) Vertex AI.
///
/// Members of Google's own are taken in a request under their own names (`safetySettings`, `thinkingConfig`,
/// `generationConfig`, … or in snake case); a tool of Google's own is `{"type":"google_search"}`, its settings beside
/// the type. What only this service reads in its own messages (parts in their order, with thought signatures, and
/// grounding metadata) comes back in `extra_content.google`.
public final class GeminiGenerate: Dialect {
  /// Stateless.
  public init() {}

  // MARK: Chats

  /// A `GenerateContentRequest`.
  public func encodeChat(_ request: ChatRequest, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    let body = try GeminiRequest(request, context).makeBody()
    return context.makeRequest(path: GeminiPaths.generate(context), body: body)
  }

  /// One decoder for chunks, arrays of chunks and whole answers.
  public func makeChatDecoder(_ context: RequestContext) -> any ChatDecoder { GeminiDecoder(context) }

  // MARK: Counting

  private static let countedByVertex: [StaticText] = ["contents", "systemInstruction", "tools", "generationConfig"]

  /// `countTokens` of the whole request, tools and system instruction included.
  public func encodeTokenCount(_ request: ChatRequest, _ context: RequestContext) throws(LLMError) -> HTTPRequest? {
    let body = try GeminiRequest(request, context).makeBody()
    let path = GeminiPaths.model(context) + ":countTokens"
    if context.quirks.contains(.vertexPaths) {
      for (name, _) in body.members where !Self.countedByVertex.contains(where: { $0.matches(name) }) {
        body.remove(named: name)
      }
      return context.makeRequest(path: path, body: body)
    }
    body.set("model", GeminiPaths.resource(context))
    return context.makeRequest(path: path, body: .make(["generateContentRequest": body]))
  }

  /// `totalTokens`.
  public func decodeTokenCount(_ body: JSON, _ context: RequestContext) throws(LLMError) -> Int64 {
    if body["error"] != nil { throw serviceError(in: body).error(status: 200, stage: .decode) }
    guard let count = body.int("totalTokens") else {
      throw LLMError(.protocol, "the service's answer has no \"totalTokens\"", stage: .decode, providerError: body)
    }
    return count
  }

  // MARK: Embeddings

  /// `embedContent` for one text, `batchEmbedContents` for several; Vertex AI has `predict` for both.
  public func encodeEmbeddings(_ request: JSON, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    let embeddings = try GeminiEmbeddings(request, context)
    return context.makeRequest(
      path: context.endpoint.paths.embeddings ?? embeddings.path, body: embeddings.makeBody())
  }

  /// The vectors in OpenAI's shape.
  public func decodeEmbeddings(_ body: JSON, _ context: RequestContext) throws(LLMError) -> JSON {
    if body["error"] != nil { throw serviceError(in: body).error(status: 200, stage: .decode) }
    return try GeminiEmbeddings.read(body, context)
  }

  // MARK: Models

  /// Pages of a thousand. Vertex AI lists no models below a project.
  public func encodeModels(cursor: String?, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    if context.quirks.contains(.vertexPaths), context.endpoint.paths.models == nil {
      throw context.unsupported("a list of models")
    }
    var path = (context.endpoint.paths.models ?? "/models") + "?pageSize=1000"
    if let cursor { path += "&pageToken=" + cursor.percentEncoded() }
    return context.makeRequest(method: "GET", path: path)
  }

  /// `models` with their limits under the library's names too.
  public func decodeModels(
    _ body: JSON, _ context: RequestContext
  ) throws(LLMError) -> (models: [JSON], cursor: String?) {
    if body["error"] != nil { throw serviceError(in: body).error(status: 200, stage: .decode) }
    // A key without models gets `{}`.
    guard body.isObject else {
      throw LLMError(.protocol, "the service's answer has no list of models", stage: .decode, providerError: body)
    }
    let models = (body["models"] ?? body["publisherModels"])?.elements ?? []
    let cursor = body.string("nextPageToken").flatMap { $0.isEmpty ? nil : $0 }
    return (models.compactMap { GeminiGenerate.model($0) }, cursor)
  }

  /// By the model's name, except Vertex AI.
  public func describesModels(_ quirks: Quirks) -> Bool { !quirks.contains(.vertexPaths) }

  /// The model's own resource.
  public func encodeModelInfo(_ model: String, _ context: RequestContext) throws(LLMError) -> HTTPRequest? {
    context.quirks.contains(.vertexPaths)
      ? nil : context.makeRequest(method: "GET", path: GeminiPaths.model(named: model, context))
  }

  /// The resource, as in the list.
  public func decodeModelInfo(_ body: JSON, _ model: String, _ context: RequestContext) throws(LLMError) -> JSON {
    if let model = GeminiGenerate.model(body) { return model }
    throw serviceError(in: body).error(status: 200, stage: .decode)
  }

  private static func model(_ resource: JSON) -> JSON? {
    guard let name = resource.string("name") else { return nil }
    let model = resource.copy()
    model.set("id", name.pieces(separatedBy: UInt8(ascii: "/")).last ?? name)
    model.set("object", "model")
    model.set("label", resource["displayName"])
    model.set("context_window", resource["inputTokenLimit"])
    model.set("max_output_tokens", resource["outputTokenLimit"])
    return model
  }

  // MARK: Errors

  /// Google's error model: the status word, and in `details` the reason, the pause and the quota.
  public func serviceError(in body: JSON) -> ServiceError { GeminiError.read(body) }
}

/// Errors in Google's shape.
enum GeminiError {
  static func read(_ body: JSON) -> ServiceError {
    var error = ServiceError(body)
    for detail in error.raw.elements("details") {
      if detail.string("reason")?.startsWith("API_KEY_") ?? false { error.code = .authentication }
      if let delay = detail.string("retryDelay"), delay.endsWith("s") {
        error.retryAfterMilliseconds = RetryAfter.decimalMilliseconds(
          delay.keeping(bytes: delay.utf8.count - 1), scale: 1000)
      }
    }
    if error.raw.int("code") == 429 || error.kinds.contains("RESOURCE_EXHAUSTED") {
      error.code = isDailyQuota(error.raw) ? .quotaExceeded : rateCode(error)
    }
    return error
  }

  /// "You exceeded your current quota" is said of a minute's quota too; only one that names no pause is spent.
  private static func rateCode(_ error: ServiceError) -> ErrorCode? {
    error.retryAfterMilliseconds == nil ? nil : .rateLimited
  }

  private static func isDailyQuota(_ error: JSON) -> Bool {
    error.elements("details").contains { detail in
      detail.elements("violations").contains { $0.string("quotaId")?.containsText("PerDay") ?? false }
    }
  }
}

// MARK: - Addresses

/// Addresses below the base URL.
enum GeminiPaths {
  /// Where answers are asked for. A configured path may hold `{model}` and `{method}`.
  static func generate(_ context: RequestContext) -> String {
    let method = context.isStreaming ? "streamGenerateContent" : "generateContent"
    guard let path = context.endpoint.paths.chat else {
      return model(context) + ":" + method + (context.isStreaming ? "?alt=sse" : "")
    }
    return path.replacing("{model}", with: escaped(context.model)).replacing("{method}", with: method)
  }

  /// The model of the call.
  static func model(_ context: RequestContext) -> String { model(named: context.model, context) }

  /// A model's address; names of tuned models and of Vertex AI's endpoints are taken as they are.
  static func model(named name: String, _ context: RequestContext) -> String {
    let name = escaped(name)
    guard context.quirks.contains(.vertexPaths) else { return "/" + resource(named: name) }
    if name.startsWith("projects/") { return "/" + name }
    return project(context) + (name.containsText("/") ? "/" : "/publishers/google/models/") + name
  }

  /// The model's name in bodies.
  static func resource(_ context: RequestContext) -> String { resource(named: context.model) }

  private static func resource(named name: String) -> String { name.containsText("/") ? name : "models/" + name }

  /// Without a project the key is one of Vertex AI's "express mode", whose addresses begin at the publisher.
  private static func project(_ context: RequestContext) -> String {
    guard let project = context.endpoint.settings.string("project") else { return "" }
    let location = context.endpoint.settings.string("location") ?? "global"
    return "/projects/" + project.percentEncoded() + "/locations/" + location.percentEncoded()
  }

  private static func escaped(_ name: String) -> String { name.percentEncoded(keeping: "/@") }
}

/// What a model's name tells of what it takes.
struct GeminiModel {
  /// The generation; nil for names that do not tell it: aliases ("gemini-flash-latest"), tuned models, endpoints.
  private let generation: (major: Int64, minor: Int64)?
  /// Of the larger sort, which always thinks.
  let isPro: Bool
  private let isGemma: Bool

  init(_ name: String) {
    isPro = name.containsText("-pro")
    isGemma = name.containsText("gemma")
    let words = name.pieces(separatedBy: UInt8(ascii: "-"))
    let number = words.firstIndex { $0.endsWith("gemini") }.flatMap { $0 + 1 < words.count ? words[$0 + 1] : nil }
    let digits = (number ?? "").pieces(separatedBy: UInt8(ascii: ".")).compactMap { $0.asInteger }
    generation = digits.first.map { ($0, digits.count > 1 ? digits[1] : 0) }
  }

  private func isAtLeast(_ major: Int64, _ minor: Int64) -> Bool? {
    generation.map { $0.major > major || ($0.major == major && $0.minor >= minor) }
  }

  /// Whether it thinks in levels and wants its thought signatures back.
  var isThirdGeneration: Bool { isAtLeast(3, 0) ?? false }
  /// The first model that thinks in levels knows only two of them.
  var knowsOnlyLowAndHigh: Bool { isPro && generation?.major == 3 && generation?.minor == 0 }
  /// Whether it thinks.
  var thinks: Bool { !isGemma && isAtLeast(2, 5) ?? true }
  /// Whether it takes JSON Schema as it is.
  var takesJSONSchema: Bool { !isGemma && isAtLeast(2, 5) ?? true }
}

// MARK: - Requests

/// A chat request in Gemini's words.
struct GeminiRequest {
  private let request: ChatRequest
  private let context: RequestContext
  private let model: GeminiModel

  init(_ request: ChatRequest, _ context: RequestContext) {
    self.request = request
    self.context = context
    model = GeminiModel(context.model)
  }

  private static let generationMembers: [(name: StaticText, theirs: StaticText)] = [
    ("temperature", "temperature"), ("top_p", "topP"), ("top_k", "topK"), ("seed", "seed"), ("n", "candidateCount"),
    ("presence_penalty", "presencePenalty"), ("frequency_penalty", "frequencyPenalty"),
    ("logprobs", "responseLogprobs"), ("top_logprobs", "logprobs"),
    ("thinkingConfig", "thinkingConfig"), ("thinking_config", "thinkingConfig"),
    ("responseModalities", "responseModalities"), ("speechConfig", "speechConfig"), ("speech_config", "speechConfig"),
    ("imageConfig", "imageConfig"), ("image_config", "imageConfig"), ("mediaResolution", "mediaResolution"),
    ("media_resolution", "mediaResolution"),
  ]
  private static let ownMembers: [(name: StaticText, theirs: StaticText)] = [
    ("safetySettings", "safetySettings"), ("safety_settings", "safetySettings"), ("cachedContent", "cachedContent"),
    ("cached_content", "cachedContent"), ("labels", "labels"), ("toolConfig", "toolConfig"),
    ("tool_config", "toolConfig"), ("generationConfig", "generationConfig"), ("generation_config", "generationConfig"),
  ]
  private static let otherMembers: [StaticText] = [
    "max_tokens", "max_completion_tokens", "stop", "reasoning_effort", "reasoning", "modalities", "stream_options",
    "parallel_tool_calls",
  ]

  func makeBody() throws(LLMError) -> JSON {
    let body = JSON.object()
    var contents = GeminiContents(model, context)
    for message in request.messages { try contents.add(message) }
    guard contents.hasTurns else {
      throw LLMError(
        .invalidRequest, "\(context.endpoint.profile.label) needs a message of the user's", param: "/messages")
    }
    body.set("contents", contents.document)
    body.set("systemInstruction", contents.systemInstruction)
    try addTools(to: body)
    let generation = try makeGenerationConfig()
    if generation.count > 0 { body.set("generationConfig", generation) }
    for member in Self.ownMembers {
      if let value = request[member.name] { merge(value, into: body, as: member.theirs.text) }
    }
    try request.warnOfUnused(
      except: Self.generationMembers.map { $0.name } + Self.ownMembers.map { $0.name } + Self.otherMembers, context)
    return body
  }

  private func merge(_ value: JSON, into body: JSON, as name: String) {
    guard let known = body[named: name], known.isObject, value.isObject else { return body.set(named: name, value) }
    known.merge(value)
  }

  // MARK: Generation

  private func makeGenerationConfig() throws(LLMError) -> JSON {
    let config = JSON.object()
    for member in Self.generationMembers { config.set(member.theirs, request[member.name]) }
    config.set("maxOutputTokens", request.maxTokens)
    if !request.stop.isEmpty { config.set("stopSequences", .array(request.stop)) }
    if let modalities = request["modalities"]?.elements.compactMap({ $0.string }) {
      config.set("responseModalities", .array(modalities.map { $0.asciiUppercased }))
    }
    try addFormat(to: config)
    if !config.has("thinkingConfig") { config.set("thinkingConfig", try makeThinkingConfig()) }
    return config
  }

  private func addFormat(to config: JSON) throws(LLMError) {
    switch request.responseFormat {
    case .jsonObject: config.set("responseMimeType", "application/json")
    case .jsonSchema(_, let schema, _):
      let pointer = "/response_format" + (request["response_format", "json_schema"] == nil ? "" : "/json_schema")
      let fitted = try GeminiSchema(
        schema, at: pointer + "/schema", modelTakesJSONSchema: model.takesJSONSchema, context)
      config.set("responseMimeType", "application/json")
      config.set(fitted.isJSONSchema ? "responseJsonSchema" : "responseSchema", fitted.document)
    case .other:
      try context.warn(
        "unsupported_parameter", "\(context.endpoint.profile.label) does not know this response format",
        param: "/response_format")
    case .text, nil: break
    }
  }

  // MARK: Thinking

  /// An effort in the words of the two generations; budgets as Google's own OpenAI-compatible service sets them.
  private struct Effort {
    let word: StaticText
    let level: StaticText
    let budget: Int64
  }

  private static let efforts = [
    Effort(word: "none", level: "MINIMAL", budget: 0), Effort(word: "minimal", level: "MINIMAL", budget: 1024),
    Effort(word: "low", level: "LOW", budget: 1024), Effort(word: "medium", level: "MEDIUM", budget: 8192),
    Effort(word: "high", level: "HIGH", budget: 24_576), Effort(word: "xhigh", level: "HIGH", budget: 24_576),
    Effort(word: "max", level: "HIGH", budget: 24_576),
  ]
  private static let smallestProBudget: Int64 = 128
  private static let largestProBudget: Int64 = 32_768

  private func makeThinkingConfig() throws(LLMError) -> JSON? {
    let tellsThoughts = !(request["reasoning"]?.bool("exclude") ?? false)
    if let budget = request["reasoning", "max_tokens"] {
      return .make(["thinkingBudget": budget, "includeThoughts": .boolean(tellsThoughts)])
    }
    guard let word = request.reasoningEffort else { return nil }
    guard model.thinks, let effort = Self.efforts.first(where: { $0.word.matches(word) }) else {
      try context.warn(
        "unsupported_parameter", "\(context.model) has no reasoning effort \"\(word)\"; it was left out",
        param: "/reasoning_effort")
      return nil
    }
    let config = model.isThirdGeneration ? try level(for: effort) : try budget(for: effort)
    if word != "none" { config.set("includeThoughts", tellsThoughts) }
    return config
  }

  private func level(for effort: Effort) throws(LLMError) -> JSON {
    var level = effort.level.text
    if model.isPro, level == "MINIMAL" { level = "LOW" }
    if model.knowsOnlyLowAndHigh, level == "MEDIUM" { level = "HIGH" }
    if !level.equalsIgnoringCase(effort.word.text) { try warnOfEffort(effort, formatted("the level \(level)")) }
    return .make(["thinkingLevel": .string(level)])
  }

  private func budget(for effort: Effort) throws(LLMError) -> JSON {
    var budget = effort.budget
    if model.isPro {
      if effort.word.text == "xhigh" || effort.word.text == "max" { budget = Self.largestProBudget }
      if budget < Self.smallestProBudget {
        budget = Self.smallestProBudget
        try warnOfEffort(effort, formatted("a budget of \(budget) tokens, the least that it takes"))
      }
    }
    return .make(["thinkingBudget": .integer(budget)])
  }

  private func warnOfEffort(_ effort: Effort, _ what: String) throws(LLMError) {
    try context.warn(
      "changed_parameter", "\(context.model) has no reasoning effort \"\(effort.word)\"; it was given \(what)",
      param: "/reasoning_effort")
  }

  // MARK: Tools

  private func addTools(to body: JSON) throws(LLMError) {
    let functions = request.tools.filter { $0.isFunction }
    let services = request.tools.filter { !$0.isFunction }
    if request.bool("parallel_tool_calls") == false {
      try context.warn(
        "unsupported_parameter", "\(context.endpoint.profile.label) cannot be held to one tool call at a time",
        param: "/parallel_tool_calls")
    }
    guard !request.tools.isEmpty else { return }
    let tools = JSON.array()
    if !functions.isEmpty {
      let declarations = JSON.array()
      for tool in functions { declarations.append(try declaration(of: tool)) }
      tools.append(.make(["functionDeclarations": declarations]))
    }
    for tool in services { tools.append(GeminiRequest.serviceTool(tool.json)) }
    body.set("tools", tools)
    let config = JSON.object()
    if !functions.isEmpty { config.set("functionCallingConfig", try callingConfig()) }
    if !functions.isEmpty, !services.isEmpty, model.isThirdGeneration {
      config.set("includeServerSideToolInvocations", true)
    }
    if config.count > 0 { body.set("toolConfig", config) }
  }

  private func declaration(of tool: ChatTool) throws(LLMError) -> JSON {
    let declaration = JSON.make(["name": .string(tool.name), "description": .text(tool.summary)])
    // An object without properties is refused; no parameters say the same.
    guard let parameters = tool.parameters, parameters["properties"]?.count ?? 0 > 0 || parameters.has("$ref") else {
      return declaration
    }
    let pointer = tool.pointer + (tool.json["function"] == nil ? "/parameters" : "/function/parameters")
    let fitted = try GeminiSchema(parameters, at: pointer, modelTakesJSONSchema: model.takesJSONSchema, context)
    declaration.set(fitted.isJSONSchema ? "parametersJsonSchema" : "parameters", fitted.document)
    return declaration
  }

  /// `{"type":"google_search", …}` is `{"google_search":{…}}` to the service.
  private static func serviceTool(_ tool: JSON) -> JSON {
    let settings = tool.copy()
    settings.remove("type")
    var name = tool.string("type") ?? ""
    if name.startsWith("web_search") { name = "google_search" }
    if name == "code_interpreter" { name = "code_execution" }
    let document = JSON.object()
    document.set(named: name, tool[named: name] ?? settings)
    return document
  }

  private func callingConfig() throws(LLMError) -> JSON? {
    switch request.toolChoice {
    case .auto: return .make(["mode": .word("AUTO")])
    case .none?: return .make(["mode": .word("NONE")])
    case .required: return .make(["mode": .word("ANY")])
    case .function(let name): return .make(["mode": .word("ANY"), "allowedFunctionNames": .array([name])])
    case .other:
      try context.warn(
        "unsupported_parameter", "\(context.endpoint.profile.label) does not know this tool choice",
        param: "/tool_choice")
      return nil
    case nil: return nil
    }
  }
}

// MARK: - Contents

/// Messages as contents and parts.
private struct GeminiContents {
  /// A tool call of an earlier message, for the result that answers it.
  private struct Call {
    let id: String
    let name: String
    /// Whether the service gave the id: only then is it told the id back.
    let isServiceID: Bool
  }

  /// What a model of the third generation takes for the signature of a call that it did not make.
  private static let foreignSignature: StaticText = "skip_thought_signature_validator"

  private let model: GeminiModel
  private let context: RequestContext
  private var system: [JSON] = []
  private var turns: [JSON] = []
  private var calls: [Call] = []
  /// Results of one turn's calls, each with the place of its call: they are sent together, in the calls' order.
  private var results: [(place: Int, parts: [JSON])] = []

  init(_ model: GeminiModel, _ context: RequestContext) {
    self.model = model
    self.context = context
  }

  var hasTurns: Bool { !turns.isEmpty || !results.isEmpty }
  var systemInstruction: JSON? { system.isEmpty ? nil : .make(["parts": .array(system)]) }
  var document: JSON { .array(turns + pendingResults) }

  mutating func add(_ message: ChatMessage) throws(LLMError) {
    if message.role == .tool { return try addResult(message) }
    turns += pendingResults
    results = []
    switch message.role {
    case .system, .developer: try addSystem(message)
    case .user, .tool: addTurn("user", try parts(of: message))
    case .assistant: try addAnswer(message)
    }
  }

  private mutating func addTurn(_ role: StaticText, _ parts: [JSON]) {
    guard !parts.isEmpty else { return }
    turns.append(.make(["role": .word(role), "parts": .array(parts)]))
  }

  private mutating func addSystem(_ message: ChatMessage) throws(LLMError) {
    if !turns.isEmpty {
      try context.warn(
        "changed_parameter", "\(context.endpoint.profile.label) reads all system messages before the conversation",
        param: message.pointer)
    }
    system += try parts(of: message)
  }

  // MARK: What users send

  private func parts(of message: ChatMessage) throws(LLMError) -> [JSON] {
    var parts: [JSON] = []
    for part in message.parts {
      if let made = try self.part(part) { parts.append(made) }
    }
    return parts
  }

  private func part(_ part: ChatPart) throws(LLMError) -> JSON? {
    switch part.content {
    case .text(let text): return .make(["text": .string(text)])
    case .refusal(let text): return .make(["text": .string(text)])
    case .image(let source, let detail):
      if let detail, detail != "auto" {
        try context.warn(
          "unsupported_parameter", "\(context.endpoint.profile.label) has no \"detail\" for one picture",
          param: part.pointer + "/image_url/detail")
      }
      return media(source, mediaType: part.json.string("image_url", "media_type"))
    case .audio(let data, let format):
      return media(.base64(mediaType: "audio/" + format, data: data), mediaType: nil)
    case .file(let source, let name):
      let file = part.json["file"] ?? part.json
      let type = (file["media_type"] ?? file["mime_type"] ?? file["format"])?.string
      return media(source, mediaType: type ?? name.flatMap { MediaTypes.guess($0) })
    case .other(let type): return try other(part, type)
    }
  }

  private func other(_ part: ChatPart, _ type: String) throws(LLMError) -> JSON? {
    if let url = (part.json[named: type]?["url"] ?? part.json[named: type])?.string {
      return media(MediaSource(url: url), mediaType: nil)
    }
    try context.warn(
      "unsupported_content", "\(context.endpoint.profile.label) takes no parts of the type \"\(type)\"",
      param: part.pointer)
    return nil
  }

  private func media(_ source: MediaSource, mediaType: String?) -> JSON {
    switch source {
    case .base64(let type, let data):
      return .make(["inlineData": .make(["mimeType": .string(mediaType ?? type), "data": .string(data)])])
    case .url(let url): return fileData(url, mediaType ?? MediaTypes.guess(url))
    case .fileID(let id):
      return fileData(id.containsText("://") ? id : context.endpoint.baseURL + "/" + id, mediaType)
    }
  }

  private func fileData(_ url: String, _ mediaType: String?) -> JSON {
    .make(["fileData": .make(["mimeType": .text(mediaType), "fileUri": .string(url)])])
  }

  // MARK: What the model said

  private mutating func addAnswer(_ message: ChatMessage) throws(LLMError) {
    let returned = message.extraContent?["google", "content"]?.elements ?? []
    let parts = GeminiParts.say(returned, whatSays: message) ? returned : try rebuild(message)
    let functionCalls = parts.compactMap { $0["functionCall"] }
    calls = zip(message.toolCalls, functionCalls).map { call, sent in
      Call(id: call.id, name: call.name, isServiceID: sent["id"] != nil)
    }
    addTurn("model", parts)
  }

  /// A message of another service, of another program, or edited since.
  private func rebuild(_ message: ChatMessage) throws(LLMError) -> [JSON] {
    var parts = try self.parts(of: message).filter { $0["text"]?.stringBytes?.isEmpty != true }
    for (place, call) in message.toolCalls.enumerated() {
      let function = JSON.make(["name": .string(call.name), "args": call.argumentsObject])
      var signature = signature(of: call, message)
      if signature == nil, place == 0, model.isThirdGeneration { signature = .string(Self.foreignSignature) }
      parts.append(.make(["functionCall": function, "thoughtSignature": signature]))
    }
    return parts
  }

  private func signature(of call: ChatToolCall, _ message: ChatMessage) -> JSON? {
    if let own = call.extraContent?["google", "thought_signature"] { return own }
    return message.reasoningDetails.first {
      $0.string("id") == call.id && $0.says("format", GeminiParts.format)
    }?["data"]
  }

  // MARK: What tools answered

  private var pendingResults: [JSON] {
    guard !results.isEmpty else { return [] }
    let parts = results.sorted { $0.place < $1.place }.flatMap { $0.parts }
    return [.make(["role": .word("user"), "parts": .array(parts)])]
  }

  private mutating func addResult(_ message: ChatMessage) throws(LLMError) {
    let place = calls.firstIndex { $0.id == message.toolCallID }
    let call = place.map { calls[$0] }
    guard let name = call?.name ?? message.name else {
      throw LLMError(
        .invalidRequest,
        """
        the result answers no call of the message before, and \(context.endpoint.profile.label) knows results by the \
        tool's name: give a "tool_call_id" of that message, or "name"
        """,
        param: message.pointer + "/tool_call_id")
    }
    let media = try parts(of: message).filter { $0["text"] == nil }
    let response = JSON.make(["name": .string(name), "response": GeminiContents.response(message.text)])
    if call?.isServiceID ?? false { response.set("id", message.toolCallID) }
    if model.isThirdGeneration, !media.isEmpty { response.set("parts", .array(media)) }
    let part = JSON.make(["functionResponse": response])
    results.append((place ?? calls.count, [part] + (model.isThirdGeneration ? [] : media)))
  }

  /// A result is an object to the service; anything else becomes the `result` of one.
  private static func response(_ text: String) -> JSON {
    do throws(JSONSyntaxError) {
      let value = try JSON.parse(text)
      if value.isObject { return value }
    } catch {}
    return .make(["result": .string(text)])
  }
}

/// Types of media by the end of a name, for services that want to be told.
enum MediaTypes {
  private static let rows: [(ending: StaticText, type: StaticText)] = [
    (".png", "image/png"), (".jpg", "image/jpeg"), (".jpeg", "image/jpeg"), (".webp", "image/webp"),
    (".gif", "image/gif"), (".heic", "image/heic"), (".heif", "image/heif"), (".pdf", "application/pdf"),
    (".txt", "text/plain"), (".md", "text/md"), (".csv", "text/csv"), (".html", "text/html"),
    (".json", "application/json"), (".mp3", "audio/mp3"), (".wav", "audio/wav"), (".ogg", "audio/ogg"),
    (".flac", "audio/flac"), (".aac", "audio/aac"), (".mp4", "video/mp4"), (".mov", "video/mov"),
    (".mpeg", "video/mpeg"), (".webm", "video/webm"),
  ]

  /// The type behind a name or an address, its query left aside.
  static func guess(_ name: String) -> String? {
    let path = name.pieces(separatedBy: UInt8(ascii: "?"))[0].asciiLowercased
    return rows.first { path.endsWith($0.ending.text) }?.type.text
  }
}

// MARK: - Parts that go back

/// The parts of an answer as the service sent them, kept in `extra_content.google.content` for the next turn.
private enum GeminiParts {
  /// What OpenRouter calls these signatures in `reasoning_details`.
  static let format: StaticText = "google-gemini-v1"

  /// Whether parts say what a message says: it was not edited since.
  static func say(_ parts: [JSON], whatSays message: ChatMessage) -> Bool {
    guard !parts.isEmpty else { return false }
    let text = parts.reduce("") { $0 + ($1.bool("thought") ?? false ? "" : $1.string("text") ?? "") }
    let calls = parts.compactMap { $0["functionCall"] }
    guard text == message.text, calls.count == message.toolCalls.count else { return false }
    return zip(calls, message.toolCalls).allSatisfy { sent, call in
      sent.string("name") == call.name && (sent["args"] ?? .object()).equals(call.argumentsObject)
    }
  }

  /// The blocks of an answer as parts; `serviceIDs` are the ids that the service gave.
  static func make(_ builder: ResponseBuilder, choice: Int, serviceIDs: [String]) -> JSON {
    let parts = JSON.array()
    for block in builder.blocks(choice: choice) {
      let part = block.kind == .tool ? call(block, builder, choice, serviceIDs) : plain(block, builder, choice)
      if let signature = block.signature { part.set("thoughtSignature", signature) }
      parts.append(part)
    }
    return parts
  }

  private static func plain(_ block: AnswerBlock, _ builder: ResponseBuilder, _ choice: Int) -> JSON {
    if let opaque = block.opaque { return opaque }
    return .make([
      "text": builder.text(of: block, choice: choice), "thought": block.kind == .reasoning ? .boolean(true) : nil,
    ])
  }

  private static func call(
    _ block: AnswerBlock, _ builder: ResponseBuilder, _ choice: Int, _ serviceIDs: [String]
  ) -> JSON {
    guard let tool = builder.tool(of: block, choice: choice) else { return .object() }
    let isServiceID = tool.id.string.map { serviceIDs.contains($0) } ?? false
    let arguments = ByteBuffer()
    arguments.append(tool.arguments.string ?? "")
    let function = JSON.make([
      "id": isServiceID ? tool.id : nil, "name": tool.name,
      "args": withExtendedLifetime(arguments) { parsedObject(arguments.bytes) },
    ])
    return .make(["functionCall": function, "thoughtSignature": tool.extra?["google", "thought_signature"]])
  }

  /// Thoughts and signatures in OpenRouter's form, for programs to see.
  static func addReasoningDetails(_ builder: ResponseBuilder, choice: Int) {
    var index = 0
    for block in builder.blocks(choice: choice) {
      let signature = block.signature.map { JSON.string($0) }
      var detail: JSON?
      if block.kind == .reasoning {
        detail = .make([
          "type": .word("reasoning.text"), "text": builder.text(of: block, choice: choice), "signature": signature,
        ])
      } else if let tool = builder.tool(of: block, choice: choice) {
        detail = encrypted(tool.extra?["google", "thought_signature"], id: tool.id)
      } else {
        detail = encrypted(signature, id: nil)
      }
      guard let detail else { continue }
      detail.set("format", .word(format))
      detail.set("index", index)
      builder.reasoningDetail(detail, choice: choice)
      index += 1
    }
  }

  private static func encrypted(_ signature: JSON?, id: JSON?) -> JSON? {
    signature.map { .make(["type": .word("reasoning.encrypted"), "data": $0, "id": id]) }
  }
}

// MARK: - Answers

/// What is known of one candidate besides what the builder keeps.
private final class GeminiCandidate {
  let index: Int
  /// Parts with a signature are blocks of their own: each raises the number of the blocks that follow.
  var block = 0
  var hasSignature = false
  var hasOpaqueParts = false
  var serviceIDs: [String] = []
  var openCall: GeminiPartialCall?
  var grounding: JSON?
  var citations: [JSON] = []

  init(index: Int) { self.index = index }

  /// Whether plain text and tool calls do not say all that the next turn needs.
  var needsParts: Bool { hasSignature || hasOpaqueParts || !serviceIDs.isEmpty }
}

/// Reads chunks and whole answers. A chunk of one piece of text and nothing else of interest is matched in place.
final class GeminiDecoder: ChatDecoder {
  private let context: RequestContext
  private let hotPath = HotPath(GeminiDecoder.hotFields)
  private var candidates: [GeminiCandidate] = []
  /// The first chunk tells what the hot path skips (id, model, prompt tokens), and is always parsed.
  private var hasReadFirst = false

  private static let candidateSlot = 0
  private static let hotFields: [HotField] = [
    HotField("candidates.0.content.parts.0.text", .text), HotField("candidates.0.content.role", .skip),
    HotField("candidates.0.index", .integer(candidateSlot)), HotField("candidates.0.finishReason", .null),
    HotField("candidates.0.safetyRatings", .skip), HotField("usageMetadata", .skip), HotField("modelVersion", .skip),
    HotField("responseId", .skip), HotField("createTime", .skip),
  ]

  init(_ context: RequestContext) { self.context = context }

  private func candidate(_ index: Int) -> GeminiCandidate {
    if let known = candidates.first(where: { $0.index == index }) { return known }
    let made = GeminiCandidate(index: index)
    candidates.append(made)
    return made
  }

  func decode(_ frame: Frame, into builder: ResponseBuilder) throws(LLMError) {
    if hasReadFirst, hotPath.match(frame.data) {
      guard hotPath.kind == .text else { return }
      let index = hotPath.integer(Self.candidateSlot)
      return builder.text(hotPath.payload, choice: index, block: candidate(index).block)
    }
    // A proxy's habit, not Google's.
    if frame.data.starts(with: "[DONE]".utf8) { return }
    let document = try readPeerJSON(frame.data)
    for chunk in document.isArray ? document.elements : [document] { try read(chunk, into: builder) }
    hasReadFirst = true
  }

  /// Without `alt=sse` a stream is one JSON array of chunks.
  func decode(whole body: JSON, into builder: ResponseBuilder) throws(LLMError) {
    guard body.isArray else {
      try read(body, into: builder)
      if builder.choiceIndices.isEmpty {
        throw LLMError(.protocol, "the service's answer has no candidates", stage: .decode, providerError: body)
      }
      return
    }
    for chunk in body.elements { try read(chunk, into: builder) }
    if !builder.isComplete {
      throw LLMError(
        .streamTruncated, "the stream ended before the answer did; what had arrived is in `partial`", stage: .stream)
    }
  }

  func finish(into builder: ResponseBuilder) throws(LLMError) {
    for candidate in candidates {
      if builder.isComplete { closeCall(candidate, builder) }
      tellSources(candidate, builder)
      keepParts(candidate, builder)
    }
  }

  private func keepParts(_ candidate: GeminiCandidate, _ builder: ResponseBuilder) {
    let kept = JSON.object()
    if candidate.needsParts {
      kept.set(
        "content", GeminiParts.make(builder, choice: candidate.index, serviceIDs: candidate.serviceIDs))
    }
    kept.set("grounding_metadata", candidate.grounding)
    if kept.count > 0 { builder.setExtraContent("google", kept, choice: candidate.index) }
    if candidate.hasSignature { GeminiParts.addReasoningDetails(builder, choice: candidate.index) }
  }

  // MARK: Chunks

  private func read(_ chunk: JSON, into builder: ResponseBuilder) throws(LLMError) {
    guard chunk.isObject else { return }
    if chunk["error"] != nil { throw GeminiError.read(chunk).error(status: nil, stage: .stream) }
    builder.response(
      id: chunk.string("responseId"), model: chunk.string("modelVersion"),
      created: Timestamp.unixSeconds(chunk.string("createTime")))
    for (place, answer) in chunk.elements("candidates").enumerated() {
      try read(answer, candidate(Int(clamping: answer.int("index") ?? Int64(place))), into: builder)
    }
    if let feedback = chunk["promptFeedback"], let reason = feedback["blockReason"] {
      builder.setExtra("prompt_feedback", feedback)
      builder.finish(.contentFilter, raw: reason.string ?? reason.text)
    }
    if let usage = chunk["usageMetadata"] { builder.report(GeminiDecoder.usage(usage)) }
  }

  /// Thoughts are counted beside the answer's tokens, and what tools brought in beside the prompt's.
  private static func usage(_ metadata: JSON) -> Usage {
    let usage = Usage()
    let tools = metadata.int("toolUsePromptTokenCount")
    usage.prompt = metadata.int("promptTokenCount").map { $0 &+ (tools ?? 0) }
    usage.reasoning = metadata.int("thoughtsTokenCount")
    let answer = metadata.int("candidatesTokenCount") ?? metadata.int("responseTokenCount")
    if answer != nil || usage.reasoning != nil { usage.completion = (answer ?? 0) &+ (usage.reasoning ?? 0) }
    usage.total = metadata.int("totalTokenCount")
    usage.cached = metadata.int("cachedContentTokenCount")
    if let tools { usage.extra = .make(["prompt_tokens_details": .make(["tool_use_tokens": .integer(tools)])]) }
    return usage
  }

  private func read(_ answer: JSON, _ candidate: GeminiCandidate, into builder: ResponseBuilder) throws(LLMError) {
    for part in answer["content", "parts"]?.elements ?? [] { try read(part: part, candidate, into: builder) }
    if let grounding = answer["groundingMetadata"], grounding.count > 0 {
      candidate.grounding = candidate.grounding?.copy() ?? .object()
      candidate.grounding?.merge(grounding)
    }
    let citations = answer["citationMetadata"]
    candidate.citations += (citations?["citations"] ?? citations?["citationSources"])?.elements ?? []
    if let logprobs = answer["logprobsResult"] {
      builder.logprobs(GeminiDecoder.logprobs(logprobs), choice: candidate.index)
    }
    if let reason = answer["finishReason"] { finish(answer, reason, candidate, builder) }
  }

  /// Words by number, for clients that ask for enumerations as numbers; further ones differ between the two services.
  private static let finishWords: [StaticText] = [
    "FINISH_REASON_UNSPECIFIED", "STOP", "MAX_TOKENS", "SAFETY", "RECITATION", "OTHER",
  ]

  private func finish(_ answer: JSON, _ reason: JSON, _ candidate: GeminiCandidate, _ builder: ResponseBuilder) {
    let number = reason.int.map { Int(clamping: $0) } ?? -1
    let word = Self.finishWords.indices.contains(number) ? Self.finishWords[number].text : reason.string ?? reason.text
    builder.finish(word, choice: candidate.index)
    guard FinishReason(word: word) != .stop else { return }
    builder.setExtra("finish_message", answer["finishMessage"])
    builder.setExtra("safety_ratings", answer["safetyRatings"])
  }

  private static func logprobs(_ result: JSON) -> JSON {
    let content = JSON.array()
    for (place, chosen) in result.elements("chosenCandidates").enumerated() {
      let entry = tokenLogprob(chosen)
      let top = result["topCandidates"]?[place]?["candidates"]?.elements ?? []
      entry.set("top_logprobs", .array(top.map { tokenLogprob($0) }))
      content.append(entry)
    }
    return .make(["content": content])
  }

  private static func tokenLogprob(_ candidate: JSON) -> JSON {
    .make(["token": candidate["token"], "logprob": candidate["logProbability"]])
  }

  // MARK: Parts

  private func read(part: JSON, _ candidate: GeminiCandidate, into builder: ResponseBuilder) throws(LLMError) {
    let signature = (part["thoughtSignature"] ?? part["thought_signature"])?.stringBytes
    if let call = part["functionCall"] {
      try read(call, signature: part["thoughtSignature"], candidate, into: builder)
    } else if part["text"] != nil || (signature != nil && part.count == 1) {
      read(text: part, signature, candidate, builder)
    } else if part.count > 0 {
      readOpaque(part, candidate, builder)
    }
    if signature != nil { candidate.hasSignature = true }
  }

  private func read(
    text part: JSON, _ signature: UnsafeRawBufferPointer?, _ candidate: GeminiCandidate, _ builder: ResponseBuilder
  ) {
    let isThought = part.bool("thought") ?? false
    if signature != nil { candidate.block &+= 1 }
    if isThought {
      builder.reasoning(part["text"], choice: candidate.index, block: candidate.block)
    } else {
      builder.text(part["text"], choice: candidate.index, block: candidate.block)
    }
    guard let signature else { return }
    builder.signature(signature, choice: candidate.index, block: candidate.block, on: isThought ? .reasoning : .text)
    candidate.block &+= 1
  }

  /// Pictures are shown in `images`, as OpenRouter does; code that the service ran, files and what is not known yet go
  /// back as they came.
  private func readOpaque(_ part: JSON, _ candidate: GeminiCandidate, _ builder: ResponseBuilder) {
    candidate.hasOpaqueParts = true
    builder.opaque(part, choice: candidate.index)
    guard let data = part.string("inlineData", "data"), let type = part.string("inlineData", "mimeType"),
      !(part.bool("thought") ?? false)
    else { return }
    if type.startsWith("image/") {
      let images = builder.messageExtra("images", choice: candidate.index) ?? .array()
      let url = JSON.make(["url": .string(formatted("data:\(type);base64,\(data)"))])
      images.append(.make(["type": .word("image_url"), "image_url": url]))
      builder.setMessageExtra("images", images, choice: candidate.index)
    } else if type.startsWith("audio/"), builder.messageExtra("audio", choice: candidate.index) == nil {
      builder.setMessageExtra(
        "audio", .make(["data": .string(data), "media_type": .string(type)]), choice: candidate.index)
    }
  }

  // MARK: Calls

  private func read(
    _ call: JSON, signature: JSON?, _ candidate: GeminiCandidate, into builder: ResponseBuilder
  ) throws(LLMError) {
    let isOpen = call.bool("willContinue") ?? false
    if let name = call.string("name"), !name.isEmpty {
      closeCall(candidate, builder)
      try begin(call, name, signature, candidate, builder, isOpen: isOpen)
    }
    candidate.openCall?.add(call.elements("partialArgs"))
    if !isOpen { closeCall(candidate, builder) }
  }

  private func begin(
    _ call: JSON, _ name: String, _ signature: JSON?, _ candidate: GeminiCandidate, _ builder: ResponseBuilder,
    isOpen: Bool
  ) throws(LLMError) {
    let id = call.string("id").flatMap { $0.isEmpty ? nil : $0 }
    let handle = try builder.beginTool(choice: candidate.index, id: id, name: name)
    if let id { candidate.serviceIDs.append(id) }
    if let signature {
      builder.setToolExtra(handle, .make(["google": .make(["thought_signature": signature])]))
    }
    if isOpen || call["partialArgs"] != nil {
      candidate.openCall = GeminiPartialCall(handle)
    } else {
      builder.toolArguments(handle, call["args"])
      builder.endTool(handle)
    }
  }

  private func closeCall(_ candidate: GeminiCandidate, _ builder: ResponseBuilder) {
    guard let call = candidate.openCall else { return }
    candidate.openCall = nil
    builder.toolArguments(call.handle, call.finish())
    builder.endTool(call.handle)
  }

  // MARK: Sources

  private func tellSources(_ candidate: GeminiCandidate, _ builder: ResponseBuilder) {
    guard candidate.grounding != nil || !candidate.citations.isEmpty else { return }
    let text = ByteBuffer()
    for block in builder.blocks(choice: candidate.index) where block.kind == .text {
      text.append(builder.text(of: block, choice: candidate.index).string ?? "")
    }
    let sources = GeminiSources(text: text)
    for source in candidate.grounding.map({ sources.read(grounding: $0) }) ?? [] {
      builder.source(source, choice: candidate.index)
    }
    for citation in candidate.citations { builder.source(sources.read(citation: citation), choice: candidate.index) }
  }
}

/// Sources as `url_citation` annotations.
private struct GeminiSources {
  /// The answer's text, which offsets count in bytes; annotations count characters.
  let text: ByteBuffer

  /// A citation for each place that a source supports, and one without a place for each that supports none.
  func read(grounding: JSON) -> [JSON] {
    let chunks = grounding.elements("groundingChunks")
    var isCited = chunks.map { _ in false }
    var citations: [JSON] = []
    for support in grounding.elements("groundingSupports") {
      for index in support.elements("groundingChunkIndices").compactMap({ $0.int }) {
        guard let place = Int(exactly: index), chunks.indices.contains(place) else { continue }
        isCited[place] = true
        citations.append(citation(of: chunks[place], segment: support["segment"]))
      }
    }
    for (place, chunk) in chunks.enumerated() where !isCited[place] {
      citations.append(citation(of: chunk, segment: nil))
    }
    return citations
  }

  /// A passage that the model has from somewhere.
  func read(citation: JSON) -> JSON {
    annotation(url: citation["uri"], title: citation["title"], content: nil, segment: citation)
  }

  private func citation(of chunk: JSON, segment: JSON?) -> JSON {
    let source = chunk["web"] ?? chunk["retrievedContext"] ?? chunk["maps"] ?? chunk["image"] ?? chunk
    return annotation(
      url: source["uri"] ?? source["sourceUri"], title: source["title"], content: source["text"], segment: segment)
  }

  private func annotation(url: JSON?, title: JSON?, content: JSON?, segment: JSON?) -> JSON {
    let citation = JSON.make(["url": url, "title": title, "content": content])
    if let range = segment.flatMap({ characters(of: $0) }) {
      citation.set("start_index", range.start)
      citation.set("end_index", range.end)
    }
    return .make(["type": .word("url_citation"), "url_citation": citation])
  }

  /// A segment's place in characters; nil where its own text does not stand there (it may count within another part).
  private func characters(of segment: JSON) -> (start: Int, end: Int)? {
    let start = Int(clamping: segment.int("startIndex") ?? 0)
    guard let last = segment.int("endIndex"), let end = Int(exactly: last), start >= 0, start <= end,
      end <= text.count
    else { return nil }
    if let words = segment["text"]?.stringBytes, !words.elementsEqual(text.bytes[start..<end]) { return nil }
    return (count(upTo: start), count(upTo: end))
  }

  private func count(upTo end: Int) -> Int {
    text.bytes[..<end].reduce(0) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
  }
}

// MARK: - Calls in pieces

/// A call whose arguments arrive as values at paths (`$.list[0].name`). They are delivered when the call is whole: until
/// then there is no telling what text of JSON they will be.
private final class GeminiPartialCall {
  private static let deepest = 64
  /// Places in an array are taken one after the other, with few gaps.
  private static let widestGap = 16

  private enum Step {
    case member(String)
    case element(Int)
  }

  let handle: ResponseBuilder.ToolHandle
  private let arguments = JSON.object()
  /// The string that is arriving.
  private var openPath = ""
  private let openText = ByteBuffer()

  init(_ handle: ResponseBuilder.ToolHandle) { self.handle = handle }

  func add(_ pieces: [JSON]) {
    for piece in pieces {
      guard let path = piece.string("jsonPath") else { continue }
      if path != openPath { settle() }
      if let text = piece["stringValue"]?.stringBytes {
        openPath = path
        openText.append(text)
        if !(piece.bool("willContinue") ?? false) { settle() }
      } else if let value = piece["numberValue"] ?? piece["boolValue"] ?? (piece.has("nullValue") ? .null : nil) {
        set(value, at: path)
      }
    }
  }

  func finish() -> JSON {
    settle()
    return arguments
  }

  private func settle() {
    guard !openPath.isEmpty else { return }
    set(.string(openText), at: openPath)
    openPath = ""
    openText.removeAll()
  }

  private func set(_ value: JSON, at path: String) {
    guard let steps = GeminiPartialCall.steps(of: path), !steps.isEmpty else { return }
    var place = arguments
    for (step, next) in zip(steps, steps.dropFirst()) {
      if let known = GeminiPartialCall.value(at: step, of: place), known.isObject || known.isArray {
        place = known
      } else {
        let made: JSON
        if case .element = next { made = .array() } else { made = .object() }
        GeminiPartialCall.put(made, at: step, of: place)
        place = made
      }
    }
    if let last = steps.last { GeminiPartialCall.put(value, at: last, of: place) }
  }

  private static func value(at step: Step, of place: JSON) -> JSON? {
    switch step {
    case .member(let name): place[named: name]
    case .element(let index): place[index]
    }
  }

  private static func put(_ value: JSON, at step: Step, of place: JSON) {
    switch step {
    case .member(let name): place.set(named: name, value)
    case .element(let index):
      guard place.isArray, index <= place.count + widestGap else { return }
      while place.count < index { place.append(.null) }
      if index < place.count { place.replace(at: index, with: value) } else { place.append(value) }
    }
  }

  /// `$.list[0]['odd name'].name`; nil for what is no such path.
  private static func steps(of path: String) -> [Step]? {
    var steps: [Step] = []
    var rest = Array(path.utf8)[...]
    if rest.first == UInt8(ascii: "$") { rest.removeFirst() }
    while let first = rest.first, steps.count < deepest {
      if first == UInt8(ascii: "[") {
        guard let end = rest.firstIndex(of: UInt8(ascii: "]")) else { return nil }
        steps.append(bracketed(String(decoding: rest[(rest.startIndex + 1)..<end], as: UTF8.self)))
        rest = rest[(end + 1)...]
      } else {
        if first == UInt8(ascii: ".") { rest.removeFirst() }
        let end = rest.firstIndex { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "[") } ?? rest.endIndex
        guard end > rest.startIndex else { return nil }
        steps.append(.member(String(decoding: rest[rest.startIndex..<end], as: UTF8.self)))
        rest = rest[end...]
      }
    }
    return rest.isEmpty ? steps : nil
  }

  private static func bracketed(_ text: String) -> Step {
    if let index = text.asInteger, index >= 0 { return .element(Int(clamping: index)) }
    let isQuoted = text.utf8.count >= 2 && (text.startsWith("'") || text.startsWith("\""))
    return .member(isQuoted ? text.keeping(bytes: text.utf8.count - 1).dropping(bytes: 1) : text)
  }
}

// MARK: - Embeddings

/// An OpenAI embeddings request in Gemini's words.
struct GeminiEmbeddings {
  private let texts: [String]
  private let isSingle: Bool
  private let request: JSON
  private let context: RequestContext

  private static let known: [StaticText] = [
    "model", "input", "dimensions", "encoding_format", "llm", "task_type", "taskType", "title", "auto_truncate",
  ]

  init(_ request: JSON, _ context: RequestContext) throws(LLMError) {
    self.request = request
    self.context = context
    texts = try EmbeddingInput.texts(of: request)
    isSingle = request["input"]?.isString ?? false
    try EmbeddingInput.warn(of: request, except: GeminiEmbeddings.known, context)
  }

  var path: String {
    let method =
      context.quirks.contains(.vertexPaths) ? ":predict" : isSingle ? ":embedContent" : ":batchEmbedContents"
    return GeminiPaths.model(context) + method
  }

  func makeBody() -> JSON {
    if context.quirks.contains(.vertexPaths) { return makePrediction() }
    if isSingle { return makeRequest(texts.first ?? "") }
    return .make(["requests": .array(texts.map { makeRequest($0) })])
  }

  private var taskType: JSON? { request["task_type"] ?? request["taskType"] }

  private func makeRequest(_ text: String) -> JSON {
    .make([
      "model": .string(GeminiPaths.resource(context)),
      "content": .make(["parts": .array([.make(["text": .string(text)])])]),
      "taskType": taskType, "title": request["title"], "outputDimensionality": request["dimensions"],
    ])
  }

  private func makePrediction() -> JSON {
    let instances = texts.map { text in
      JSON.make(["content": .string(text), "task_type": taskType, "title": request["title"]])
    }
    let parameters = JSON.make([
      "outputDimensionality": request["dimensions"], "autoTruncate": request["auto_truncate"],
    ])
    return .make(["instances": .array(instances), "parameters": parameters.count > 0 ? parameters : nil])
  }

  static func read(_ body: JSON, _ context: RequestContext) throws(LLMError) -> JSON {
    let predictions = body.elements("predictions").compactMap { $0["embeddings"] }
    let embeddings = body["embedding"].map { [$0] } ?? body["embeddings"]?.elements ?? predictions
    let vectors = embeddings.compactMap { $0["values"] }
    guard !vectors.isEmpty, vectors.count == embeddings.count else {
      throw LLMError(.protocol, "the service's answer has no embeddings", stage: .decode, providerError: body)
    }
    let counted = predictions.compactMap { $0.int("statistics", "token_count") }
    let sum = counted.isEmpty ? nil : counted.reduce(0) { $0 &+ $1 }
    return EmbeddingInput.response(
      vectors, model: nil, tokens: body.int("usageMetadata", "promptTokenCount") ?? sum, context)
  }
}
