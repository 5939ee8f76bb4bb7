import LLMConfig
import LLMCore

/// Tells what of a request a model's row says that it refuses. What asks for the usual, which the model does anyhow, is
/// left out without a word.
struct RefusedParameters {
  private let refusals: ModelRefusals
  private let context: RequestContext

  private static let names: [(refusal: ModelRefusals, name: StaticText, usual: Double)] = [
    (.temperature, "temperature", 1), (.topP, "top_p", 1), (.topK, "top_k", -1),
    (.penalties, "frequency_penalty", 0), (.penalties, "presence_penalty", 0), (.logprobs, "logprobs", -1),
    (.logprobs, "top_logprobs", -1), (.logitBias, "logit_bias", -1), (.stop, "stop", -1), (.seed, "seed", -1),
    (.choices, "n", 1),
  ]

  /// What the model refuses of a request with that effort, which is looked for only where the model refuses anything.
  init(_ context: RequestContext, effort: @autoclosure () -> String?) {
    self.context = context
    guard let model = context.modelProfile, model.refusesAnything else {
      refusals = []
      return
    }
    refusals = model.refusals(effort())
  }

  /// Whether the member is to be left out; where it asks for anything, that is a warning.
  func contains(_ name: String, _ value: JSON) throws(LLMError) -> Bool {
    guard !refusals.isEmpty, let row = Self.names.first(where: { $0.name.matches(name) }),
      refusals.contains(row.refusal)
    else { return false }
    if value.double != row.usual, value.bool != false {
      try context.warn(
        "unsupported_parameter", "\(context.model) does not take \"\(name)\"; it was left out", param: "/" + name)
    }
    return true
  }

  /// Takes them out of a body with OpenAI's names.
  func drop(from body: JSONDraft) throws(LLMError) {
    guard !refusals.isEmpty else { return }
    for row in Self.names {
      if let value = body[row.name], try contains(row.name.text, value) { body.remove(row.name) }
    }
  }

  /// Whether a `tool_choice` that forces a call is to become one that does not, which is a warning.
  func forbids(_ choice: ChatToolChoice?) throws(LLMError) -> Bool {
    guard refusals.contains(.forcedTools) else { return false }
    switch choice {
    case .required, .function: break
    default: return false
    }
    try context.warn(
      "changed_parameter", "the model cannot be forced to call a tool; it may choose", param: "/tool_choice")
    return true
  }
}
