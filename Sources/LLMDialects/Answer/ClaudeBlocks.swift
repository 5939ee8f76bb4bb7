import LLMCore
import LLMWire

/// A block of an answer in the manner of Anthropic and Bedrock: it is begun, grows by deltas, and is stopped.
final class ClaudeBlock {
  /// Who is to have what arrives in it.
  enum Kind {
    /// The answer's text or thinking.
    case plain
    /// The answer as the arguments of the tool for it.
    case answer
    /// Nobody: it is passed through unread.
    case opaque
    case tool(ResponseBuilder.ToolHandle)
  }

  /// The service's number for it, which it may use again once the block is stopped.
  let index: Int
  /// The number under which the builder knows it: its place among all blocks.
  let key: Int
  let kind: Kind
  /// The block as it began.
  let json: JSON
  /// The arguments of a tool of the service's own.
  let input = ByteBuffer()
  /// What later pieces added to a block that is passed through.
  var growth: GrowingObject?
  /// Thinking that is withheld, out of its Base64: its pieces make one whole.
  var redacted: ByteBuffer?
  /// Whom a tool is called by, where it is not the model itself.
  var caller: JSON?
  /// Whether text or thinking arrived in it.
  var hasContent = false
  fileprivate(set) var citations: JSON?

  fileprivate init(index: Int, key: Int, kind: Kind, json: JSON) {
    self.index = index
    self.key = key
    self.kind = kind
    self.json = json
  }
}

/// The blocks of one answer: which are open, and what is known of them besides what the builder keeps.
final class ClaudeBlocks {
  /// One at a time is the rule.
  private static let openLimit = 64

  private var all: [ClaudeBlock] = []
  private(set) var open: [ClaudeBlock] = []
  /// Whether the answer came as the arguments of the tool for it.
  private(set) var hasAnswered = false
  private var hasCitations = false
  private var hasCallers = false

  /// Whether any block has begun.
  var isEmpty: Bool { all.isEmpty }

  // MARK: Begin and end

  /// A new block; `call` is a call of one of the caller's tools.
  func begin(
    _ index: Int, call: (id: String?, name: String?)?, isPlain: Bool, json: JSON, _ builder: ResponseBuilder
  ) throws(LLMError) -> ClaudeBlock {
    let kind: ClaudeBlock.Kind
    if let call {
      if call.name == AnswerTool.name.text {
        kind = .answer
        hasAnswered = true
      } else {
        kind = .tool(try builder.beginTool(id: call.id, name: call.name, serviceIndex: all.count))
      }
    } else {
      kind = isPlain ? .plain : .opaque
    }
    let block = ClaudeBlock(index: index, key: all.count, kind: kind, json: json)
    if builder.isWithin(Self.openLimit, open.count, "blocks at a time") {
      all.append(block)
      open.append(block)
    }
    return block
  }

  /// The open block under a number.
  func block(at index: Int) -> ClaudeBlock? { open.last { $0.index == index } }

  /// Takes the block under a number out of those that are open.
  func stop(_ index: Int) -> ClaudeBlock? {
    open.lastIndex { $0.index == index }.map { open.remove(at: $0) }
  }

  /// Takes all blocks out of those that are open.
  func stopAll() -> [ClaudeBlock] {
    defer { open.removeAll() }
    return open
  }

  // MARK: What arrives

  /// Whether a delta that was matched in place could be delivered.
  func deliver(_ hotPath: HotPath, at index: Int, to builder: ResponseBuilder) -> Bool {
    guard let block = block(at: index) else { return false }
    switch (hotPath.kind, block.kind) {
    case (.text, .plain):
      block.hasContent = true
      builder.text(hotPath.payload, block: block.key)
    case (.reasoning, .plain):
      block.hasContent = true
      builder.reasoning(hotPath.payload, block: block.key)
    case (.arguments, .tool(let handle)): builder.toolArguments(handle, hotPath.payload)
    case (.arguments, .answer): builder.text(hotPath.payload, block: block.key)
    case (.arguments, .opaque): block.input.append(hotPath.payload)
    case (.empty, _): break
    default: return false
    }
    return true
  }

  /// A piece of a tool's input, or all of it.
  func readInput(_ piece: JSON?, of block: ClaudeBlock, _ builder: ResponseBuilder) {
    guard let piece else { return }
    switch block.kind {
    case .tool(let handle): builder.toolArguments(handle, piece)
    case .answer: builder.text(piece.isString ? piece : .string(piece.text), block: block.key)
    case .opaque: if let bytes = piece.stringBytes { block.input.append(bytes) }
    case .plain: break
    }
  }

  /// The signature over a block of thinking.
  func sign(_ block: ClaudeBlock, _ signature: JSON?, _ builder: ResponseBuilder) {
    guard let bytes = signature?.stringBytes, !bytes.isEmpty else { return }
    builder.signature(bytes, block: block.key)
  }

  /// Keeps a citation with its block. A page is told in OpenAI's shape; a place in a document, for which that has none,
  /// in the service's.
  func cite(_ citation: JSON, page: JSON?, in block: ClaudeBlock, _ builder: ResponseBuilder) {
    hasCitations = true
    if let known = block.citations { known.append(citation) } else { block.citations = .array([citation]) }
    builder.source(page.map { .make(["type": .word("url_citation"), "url_citation": $0]) } ?? citation)
  }

  /// The citations of a block that has no text of its own: it is to be passed through then.
  func takeBareCitations(of block: ClaudeBlock) -> JSON? {
    guard !block.hasContent, let citations = block.citations else { return nil }
    block.citations = nil
    return citations
  }

  /// Notes by whom a tool is called.
  func note(caller: JSON, of block: ClaudeBlock) {
    hasCallers = true
    block.caller = caller
  }

  // MARK: What the next turn sends back

  /// What is known of one of the builder's blocks.
  subscript(_ block: AnswerBlock) -> ClaudeBlock? { all.indices.contains(block.key) ? all[block.key] : nil }

  /// Whether text and tool calls alone would not say all; `needsThinking` says which thinking has to go back.
  func sayMore(than blocks: [AnswerBlock], needsThinking: (AnswerBlock) -> Bool) -> Bool {
    var sawCall = false
    for block in blocks {
      switch block.kind {
      case .reasoning: if needsThinking(block) { return true }
      case .opaque: return true
      case .text: if sawCall { return true }
      case .tool: sawCall = true
      case .refusal: break
      }
    }
    return hasCallers || hasCitations && all.contains { $0.citations != nil }
  }

  /// A block of signed thinking in OpenRouter's form.
  static func reasoningDetail(_ block: AnswerBlock, _ place: Int, _ builder: ResponseBuilder) -> JSON? {
    guard block.kind == .reasoning, let signature = block.signature else { return nil }
    return .make([
      "type": .word("reasoning.text"), "text": builder.text(of: block), "signature": .string(signature),
      "format": .word(ClaudeThinking.format), "index": .integer(place),
    ])
  }
}
