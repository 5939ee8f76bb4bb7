import LLMConfig
import LLMCore

/// Takes an OpenAI request to what a row's quirks allow; what is dropped or changed is a warning.
struct OpenAIRequest {
  private let context: RequestContext
  var quirks: Quirks { context.quirks }

  init(_ context: RequestContext) { self.context = context }

  /// The parameters that completions have as well.
  func adapt(parametersOf body: JSONDraft) throws(LLMError) {
    adaptStreaming(body)
    adaptTokenBound(body)
    if quirks.contains(.modelInPath) { body.remove("model") }
    try dropRefused(body)
    try refused(in: body).drop(from: body)
    if quirks.contains(.randomSeed) { body.set("random_seed", body.take("seed")) }
  }

  func adapt(_ body: JSONDraft, _ request: ChatRequest) throws(LLMError) {
    try adapt(parametersOf: body)
    try adaptReasoning(body)
    if quirks.contains(.toolChoiceAny), case .required = request.toolChoice {
      body.set("tool_choice", "any")
    }
    if try refused(in: body).forbids(request.toolChoice) { body.set("tool_choice", "auto") }
    if quirks.contains(.noJSONSchema), case .jsonSchema(_, let schema, _) = request.responseFormat {
      try replaceSchema(body, schema)
    }
    try adaptMessages(body, request)
    if !quirks.contains(.cacheControl), let tools = body["tools"],
      tools.elements.contains(where: { $0.has("cache_control") })
    {
      body.set("tools", .array(tools.elements.map { without(["cache_control"], $0) }))
    }
  }

  private func refused(in body: JSONDraft) -> RefusedParameters {
    RefusedParameters(context, effort: (body["reasoning_effort"] ?? body["reasoning"]?["effort"])?.string)
  }

  private func adaptStreaming(_ body: JSONDraft) {
    guard context.isStreaming else {
      body.remove("stream")
      body.remove("stream_options")
      return
    }
    body.set("stream", true)
    guard !quirks.contains(.noStreamOptions) else { return body.remove("stream_options") }
    let options = body["stream_options"]?.copy() ?? JSON.object()
    options.setDefault("include_usage", .boolean(true))
    body.set("stream_options", options)
  }

  private func adaptTokenBound(_ body: JSONDraft) {
    let (from, to): (StaticText, StaticText) =
      quirks.contains(.maxTokens)
      ? ("max_completion_tokens", "max_tokens") : ("max_tokens", "max_completion_tokens")
    guard quirks.contains(.maxTokens) || quirks.contains(.maxCompletionTokens), let bound = body[from] else { return }
    body.remove(from)
    body.setDefault(named: to.text, bound)
  }

  private static let refusals: [(quirk: Quirks, names: [StaticText])] = [
    (.noParallelToolCalls, ["parallel_tool_calls"]), (.noSeed, ["seed"]),
    (.noPenalties, ["frequency_penalty", "presence_penalty"]), (.noLogprobs, ["logprobs", "top_logprobs"]),
    (.noUser, ["user"]), (.noStop, ["stop"]), (.noTemperature, ["temperature"]),
  ]

  private func dropRefused(_ body: JSONDraft) throws(LLMError) {
    for row in Self.refusals where quirks.contains(row.quirk) {
      for name in row.names { try drop(name, from: body) }
    }
    if quirks.contains(.singleChoice), let count = body["n"]?.int {
      body.remove("n")
      if count > 1 { try warnDropped("n") }
    }
  }

  private func drop(_ name: StaticText, from body: JSONDraft) throws(LLMError) {
    if body.take(name) != nil { try warnDropped(name) }
  }

  private func warnDropped(_ name: StaticText) throws(LLMError) {
    try context.warn(
      "unsupported_parameter", "\(context.endpoint.profile.label) does not take \"\(name)\"; it was left out",
      param: "/" + name.text)
  }

  private func adaptReasoning(_ body: JSONDraft) throws(LLMError) {
    guard var effort = body["reasoning_effort"] else { return }
    if quirks.contains(.noReasoningEffort) { return try drop("reasoning_effort", from: body) }
    if let word = effort.string {
      let known = try context.effort(word)
      if known != word {
        effort = .string(known)
        body.set("reasoning_effort", effort)
      }
    }
    guard quirks.contains(.reasoningObject) else { return }
    body.remove("reasoning_effort")
    let reasoning = body["reasoning"]?.copy() ?? JSON.object()
    reasoning.setDefault("effort", effort)
    body.set("reasoning", reasoning)
  }

  /// A service that knows only "some JSON" is told the schema in words.
  private func replaceSchema(_ body: JSONDraft, _ schema: JSON) throws(LLMError) {
    try context.warn(
      "changed_parameter",
      "\(context.endpoint.profile.label) does not hold answers to a schema; it was asked for JSON and told the schema",
      param: "/response_format")
    let format = JSON.object()
    format.set("type", "json_object")
    body.set("response_format", format)
    let instruction = JSON.object()
    instruction.set("role", "system")
    instruction.set("content", "Answer with a JSON object that fits this JSON Schema: " + schema.text)
    body.set("messages", .array([instruction] + (body["messages"]?.elements ?? [])))
  }
}
