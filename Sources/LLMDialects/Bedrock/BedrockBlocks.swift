import LLMCore
import LLMWire

// MARK: Blocks

extension BedrockDecoder {
  func index(of event: JSON) -> Int { Int(clamping: event.int("contentBlockIndex") ?? 0) }

  func deliverHot(to builder: ResponseBuilder) -> Bool {
    let index = hotPath.integer(Self.indexSlot)
    guard let block = open.last(where: { $0.index == index }) else { return false }
    switch (hotPath.kind, block.kind) {
    case (.text, .plain): builder.text(hotPath.payload, block: block.key)
    case (.reasoning, .plain): builder.reasoning(hotPath.payload, block: block.key)
    case (.arguments, .tool(let handle)): builder.toolArguments(handle, hotPath.payload)
    case (.arguments, .answer): builder.text(hotPath.payload, block: block.key)
    case (.arguments, .opaque): block.input.append(hotPath.payload)
    case (.empty, _): break
    default: return false
    }
    return true
  }

  /// Only tools, their results and pictures say when they begin.
  func startBlock(_ index: Int, _ start: JSON, _ builder: ResponseBuilder) throws(LLMError) {
    stopBlock(index, builder)
    let key = nextKey
    nextKey &+= 1
    let call = start["toolUse"]
    let kind: OpenBlock.Kind
    if let call, !call.says("type", BedrockDecoder.serverTool) {
      if call.says("name", AnswerTool.name) {
        kind = .answer
        hasAnswered = true
      } else {
        kind = .tool(
          try builder.beginTool(id: call.string("toolUseId"), name: call.string("name"), serviceIndex: key))
      }
    } else {
      // The service runs its own tools itself: nothing is asked of the caller.
      kind = start.count == 0 ? .plain : .opaque
    }
    open.append(OpenBlock(index: index, key: key, kind: kind, json: start.deepCopy()))
  }

  private func openBlock(_ index: Int, _ builder: ResponseBuilder) throws(LLMError) -> OpenBlock? {
    if let block = open.last(where: { $0.index == index }) { return block }
    try startBlock(index, .object(), builder)
    return open.last
  }

  func readDelta(_ event: JSON, _ builder: ResponseBuilder) throws(LLMError) {
    guard let delta = event["delta"], let block = try openBlock(index(of: event), builder) else { return }
    builder.text(delta["text"], block: block.key)
    if let reasoning = delta["reasoningContent"] { read(reasoning: reasoning, in: block, builder) }
    if let citation = delta["citation"] { cite(citation, in: block, builder) }
    readInput(delta["toolUse", "input"], of: block, builder)
    if case .opaque = block.kind { Self.complete(block.json, with: delta) }
  }

  func read(reasoning: JSON, in block: OpenBlock, _ builder: ResponseBuilder) {
    if reasoning["text"] != nil || reasoning["signature"] != nil { builder.openReasoning(block: block.key) }
    builder.reasoning(reasoning["text"], block: block.key)
    if let signature = reasoning["signature"]?.stringBytes, !signature.isEmpty {
      builder.signature(signature, block: block.key)
    }
    if let redacted = reasoning["redactedContent"]?.stringBytes { _ = base64Decode(redacted, into: block.redacted) }
  }

