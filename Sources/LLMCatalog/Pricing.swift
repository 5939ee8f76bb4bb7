import LLMCore

extension Catalog {
  /// What a response cost: `{input, output, cache_read?, cache_write?, total, currency}` from its `usage`; nil where
  /// the model's prices are not known. Cached tokens whose price is not known are charged as any others.
  public func cost(usage: JSON, model: ModelProfile) -> JSON? {
    guard model.inputPrice >= 0, model.purpose == .embedding || model.outputPrice >= 0 else { return nil }
    guard let prompt = tokens("prompt_tokens", of: usage) else { return nil }
    let details = usage["prompt_tokens_details"]
    let read = details.flatMap { tokens("cached_tokens", of: $0) } ?? 0
    let written = details.flatMap { tokens("cache_write_tokens", of: $0) } ?? 0
    let plain = max(0, prompt - read - written)
    let parts = [
      dollars(plain, at: model.inputPrice),
      dollars(tokens("completion_tokens", of: usage) ?? 0, at: max(0, model.outputPrice)),
      dollars(read, at: model.cacheReadPrice >= 0 ? model.cacheReadPrice : model.inputPrice),
      dollars(written, at: model.cacheWritePrice >= 0 ? model.cacheWritePrice : model.inputPrice),
    ]
    let cost = JSON.object()
    cost.set("input", .real(rounded(parts[0])))
    cost.set("output", .real(rounded(parts[1])))
    if read > 0 { cost.set("cache_read", .real(rounded(parts[2]))) }
    if written > 0 { cost.set("cache_write", .real(rounded(parts[3]))) }
    cost.set("total", .real(rounded(parts[0] + parts[1] + parts[2] + parts[3])))
    cost.set("currency", "USD")
    return cost
  }

  /// A count that makes sense: a service's numbers are not to be trusted with arithmetic.
  private func tokens(_ key: String, of usage: JSON) -> Int64? {
    guard let count = usage[named: key]?.int, count >= 0, count < 1 << 40 else { return nil }
    return count
  }

  private func dollars(_ tokens: Int64, at perMillion: Double) -> Double { Double(tokens) * perMillion / 1e6 }
}

/// Rounded to so many parts of one, half up: a sum of prices without binary noise. libm's `round` would be another
/// library to need.
func rounded(_ value: Double, places: Double = 1e12) -> Double {
  let scaled = value * places + 0.5
  guard scaled < 9e18 else { return value }
  return Double(Int64(scaled)) / places
}
