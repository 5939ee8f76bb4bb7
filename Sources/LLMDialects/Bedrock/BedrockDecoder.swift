import LLMCore
import LLMWire

/// Reads events and whole answers. The most frequent event (one increment of text, thinking or arguments) is matched in
/// place on the received bytes; everything else is parsed.
final class BedrockDecoder: ChatDecoder {
  /// How the service marks calls of its own tools.
  static let serverTool: StaticText = "server_tool_use"
  private static let indexSlot = 0
  private let hotPath = HotPath([
    HotField("contentBlockIndex", .integer(indexSlot)), HotField("delta.text", .text),
    HotField("delta.reasoningContent.text", .reasoning), HotField("delta.toolUse.input", .arguments),
    HotField("p", .skip),
  ])
  let blocks = ClaudeBlocks()
  /// Whether a Claude answers, whose signatures hold under its other services too.
  let isClaude: Bool

  init(_ context: RequestContext) { isClaude = ClaudeModel(context.model) != nil }

  func decode(_ frame: Frame, into builder: ResponseBuilder) throws(LLMError) {
    if frame.event.elementsEqual("contentBlockDelta".utf8), hotPath.match(frame.data),
      blocks.deliver(hotPath, at: hotPath.integer(Self.indexSlot), to: builder)
    {
      return
    }
    let name = String(decoding: frame.event, as: UTF8.self)
    if frame.isBinaryException || name.endsWith("Exception") { throw Self.exception(name, frame.data) }
    let event = try builder.readJSON(frame.data)
    switch name {
    case "messageStart":
      guard blocks.isEmpty else {
        throw LLMError(.protocol, "the service began another answer in the middle of the first", stage: .stream)
      }
    case "contentBlockDelta": try readDelta(event, builder)
    case "contentBlockStart": try startBlock(index(of: event), event["start"] ?? .object(), builder)
    case "contentBlockStop": stopBlock(index(of: event), builder)
    case "messageStop":
      readEnd(event, builder)
      if event["stopReason"] == nil { builder.finish(.stop, raw: nil) }
    case "metadata":
      // It comes last, behind the stop.
      readMetadata(event, builder)
      if builder.isComplete { builder.end() }
    default: break
    }
  }

  func decode(whole body: JSON, into builder: ResponseBuilder) throws(LLMError) {
    guard let output = body["output"] else { throw ServiceError(body).inPlaceOfAnswer(lacking: "\"output\"") }
    for (index, block) in (output["message", "content"]?.elements ?? []).enumerated() {
      try read(whole: block, index, builder)
      stopBlock(index, builder)
    }
    readEnd(body, builder)
    readMetadata(body, builder)
    if body["stopReason"] == nil { builder.finish(.stop, raw: nil) }
    builder.end()
  }

  func finish(into builder: ResponseBuilder) throws(LLMError) {
    // What broke off is no block: thinking without its end, say, has no signature, and cannot be sent back.
    guard builder.isComplete else { return }
    for block in blocks.stopAll() { close(block, builder) }
    keepBlocks(builder)
  }

  // MARK: Errors

  /// An exception in place of an event; its name is the class of error.
  private static func exception(_ name: String, _ data: UnsafeRawBufferPointer) -> LLMError {
    let body: JSON
    do throws(LLMError) {
      body = try readPeerJSON(data)
    } catch {
      body = .make(["message": data.isEmpty ? nil : .string(String(decoding: data, as: UTF8.self))])
    }
    var said = ServiceError(body)
    said.kinds.insert(name, at: 0)
    said.raw = body.isObject ? body.copy().with("type", .string(name)) : body
    return said.error(status: nil, stage: .stream)
  }
}

// MARK: Messages

extension BedrockDecoder {
  private func readEnd(_ end: JSON, _ builder: ResponseBuilder) {
    builder.setExtra("additionalModelResponseFields", end["additionalModelResponseFields"])
    if let reason = end.string("stopReason") { AnswerTool.finish(builder, reason, hasAnswered: blocks.hasAnswered) }
  }

  private func readMetadata(_ metadata: JSON, _ builder: ResponseBuilder) {
    for name in ["metrics", "trace", "performanceConfig", "serviceTier"] {
      builder.setExtra(name, metadata[named: name])
    }
    builder.response(model: metadata["trace"]?.string("promptRouter", "invokedModelId"))
    guard let report = metadata["usage"], report.isObject else { return }
    let usage = Usage()
    usage.cached = report.tokens("cacheReadInputTokens")
    usage.cacheWrite = report.tokens("cacheWriteInputTokens")
    usage.prompt = report.tokens("inputTokens").map { $0 &+ (usage.cached ?? 0) &+ (usage.cacheWrite ?? 0) }
    usage.completion = report.tokens("outputTokens")
    for detail in report.elements("cacheDetails") where detail.says("ttl", "1h") {
      usage.paid.cacheWriteLong = detail.tokens("inputTokens")
    }
    if let tools = report["serverToolUsage"], tools.count > 0 { usage.extra = .make(["serverToolUsage": tools]) }
    builder.report(usage)
  }
}
