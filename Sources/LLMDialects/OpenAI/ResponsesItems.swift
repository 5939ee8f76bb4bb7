import LLMCore

/// What is common to both directions.
enum ResponsesItems {
  /// The format's name in `reasoning_details`.
  private static let format = "openai-responses-v1"

  /// Whether a message still says what these items say: the caller has not edited it.
  static func agree(_ items: [JSON], with message: ChatMessage) -> Bool {
    let said = items.filter { $0.says("type", "message") }.flatMap { $0.elements("content") }
    let text = said.reduce("") { $0 + ($1.string("text") ?? "") }
    let calls = items.filter { isCall($0) }.compactMap { $0.string("call_id") }
    return !items.isEmpty && text == message.text && calls == message.toolCalls.map { $0.id }
  }

  /// Whether a message came with thinking out of this API.
  static func hasThinking(_ message: ChatMessage) -> Bool {
    message.reasoningDetails.contains { $0.string("format") == format }
  }

  /// Whether the caller has to answer it as a tool call.
  static func isCall(_ item: JSON) -> Bool {
    let type = item.string("type")
    return type == "function_call" || type == "custom_tool_call"
  }

  /// The items as the service takes them back. One that keeps nothing knows thinking only by its encrypted content, and
  /// once it lacks an item of thinking it must not be reminded of it by the ids of the others.
  static func sendable(_ items: [JSON], isStored: Bool) -> [JSON] {
    let isLost = { (item: JSON) in item.says("type", "reasoning") && item["encrypted_content"] == nil }
    guard !isStored, items.contains(where: isLost) else { return items }
    return items.filter { !isLost($0) }.map { item in
      let anonymous = item.copy()
      anonymous.remove("id")
      return anonymous
    }
  }

  /// The thinking of an item as `reasoning_details`.
  static func details(of item: JSON) -> [JSON] {
    var details: [JSON] = []
    for (type, name, parts) in [("summary", "summary", item["summary"]), ("text", "text", item["content"])] {
      for part in parts?.elements ?? [] { details.append(detail(type, name, part["text"], of: item)) }
    }
    if let data = item["encrypted_content"] { details.append(detail("encrypted", "data", data, of: item)) }
    return details
  }

  private static func detail(_ type: String, _ name: String, _ value: JSON?, of item: JSON) -> JSON {
    let detail = JSON.object()
    detail.set("type", "reasoning." + type)
    detail.set(named: name, value)
    detail.set("id", item["id"])
    detail.set("format", format)
    return detail
  }

  /// Items of thinking out of `reasoning_details` of this format, one for each that is encrypted: without it the service
  /// has no use for them.
  static func reasoning(from details: [JSON]) -> [JSON] {
    let own = details.filter { $0.string("format") == format }
    return own.filter { $0["data"] != nil }.map { encrypted in
      let summaries = own.filter { $0["summary"] != nil && $0.string("id") == encrypted.string("id") }
      let item = JSON.typed("reasoning", "encrypted_content", encrypted["data"])
      item.set("id", encrypted["id"])
      item.set("summary", .array(summaries.map { JSON.typed("summary_text", "text", $0["summary"]) }))
      return item
    }
  }

  /// An annotation as chat completions have it.
  static func annotation(_ annotation: JSON) -> JSON {
    guard annotation.says("type", "url_citation"), annotation["url_citation"] == nil else { return annotation }
    let citation = annotation.copy()
    citation.remove("type")
    return .typed("url_citation", "url_citation", citation)
  }

  /// What a tool of the service's own found.
  static func sources(of item: JSON) -> [JSON] {
    let pages = item["action", "sources"]?.elements.filter { $0["url"] != nil } ?? []
    let files = item["results"]?.elements.filter { $0["file_id"] != nil } ?? []
    return pages.map { annotation(.typed("url_citation", "url", $0["url"])) }
      + files.map { result in
        let citation = JSON.typed("file_citation", "file_id", result["file_id"])
        citation.set("filename", result["filename"])
        return citation
      }
  }
}

extension JSON {
  /// An object with its type, and perhaps one member more.
  @inline(never)
  static func typed(_ type: StaticText, _ name: String? = nil, _ value: JSON? = nil) -> JSON {
    let object = JSON.object()
    object.set("type", type)
    if let name { object.set(named: name, value) }
    return object
  }
}
