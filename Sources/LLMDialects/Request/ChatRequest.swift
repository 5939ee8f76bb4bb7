import LLMConfig
import LLMCore

/// A chat request, checked: the caller's own document with its shorthands resolved, and typed views of it for dialects
/// whose wire format is not OpenAI's.
public final class ChatRequest {
  /// The request in OpenAI's shape, shorthands resolved; `llm` may be in it. Shared with the caller: never to be changed.
  public let source: JSON
  /// The same without `llm`, which is about the call and not for the service.
  public var json: JSON {
    guard source.has("llm") else { return source }
    let request = source.copy()
    request.remove("llm")
    return request
  }
  /// The same, to be sent with changes.
  public var draft: JSONDraft {
    let draft = JSONDraft(source)
    draft.remove("llm")
    return draft
  }
  /// The messages.
  public let messages: [ChatMessage]
  /// The tools.
  public let tools: [ChatTool]
  /// How the model is to choose among the tools; nil where the request does not say.
  public let toolChoice: ChatToolChoice?
  /// Whether it was asked by `prompt`, without `messages`: for services with an address of its own for that.
  public let isBarePrompt: Bool
  /// What the answer is to look like; nil where the request does not say.
  public let responseFormat: ChatResponseFormat?

  /// Reads and checks a request. Errors name the place by a JSON pointer into the caller's document.
  ///
  /// All that can fail comes before the object: Embedded Swift leaks one whose initializer throws.
  public convenience init(_ document: JSON) throws(LLMError) {
    guard document.isObject else {
      throw LLMError(.invalidRequest, "a request is a JSON object", param: "")
    }
    try RequestTable.check(document)
    let source = try ChatRequest.resolveShorthands(document)
    self.init(
      source, isBarePrompt: document["prompt"] != nil && document["messages"] == nil,
      messages: try ChatRequest.readMessages(source, hasPrompt: document.has("prompt")),
      tools: try ChatRequest.readTools(source), toolChoice: try ChatToolChoice(source["tool_choice"]),
      responseFormat: try ChatResponseFormat(source["response_format"]))
  }

  private init(
    _ source: JSON, isBarePrompt: Bool, messages: [ChatMessage], tools: [ChatTool], toolChoice: ChatToolChoice?,
    responseFormat: ChatResponseFormat?
  ) {
    self.source = source
    self.isBarePrompt = isBarePrompt
    self.messages = messages
    self.tools = tools
    self.toolChoice = toolChoice
    self.responseFormat = responseFormat
  }

  /// A member of the request; nil where it is missing or null.
  public subscript(name: StaticText) -> JSON? { source[name] }
  /// A member of the request; nil where it is missing or null.
  public subscript(named name: String) -> JSON? { source[named: name] }
  /// A member of a member of the request; nil where it is missing or null.
  public subscript(group: StaticText, name: StaticText) -> JSON? { source[group, name] }
  /// A member's text.
  public func string(_ name: StaticText) -> String? { source.string(name) }
  /// A member's integer.
  public func int(_ name: StaticText) -> Int64? { source.int(name) }
  /// A member's truth.
  public func bool(_ name: StaticText) -> Bool? { source.bool(name) }
  /// A member's elements.
  public func elements(_ name: StaticText) -> [JSON] { source.elements(name) }

  /// The bound on the output, under either of its names.
  public var maxTokens: Int64? { source.int("max_completion_tokens") ?? source.int("max_tokens") }

  /// The stop sequences, which may be given as one string.
  public var stop: [String] {
    guard let stop = source["stop"] else { return [] }
    if let single = stop.string { return [single] }
    return stop.elements.compactMap { $0.string }
  }

  /// `reasoning_effort`, or the effort in `reasoning`.
  public var reasoningEffort: String? {
    source.string("reasoning_effort") ?? source.string("reasoning", "effort")
  }

  /// The error for a last message that the model is to continue, where it takes none. One that holds more than text (a
  /// turn that paused) is no such message.
  public func refusePrefill(_ model: String) throws(LLMError) {
    guard let last = messages.last, last.role == .assistant, last.toolCalls.isEmpty,
      source.elements("messages").last?.has("extra_content") != true
    else { return }
    throw LLMError(
      .unsupported,
      "the model \(model) does not continue a message of the assistant's: the last one is to be the user's",
      param: "/messages/\(messages.count - 1)")
  }

  /// Whether the request carries pictures.
  public var hasImages: Bool { messages.contains { $0.parts.contains { $0.isImage } } }

  /// Warns of every member that the dialect did not say it takes over.
  public func warnOfUnused(except used: [StaticText], _ context: RequestContext) throws(LLMError) {
    for (name, value) in source.members where !value.isNull {
      if used.contains(where: { $0.matches(name) }) || Self.always.contains(where: { $0.matches(name) }) { continue }
      try context.warn(
        "unsupported_parameter", "\(context.endpoint.profile.label) has no counterpart of \"\(name)\"; it was left out",
        param: "/" + name)
    }
  }

