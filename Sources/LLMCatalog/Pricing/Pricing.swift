import LLMConfig
import LLMCore

/// What an answer cost, in picodollars: prices are given for a million tokens, and no fraction of a token's is lost.
public struct Cost: Sendable {
  /// Input that was neither read from the prompt cache nor written to it; sound and pictures included.
  public var input: Int64 = 0
  /// Output, thinking and sound included.
  public var output: Int64 = 0
  /// Input read from the prompt cache.
  public var cacheRead: Int64 = 0
  /// Input written to the prompt cache.
  public var cacheWrite: Int64 = 0
  /// Searches that the service made.
  public var search: Int64 = 0
  /// What each call costs, whatever it is about.
  public var call: Int64 = 0
  /// All of it as the service itself says, which knows what it asks for; the parts are not known then.
  public var stated: Int64?

  /// One dollar.
  public static let dollar = Price.dollar

  /// Nothing.
  public init() {}

  /// What the service says that it was.
  public init(stated: Int64) { self.stated = max(0, stated) }

  /// All of it.
  public var total: Int64 { stated ?? (input &+ output &+ cacheRead &+ cacheWrite &+ search &+ call) }

  /// All of it, in nano-dollars, rounded up.
  public var nanoDollars: Int64 { (total &+ 999) / 1000 }

  /// The `cost` member of a result.
  public func write(to text: JSONText) {
    text.openObject("cost")
    if stated == nil {
      text.add("input", input, inUnitsOf: Cost.dollar)
      text.add("output", output, inUnitsOf: Cost.dollar)
      let others: [(key: StaticText, part: Int64)] = [
        ("cache_read", cacheRead), ("cache_write", cacheWrite), ("search", search), ("call", call),
      ]
      for (key, part) in others where part > 0 { text.add(key, part, inUnitsOf: Cost.dollar) }
    }
    text.add("total", total, inUnitsOf: Cost.dollar)
    text.add("currency", "USD")
    if stated != nil { text.add("stated", true) }
    text.closeObject()
  }
}

/// What is paid for; nil for what the service did not say.
public struct PaidTokens {
  /// Input, cached ones included.
  public var prompt: Int64?
  /// Output, thinking included.
  public var completion: Int64?
  /// Input read from the prompt cache.
  public var cached: Int64?
  /// Input written to the prompt cache.
  public var cacheWrite: Int64?
  /// What of the output is thinking.
  public var reasoning: Int64?
  /// What else is paid for, and how.
  public var details: PaidDetails

  /// Puts the numbers together.
  public init(
    prompt: Int64?, completion: Int64?, cached: Int64? = nil, cacheWrite: Int64? = nil, reasoning: Int64? = nil,
    details: PaidDetails = PaidDetails()
  ) {
    self.prompt = prompt
    self.completion = completion
    self.cached = cached
    self.cacheWrite = cacheWrite
    self.reasoning = reasoning
    self.details = details
  }
}

extension Catalog {
  /// What an answer cost; nil where the model's prices or the tokens are not known. Tokens of a kind whose price is not
  /// known are charged as those that they are a kind of.
  public static func cost(of paid: PaidTokens, model: ModelProfile, at unixSeconds: Int64 = 0) -> Cost? {
    if model.purpose == .rerank { return rankingCost(of: paid, model.prices) }
    guard model.inputPrice.isKnown, model.purpose == .embedding || model.outputPrice.isKnown else { return nil }
    guard let prompt = sane(paid.prompt) else { return nil }
    let prices = model.prices.current(prompt: prompt, modes: paid.details.modes, at: unixSeconds)
    var cost = Cost()
    charge(input: paid, prompt, prices, &cost)
    charge(output: paid, prices, &cost)
    charge(extras: paid, prices, &cost)
    return cost
  }

  private static func charge(input paid: PaidTokens, _ prompt: Int64, _ prices: ModelPrices, _ cost: inout Cost) {
    let (read, written) = (sane(paid.cached) ?? 0, sane(paid.cacheWrite) ?? 0)
    let long = min(sane(paid.details.cacheWriteLong) ?? 0, written)
    let reading = Kind(
      whole: read, price: prices.price(.cacheRead, .input), audio: sane(paid.details.audio.cached),
      prices.price(.audioCacheRead, .cacheRead, .input), image: sane(paid.details.image.cached),
      prices.price(.imageCacheRead, .cacheRead, .input))
    cost.cacheRead = reading.cost
    let fresh = max(0, prompt - read - written)
    cost.input =
      Kind(
        whole: fresh, price: prices[.input], audio: sane(paid.details.audio.input).map { max(0, $0 - reading.audio) },
        prices.price(.audioInput, .input), image: sane(paid.details.image.input).map { max(0, $0 - reading.image) },
        prices.price(.imageInput, .input)
      ).cost
    let writing = prices.price(.cacheWrite, .input)
    let keeping = prices[.cacheWriteLong].isKnown ? prices[.cacheWriteLong] : writing
    cost.cacheWrite = writing.times(written - long) &+ keeping.times(long)
  }

  private static func charge(output paid: PaidTokens, _ prices: ModelPrices, _ cost: inout Cost) {
    let completion = (sane(paid.completion) ?? 0) + (sane(paid.details.reasoningBeside) ?? 0)
    let thinking = prices[.reasoning].isKnown ? min(sane(paid.reasoning) ?? 0, completion) : 0
    cost.output =
      prices[.reasoning].times(thinking)
      &+ Kind(
        whole: completion - thinking, price: prices[.output], audio: sane(paid.details.audio.output),
        prices.price(.audioOutput, .output), image: sane(paid.details.image.output), prices.price(.imageOutput, .output)
      ).cost
  }

  private static func charge(extras paid: PaidTokens, _ prices: ModelPrices, _ cost: inout Cost) {
    cost.search = prices[.search].times(sane(paid.details.searches) ?? 0)
    cost.call = prices[.call].times(1)
  }

  /// Ranking is paid by the search, or by what is read.
  private static func rankingCost(of paid: PaidTokens, _ prices: ModelPrices) -> Cost? {
    var cost = Cost()
    charge(extras: paid, prices, &cost)
    let tokens = sane(paid.prompt)
    if let tokens { cost.input = prices[.input].times(tokens) }
    let isKnown = prices[.search].isKnown && paid.details.searches != nil || prices[.input].isKnown && tokens != nil
    return isKnown || prices[.call].isKnown ? cost : nil
  }

  /// A count that makes sense: a service's numbers are not to be trusted with arithmetic.
  private static func sane(_ count: Int64?) -> Int64? { count.flatMap { $0 >= 0 && $0 < 1 << 40 ? $0 : nil } }
}

/// Tokens of which some are sound and some pictures.
private struct Kind {
  let audio: Int64
  let image: Int64
  let cost: Int64

  init(whole: Int64, price: Price, audio: Int64?, _ audioPrice: Price, image: Int64?, _ imagePrice: Price) {
    self.audio = min(audio ?? 0, whole)
    self.image = min(image ?? 0, whole - self.audio)
    cost =
      price.times(whole - self.audio - self.image) &+ audioPrice.times(self.audio) &+ imagePrice.times(self.image)
  }
}

extension ModelPrices {
  /// The first of the prices that is known.
  fileprivate func price(_ units: PricedUnit...) -> Price {
    for unit in units where self[unit].isKnown { return self[unit] }
    return .unknown
  }
}
