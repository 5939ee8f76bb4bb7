import LLMCore

/// Makes input items of messages.
struct ResponsesInput {
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
    try message.parts.converted { part throws(LLMError) in try self.part(part) }
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
