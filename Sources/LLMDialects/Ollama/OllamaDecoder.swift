import LLMCore
import LLMWire

/// Reads lines and whole answers, of chats (`message`) and of bare prompts (`response`).
final class OllamaDecoder: ChatDecoder {
  private let context: RequestContext
  private let hotPath = HotPath(OllamaDecoder.hotFields)
  /// The first line tells the model, and is always parsed.
  private var hasReadFirst = false

  private static let hotFields: [HotField] = [
    HotField("model", .skip), HotField("created_at", .skip), HotField("message.role", .skip),
    HotField("message.content", .text), HotField("message.thinking", .reasoning), HotField("response", .text),
    HotField("thinking", .reasoning), HotField("done", .no),
  ]

  init(_ context: RequestContext) { self.context = context }

  func decode(_ frame: Frame, into builder: ResponseBuilder) throws(LLMError) {
    if hasReadFirst, hotPath.match(frame.data) {
      switch hotPath.kind {
      case .text: builder.text(hotPath.payload)
      case .reasoning: builder.reasoning(hotPath.payload)
      case .arguments, .empty: break
      }
      return
    }
    // A proxy's habit, not Ollama's.
    if frame.data.starts(with: "[DONE]".utf8) { return builder.endStream() }
    try read(try builder.readJSON(frame.data), into: builder)
    hasReadFirst = true
  }

  func decode(whole body: JSON, into builder: ResponseBuilder) throws(LLMError) {
    guard body["message"] != nil || body["response"] != nil || body["error"] != nil || body["done"] != nil else {
      throw OllamaError.read(body).inPlaceOfAnswer(lacking: "\"message\"")
    }
    try read(body, into: builder)
  }

  private func read(_ line: JSON, into builder: ResponseBuilder) throws(LLMError) {
    guard line.isObject else { return }
    if line["error"] != nil { throw OllamaError.read(line).error(status: nil, stage: .stream) }
    builder.response(
      model: line.string("model"), created: Timestamp.unixSeconds(line.string("created_at")))
    let message = line["message"] ?? line
    builder.reasoning(message["thinking"])
    builder.text(message["content"] ?? line["response"])
    for call in message.elements("tool_calls") { try read(call: call, into: builder) }
    if let logprobs = line["logprobs"], logprobs.count > 0 { builder.logprobs(.make(["content": logprobs])) }
    if line.bool("done") ?? false { finish(line, builder) }
  }

  /// Calls come whole, one or more to a line.
  private func read(call: JSON, into builder: ResponseBuilder) throws(LLMError) {
    guard let function = call["function"], let name = function.string("name") else { return }
    let id = call.string("id").flatMap { $0.isEmpty ? nil : $0 }
    let handle = try builder.beginTool(id: id, name: name)
    builder.toolArguments(handle, function["arguments"])
    builder.endTool(handle)
  }

  private func finish(_ line: JSON, _ builder: ResponseBuilder) {
    let usage = Usage()
    usage.prompt = line.tokens("prompt_eval_count")
    usage.completion = line.tokens("eval_count")
    usage.cached = line.tokens("prompt_eval_cached_count")
    builder.report(usage)
    let timings = OllamaDecoder.timings(line)
    if timings.count > 0 { builder.setExtra("timings", timings) }
    // The tokens that continue a bare prompt.
    builder.setExtra("context", line["context"])
    // "load": the model was loaded, and there was nothing to answer.
    builder.finish(line.string("done_reason") ?? "stop")
    builder.end()
  }

  private static let durations: [(theirs: StaticText, name: StaticText)] = [
    ("total_duration", "total_ms"), ("load_duration", "load_ms"), ("prompt_eval_duration", "prompt_ms"),
    ("eval_duration", "predicted_ms"),
  ]
  private static let nanosecondsPerMillisecond = 1_000_000.0

  private static func timings(_ line: JSON) -> JSON {
    let timings = JSON.object()
    for row in durations {
      if let duration = line[row.theirs]?.double {
        timings.set(row.name, .real(duration / nanosecondsPerMillisecond))
      }
    }
    return timings
  }
}
