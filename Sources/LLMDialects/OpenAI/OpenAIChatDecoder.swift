import LLMConfig
import LLMCore
import LLMWire

/// Reads chunks and whole answers. The most frequent chunk (one increment of text, thinking or arguments and nothing
/// else of interest) is matched in place on the received bytes; everything else is parsed.
final class OpenAIChatDecoder: ChatDecoder {
  private let context: RequestContext
  private let hotFields: [HotField]
  /// An answer that comes whole needs none.
  private lazy var hotPath = HotPath(hotFields)
  /// The first chunk tells what the hot path skips (id, model), and is always parsed.
  private var hasReadFirst = false
  private var legacyCalls: [(choice: Int, handle: ResponseBuilder.ToolHandle)] = []
  private var sources = SearchResults()
  private var thinkTags: [(choice: Int, splitter: ThinkTagSplitter)] = []

  private static let choiceSlot = 0
  private static let toolSlot = 1
  private static let hotMembers: [HotField] = [
    HotField("id", .skip), HotField("object", .skip), HotField("created", .skip), HotField("model", .skip),
    HotField("system_fingerprint", .skip), HotField("service_tier", .skip), HotField("provider", .skip),
    HotField("usage", .null), HotField("obfuscation", .skip), HotField("p", .skip),
    HotField("choices.0.index", .integer(choiceSlot)), HotField("choices.0.finish_reason", .null),
    HotField("choices.0.native_finish_reason", .null), HotField("choices.0.logprobs", .null),
    HotField("choices.0.stop_reason", .null), HotField("choices.0.token_ids", .null),
    HotField("choices.0.seed", .null),
  ]
  private static let hotBareText: [HotField] = hotMembers + [HotField("choices.0.text", .text)]
  private static let hotChunk: [HotField] =
    hotMembers + [
      HotField("choices.0.text", .skip), HotField("choices.0.delta.role", .skip),
      HotField("choices.0.delta.content", .text), HotField("choices.0.delta.reasoning_content", .reasoning),
      HotField("choices.0.delta.reasoning", .reasoning), HotField("choices.0.delta.token_id", .skip),
      HotField("choices.0.delta.refusal", .null), HotField("choices.0.delta.function_call", .null),
      HotField("choices.0.delta.tool_calls.0.index", .integer(toolSlot)),
      HotField("choices.0.delta.tool_calls.0.id", .null), HotField("choices.0.delta.tool_calls.0.type", .skip),
      HotField("choices.0.delta.tool_calls.0.function.name", .null),
      HotField("choices.0.delta.tool_calls.0.function.arguments", .arguments),
    ]

  init(_ context: RequestContext) {
    self.context = context
    hotFields = Self.hotChunk
  }

  /// For services whose chunks carry bare text.
  init(bareText context: RequestContext) {
    self.context = context
    hotFields = Self.hotBareText
  }

  func decode(_ frame: Frame, into builder: ResponseBuilder) throws(LLMError) {
    if hasReadFirst, hotPath.match(frame.data), deliverHot(to: builder) { return }
    if isDone(frame.data) { return end(builder) }
    let chunk = try builder.readJSON(frame.data)
    if frame.event.elementsEqual("error".utf8) { throw ServiceError(chunk).error(status: nil, stage: .stream) }
    try read(chunk, isWhole: false, into: builder)
    hasReadFirst = builder.responseID != nil
  }

  func decode(whole body: JSON, into builder: ResponseBuilder) throws(LLMError) {
    guard body["choices"]?.isArray ?? false else {
      throw ServiceError(body).inPlaceOfAnswer(lacking: "\"choices\"")
    }
    try read(body, isWhole: true, into: builder)
  }

  /// Whether the matched chunk could be delivered: arguments may belong to a call that takes a closer look to find.
  private func deliverHot(to builder: ResponseBuilder) -> Bool {
    let choice = hotPath.integer(Self.choiceSlot)
    switch hotPath.kind {
    case .text: deliver(text: hotPath.payload, choice, builder)
    case .reasoning: builder.reasoning(hotPath.payload, choice: choice)
    case .arguments:
      guard let tool = builder.lastTool(choice: choice, serviceIndex: hotPath.integer(Self.toolSlot)) else {
        return false
      }
      builder.toolArguments(tool, hotPath.payload)
    case .empty: break
    }
    return true
  }

  /// `[DONE]` ends an answer that has a reason to end. Some gateways send it as well when the service behind them broke
  /// off, and then the answer is not whole.
  private func end(_ builder: ResponseBuilder) {
    if builder.hasReasonToEnd { builder.end() } else { builder.endStream() }
  }

