import LLMConfig
import LLMCore

// MARK: Messages

extension AnthropicRequest {
  mutating func setMessages(_ body: JSON) throws(LLMError) {
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
  func systemMember(_ blocks: [JSON]) -> JSON {
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

  static func textBlock(_ text: String) -> JSON {
    .make(["type": .word("text"), "text": .string(text)])
  }

  mutating func blocks(of message: ChatMessage) throws(LLMError) -> [JSON] {
    var blocks = try blocks(of: message.parts)
    mark(&blocks, cached: message.cacheControl)
    return blocks
  }

  mutating func blocks(of parts: [ChatPart]) throws(LLMError) -> [JSON] {
    try parts.converted { part throws(LLMError) in try block(of: part) }
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

extension AnthropicRequest {
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
    let text = blocks.reduce("") { $0 + ($1.says("type", "text") ? $1.string("text") ?? "" : "") }
    let calls = blocks.filter { $0.says("type", "tool_use") }
    return !blocks.isEmpty && message.agrees(text: text, calls: calls, identifiedBy: "id")
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
