import LLMConfig
import LLMCore

extension OpenAIRequest {
  func adaptMessages(_ body: JSONDraft, _ request: ChatRequest) throws(LLMError) {
    guard request.messages.contains(where: { needsChange($0) }) else { return }
    let adapted = body["messages"]?.elements.map { adapt(message: $0) }
    body.set("messages", adapted.map { .array($0) })
  }

  private func needsChange(_ message: ChatMessage) -> Bool {
    if message.role == .developer { return quirks.contains(.noDeveloperRole) }
    if quirks.contains(.shortToolIDs), message.role == .tool || !message.toolCalls.isEmpty { return true }
    if quirks.contains(.flatContent), message.json["content"]?.isArray ?? false { return true }
    if message.cacheControl != nil || message.parts.contains(where: { $0.cacheControl != nil }) {
      if !quirks.contains(.cacheControl) { return true }
    }
    return message.role == .assistant && Self.ownMembers.contains { message.json.has(named: $0.text) }
      || message.toolCalls.contains { $0.extraContent != nil }
  }

  /// What responses of this library carry and not every service takes back.
  private static let ownMembers: [StaticText] = [
    "reasoning_content", "reasoning_details", "reasoning", "extra_content", "annotations",
  ]

  func adapt(message: JSON) -> JSON {
    let adapted = without(membersToDrop, message)
    if quirks.contains(.noDeveloperRole), message.says("role", "developer") {
      adapted.set("role", "system")
    }
    if quirks.contains(.shortToolIDs) { shortenToolIDs(of: adapted) }
    if quirks.contains(.strictMessages), let calls = adapted["tool_calls"], calls.isArray {
      adapted.set("tool_calls", .array(calls.elements.map { without(["extra_content"], $0) }))
    }
    if let content = message["content"], content.isArray { adapted.set("content", adapt(parts: content.elements)) }
    return adapted
  }

  private var membersToDrop: [StaticText] {
    var names: [StaticText] = ["annotations"]
    if !quirks.contains(.reasoningContentBack) { names += ["reasoning_content", "reasoning"] }
    if !quirks.contains(.reasoningDetailsBack) { names.append("reasoning_details") }
    if quirks.contains(.strictMessages) { names.append("extra_content") }
    if !quirks.contains(.cacheControl) { names.append("cache_control") }
    return names
  }

  func adapt(parts: [JSON]) -> JSON {
    let cleaned = quirks.contains(.cacheControl) ? parts : parts.map { without(["cache_control"], $0) }
    let isOnlyText = cleaned.allSatisfy { $0.says("type", "text") }
    guard quirks.contains(.flatContent), isOnlyText else { return .array(cleaned) }
    return .string(cleaned.reduce("") { $0 + ($1.string("text") ?? "") })
  }

  func without(_ names: [StaticText], _ value: JSON) -> JSON {
    guard value.isObject else { return value }
    let copy = value.copy()
    for name in names { copy.remove(name) }
    return copy
  }
}
