import LLMCore

/// Log probabilities of completions: parallel lists, which become chat's list of tokens.
enum LegacyLogprobs {
  static func modernized(_ logprobs: JSON) -> JSON {
    guard let tokens = logprobs["tokens"], tokens.isArray else { return logprobs }
    let (chosen, top) = (logprobs.elements("token_logprobs"), logprobs.elements("top_logprobs"))
    let list = tokens.elements.enumerated().map { index, token in
      let entry = self.entry(token, index < chosen.count ? chosen[index] : nil)
      let alternatives = index < top.count ? top[index].members : []
      entry.set("top_logprobs", .array(alternatives.map { self.entry(.string($0.key), $0.value) }))
      return entry
    }
    let modern = JSON.object()
    modern.set("content", .array(list))
    return modern
  }

  private static func entry(_ token: JSON, _ logprob: JSON?) -> JSON {
    let entry = JSON.object()
    entry.set("token", token)
    entry.set("logprob", logprob ?? .null)
    return entry
  }
}
