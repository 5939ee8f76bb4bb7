import LLMCore
import LLMWire

/// Reads events and whole answers. The most frequent event (one increment of text, thinking or arguments) is matched in
/// place on the received bytes; everything else is parsed.
final class AnthropicDecoder: ChatDecoder {
  /// A block between its start and its stop.
  struct OpenBlock {
    enum Kind {
      case text, thinking, answer, opaque
      case tool(ResponseBuilder.ToolHandle)
    }
    let index: Int
    /// The number under which the builder knows it: services start over within one stream.
    let key: Int
    let kind: Kind
    /// The block as it began.
    let json: JSON
    /// The arguments of a tool of the service's own.
    let input = ByteBuffer()
  }

  static let indexSlot = 0
  let hotPath = HotPath([
    HotField("type", .constant("content_block_delta")), HotField("index", .integer(indexSlot)),
    HotField("delta.type", .skip), HotField("delta.text", .text), HotField("delta.thinking", .reasoning),
    HotField("delta.partial_json", .arguments),
  ])
  var open: [OpenBlock] = []
  var nextKey = 0
  /// Whether the answer came as the arguments of the tool for it.
  var hasAnswered = false
  var citations: [(key: Int, list: JSON)] = []
  /// `caller` of the tool calls that have one, by the call's place among them.
  var callers: [(key: Int, caller: JSON)] = []
  private let usageDetails = JSON.object()

  func decode(_ frame: Frame, into builder: ResponseBuilder) throws(LLMError) {
    if hotPath.match(frame.data), deliverHot(to: builder) { return }
    let event = try builder.readJSON(frame.data)
    switch event.string("type") {
    case "content_block_delta": try readDelta(event, builder)
    case "content_block_start": try startBlock(index(of: event), event["content_block"] ?? .object(), builder)
    case "content_block_stop": stopBlock(index(of: event), builder)
    case "message_start": readMessage(event["message"] ?? .object(), builder)
    case "message_delta": readMessageDelta(event, builder)
    case "message_stop": builder.end()
    case "ping": builder.ping()
    case "error": throw Self.streamError(event)
    default: if event["error"] != nil { throw Self.streamError(event) }
    }
  }

  func decode(whole body: JSON, into builder: ResponseBuilder) throws(LLMError) {
    guard !body.says("type", "error"), let content = body["content"], content.isArray else {
      throw Self.errorInPlaceOfAnswer(body)
    }
    readMessage(body, builder)
    for (index, block) in content.elements.enumerated() {
      try startBlock(index, block, builder)
      stopBlock(index, builder)
    }
    readEnd(body, builder)
    if body["stop_reason"] == nil { builder.finish(.stop, raw: nil) }
    builder.end()
  }

  func finish(into builder: ResponseBuilder) throws(LLMError) {
    // What broke off is no block: thinking without its end, say, has no signature, and cannot be sent back.
    guard builder.isComplete else { return }
    for block in open { close(block, builder) }
    open.removeAll()
    keepBlocks(builder)
  }

  // MARK: Errors

  /// What a service says in an HTTP 200 that is no answer.
  static func errorInPlaceOfAnswer(_ body: JSON) -> LLMError {
    let said = ServiceError(body)
    if body["error"] != nil || said.message != nil { return complete(said.error(status: 200, stage: .decode), body) }
    return LLMError(.protocol, "the service's answer has no \"content\"", stage: .decode, providerError: body)
  }

  private static func streamError(_ event: JSON) -> LLMError {
    complete(ServiceError(event).error(status: nil, stage: .stream), event)
  }

  static func complete(_ error: LLMError, _ body: JSON) -> LLMError {
    var error = error
    error.requestID = body.string("request_id")
    return error
  }
}

// MARK: Messages

extension AnthropicDecoder {
  private func readMessage(_ message: JSON, _ builder: ResponseBuilder) {
    builder.response(id: message.string("id"), model: message.string("model"))
    report(message["usage"], builder)
  }

  private func readMessageDelta(_ event: JSON, _ builder: ResponseBuilder) {
    report(event["usage"], builder)
    readEnd(event["delta"] ?? .object(), builder)
    builder.setExtra("context_management", event["context_management"])
  }

  private func readEnd(_ end: JSON, _ builder: ResponseBuilder) {
    for name in ["stop_sequence", "stop_details", "container", "context_management"] {
      builder.setExtra(name, end[named: name])
    }
    builder.refusal(end["stop_details", "explanation"])
    if let reason = end.string("stop_reason") { AnswerTool.finish(builder, reason, hasAnswered: hasAnswered) }
  }

  /// The service counts input that was read from the cache or written to it apart; reports come in parts.
  private func report(_ report: JSON?, _ builder: ResponseBuilder) {
    guard let report, report.isObject else { return }
    for (name, value) in report.members where !value.isNull {
      if !Self.countedMembers.contains(where: { $0.matches(name) }) { usageDetails.set(named: name, value) }
    }
    let usage = Usage()
    usage.cached = report.int("cache_read_input_tokens")
    usage.cacheWrite = report.int("cache_creation_input_tokens")
    usage.prompt = report.int("input_tokens").map { $0 &+ (usage.cached ?? 0) &+ (usage.cacheWrite ?? 0) }
    usage.completion = report.int("output_tokens")
    usage.reasoning = report.int("output_tokens_details", "thinking_tokens")
    if usageDetails.count > 0 { usage.extra = usageDetails }
    builder.report(usage)
  }

  /// Said by OpenAI's names.
  private static let countedMembers: [StaticText] = [
    "input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens_details",
  ]
}
