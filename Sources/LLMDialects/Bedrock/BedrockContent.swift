import LLMConfig
import LLMCore

// MARK: Messages

extension BedrockRequest {
  mutating func setMessages(_ body: JSON) throws(LLMError) {
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
  static func cachePoint(_ control: JSON?) -> [JSON] {
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
    var content = try message.parts.converted { part throws(LLMError) in try block(of: part) }
    if content.isEmpty { content = [Self.textBlock("(no output)")] }
    let failed = message.json.bool("is_error") ?? false
    let result = JSON.make([
      "toolUseId": .string(portableToolID(id)), "content": .array(content), "status": failed ? .word("error") : nil,
    ])
    return [.make(["toolResult": result])] + Self.cachePoint(message.cacheControl)
  }
}

// MARK: The model's own messages

extension BedrockRequest {
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
    let text = blocks.reduce("") { $0 + BedrockDecoder.text(of: $1) }
    let calls = blocks.compactMap { $0["toolUse"] }.filter { !$0.says("type", BedrockDecoder.serverTool) }
    return !blocks.isEmpty && message.agrees(text: text, calls: calls, identifiedBy: "toolUseId")
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
