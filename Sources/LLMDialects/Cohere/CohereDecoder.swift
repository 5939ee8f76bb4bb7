import LLMCore
import LLMWire

/// Reads events and whole answers. The most frequent event, a piece of text, is matched in place.
final class CohereDecoder: ChatDecoder {
  private let hotPath = HotPath(CohereDecoder.hotFields)
  /// The calls that are arriving, by the service's number.
  private var tools: [(number: Int64, handle: ResponseBuilder.ToolHandle)] = []
  private let plan = ByteBuffer()
  private var citations: [JSON] = []

  private static let numberSlot = 0
  /// Blocks are numbered; the plan is a block of its own.
  private static let planBlock = -2
  private static let hotFields: [HotField] = [
    HotField("type", .constant("content-delta")), HotField("index", .integer(numberSlot)),
    HotField("delta.message.content.text", .text), HotField("delta.message.content.thinking", .reasoning),
  ]

  func decode(_ frame: Frame, into builder: ResponseBuilder) throws(LLMError) {
    if hotPath.match(frame.data) {
      let block = hotPath.integer(Self.numberSlot)
      switch hotPath.kind {
      case .text: builder.text(hotPath.payload, block: block)
      case .reasoning: builder.reasoning(hotPath.payload, block: block)
      case .arguments, .empty: break
      }
      return
    }
    if frame.data.starts(with: "[DONE]".utf8) { return builder.endStream() }
    let event = try builder.readJSON(frame.data)
    try read(event, type: event.string("type") ?? "", into: builder)
  }

  func decode(whole body: JSON, into builder: ResponseBuilder) throws(LLMError) {
    guard let message = body["message"], message.isObject else {
      throw CohereChat.read(error: body).inPlaceOfAnswer(lacking: "\"message\"")
    }
    builder.response(id: body.string("id"))
    readPlan(message["tool_plan"], builder)
    if message["content"]?.isString ?? false { builder.text(message["content"]) }
    for (number, part) in message.elements("content").enumerated() {
      read(part: part, number: number, builder)
    }
    for call in message.elements("tool_calls") {
      builder.endTool(try begin(call, number: nil, builder))
    }
    for citation in message.elements("citations") { read(citation: citation, builder) }
    if let logprobs = body["logprobs"] { read(logprobs: logprobs.elements, builder) }
    try finish(body, builder)
  }

  /// The raw message goes along, where text and calls do not say it all.
  func finish(into builder: ResponseBuilder) throws(LLMError) {
    let blocks = builder.blocks().filter { $0.key != Self.planBlock && $0.kind != .tool }
    guard !plan.isEmpty || !citations.isEmpty || blocks.contains(where: { $0.kind != .text }) else { return }
    let content = JSON.array()
    for block in blocks {
      let text = builder.text(of: block)
      switch block.kind {
      case .reasoning: content.append(.make(["type": .word("thinking"), "thinking": text]))
      case .text: content.append(.make(["type": .word("text"), "text": text]))
      default: if let opaque = block.opaque { content.append(opaque) }
      }
    }
    builder.setExtraContent(
      "cohere",
      .make([
        "content": content, "tool_plan": plan.isEmpty ? nil : .string(plan),
        "citations": citations.isEmpty ? nil : .array(citations),
      ]))
  }

  // MARK: Events

  private func read(_ event: JSON, type: String, into builder: ResponseBuilder) throws(LLMError) {
    let number = event.int("index") ?? 0
    let message = event["delta", "message"]
    switch type {
    case "message-start": builder.response(id: event.string("id"))
    case "content-start", "content-delta":
      if let part = message?["content"] { read(part: part, number: Int(clamping: number), builder) }
    case "tool-plan-delta": readPlan(message?["tool_plan"], builder)
    case "tool-call-start":
      if let call = message?["tool_calls"] { _ = try begin(call, number: number, builder) }
    case "tool-call-delta":
      let arguments = message?["tool_calls", "function"]?["arguments"]
      if let handle = handle(of: number) { builder.toolArguments(handle, arguments) }
    case "tool-call-end":
      if let handle = handle(of: number) { builder.endTool(handle) }
    case "citation-start":
      if let citation = message?["citations"] { read(citation: citation, builder) }
    case "message-end":
      try finish(event["delta"] ?? event, builder)
      builder.end()
    default:
      // What is not known yet is no error; an error without a type is one.
      if type.isEmpty, event["message"] != nil || event["error"] != nil {
        throw CohereChat.read(error: event).error(status: nil, stage: .stream)
      }
    }
    if let logprobs = event["logprobs"] { read(logprobs: [logprobs], builder) }
  }

  private func finish(_ document: JSON, _ builder: ResponseBuilder) throws(LLMError) {
    if let usage = document["usage"] { builder.report(CohereDecoder.usage(usage)) }
    if let error = document["error"] {
      throw CohereChat.read(error: .make(["error": error])).error(status: nil, stage: .stream)
    }
    if let reason = document.string("finish_reason") { builder.finish(reason) }
  }

  private static func usage(_ document: JSON) -> Usage {
    let usage = Usage()
    let tokens = document["tokens"] ?? document["billed_units"]
    usage.prompt = tokens?.tokens("input_tokens")
    usage.completion = tokens?.tokens("output_tokens")
    usage.reasoning = tokens?.tokens("reasoning_tokens")
    usage.cached = document.tokens("cached_tokens")
    if let billed = document["billed_units"] { usage.extra = .make(["billed_units": billed]) }
    return usage
  }

  // MARK: Content

  private func read(part: JSON, number: Int, _ builder: ResponseBuilder) {
    guard part["text"] != nil || part["thinking"] != nil else {
      // An opening part may be empty; only what is of another type is kept.
      if let type = part.string("type"), type != "text", type != "thinking" { builder.opaque(part, block: number) }
      return
    }
    builder.reasoning(part["thinking"], block: number)
    builder.text(part["text"], block: number)
  }

  private func readPlan(_ text: JSON?, _ builder: ResponseBuilder) {
    guard let bytes = text?.stringBytes else { return }
    plan.append(bytes)
    builder.reasoning(bytes, block: Self.planBlock)
  }

  private func read(citation: JSON, _ builder: ResponseBuilder) {
    for citation in citation.isArray ? citation.elements : [citation] {
      citations.append(citation)
      builder.source(
        .make([
          "type": .word("citation"), "start_index": citation["start"], "end_index": citation["end"],
          "text": citation["text"], "sources": citation["sources"],
        ]))
    }
  }

  private func read(logprobs: [JSON], _ builder: ResponseBuilder) {
    let content = JSON.array()
    for piece in logprobs {
      for (place, value) in piece.elements("logprobs").enumerated() {
        // A piece of several tokens has its text only as a whole.
        content.append(.make(["token": place == 0 ? piece["text"] : .word(""), "logprob": value]))
      }
    }
    if content.count > 0 { builder.logprobs(.make(["content": content])) }
  }

  // MARK: Calls

  private func begin(
    _ call: JSON, number: Int64?, _ builder: ResponseBuilder
  ) throws(LLMError) -> ResponseBuilder.ToolHandle {
    let function = call["function"]
    let handle = try builder.beginTool(id: call.string("id"), name: function?.string("name"))
    builder.toolArguments(handle, function?["arguments"])
    if let number { tools.append((number, handle)) }
    return handle
  }

  private func handle(of number: Int64) -> ResponseBuilder.ToolHandle? {
    tools.last { $0.number == number }?.handle
  }
}
