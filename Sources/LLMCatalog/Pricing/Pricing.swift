import LLMConfig
import LLMCore

/// What an answer cost, in picodollars: prices are given for a million tokens, and no fraction of a token's is lost.
public struct Cost: Sendable {
  /// Input that was neither read from the prompt cache nor written to it.
  public var input: Int64 = 0
  /// Output.
  public var output: Int64 = 0
  /// Input read from the prompt cache.
  public var cacheRead: Int64 = 0
  /// Input written to the prompt cache.
  public var cacheWrite: Int64 = 0

  /// One dollar.
  public static let dollar: Int64 = 1_000_000_000_000

  /// Nothing.
  public init() {}

  /// All of it.
  public var total: Int64 { input &+ output &+ cacheRead &+ cacheWrite }

  /// All of it, in nano-dollars, rounded up.
  public var nanoDollars: Int64 { (total &+ 999) / 1000 }

  /// The `cost` member of a result.
  public func write(to text: JSONText) {
    text.openObject("cost")
    text.add("input", input, inUnitsOf: Cost.dollar)
    text.add("output", output, inUnitsOf: Cost.dollar)
    if cacheRead > 0 { text.add("cache_read", cacheRead, inUnitsOf: Cost.dollar) }
    if cacheWrite > 0 { text.add("cache_write", cacheWrite, inUnitsOf: Cost.dollar) }
    text.add("total", total, inUnitsOf: Cost.dollar)
    text.add("currency", "USD")
    text.closeObject()
  }
}

/// The tokens that are paid for; nil for what the service did not say.
public struct PaidTokens {
  /// Input, cached ones included.
  public var prompt: Int64?
  /// Output.
  public var completion: Int64?
  /// Input read from the prompt cache.
  public var cached: Int64?
  /// Input written to the prompt cache.
  public var cacheWrite: Int64?

  /// Puts the numbers together.
  public init(prompt: Int64?, completion: Int64?, cached: Int64? = nil, cacheWrite: Int64? = nil) {
    self.prompt = prompt
    self.completion = completion
    self.cached = cached
    self.cacheWrite = cacheWrite
  }
}

extension Catalog {
  /// What an answer cost; nil where the model's prices or the tokens are not known. Cached tokens whose price is not
  /// known are charged as any others.
  public static func cost(of tokens: PaidTokens, model: ModelProfile) -> Cost? {
    guard model.inputPrice >= 0, model.purpose == .embedding || model.outputPrice >= 0 else { return nil }
    guard let prompt = sane(tokens.prompt) else { return nil }
    let (read, written) = (sane(tokens.cached) ?? 0, sane(tokens.cacheWrite) ?? 0)
    var cost = Cost()
    cost.input = price(max(0, prompt - read - written), at: model.inputPrice)
    cost.output = price(sane(tokens.completion) ?? 0, at: max(0, model.outputPrice))
    cost.cacheRead = price(read, at: model.cacheReadPrice >= 0 ? model.cacheReadPrice : model.inputPrice)
    cost.cacheWrite = price(written, at: model.cacheWritePrice >= 0 ? model.cacheWritePrice : model.inputPrice)
    return cost
  }

  /// A count that makes sense: a service's numbers are not to be trusted with arithmetic.
  private static func sane(_ count: Int64?) -> Int64? { count.flatMap { $0 >= 0 && $0 < 1 << 40 ? $0 : nil } }

  /// A dollar for a million tokens is a million picodollars for one.
  private static func price(_ tokens: Int64, at perMillion: Double) -> Int64 {
    guard perMillion < 1e6 else { return 0 }
    let each = Int64(perMillion * 1e6 + 0.5)
    let (product, overflow) = tokens.multipliedReportingOverflow(by: each)
    return overflow || product > 1 << 60 ? 1 << 60 : product
  }
}

/// Rounded to so many parts of one, half up: a sum of prices without binary noise. libm's `round` would be another
/// library to need.
func rounded(_ value: Double, places: Double = 1e12) -> Double {
  let scaled = value * places + 0.5
  guard scaled < 9e18 else { return value }
  return Double(Int64(scaled)) / places
}
