import LLMCore
import LLMWire

/// Reads the events of a stream, and whole answers. What the deltas did not say, the items do; what neither said, the
/// response at the end does.
final class ResponsesDecoder: ChatDecoder {
  /// An item of the output as far as it has come.
  final class Item {
    let index: Int
    var id: String?
    var tool: ResponseBuilder.ToolHandle?
    /// Where its text and its thinking begin, once there is some.
    var textStart: Int?
    var reasoningStart: Int?
    var hasRefusal = false
    var hasArguments = false
    var annotationCount = 0
    /// The item as the service says it is, once it is whole.
    var whole: JSON?

    init(index: Int) { self.index = index }
  }

  var items: [Item] = []
  private let hotText = HotPath(ResponsesDecoder.hotFields("response.output_text.delta", .text))
  private let hotSummary = HotPath(
    ResponsesDecoder.hotFields("response.reasoning_summary_text.delta", .reasoning))
  private let hotReasoning = HotPath(ResponsesDecoder.hotFields("response.reasoning_text.delta", .reasoning))
  private let hotArguments = HotPath(
    ResponsesDecoder.hotFields("response.function_call_arguments.delta", .arguments))
  /// Log probabilities come with every piece of text or with none, and the hot path skips them.
  private var hasLogprobs = false

  private static let indexSlot = 0

  private static func hotFields(_ type: StaticString, _ payload: HotRole) -> [HotField] {
    [
      HotField("type", .constant(type)), HotField("sequence_number", .skip), HotField("item_id", .skip),
      HotField("output_index", .integer(indexSlot)), HotField("content_index", .skip),
      HotField("summary_index", .skip), HotField("delta", payload), HotField("logprobs", .skip),
      HotField("obfuscation", .skip),
    ]
  }

  func decode(_ frame: Frame, into builder: ResponseBuilder) throws(LLMError) {
    if deliverHot(frame.data, to: builder) { return }
    if frame.data.starts(with: "[DONE]".utf8) { return builder.end() }
    let event = try builder.readJSON(frame.data)
    guard let type = event.string("type") else {
      if event["error"] != nil { throw ServiceError(event).error(status: nil, stage: .stream) }
      return
    }
    try read(event, type, into: builder)
  }

  func decode(whole body: JSON, into builder: ResponseBuilder) throws(LLMError) {
    guard body["error"] == nil, body["output"]?.isArray ?? false else {
      throw ServiceError(body).inPlaceOfAnswer(lacking: "\"output\"")
    }
    readHead(body, builder)
    try readEnd(body, builder)
  }

  /// What goes back in the next turn, where it is more than the message itself says.
  func finish(into builder: ResponseBuilder) throws(LLMError) {
    let whole = items.compactMap { $0.whole }
    let isMore = whole.contains { item in
      item["phase"] != nil || !(item.says("type", "message") || ResponsesItems.isCall(item))
    }
    guard isMore else { return }
    let content = JSON.object()
    content.set("content", .array(whole))
    builder.setExtraContent("openai", content)
  }
}

extension ResponsesDecoder {
  private func deliverHot(_ data: UnsafeRawBufferPointer, to builder: ResponseBuilder) -> Bool {
    if !hasLogprobs, hotText.match(data), let item = known(hotText), item.textStart != nil {
      builder.text(hotText.payload, block: item.index)
      return true
    }
    for matcher in [hotSummary, hotReasoning] where matcher.match(data) {
      guard let item = known(matcher), item.reasoningStart != nil else { return false }
      builder.reasoning(matcher.payload, block: item.index)
      return true
    }
    if hotArguments.match(data), let item = known(hotArguments), item.hasArguments, let tool = item.tool {
      builder.toolArguments(tool, hotArguments.payload)
      return true
    }
    return false
  }

  /// The item that a matched frame belongs to, where its first delta was read in full.
  private func known(_ matcher: HotPath) -> Item? {
    let index = matcher.integer(Self.indexSlot)
    return items.last { $0.index == index }
  }

