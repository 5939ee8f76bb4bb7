import LLMConfig
import LLMCore

/// Tokens, by OpenAI's names; shared with whoever holds it. What the provider did not say is nil, never 0.
public final class Usage {
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
  /// What else is paid for, and how.
  public var paid = PaidDetails()
  /// Whether these are the library's estimates.
  public var isEstimated = false
  /// What else the service said about usage, kept as it was said.
  public var extra: JSON?

  /// Nothing known.
  public init() {}

  /// Reads OpenAI's own object, and keeps what it does not know.
  public convenience init(openAI usage: JSON) {
    self.init()
    prompt = usage.tokens("prompt_tokens")
    completion = usage.tokens("completion_tokens")
    total = usage.tokens("total_tokens")
    let (input, output) = (usage["prompt_tokens_details"], usage["completion_tokens_details"])
    cached = input?.tokens("cached_tokens") ?? usage.tokens("prompt_cache_hit_tokens")
    cacheWrite = input?.tokens("cache_write_tokens") ?? input?.tokens("cache_creation_tokens")
    reasoning = output?.tokens("reasoning_tokens") ?? usage.tokens("reasoning_tokens")
    paid = PaidDetails(openAI: usage, input: input, output: output)
    paid.reasoningBeside = reasoningBeside
    extra = usage
  }

  /// xAI counts thinking beside the output, as its totals show; everybody else within.
  private var reasoningBeside: Int64? {
    guard let prompt, let completion, let reasoning, let total, reasoning > 0 else { return nil }
    return total == prompt &+ completion &+ reasoning ? reasoning : nil
  }

  /// Whether nothing is known.
  public var isEmpty: Bool { prompt == nil && completion == nil && total == nil }

  /// Takes over what the later report knows: services report in parts.
  public func merge(_ later: Usage) {
    prompt = TokenCount.bounded(later.prompt) ?? prompt
    completion = TokenCount.bounded(later.completion) ?? completion
    total = later.total ?? (later.prompt == nil && later.completion == nil ? total : nil)
    cached = later.cached ?? cached
    cacheWrite = later.cacheWrite ?? cacheWrite
    reasoning = later.reasoning ?? reasoning
    paid.merge(later.paid)
    isEstimated = later.isEstimated
    extra = later.extra ?? extra
  }

  /// The `usage` member of a response, as a tree.
  public var document: JSON { .object { writeMembers(to: $0) } }

  /// The `usage` member of a response.
  public func write(_ key: StaticText, to text: JSONText) {
    text.openObject(key)
    writeMembers(to: text)
    text.closeObject()
  }

  private static let counts: [StaticText] = ["prompt_tokens", "completion_tokens", "total_tokens"]
  private static let promptDetails: StaticText = "prompt_tokens_details"
  private static let completionDetails: StaticText = "completion_tokens_details"

  /// What is known, and with it what else the service said.
  private func writeMembers(to text: JSONText) {
    text.add(Self.counts[0], prompt)
    text.add(Self.counts[1], completion)
    text.add(Self.counts[2], total ?? Usage.sum(prompt, completion))
    if isEstimated { text.add("estimated", true) }
    writeDetails(Self.promptDetails, ("cached_tokens", cached), ("cache_write_tokens", cacheWrite), to: text)
    writeDetails(Self.completionDetails, ("reasoning_tokens", reasoning), nil, to: text)
    text.addMembers(of: extra, except: Self.counts + [Self.promptDetails, Self.completionDetails])
  }

  private typealias Detail = (key: StaticText, value: Int64?)

  private func writeDetails(_ group: StaticText, _ first: Detail, _ second: Detail?, to text: JSONText) {
    let said = extra?[group]
    let isKnown = first.value != nil || second?.value != nil
    guard isKnown || said?.isObject == true else { return text.add(group, said) }
    text.openObject(group)
    text.add(first.key, first.value)
    if let second { text.add(second.key, second.value) }
    text.addMembers(of: said, except: [first.key, second?.key ?? first.key])
    text.closeObject()
  }

  private static func sum(_ prompt: Int64?, _ completion: Int64?) -> Int64? {
    guard let prompt, let completion else { return nil }
    return TokenCount.bounded(prompt &+ completion)
  }
}

/// Numbers of tokens as services say them.
public enum TokenCount {
  /// No answer has as many. Far below where sums of a few of them would wrap, and exact in every reader of JSON.
  public static let largest: Int64 = 1 << 53

  /// A negative number says nothing of an answer, and one beyond the bound no more than the bound.
  public static func bounded(_ count: Int64?) -> Int64? {
    guard let count, count >= 0 else { return nil }
    return min(count, largest)
  }
}

extension JSON {
  /// A number of tokens.
  func tokens(_ key: StaticText) -> Int64? { TokenCount.bounded(int(key)) }
  /// A number of tokens in a group of them.
  func tokens(_ group: StaticText, _ key: StaticText) -> Int64? { TokenCount.bounded(int(group, key)) }
}
