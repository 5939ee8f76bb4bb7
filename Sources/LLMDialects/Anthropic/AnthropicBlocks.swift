import LLMCore
import LLMWire

// MARK: Blocks

extension AnthropicDecoder {
  func index(of event: JSON) -> Int { Int(clamping: event.int("index") ?? 0) }

  func deliverHot(to builder: ResponseBuilder) -> Bool {
    let index = hotPath.integer(Self.indexSlot)
    guard let block = open.last(where: { $0.index == index }) else { return false }
    switch (hotPath.kind, block.kind) {
    case (.text, .text): builder.text(hotPath.payload, block: block.key)
    case (.reasoning, .thinking): builder.reasoning(hotPath.payload, block: block.key)
    case (.arguments, .tool(let handle)): builder.toolArguments(handle, hotPath.payload)
    case (.arguments, .answer): builder.text(hotPath.payload, block: block.key)
    case (.arguments, .opaque): block.input.append(hotPath.payload)
    case (.empty, _): break
    default: return false
    }
    return true
  }

  func startBlock(_ index: Int, _ json: JSON, _ builder: ResponseBuilder) throws(LLMError) {
    stopBlock(index, builder)
    let key = nextKey
    nextKey &+= 1
    let kind: OpenBlock.Kind
    switch json.string("type") {
    case "text": kind = .text
    case "thinking": kind = .thinking
    case "tool_use":
      if json.says("name", AnswerTool.name) {
        kind = .answer
        hasAnswered = true
      } else {
        kind = .tool(
          try builder.beginTool(id: json.string("id"), name: json.string("name"), serviceIndex: key))
      }
    default: kind = .opaque
    }
    var known = json
    // What is not read here grows by its deltas.
    if case .opaque = kind { known = json.copy() }
    let block = OpenBlock(index: index, key: key, kind: kind, json: known)
    open.append(block)
    readBeginning(of: block, builder)
  }

  /// What a block begins with is all there is of it in an answer that comes whole.
  private func readBeginning(of block: OpenBlock, _ builder: ResponseBuilder) {
    let json = block.json
    switch block.kind {
    case .text:
      builder.text(json["text"], block: block.key)
      for citation in json.elements("citations") { cite(citation, in: block, builder) }
    case .thinking:
      builder.openReasoning(block: block.key)
      builder.reasoning(json["thinking"], block: block.key)
      sign(block, json["signature"], builder)
    case .tool(let handle):
      if let caller = json["caller"], !caller.says("type", "direct") { callers.append((block.key, caller)) }
      if let input = json["input"], input.isString || input.count > 0 { builder.toolArguments(handle, input) }
    case .answer:
      guard let input = json["input"], input.count > 0 else { break }
      let text = ByteBuffer()
      input.write(into: text)
      builder.text(text.bytes, block: block.key)
    case .opaque: break
    }
  }

  func readDelta(_ event: JSON, _ builder: ResponseBuilder) throws(LLMError) {
    guard let delta = event["delta"] else { return }
    let index = index(of: event)
    if !open.contains(where: { $0.index == index }) {
      try startBlock(index, Self.beginning(before: delta), builder)
    }
    guard let block = open.last(where: { $0.index == index }) else { return }
    switch delta.string("type") {
    case "text_delta": builder.text(delta["text"], block: block.key)
    case "thinking_delta": builder.reasoning(delta["thinking"], block: block.key)
    case "signature_delta": sign(block, delta["signature"], builder)
    case "citations_delta": cite(delta["citation"], in: block, builder)
    case "input_json_delta": readInput(delta["partial_json"], of: block, builder)
    default: if case .opaque = block.kind { Self.complete(block.json, with: delta) }
    }
  }

  /// The block that a delta belongs to whose start did not come.
  private static func beginning(before delta: JSON) -> JSON {
    let isThinking = delta.says("type", "thinking_delta") || delta.says("type", "signature_delta")
    return .make(["type": .word(isThinking ? "thinking" : "text")])
  }

  private func readInput(_ piece: JSON?, of block: OpenBlock, _ builder: ResponseBuilder) {
    switch block.kind {
    case .tool(let handle): builder.toolArguments(handle, piece)
    case .answer: builder.text(piece, block: block.key)
    default: if let bytes = piece?.stringBytes { block.input.append(bytes) }
    }
  }