  private func read(_ event: JSON, _ type: String, into builder: ResponseBuilder) throws(LLMError) {
    switch type {
    case "response.created":
      guard items.isEmpty else {
        throw LLMError(.protocol, "the service began another answer in the middle of the first", stage: .stream)
      }
      readHead(event["response"], builder)
    case "response.in_progress", "response.queued": readHead(event["response"], builder)
    case "response.output_item.added": try readStart(of: event["item"], item(for: event, builder), builder)
    case "response.output_item.done": try readWhole(event["item"], item(for: event, builder), builder)
    case "response.output_text.delta": readText(event, item(for: event, builder), builder)
    case "response.refusal.delta":
      item(for: event, builder).hasRefusal = true
      builder.refusal(event["delta"])
    case "response.reasoning_summary_text.delta", "response.reasoning_text.delta":
      let item = item(for: event, builder)
      item.reasoningStart = item.reasoningStart ?? builder.length(of: .reasoning)
      builder.reasoning(event["delta"], block: item.index)
    case "response.function_call_arguments.delta", "response.custom_tool_call_input.delta":
      try readArguments(event, builder)
    case "response.output_text.annotation.added":
      item(for: event, builder).annotationCount += 1
      if let annotation = event["annotation"] { builder.source(ResponsesItems.annotation(annotation)) }
    case "response.completed", "response.incomplete", "response.failed", "response.cancelled":
      try readEnd(event["response"] ?? event, builder)
      builder.end()
    case "error": throw ServiceError(event).error(status: nil, stage: .stream)
    case "keepalive": builder.ping()
    default: break
    }
  }

  func readHead(_ response: JSON?, _ builder: ResponseBuilder) {
    guard let response else { return }
    builder.response(id: response.string("id"), model: response.string("model"), created: response.int("created_at"))
  }

  /// By its place in the output, else by its id: some gateways give an item a new id in every event.
  func item(for event: JSON, _ builder: ResponseBuilder) -> Item {
    let id = event.string("item_id") ?? event.string("item", "id")
    let index = event.int("output_index").map { Int(clamping: $0) }
    if let known = items.last(where: { index == nil ? id != nil && $0.id == id : $0.index == index }) { return known }
    return newItem(id, at: index ?? items.count, builder)
  }

  /// More items than anybody sends are not kept, and end the answer.
  private func newItem(_ id: String?, at index: Int, _ builder: ResponseBuilder) -> Item {
    let item = Item(index: index)
    item.id = id
    if builder.isWithin(Self.itemLimit, items.count, "items") { items.append(item) }
    return item
  }

  private static let itemLimit = 4096

  /// The item of the output at the end: its place need not be the one that the events gave it.
  func item(_ id: String?, at index: Int, _ builder: ResponseBuilder) -> Item {
    if let id, let known = items.first(where: { $0.id == id }) { return known }
    if let known = items.first(where: { $0.index == index }) { return known }
    return newItem(id, at: index, builder)
  }

  private func readText(_ event: JSON, _ item: Item, _ builder: ResponseBuilder) {
    item.textStart = item.textStart ?? builder.length(of: .text)
    builder.text(event["delta"], block: item.index)
    if let logprobs = event["logprobs"], logprobs.count > 0 {
      hasLogprobs = true
      readLogprobs(logprobs, builder)
    }
  }

  func readLogprobs(_ logprobs: JSON, _ builder: ResponseBuilder) {
    let content = JSON.object()
    content.set("content", logprobs)
    builder.logprobs(content)
  }

  private func readArguments(_ event: JSON, _ builder: ResponseBuilder) throws(LLMError) {
    let item = item(for: event, builder)
    let isCustom = event.says("type", "response.custom_tool_call_input.delta")
    let tool = try tool(of: item, id: nil, name: nil, isCustom: isCustom, builder)
    item.hasArguments = true
    builder.toolArguments(tool, event["delta"])
  }

  func tool(
    of item: Item, id: String?, name: String?, isCustom: Bool, _ builder: ResponseBuilder
  ) throws(LLMError) -> ResponseBuilder.ToolHandle {
    if let known = item.tool {
      builder.complete(known, id: id, name: name)
      return known
    }
    let tool = try builder.beginTool(id: id, name: name, serviceIndex: item.index, isCustom: isCustom)
    item.tool = tool
    return tool
  }
}