  private func isDone(_ data: UnsafeRawBufferPointer) -> Bool {
    guard data.first == UInt8(ascii: "[") else { return false }
    return data.starts(with: "[DONE]".utf8)
  }

  /// Text, out of which thinking is taken where the service leaves it between tags.
  private func deliver(text: UnsafeRawBufferPointer, _ choice: Int, _ builder: ResponseBuilder) {
    guard context.quirks.contains(.thinkTags) else { return builder.text(text, choice: choice) }
    splitter(of: choice).split(text) { bytes, isThinking in
      OpenAIChatDecoder.deliver(bytes, isThinking, choice, builder)
    }
  }

  private static func deliver(
    _ bytes: UnsafeRawBufferPointer, _ isThinking: Bool, _ choice: Int, _ builder: ResponseBuilder
  ) {
    if isThinking { builder.reasoning(bytes, choice: choice) } else { builder.text(bytes, choice: choice) }
  }

  private func splitter(of choice: Int) -> ThinkTagSplitter {
    if let known = thinkTags.first(where: { $0.choice == choice }) { return known.splitter }
    let splitter = ThinkTagSplitter()
    thinkTags.append((choice, splitter))
    return splitter
  }

  /// What looked like the beginning of a tag and was none.
  func finish(into builder: ResponseBuilder) throws(LLMError) {
    for (choice, splitter) in thinkTags {
      splitter.finish { bytes, isThinking in OpenAIChatDecoder.deliver(bytes, isThinking, choice, builder) }
    }
  }

  // MARK: Chunks and answers

  /// Members that are read below; any other is passed on as it is.
  private static let knownMembers: [StaticText] = [
    "id", "object", "created", "model", "choices", "usage", "error", "obfuscation", "p",
  ]

  private func read(_ chunk: JSON, isWhole: Bool, into builder: ResponseBuilder) throws(LLMError) {
    guard chunk.isObject else { return }
    if chunk["error"] != nil { throw ServiceError(chunk).error(status: nil, stage: .stream) }
    builder.response(id: chunk.string("id"), model: chunk.string("model"), created: chunk.int("created"))
    chunk.forEachMember { name, value in
      if value.isNull || Self.knownMembers.contains(where: { $0.matches(name) }) { return }
      builder.setExtra(String(decoding: name, as: UTF8.self), value)
    }
    for choice in chunk.elements("choices") where builder.excess == nil {
      try read(choice: choice, isWhole: isWhole, into: builder)
    }
    if context.quirks.contains(.searchResults) { sources.report(chunk, to: builder) }
    if let usage = chunk["usage"] ?? chunk["x_groq", "usage"], usage.isObject {
      builder.report(Usage(openAI: usage))
    }
  }

  private func read(choice: JSON, isWhole: Bool, into builder: ResponseBuilder) throws(LLMError) {
    guard choice.isObject else { return }
    let index = Int(clamping: choice.int("index") ?? 0)
    if let error = choice["error"] {
      throw ServiceError(error).error(status: nil, stage: .stream)
    }
    // Perplexity sends both: the message as it is so far beside each delta, and an empty delta beside a whole message.
    if choice["delta"] == nil, choice["message"] == nil { readBareText(choice, index, builder) }
    let delta = (isWhole ? choice["message"] ?? choice["delta"] : choice["delta"] ?? choice["message"]) ?? JSON.object()
    try read(message: delta, choice: index, into: builder)
    if let logprobs = choice["logprobs"], logprobs.isObject {
      builder.logprobs(LegacyLogprobs.modernized(logprobs), choice: index)
    }
    for name: StaticText in ["content_filter_results", "content_filter_result"] {
      if let results = choice[name] { builder.setMessageExtra(name.text, results, choice: index) }
    }
    if let reason = choice["finish_reason"] { builder.finish(reason.string ?? reason.text, choice: index) }
  }

  /// Completions of a bare prompt.
  private func readBareText(_ choice: JSON, _ index: Int, _ builder: ResponseBuilder) {
    if let text = choice["text"]?.stringBytes { deliver(text: text, index, builder) }
  }

