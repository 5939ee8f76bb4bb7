import LLMConfig
import LLMCore

/// OpenAI's completions (`/v1/completions`): models that go on with a bare prompt, or fill in between it and a `suffix`.
///
/// A single message of the user's is the prompt as it is. A conversation becomes a transcript, each message a paragraph
/// after its speaker ("System: ", "User: ", "Assistant: ", "Tool: "), with "Assistant:" at the end to be gone on with,
/// and a warning, since a model of this kind was trained on its own template if on any.
public final class OpenAICompletions: ChatCompletionsNeighbour {
  /// Whose other operations it shares.
  public let chat = OpenAIChat()

  /// Stateless.
  public init() {}

  /// The request with a prompt in place of messages.
  public func encodeChat(_ request: ChatRequest, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    let body = request.draft
    body.set("model", context.model)
    body.remove("messages")
    try CompletionsPrompt(request, context).write(into: body)
    try OpenAIRequest(context).adapt(parametersOf: body)
    return context.makeRequest(
      path: OpenAIPaths.path("/completions", context.endpoint.paths.chat, context), draft: body)
  }

  /// Chunks of chat completions but for where the text stands.
  public func makeChatDecoder(_ context: RequestContext) -> any ChatDecoder { OpenAIChatDecoder(bareText: context) }
}

/// Makes a prompt of messages.
private struct CompletionsPrompt {
  private let request: ChatRequest
  private let context: RequestContext

  init(_ request: ChatRequest, _ context: RequestContext) {
    self.request = request
    self.context = context
  }

  func write(into body: JSONDraft) throws(LLMError) {
    for name in Self.withoutCounterpart { try drop(name, from: body) }
    renameBound(in: body)
    renameLogprobs(in: body)
    try warnOfContent()
    body.set("prompt", try prompt())
  }

  // MARK: The prompt

  private func prompt() throws(LLMError) -> String {
    if request.messages.count == 1, let only = request.messages.first, only.role == .user { return only.text }
    try context.warn(
      "changed_parameter", "completions take no messages; they were written as one transcript", param: "/messages")
    let paragraphs = request.messages.map { speaker(of: $0) + ": " + $0.text }
    return paragraphs.joined("\n\n") + "\n\nAssistant:"
  }

  private func speaker(of message: ChatMessage) -> String {
    switch message.role {
    case .system, .developer: "System"
    case .user: "User"
    case .assistant: "Assistant"
    case .tool: "Tool"
    }
  }

  private func warnOfContent() throws(LLMError) {
    for message in request.messages {
      for part in message.parts where part.text == nil {
        try context.warn(
          "unsupported_content", "completions take text only; the part was left out", param: part.pointer)
      }
      if !message.toolCalls.isEmpty {
        try context.warn(
          "unsupported_content", "completions know no tools; the calls were left out",
          param: message.pointer + "/tool_calls")
      }
    }
  }

  // MARK: Parameters

  private static let withoutCounterpart: [StaticText] = [
    "tools", "tool_choice", "parallel_tool_calls", "response_format", "reasoning_effort", "reasoning", "modalities",
    "audio", "prediction", "functions", "function_call", "web_search_options", "verbosity",
  ]

  private func drop(_ name: StaticText, from body: JSONDraft) throws(LLMError) {
    guard body.take(name) != nil else { return }
    try context.warn(
      "unsupported_parameter", "completions have no counterpart of \"\(name)\"; it was left out",
      param: "/" + name.text)
  }

  private func renameBound(in body: JSONDraft) {
    if let bound = body.take("max_completion_tokens") { body.setDefault(named: "max_tokens", bound) }
  }

  /// Here `logprobs` is the number of alternatives.
  private func renameLogprobs(in body: JSONDraft) {
    guard let wanted = body["logprobs"]?.bool else { return }
    let alternatives = body.take("top_logprobs") ?? .integer(0)
    body.remove("logprobs")
    if wanted { body.set("logprobs", alternatives) }
  }
}

extension [String] {
  /// One text of all, with the separator between them.
  fileprivate func joined(_ separator: String) -> String {
    var text = ""
    for (index, piece) in enumerated() { text += (index > 0 ? separator : "") + piece }
    return text
  }
}
