import LLMCore

// The blocks of an answer, and what of them the next turn sends back.

extension AnthropicDecoder {
  func index(of event: JSON) -> Int { Int(clamping: event.int("index") ?? 0) }

  func startBlock(_ index: Int, _ json: JSON, _ builder: ResponseBuilder) throws(LLMError) {
    stopBlock(index, builder)
    let isCall = json.says("type", "tool_use")
    let block = try blocks.begin(
      index, call: isCall ? (json.string("id"), json.string("name")) : nil,
      isPlain: json.says("type", "text") || json.says("type", "thinking"), json: json, builder)
    readBeginning(of: block, builder)
  }

  /// What a block begins with is all there is of it in an answer that comes whole.
  private func readBeginning(of block: ClaudeBlock, _ builder: ResponseBuilder) {
    let json = block.json
    switch block.kind {
    case .plain where json.says("type", "thinking"):
      builder.openReasoning(block: block.key)
      builder.reasoning(json["thinking"], block: block.key)
      blocks.sign(block, json["signature"], builder)
    case .plain:
      builder.text(json["text"], block: block.key)
      for citation in json.elements("citations") { cite(citation, in: block, builder) }
    case .tool, .answer:
      if let caller = json["caller"], !caller.says("type", "direct") { blocks.note(caller: caller, of: block) }
      if let input = json["input"], input.isString || input.count > 0 { blocks.readInput(input, of: block, builder) }
    case .opaque: break
    }
  }

  func readDelta(_ event: JSON, _ builder: ResponseBuilder) throws(LLMError) {
    guard let delta = event["delta"] else { return }
    let index = index(of: event)
    if blocks.block(at: index) == nil { try startBlock(index, Self.beginning(before: delta), builder) }
    guard let block = blocks.block(at: index) else { return }
    switch delta.string("type") {
    case "text_delta": builder.text(delta["text"], block: block.key)
    case "thinking_delta": builder.reasoning(delta["thinking"], block: block.key)
    case "signature_delta": blocks.sign(block, delta["signature"], builder)
    case "citations_delta": cite(delta["citation"], in: block, builder)
    case "input_json_delta": blocks.readInput(delta["partial_json"], of: block, builder)
    default: if case .opaque = block.kind { complete(block, with: delta) }
    }
  }

  /// The block that a delta belongs to whose start did not come.
  private static func beginning(before delta: JSON) -> JSON {
    let isThinking = delta.says("type", "thinking_delta") || delta.says("type", "signature_delta")
    return .make(["type": .word(isThinking ? "thinking" : "text")])
  }

  /// Blocks that this library does not know grow by deltas of their members.
  private func complete(_ block: ClaudeBlock, with delta: JSON) {
    let growth = block.growth ?? GrowingObject(block.json, growing: nil)
    block.growth = growth
    let piece = delta.copy()
    piece.remove("type")
    growth.add(piece)
  }

  func stopBlock(_ index: Int, _ builder: ResponseBuilder) {
    if let block = blocks.stop(index) { close(block, builder) }
  }

  func close(_ block: ClaudeBlock, _ builder: ResponseBuilder) {
    switch block.kind {
    case .tool(let handle): builder.endTool(handle)
    case .opaque:
      let whole = block.growth?.document ?? block.json.copy()
      if !block.input.isEmpty { whole.set("input", parsedObject(block.input.bytes)) }
      builder.opaque(whole, block: block.key)
    case .plain, .answer: break
    }
  }

  private func cite(_ citation: JSON?, in block: ClaudeBlock, _ builder: ResponseBuilder) {
    guard let citation else { return }
    let page = citation["url"].map { url in
      JSON.make(["url": url, "title": citation["title"], "cited_text": citation["cited_text"]])
    }
    blocks.cite(citation, page: page, in: block, builder)
  }

  // MARK: What the next turn sends back

  /// Keeps the blocks as they came where text and tool calls alone would not say all.
  func keepBlocks(_ builder: ResponseBuilder) {
    let answered = builder.blocks()
    for (place, block) in answered.enumerated() {
      if let detail = reasoningDetail(block, place, builder) { builder.reasoningDetail(detail) }
    }
    guard blocks.sayMore(than: answered, needsThinking: { _ in true }) else { return }
    let content = answered.compactMap { raw($0, builder) }
    builder.setExtraContent("anthropic", .make(["content": .array(content)]))
  }

  private func raw(_ block: AnswerBlock, _ builder: ResponseBuilder) -> JSON? {
    switch block.kind {
    case .text:
      return .make([
        "type": .word("text"), "text": builder.text(of: block), "citations": blocks[block]?.citations,
      ])
    case .reasoning:
      return .make([
        "type": .word("thinking"), "thinking": builder.text(of: block),
        "signature": block.signature.map { .string($0) },
      ])
    case .tool:
      guard let call = builder.tool(of: block), let input = call.arguments.stringBytes else { return nil }
      return .make([
        "type": .word("tool_use"), "id": call.id, "name": call.name, "input": parsedObject(input),
        "caller": blocks[block]?.caller,
      ])
    case .opaque: return block.opaque
    case .refusal: return nil
    }
  }

  private func reasoningDetail(_ block: AnswerBlock, _ place: Int, _ builder: ResponseBuilder) -> JSON? {
    if let detail = ClaudeBlocks.reasoningDetail(block, place, builder) { return detail }
    guard block.kind == .opaque, block.opaque?.string("type") == "redacted_thinking" else { return nil }
    return .make([
      "type": .word("reasoning.encrypted"), "data": block.opaque?["data"], "format": .word(ClaudeThinking.format),
      "index": .integer(place),
    ])
  }
}