  /// Blocks that this library does not know grow by deltas of their members.
  static func complete(_ block: JSON, with delta: JSON) {
    for (name, value) in delta.members where name != "type" {
      if let before = block[named: name]?.string, let more = value.string {
        block.set(named: name, .string(before + more))
      } else {
        block.set(named: name, value)
      }
    }
  }

  private func sign(_ block: OpenBlock, _ signature: JSON?, _ builder: ResponseBuilder) {
    guard let bytes = signature?.stringBytes, !bytes.isEmpty else { return }
    builder.signature(bytes, block: block.key)
  }

  func stopBlock(_ index: Int, _ builder: ResponseBuilder) {
    guard let place = open.lastIndex(where: { $0.index == index }) else { return }
    close(open.remove(at: place), builder)
  }

  func close(_ block: OpenBlock, _ builder: ResponseBuilder) {
    switch block.kind {
    case .tool(let handle): builder.endTool(handle)
    case .opaque:
      if !block.input.isEmpty { block.json.set("input", parsedObject(block.input.bytes)) }
      builder.opaque(block.json, block: block.key)
    case .text, .thinking, .answer: break
    }
  }

  /// Pages are told in OpenAI's shape; places in documents, for which it has none, in the service's.
  private func cite(_ citation: JSON?, in block: OpenBlock, _ builder: ResponseBuilder) {
    guard let citation else { return }
    if let place = citations.firstIndex(where: { $0.key == block.key }) {
      citations[place].list.append(citation)
    } else {
      citations.append((block.key, .array([citation])))
    }
    guard let url = citation["url"] else { return builder.source(citation) }
    let page = JSON.make(["url": url, "title": citation["title"], "cited_text": citation["cited_text"]])
    builder.source(.make(["type": .word("url_citation"), "url_citation": page]))
  }
}

// MARK: What the next turn sends back

extension AnthropicDecoder {
  /// Keeps the blocks as they came where text and tool calls alone would not say all.
  func keepBlocks(_ builder: ResponseBuilder) {
    let blocks = builder.blocks()
    for (place, block) in blocks.enumerated() {
      if let detail = reasoningDetail(block, place, builder) { builder.reasoningDetail(detail) }
    }
    guard hasMoreThanTextAndCalls(blocks) else { return }
    let content = blocks.compactMap { raw($0, builder) }
    builder.setExtraContent("anthropic", .make(["content": .array(content)]))
  }

  private func hasMoreThanTextAndCalls(_ blocks: [AnswerBlock]) -> Bool {
    var sawCall = false
    for block in blocks {
      switch block.kind {
      case .reasoning, .opaque: return true
      case .text: if sawCall { return true }
      case .tool: sawCall = true
      case .refusal: break
      }
    }
    return !citations.isEmpty || !callers.isEmpty
  }

  func raw(_ block: AnswerBlock, _ builder: ResponseBuilder) -> JSON? {
    switch block.kind {
    case .text:
      let cited = citations.first { $0.key == block.key }?.list
      return .make(["type": .word("text"), "text": builder.text(of: block), "citations": cited])
    case .reasoning:
      return .make([
        "type": .word("thinking"), "thinking": builder.text(of: block),
        "signature": block.signature.map { .string($0) },
      ])
    case .tool:
      guard let call = builder.tool(of: block), let input = call.arguments.stringBytes else { return nil }
      return .make([
        "type": .word("tool_use"), "id": call.id, "name": call.name, "input": parsedObject(input),
        "caller": callers.first { $0.key == block.key }?.caller,
      ])
    case .opaque: return block.opaque
    case .refusal: return nil
    }
  }

  private func reasoningDetail(_ block: AnswerBlock, _ place: Int, _ builder: ResponseBuilder) -> JSON? {
    let format = JSON.word(ClaudeThinking.format)
    if block.kind == .reasoning, let signature = block.signature {
      return .make([
        "type": .word("reasoning.text"), "text": builder.text(of: block), "signature": .string(signature),
        "format": format, "index": .integer(place),
      ])
    }
    guard block.kind == .opaque, block.opaque?.string("type") == "redacted_thinking" else { return nil }
    return .make([
      "type": .word("reasoning.encrypted"), "data": block.opaque?["data"], "format": format, "index": .integer(place),
    ])
  }
}
