import LLMCore

/// Structured output by a tool: services without a JSON mode are made to call a tool whose arguments are the answer.
/// A decoder delivers such a call as the answer's text.
enum AnswerTool {
  /// The tool's name, by which decoders know it.
  static let name: StaticText = "llm_json_response"
  /// What the model is told of it.
  static let summary: StaticText = "Gives the final answer to the user. Call it once, with the whole answer."

  /// Tells why an answer ended: a call of this tool alone is an answer like any other.
  static func finish(_ builder: ResponseBuilder, _ reason: String, hasAnswered: Bool) {
    let hasCalls = builder.blocks().contains { $0.kind == .tool }
    guard hasAnswered, !hasCalls, FinishReason(word: reason) == .toolCalls else { return builder.finish(reason) }
    builder.finish(.stop, raw: reason)
  }

  /// The schema of "some JSON object".
  static var anyObject: JSON {
    let schema = JSON.object()
    schema.set("type", "object")
    schema.set("additionalProperties", true)
    return schema
  }
}
