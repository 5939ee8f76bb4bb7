import LLMCore

extension ResponseBuilder {
  /// The response as a tree: a `chat.completion` without `metadata`. Before the end it is the part that arrived.
  public func makeResponse() -> JSON { .object { writeMembers(to: $0) } }

  private static let ownMembers: [StaticText] = [
    "id", "object", "created", "model", "choices", "usage", "text", "metadata",
  ]

  /// The members of the response.
  public func writeMembers(to text: JSONText) {
    text.add("id", responseID ?? context.makeID("chatcmpl-"))
    text.add("object", "chat.completion")
    text.add("created", created ?? context.unixSeconds)
    text.add("model", responseModel ?? context.model)
    text.openArray("choices")
    for parts in choices { write(parts, to: text) }
    text.closeArray()
    if !usage.isEmpty { usage.write("usage", to: text) }
    text.add("text", choices.first?.text.buffer.bytes ?? Event.noData)
    for (name, value) in extras where !Self.ownMembers.contains(where: { $0.matches(name) }) {
      text.add(named: name, value)
    }
  }

  func write(_ parts: ChoiceParts, to text: JSONText) {
    text.openObject()
    text.add("index", Int64(parts.index))
    writeMessage(of: parts, to: text)
    if let finish = parts.finish { text.add("finish_reason", finish.name) } else { text.addNull("finish_reason") }
    text.add("logprobs", parts.logprobs)
    text.closeObject()
  }

  private func writeMessage(of parts: ChoiceParts, to text: JSONText) {
    let calls = parts.tools.filter { $0.isAnnounced }
    text.openObject("message")
    text.add("role", "assistant")
    let refusal = parts.refusal.flatMap { $0.buffer.isEmpty ? nil : $0.buffer }
    let hasText = !parts.text.buffer.isEmpty || (calls.isEmpty && refusal == nil)
    if hasText { text.add("content", parts.text.buffer) } else { text.addNull("content") }
    if let refusal { text.add("refusal", refusal) }
    if let reasoning = parts.reasoning, !reasoning.buffer.isEmpty { text.add("reasoning_content", reasoning.buffer) }
    write("reasoning_details", parts.reasoningDetails.map { $0.document }, to: text)
    if !calls.isEmpty {
      text.openArray("tool_calls")
      for call in calls { write(call, to: text) }
      text.closeArray()
    }
    write("annotations", parts.annotations, to: text)
    text.add("extra_content", parts.extraContent)
    text.addMembers(
      of: parts.messageExtras,
      except: [
        "role", "content", "refusal", "reasoning_content", "reasoning_details", "tool_calls", "annotations",
        "extra_content",
      ])
    for (name, extra) in parts.growingExtras { text.add(named: name, extra.document) }
    text.closeObject()
  }

  func write(_ key: StaticText, _ documents: [JSON], to text: JSONText) {
    guard !documents.isEmpty else { return }
    text.openArray(key)
    for document in documents { text.add(element: document) }
    text.closeArray()
  }

  func write(_ call: ToolCallParts, to text: JSONText) {
    let kind: StaticText = call.isCustom ? "custom" : "function"
    text.openObject()
    text.add("id", call.id)
    text.add("type", kind)
    text.openObject(kind)
    text.add("name", call.name)
    text.add(call.isCustom ? "input" : "arguments", call.arguments.buffer)
    text.closeObject()
    text.add("extra_content", call.extraContent)
    text.closeObject()
  }
}
