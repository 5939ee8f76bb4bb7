import LLMCore

/// The parts of an answer as the service sent them, kept in `extra_content.google.content` for the next turn.
enum GeminiParts {
  /// What OpenRouter calls these signatures in `reasoning_details`.
  static let format: StaticText = "google-gemini-v1"

  /// Whether parts say what a message says: it was not edited since.
  static func say(_ parts: [JSON], whatSays message: ChatMessage) -> Bool {
    guard !parts.isEmpty else { return false }
    let text = parts.reduce("") { $0 + ($1.bool("thought") ?? false ? "" : $1.string("text") ?? "") }
    let calls = parts.compactMap { $0["functionCall"] }
    guard text == message.text, calls.count == message.toolCalls.count else { return false }
    return zip(calls, message.toolCalls).allSatisfy { sent, call in
      sent.string("name") == call.name && (sent["args"] ?? .object()).equals(call.argumentsObject)
    }
  }

  /// The blocks of an answer as parts; `serviceIDs` are the ids that the service gave.
  static func make(_ builder: ResponseBuilder, choice: Int, serviceIDs: [String]) -> JSON {
    let parts = JSON.array()
    for block in builder.blocks(choice: choice) {
      let part = block.kind == .tool ? call(block, builder, choice, serviceIDs) : plain(block, builder, choice)
      if let signature = block.signature { part.set("thoughtSignature", signature) }
      parts.append(part)
    }
    return parts
  }

  private static func plain(_ block: AnswerBlock, _ builder: ResponseBuilder, _ choice: Int) -> JSON {
    if let opaque = block.opaque { return opaque }
    return .make([
      "text": builder.text(of: block, choice: choice), "thought": block.kind == .reasoning ? .boolean(true) : nil,
    ])
  }

  private static func call(
    _ block: AnswerBlock, _ builder: ResponseBuilder, _ choice: Int, _ serviceIDs: [String]
  ) -> JSON {
    guard let tool = builder.tool(of: block, choice: choice) else { return .object() }
    let isServiceID = tool.id.string.map { serviceIDs.contains($0) } ?? false
    let arguments = ByteBuffer()
    arguments.append(tool.arguments.string ?? "")
    let function = JSON.make([
      "id": isServiceID ? tool.id : nil, "name": tool.name,
      "args": withExtendedLifetime(arguments) { parsedObject(arguments.bytes) },
    ])
    return .make(["functionCall": function, "thoughtSignature": tool.extra?["google", "thought_signature"]])
  }

  /// Thoughts and signatures in OpenRouter's form, for programs to see.
  static func addReasoningDetails(_ builder: ResponseBuilder, choice: Int) {
    var index = 0
    for block in builder.blocks(choice: choice) {
      let signature = block.signature.map { JSON.string($0) }
      var detail: JSON?
      if block.kind == .reasoning {
        detail = .make([
          "type": .word("reasoning.text"), "text": builder.text(of: block, choice: choice), "signature": signature,
        ])
      } else if let tool = builder.tool(of: block, choice: choice) {
        detail = encrypted(tool.extra?["google", "thought_signature"], id: tool.id)
      } else {
        detail = encrypted(signature, id: nil)
      }
      guard let detail else { continue }
      detail.set("format", .word(format))
      detail.set("index", index)
      builder.reasoningDetail(detail, choice: choice)
      index += 1
    }
  }

  private static func encrypted(_ signature: JSON?, id: JSON?) -> JSON? {
    signature.map { .make(["type": .word("reasoning.encrypted"), "data": $0, "id": id]) }
  }
}
