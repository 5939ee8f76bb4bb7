import LLMCore

/// Tokens, by OpenAI's names. What the provider did not say is nil, never 0.
public struct Usage {
  /// Input, cached ones included.
  public var prompt: Int64?
  /// Output, reasoning included.
  public var completion: Int64?
  /// Both, where the service says it.
  public var total: Int64?
  /// Input read from the prompt cache.
  public var cached: Int64?
  /// Input written to the prompt cache.
  public var cacheWrite: Int64?
  /// Output spent on thinking.
  public var reasoning: Int64?
  /// Whether these are the library's estimates.
  public var isEstimated = false
  /// What else the service said about usage, kept as it was said.
  public var extra: JSON?

  /// Nothing known.
  public init() {}

  /// Reads OpenAI's own object, and keeps what it does not know.
  public init(openAI usage: JSON) {
    prompt = usage.int("prompt_tokens")
    completion = usage.int("completion_tokens")
    total = usage.int("total_tokens")
    cached = usage.int("prompt_tokens_details", "cached_tokens") ?? usage.int("prompt_cache_hit_tokens")
    cacheWrite =
      usage.int("prompt_tokens_details", "cache_write_tokens")
      ?? usage.int("prompt_tokens_details", "cache_creation_tokens")
    reasoning =
      usage.int("completion_tokens_details", "reasoning_tokens") ?? usage.int("reasoning_tokens")
    extra = usage
  }

  /// Whether nothing is known.
  public var isEmpty: Bool { prompt == nil && completion == nil && total == nil }

  /// Takes over what the later report knows: services report in parts.
  public mutating func merge(_ later: Usage) {
    prompt = later.prompt ?? prompt
    completion = later.completion ?? completion
    total = later.total ?? (later.prompt == nil && later.completion == nil ? total : nil)
    cached = later.cached ?? cached
    cacheWrite = later.cacheWrite ?? cacheWrite
    reasoning = later.reasoning ?? reasoning
    isEstimated = later.isEstimated
    extra = later.extra ?? extra
  }

  /// The `usage` member of a response.
  public var document: JSON {
    let usage = extra?.deepCopy() ?? JSON.object()
    usage.set("prompt_tokens", prompt)
    usage.set("completion_tokens", completion)
    if let sum = total ?? Usage.sum(prompt, completion) { usage.set("total_tokens", sum) }
    Usage.setDetail(usage, "prompt_tokens_details", "cached_tokens", cached)
    Usage.setDetail(usage, "prompt_tokens_details", "cache_write_tokens", cacheWrite)
    Usage.setDetail(usage, "completion_tokens_details", "reasoning_tokens", reasoning)
    if isEstimated { usage.set("estimated", true) }
    return usage
  }

  private static func sum(_ prompt: Int64?, _ completion: Int64?) -> Int64? {
    guard let prompt, let completion else { return nil }
    return prompt &+ completion
  }

  private static func setDetail(_ usage: JSON, _ group: String, _ name: String, _ value: Int64?) {
    guard let value else { return }
    let details = usage[named: group] ?? JSON.object()
    details.set(named: name, .integer(value))
    usage.set(named: group, details)
  }
}
