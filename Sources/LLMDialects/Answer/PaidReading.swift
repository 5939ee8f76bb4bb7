import LLMConfig
import LLMCore

// What services say of what is paid for, beside tokens.

extension PaidDetails {
  /// Out of OpenAI's object, and the details in it, which chat completions and Responses call by other names.
  init(openAI usage: JSON, input: JSON?, output: JSON?) {
    self.init()
    if let input { read(input: input) }
    audio.output = output?.tokens("audio_tokens")
    image.output = output?.tokens("image_tokens")
    searches = usage.tokens("search_units")
    stated = PaidDetails.stated(usage)
  }

  private mutating func read(input: JSON) {
    audio.input = input.tokens("audio_tokens")
    image.input = input.tokens("image_tokens")
    if let cached = input["cached_tokens_details"] {
      audio.cached = cached.tokens("audio_tokens")
      image.cached = cached.tokens("image_tokens")
    }
    cacheWriteLong = input.tokens("cache_write_tokens_details", "ttl_12h_tokens")
  }

  /// What the answer cost, as services write it: xAI in ticks of 10⁻¹⁰ dollars, OpenRouter and Vercel as `cost`,
  /// Perplexity as an object with its parts. Where the caller's own key pays the service behind a gateway, that is a
  /// part of it.
  private static func stated(_ usage: JSON) -> Int64? {
    if let ticks = usage.int("cost_in_usd_ticks"), ticks >= 0 { return min(ticks, 1 << 50) &* 100 }
    guard let cost = usage["cost"] else { return nil }
    guard cost.isObject else {
      let upstream = usage.bool("is_byok") == true ? usage["cost_details", "upstream_inference_cost"] : nil
      return picodollars(cost).map { $0 &+ (picodollars(upstream) ?? 0) }
    }
    return cost.string("currency") ?? "USD" == "USD" ? picodollars(cost["total_cost"]) : nil
  }

  private static func picodollars(_ cost: JSON?) -> Int64? {
    guard let dollars = cost?.double, dollars >= 0 else { return nil }
    return Price(dollars: dollars, per: 1).picodollars
  }
}

extension ResponseBuilder {
  /// How the service says that it served the answer: by members of the answer (OpenAI, Bedrock) or of its usage
  /// (Claude), and what the usage said already.
  public var servedModes: [String] {
    var modes = usage.paid.modes
    for name: StaticText in ["service_tier", "serviceTier"] {
      guard let extra = extras.first(where: { name.matches($0.name) })?.value else { continue }
      if let mode = extra.string ?? extra.string("type") { modes.append(mode) }
    }
    for name: StaticText in ["service_tier", "speed", "inference_geo"] {
      if let mode = usage.extra?.string(name) { modes.append(mode) }
    }
    return modes
  }
}