  private func readInput(_ piece: JSON?, of block: OpenBlock, _ builder: ResponseBuilder) {
    guard let piece else { return }
    switch block.kind {
    case .tool(let handle): builder.toolArguments(handle, piece)
    case .answer: builder.text(piece.isString ? piece : .string(piece.text), block: block.key)
    case .opaque: if let bytes = piece.stringBytes { block.input.append(bytes) }
    case .plain: break
    }
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
  func read(whole block: JSON, _ index: Int, _ builder: ResponseBuilder) throws(LLMError) {
    let isCall = block["toolUse"] != nil
    let isReadHere = block["text"] != nil || block["reasoningContent"] != nil || block["citationsContent"] != nil
    try startBlock(index, isReadHere ? .object() : block, builder)
    guard let opened = open.last else { return }
    builder.text(block["text"], block: opened.key)
    if let reasoning = block["reasoningContent"] {
      read(reasoning: reasoning["reasoningText"] ?? reasoning, in: opened, builder)
    }
    if let cited = block["citationsContent"] {
      for piece in cited.elements("content") { builder.text(piece["text"], block: opened.key) }
      for citation in cited.elements("citations") { cite(citation, in: opened, builder) }
    }
    if isCall, let input = block["toolUse", "input"], input.isString || input.count > 0 {
      readInput(input, of: opened, builder)
    }
  }

  func stopBlock(_ index: Int, _ builder: ResponseBuilder) {
    guard let place = open.lastIndex(where: { $0.index == index }) else { return }
    close(open.remove(at: place), builder)
  }

  func close(_ block: OpenBlock, _ builder: ResponseBuilder) {
    switch block.kind {
    case .tool(let handle): builder.endTool(handle)
    case .opaque:
      if !block.input.isEmpty { block.json["toolUse"]?.set("input", parsedObject(block.input.bytes)) }
      builder.opaque(block.json, block: block.key)
    case .plain:
      keepRedacted(of: block, builder)
      keepBareCitations(of: block, builder)
    case .answer: break
    }
  }

  private func keepRedacted(of block: OpenBlock, _ builder: ResponseBuilder) {
    guard !block.redacted.isEmpty else { return }
    let encoded = ByteBuffer()
    base64Encode(block.redacted.bytes, into: encoded)
    let content = JSON.make(["redactedContent": .string(encoded)])
    builder.opaque(.make(["reasoningContent": content]), block: block.key)
  }

  /// Citations that stand behind the text they belong to have a block without a text.
  private func keepBareCitations(of block: OpenBlock, _ builder: ResponseBuilder) {
    guard let place = citations.firstIndex(where: { $0.key == block.key }),
      !builder.blocks().contains(where: { $0.key == block.key })
    else { return }
    let cited = JSON.make(["citations": citations.remove(at: place).list])
    builder.opaque(.make(["citationsContent": cited]), block: block.key)
  }

  /// Pages are told in OpenAI's shape; places in documents, for which it has none, in the service's.
  private func cite(_ citation: JSON, in block: OpenBlock, _ builder: ResponseBuilder) {
    if let place = citations.firstIndex(where: { $0.key == block.key }) {
      citations[place].list.append(citation)
    } else {
      citations.append((block.key, .array([citation])))
    }
    guard let url = citation["location", "web"]?["url"] else { return builder.source(citation) }
    let page = JSON.make(["url": url, "title": citation["title"] ?? citation["location", "web"]?["domain"]])
    builder.source(.make(["type": .word("url_citation"), "url_citation": page]))
  }
}

// MARK: What the next turn sends back

extension BedrockDecoder {
  /// The text that a block adds to an answer.
  static func text(of block: JSON) -> String {
    let cited = block["citationsContent", "content"]?.elements ?? []
    return (block.string("text") ?? "") + cited.reduce("") { $0 + ($1.string("text") ?? "") }
  }

  /// Keeps the blocks as they came where text and tool calls alone would not say all.
  func keepBlocks(_ builder: ResponseBuilder) {
    let blocks = builder.blocks()
    for (place, block) in blocks.enumerated() where isClaude {
      guard block.kind == .reasoning, let signature = block.signature else { continue }
      builder.reasoningDetail(
        .make([
          "type": .word("reasoning.text"), "text": builder.text(of: block), "signature": .string(signature),
          "format": .word(ClaudeThinking.format), "index": .integer(place),
        ]))
    }
    guard hasMoreThanTextAndCalls(blocks) else { return }
    let content = blocks.compactMap { raw($0, builder) }
    builder.setExtraContent("bedrock", .make(["content": .array(content)]))
  }

  private func hasMoreThanTextAndCalls(_ blocks: [AnswerBlock]) -> Bool {
    var sawCall = false
    for block in blocks {
      switch block.kind {
      case .reasoning: if block.signature != nil { return true }
      case .opaque: return true
      case .text: if sawCall { return true }
      case .tool: sawCall = true
      case .refusal: break
      }
    }
    return !citations.isEmpty
  }

  /// Models that do not sign their thinking do not want it back.
  func raw(_ block: AnswerBlock, _ builder: ResponseBuilder) -> JSON? {
    switch block.kind {
    case .text:
      let text = JSON.make(["text": builder.text(of: block)])
      guard let cited = citations.first(where: { $0.key == block.key })?.list else { return text }
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
