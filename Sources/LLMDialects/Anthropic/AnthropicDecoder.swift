import LLMCore
import LLMWire

/// Reads events and whole answers. The most frequent event (one increment of text, thinking or arguments) is matched in
/// place on the received bytes; everything else is parsed.
final class AnthropicDecoder: ChatDecoder {
  private static let indexSlot = 0
  private let hotPath = HotPath([
    HotField("type", .constant("content_block_delta")), HotField("index", .integer(indexSlot)),
    HotField("delta.type", .skip), HotField("delta.text", .text), HotField("delta.thinking", .reasoning),
    HotField("delta.partial_json", .arguments),
  ])
  let blocks = ClaudeBlocks()
  private var hasBegun = false
  private let usageDetails = JSON.object()

  func decode(_ frame: Frame, into builder: ResponseBuilder) throws(LLMError) {
    if hotPath.match(frame.data), blocks.deliver(hotPath, at: hotPath.integer(Self.indexSlot), to: builder) { return }
    let event = try builder.readJSON(frame.data)
    switch event.string("type") {
    case "content_block_delta": try readDelta(event, builder)
    case "content_block_start": try startBlock(index(of: event), event["content_block"] ?? .object(), builder)
    case "content_block_stop": stopBlock(index(of: event), builder)
    case "message_start": try beginMessage(event["message"] ?? .object(), builder)
    case "message_delta": readMessageDelta(event, builder)
    case "message_stop": builder.end()
    case "ping": builder.ping()
    case let type:
      if type == "error" || event["error"] != nil { throw ServiceError(event).error(status: nil, stage: .stream) }
    }
  }

  func decode(whole body: JSON, into builder: ResponseBuilder) throws(LLMError) {
    guard !body.says("type", "error"), let content = body["content"], content.isArray else {
      throw ServiceError(body).inPlaceOfAnswer(lacking: "\"content\"")
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
    for block in blocks.stopAll() { close(block, builder) }
    keepBlocks(builder)
  }
}

// MARK: Messages

extension AnthropicDecoder {
  /// Two answers in one stream are none: what one began the other would end.
  private func beginMessage(_ message: JSON, _ builder: ResponseBuilder) throws(LLMError) {
    guard !hasBegun || blocks.isEmpty else {
      throw LLMError(.protocol, "the service began another answer in the middle of the first", stage: .stream)
    }
    hasBegun = true
    readMessage(message, builder)
  }

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
    if let reason = end.string("stop_reason") { AnswerTool.finish(builder, reason, hasAnswered: blocks.hasAnswered) }
  }

  /// The service counts input that was read from the cache or written to it apart; reports come in parts.
  private func report(_ report: JSON?, _ builder: ResponseBuilder) {
    guard let report, report.isObject else { return }
    for (name, value) in report.members where !value.isNull {
      if !Self.countedMembers.contains(where: { $0.matches(name) }) { usageDetails.set(named: name, value) }
    }
    let usage = Usage()
    usage.cached = report.tokens("cache_read_input_tokens")
    usage.cacheWrite = report.tokens("cache_creation_input_tokens")
    usage.prompt = report.tokens("input_tokens").map { $0 &+ (usage.cached ?? 0) &+ (usage.cacheWrite ?? 0) }
    usage.completion = report.tokens("output_tokens")
    usage.reasoning = report.tokens("output_tokens_details", "thinking_tokens")
    usage.paid.cacheWriteLong = report.tokens("cache_creation", "ephemeral_1h_input_tokens")
    usage.paid.searches = report.tokens("server_tool_use", "web_search_requests")
    if usageDetails.count > 0 { usage.extra = usageDetails }
    guard builder.isWithin(Self.detailLimit, usageDetails.length, "bytes of details of its usage") else { return }
    builder.report(usage)
  }

  /// They are told again with each report.
  private static let detailLimit = 16 << 10

  /// Said by OpenAI's names.
  private static let countedMembers: [StaticText] = [
    "input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens_details",
  ]
}
