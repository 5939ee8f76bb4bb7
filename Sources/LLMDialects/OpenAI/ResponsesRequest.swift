import LLMConfig
import LLMCore

/// Makes a Responses request of a chat request.
struct ResponsesRequest {
  private let request: ChatRequest
  private let context: RequestContext

  init(_ request: ChatRequest, _ context: RequestContext) {
    self.request = request
    self.context = context
  }

  func body() throws(LLMError) -> JSON {
    let body = JSON.object()
    body.set("model", context.model)
    body.set("input", .array(try ResponsesInput(request, context).items()))
    try copyParameters(to: body)
    if !request.tools.isEmpty { body.set("tools", .array(request.tools.map { tool($0) })) }
    body.set("tool_choice", request.toolChoice.map { choice($0) })
    if try refused.forbids(request.toolChoice) { body.set("tool_choice", "auto") }
    setText(body)
    try setReasoning(body)
    try setLogprobs(body)
    try setWebSearch(body)
    if context.isStreaming { body.set("stream", true) }
    return body
  }

  // MARK: Parameters

  private var refused: RefusedParameters { RefusedParameters(context, effort: request.reasoningEffort) }

  /// What only chat completions know.
  private static let withoutCounterpart: [StaticText] = [
    "n", "stop", "seed", "presence_penalty", "frequency_penalty", "logit_bias", "modalities", "audio", "prediction",
    "functions", "function_call", "top_k",
  ]
  /// What is taken over in another shape, or means nothing here.
  private static let handled: [StaticText] = [
    "model", "messages", "stream", "stream_options", "tools", "tool_choice", "response_format", "verbosity",
    "reasoning_effort", "reasoning", "max_tokens", "max_completion_tokens", "logprobs", "web_search_options", "text",
  ]

  /// What Responses call by the same name, and what this library does not know, goes as it is.
  private func copyParameters(to body: JSON) throws(LLMError) {
    let refused = self.refused
    for (name, value) in request.json.members where !value.isNull {
      if try refused.contains(name, value) { continue }
      if Self.handled.contains(where: { $0.matches(name) }) { continue }
      guard !Self.withoutCounterpart.contains(where: { $0.matches(name) }) else {
        if name == "n", value.int == 1 { continue }
        try context.warn(
          "unsupported_parameter", "the Responses API has no counterpart of \"\(name)\"; it was left out",
          param: "/" + name)
        continue
      }
      body.set(named: name, value)
    }
    body.set("max_output_tokens", request.maxTokens)
    body.setDefault("store", .boolean(false))
  }

  private func setText(_ body: JSON) {
    let text = request["text"]?.copy() ?? JSON.object()
    text.set("verbosity", request["verbosity"])
    if let format = request.responseFormat { text.set("format", self.format(format)) }
    if text.count > 0 { body.set("text", text) }
  }

  private func format(_ format: ChatResponseFormat) -> JSON {
    switch format {
    case .other(let json): return json
    case .text: return .typed("text")
    case .jsonObject: return .typed("json_object")
    case .jsonSchema(let name, let schema, let isStrict):
      let json = JSON.typed("json_schema")
      json.set("name", name)
      json.set("schema", schema)
      json.set("strict", isStrict)
      json.set("description", request["response_format", "json_schema"]?["description"])
      return json
    }
  }

  /// Without storage the thinking has to come along to be sent back; a model that does not think refuses to be asked.
  private func setReasoning(_ body: JSON) throws(LLMError) {
    let reasoning = request["reasoning"]?.copy() ?? JSON.object()
    if let effort = request["reasoning_effort"] { reasoning.setDefault("effort", effort) }
    if let word = reasoning.string("effort") { reasoning.set("effort", try context.effort(word)) }
    if reasoning.count > 0 { body.set("reasoning", reasoning) }
    if body.bool("store") == false, thinks(reasoning) { include("reasoning.encrypted_content", in: body) }
  }

  /// Whether the model is known to think: by its row, since thinking is asked of it, or since it did before.
  private func thinks(_ reasoning: JSON) -> Bool {
    context.modelProfile?.capabilities.contains(.reasoning) ?? false || reasoning.count > 0
      || request.messages.contains { ResponsesItems.hasThinking($0) }
  }

  private func setLogprobs(_ body: JSON) throws(LLMError) {
    if let asked = request["logprobs"], asked.bool == true, try !refused.contains("logprobs", asked) {
      include("message.output_text.logprobs", in: body)
    }
  }

  private func include(_ what: StaticText, in body: JSON) {
    let list = body["include"]?.copy() ?? JSON.array()
    if !list.elements.contains(where: { $0.string == what.text }) { list.append(.string(what)) }
    body.set("include", list)
  }

  // MARK: Tools

  /// A function's description stands in the tool itself; so does a custom tool's.
  private func tool(_ tool: ChatTool) -> JSON {
    guard let inner = tool.json["function"] ?? tool.json["custom"] else { return tool.json }
    let flat = inner.copy()
    flat.set("type", tool.json["type"] ?? .string("function"))
    if let format = inner["format"], let grammar = format["grammar"] {
      let flatFormat = grammar.copy()
      flatFormat.set("type", format["type"])
      flat.set("format", flatFormat)
    }
    // Here schemas are strict unless said otherwise; in chat completions it is the other way round.
    if tool.isFunction { flat.setDefault("strict", .boolean(false)) }
    return flat
  }

  private func choice(_ choice: ChatToolChoice) -> JSON {
    switch choice {
    case .auto: return .string("auto")
    case .none: return .string("none")
    case .required: return .string("required")
    case .function(let name):
      return .typed("function", "name", .string(name))
    case .other(let json):
      guard let nested = json["allowed_tools"] ?? json["custom"] else { return json }
      let flat = nested.copy()
      flat.set("type", json["type"])
      if let tools = nested["tools"], tools.isArray {
        flat.set("tools", .array(tools.elements.map { flattened($0) }))
      }
      return flat
    }
  }

  private func flattened(_ tool: JSON) -> JSON {
    guard let function = tool["function"] else { return tool }
    let flat = function.copy()
    flat.set("type", tool["type"])
    return flat
  }

  /// What chat completions ask for by a parameter is a tool here.
  private func setWebSearch(_ body: JSON) throws(LLMError) {
    guard let options = request["web_search_options"] else { return }
    let tool = JSON.typed("web_search")
    tool.set("search_context_size", options["search_context_size"])
    if let location = options["user_location"] {
      let flat = (location["approximate"] ?? location).copy()
      flat.set("type", "approximate")
      tool.set("user_location", flat)
    }
    body.set("tools", .array(body.elements("tools") + [tool]))
  }
}
