import LLMConfig
import LLMCore

/// Messages as contents and parts.
struct GeminiContents {
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
    try message.parts.converted { part throws(LLMError) in try self.part(part) }
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
    let parts = results.inOrder { $0.place < $1.place }.flatMap { $0.parts }
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
