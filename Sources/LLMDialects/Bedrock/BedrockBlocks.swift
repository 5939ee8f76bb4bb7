import LLMCore

// The blocks of an answer, and what of them the next turn sends back.

extension BedrockDecoder {
  func index(of event: JSON) -> Int { Int(clamping: event.int("contentBlockIndex") ?? 0) }

  /// Only tools, their results and pictures say when they begin. The service runs its own tools itself: nothing is asked
  /// of the caller.
  @discardableResult
  func startBlock(_ index: Int, _ start: JSON, _ builder: ResponseBuilder) throws(LLMError) -> ClaudeBlock {
    stopBlock(index, builder)
    let call = start["toolUse"].flatMap { $0.says("type", BedrockDecoder.serverTool) ? nil : $0 }
    return try blocks.begin(
      index, call: call.map { ($0.string("toolUseId"), $0.string("name")) }, isPlain: start.count == 0,
      json: start.deepCopy(), builder)
  }

  func readDelta(_ event: JSON, _ builder: ResponseBuilder) throws(LLMError) {
    guard let delta = event["delta"] else { return }
    let index = index(of: event)
    let block: ClaudeBlock
    if let open = blocks.block(at: index) { block = open } else { block = try startBlock(index, .object(), builder) }
    read(text: delta["text"], in: block, builder)
    if let reasoning = delta["reasoningContent"] { read(reasoning: reasoning, in: block, builder) }
    if let citation = delta["citation"] { cite(citation, in: block, builder) }
    blocks.readInput(delta["toolUse", "input"], of: block, builder)
    if case .opaque = block.kind { Self.complete(block.json, with: delta) }
  }

  private func read(text: JSON?, in block: ClaudeBlock, _ builder: ResponseBuilder) {
    guard let bytes = text?.stringBytes, !bytes.isEmpty else { return }
    block.hasContent = true
    builder.text(bytes, block: block.key)
  }

  private func read(reasoning: JSON, in block: ClaudeBlock, _ builder: ResponseBuilder) {
    if reasoning["text"] != nil || reasoning["signature"] != nil {
      block.hasContent = true
      builder.openReasoning(block: block.key)
    }
    builder.reasoning(reasoning["text"], block: block.key)
    blocks.sign(block, reasoning["signature"], builder)
    guard let redacted = reasoning["redactedContent"]?.stringBytes else { return }
    let whole = block.redacted ?? ByteBuffer()
    block.redacted = whole
    _ = base64Decode(redacted, into: whole)
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
  func read(whole json: JSON, _ index: Int, _ builder: ResponseBuilder) throws(LLMError) {
    let isReadHere = json["text"] != nil || json["reasoningContent"] != nil || json["citationsContent"] != nil
    let block = try startBlock(index, isReadHere ? .object() : json, builder)
    read(text: json["text"], in: block, builder)
    if let reasoning = json["reasoningContent"] {
      read(reasoning: reasoning["reasoningText"] ?? reasoning, in: block, builder)
    }
    if let cited = json["citationsContent"] {
      for piece in cited.elements("content") { read(text: piece["text"], in: block, builder) }
      for citation in cited.elements("citations") { cite(citation, in: block, builder) }
    }
    if let input = json["toolUse", "input"], input.isString || input.count > 0 {
      blocks.readInput(input, of: block, builder)
    }
  }

  func stopBlock(_ index: Int, _ builder: ResponseBuilder) {
    if let block = blocks.stop(index) { close(block, builder) }
  }

  func close(_ block: ClaudeBlock, _ builder: ResponseBuilder) {
    switch block.kind {
    case .tool(let handle): builder.endTool(handle)
    case .opaque:
      if !block.input.isEmpty { block.json["toolUse"]?.set("input", parsedObject(block.input.bytes)) }
      builder.opaque(block.json, block: block.key)
    case .plain:
      keepRedacted(of: block, builder)
      if let citations = blocks.takeBareCitations(of: block) {
        // They stand behind the text that they belong to.
        builder.opaque(.make(["citationsContent": .make(["citations": citations])]), block: block.key)
      }
    case .answer: break
    }
  }

  private func keepRedacted(of block: ClaudeBlock, _ builder: ResponseBuilder) {
    guard let redacted = block.redacted, !redacted.isEmpty else { return }
    let encoded = ByteBuffer()
    base64Encode(redacted.bytes, into: encoded)
    let content = JSON.make(["redactedContent": .string(encoded)])
    builder.opaque(.make(["reasoningContent": content]), block: block.key)
  }

  private func cite(_ citation: JSON, in block: ClaudeBlock, _ builder: ResponseBuilder) {
    let page = citation["location", "web"]?["url"].map { url in
      JSON.make(["url": url, "title": citation["title"] ?? citation["location", "web"]?["domain"]])
    }
    blocks.cite(citation, page: page, in: block, builder)
  }

  // MARK: What the next turn sends back

  /// The text that a block adds to an answer.
  static func text(of block: JSON) -> String {
    let cited = block["citationsContent", "content"]?.elements ?? []
    return (block.string("text") ?? "") + cited.reduce("") { $0 + ($1.string("text") ?? "") }
  }

  /// Keeps the blocks as they came where text and tool calls alone would not say all.
  func keepBlocks(_ builder: ResponseBuilder) {
    let answered = builder.blocks()
    for (place, block) in answered.enumerated() where isClaude {
      if let detail = ClaudeBlocks.reasoningDetail(block, place, builder) { builder.reasoningDetail(detail) }
    }
    guard blocks.sayMore(than: answered, needsThinking: { $0.signature != nil }) else { return }
    let content = answered.compactMap { raw($0, builder) }
    builder.setExtraContent("bedrock", .make(["content": .array(content)]))
  }

  /// Models that do not sign their thinking do not want it back.
  private func raw(_ block: AnswerBlock, _ builder: ResponseBuilder) -> JSON? {
    switch block.kind {
    case .text:
      let text = JSON.make(["text": builder.text(of: block)])
      guard let cited = blocks[block]?.citations else { return text }
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