  private func read(message: JSON, choice: Int, into builder: ResponseBuilder) throws(LLMError) {
    readReasoning(message, choice, builder)
    readContent(message["content"], choice, builder)
    builder.refusal(message["refusal"], choice: choice)
    for (position, call) in message.elements("tool_calls").enumerated() {
      try read(call: call, position: position, choice: choice, into: builder)
    }
    if let call = message["function_call"] { try read(legacyCall: call, choice: choice, into: builder) }
    for annotation in message.elements("annotations") { builder.source(annotation, choice: choice) }
    for name: StaticText in ["audio", "images"] {
      if let extra = message[name] { mergeExtra(name.text, extra, choice, builder) }
    }
    if let extra = message["extra_content"], extra.isObject {
      for (name, value) in extra.members { builder.setExtraContent(name, value, choice: choice) }
    }
  }

  /// The services spell it three ways; one that uses two at once says the same in both.
  private func readReasoning(_ message: JSON, _ choice: Int, _ builder: ResponseBuilder) {
    var text: JSON?
    for spelling: StaticText in ["reasoning_content", "reasoning", "thinking"] where text == nil {
      text = message[spelling].flatMap { $0.stringBytes?.isEmpty == false ? $0 : nil }
    }
    builder.reasoning(text, choice: choice)
    for detail in message.elements("reasoning_details") where builder.excess == nil {
      builder.reasoningDetail(piece: detail, choice: choice)
      if text == nil { builder.reasoning(detail["text"] ?? detail["summary"], choice: choice) }
    }
  }

  /// A string, or parts: text, thinking (Mistral's, whose content is parts again), references.
  private func readContent(_ content: JSON?, _ choice: Int, _ builder: ResponseBuilder) {
    guard let content else { return }
    if let text = content.stringBytes { return deliver(text: text, choice, builder) }
    for part in content.isObject ? [content] : content.elements {
      switch part.string("type") {
      case "thinking": readThinking(part["thinking"], choice, builder)
      case "reference": builder.source(part, choice: choice)
      case "text", "output_text", nil: builder.text(part.isString ? part : part["text"], choice: choice)
      default: builder.opaque(part, choice: choice)
      }
    }
  }

  private func readThinking(_ thinking: JSON?, _ choice: Int, _ builder: ResponseBuilder) {
    builder.reasoning(thinking, choice: choice)
    for part in thinking?.elements ?? [] { builder.reasoning(part["text"], choice: choice) }
  }

  // MARK: Tool calls

  private func read(call: JSON, position: Int, choice: Int, into builder: ResponseBuilder) throws(LLMError) {
    let isCustom = OpenAIChatDecoder.isCustom(call)
    let function = call[isCustom ? "custom" : "function"]
    let arguments = function?["arguments"] ?? function?["input"]
    let index = call.int("index")
    let handle = try builder.toolForDelta(
      choice: choice, id: call.string("id"), serviceIndex: index.map { Int(clamping: $0) },
      name: function?.string("name"), startsArguments: startsObject(arguments), isCustom: isCustom)
    builder.toolArguments(handle, arguments)
    if let extra = call["extra_content"] { builder.setToolExtra(handle, extra) }
  }

  /// Some services send an empty `custom` beside each function.
  private static func isCustom(_ call: JSON) -> Bool {
    guard let custom = call["custom"] else { return false }
    guard call["function"] != nil else { return true }
    return custom.string("name")?.isEmpty == false || custom.string("input")?.isEmpty == false
  }

  private func startsObject(_ arguments: JSON?) -> Bool {
    guard let arguments else { return false }
    return arguments.isObject || arguments.stringBytes?.first == UInt8(ascii: "{")
  }

  /// `function_call`, from before tools. Beside `tool_calls` it says the same once more.
  private func read(legacyCall call: JSON, choice: Int, into builder: ResponseBuilder) throws(LLMError) {
    let known = legacyCalls.first { $0.choice == choice }?.handle
    if known == nil, builder.hasTools(choice: choice) { return }
    let handle: ResponseBuilder.ToolHandle
    if let known {
      handle = known
      builder.complete(handle, id: nil, name: call.string("name"))
    } else {
      handle = try builder.beginTool(choice: choice, id: nil, name: call.string("name"))
      legacyCalls.append((choice, handle))
    }
    builder.toolArguments(handle, call["arguments"])
  }

  private static let growing: [StaticText] = ["data", "transcript"]

  /// Sound arrives in pieces of base64; pictures as a list that grows.
  private func mergeExtra(_ name: String, _ value: JSON, _ choice: Int, _ builder: ResponseBuilder) {
    if value.isObject { return builder.messageExtra(name, piece: value, growing: Self.growing, choice: choice) }
    guard let known = builder.messageExtra(name, choice: choice) else {
      return builder.setMessageExtra(name, value.deepCopy(), choice: choice)
    }
    for element in value.elements { known.append(element) }
  }
}