  /// What the library itself reads for every dialect.
  private static let always: [StaticText] = [
    "model", "messages", "stream", "tools", "tool_choice", "response_format", "llm",
  ]

  // MARK: Shorthands

  /// `prompt` and `system` stand for messages.
  private static func resolveShorthands(_ document: JSON) throws(LLMError) -> JSON {
    guard document.has("prompt") || document.has("system") else { return document }
    let request = document.copy()
    let messages = JSON.array()
    if let system = document["system"] {
      request.remove("system")
      messages.append(message(role: "system", content: system))
    }
    for message in document.elements("messages") { messages.append(message) }
    if let prompt = document["prompt"] {
      guard prompt.isString || prompt.isArray else {
        throw LLMError(.invalidRequest, "prompt is a string or an array of content parts", param: "/prompt")
      }
      request.remove("prompt")
      messages.append(message(role: "user", content: prompt))
    }
    if messages.count > 0 { request.set("messages", messages) }
    return request
  }

  private static func message(role: StaticText, content: JSON) -> JSON {
    let message = JSON.object()
    message.set("role", role)
    message.set("content", content)
    return message
  }

  // MARK: Messages and tools

  private static func readMessages(_ json: JSON, hasPrompt: Bool) throws(LLMError) -> [ChatMessage] {
    guard let list = json["messages"], list.count > 0 else {
      throw LLMError(
        .invalidRequest, "the request has no messages: give \"messages\" (an array that is not empty) or \"prompt\"",
        param: "/messages")
    }
    var messages: [ChatMessage] = []
    messages.reserveCapacity(list.count)
    for (index, element) in list.elements.enumerated() {
      messages.append(try ChatMessage(element, at: RequestPlace(list: "messages", index: index)))
    }
    return messages
  }

  private static func readTools(_ json: JSON) throws(LLMError) -> [ChatTool] {
    guard let list = json["tools"] else { return [] }
    var tools: [ChatTool] = []
    for (index, element) in list.elements.enumerated() {
      tools.append(try ChatTool(element, at: RequestPlace(list: "tools", index: index)))
    }
    return tools
  }
}

/// The types of the members that the library knows; what it does not know is the service's to judge.
private enum RequestTable {
  enum Expected { case string, number, integer, boolean, array, object, stringOrArray, stringOrObject }

  static let rows: [(name: StaticText, expected: Expected)] = [
    ("model", .string), ("messages", .array), ("system", .stringOrArray), ("prompt", .stringOrArray),
    ("temperature", .number), ("top_p", .number), ("top_k", .integer), ("max_tokens", .integer),
    ("max_completion_tokens", .integer), ("presence_penalty", .number), ("frequency_penalty", .number),
    ("stop", .stringOrArray), ("seed", .integer), ("n", .integer), ("tools", .array), ("tool_choice", .stringOrObject),
    ("parallel_tool_calls", .boolean), ("response_format", .object), ("reasoning_effort", .string),
    ("logprobs", .boolean), ("top_logprobs", .integer), ("user", .string), ("stream", .boolean), ("llm", .object),
  ]

  static func check(_ request: JSON) throws(LLMError) {
    var problem: (name: StaticText, expected: Expected, value: JSON)?
    request.forEachMember { key, value in
      guard problem == nil, !value.isNull, let row = rows.first(where: { $0.name.matches(key) }),
        !holds(row.expected, value)
      else { return }
      problem = (row.name, row.expected, value)
    }
    if let (name, expected, value) = problem {
      throw LLMError(
        .invalidRequest, "\(name) must be \(describe(expected)), not \(describe(value))", param: formatted("/\(name)"))
    }
    if let count = request.int("n"), count < 1 {
      throw LLMError(.invalidRequest, "n must be at least 1, not \(count)", param: "/n")
    }
    for name: StaticText in ["max_tokens", "max_completion_tokens"] {
      if let bound = request.int(name), bound < 1 {
        throw LLMError(.invalidRequest, "\(name) must be at least 1, not \(bound)", param: "/" + name.text)
      }
    }
  }

  private static func holds(_ expected: Expected, _ value: JSON) -> Bool {
    switch expected {
    case .string: value.isString
    case .number: value.double != nil
    case .integer: value.int != nil
    case .boolean: value.bool != nil
    case .array: value.isArray
    case .object: value.isObject
    case .stringOrArray: value.isString || value.isArray
    case .stringOrObject: value.isString || value.isObject
    }
  }

  private static func describe(_ expected: Expected) -> StaticText {
    switch expected {
    case .string: "a string"
    case .number: "a number"
    case .integer: "an integer"
    case .boolean: "true or false"
    case .array: "an array"
    case .object: "an object"
    case .stringOrArray: "a string or an array"
    case .stringOrObject: "a string or an object"
    }
  }

  private static func describe(_ value: JSON) -> StaticText {
    switch value.kind {
    case .object: "an object"
    case .array: "an array"
    case .string: "a string"
    case .integer: "an integer"
    case .real: "a number"
    case .boolean: "true or false"
    case .null: "null"
    }
  }
}
