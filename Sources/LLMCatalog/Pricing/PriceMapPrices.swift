import LLMConfig
import LLMCore

/// Reads the prices of a row of LiteLLM's price map: dollars per token under dozens of names, put together of what is
/// paid for, the length of the prompt and the way to be served (`input_cost_per_token_above_200k_tokens_priority`).
enum PriceMapPrices {
  private static let names: [(unit: PricedUnit, key: StaticText)] = [
    (.input, "input_cost_per_token"), (.output, "output_cost_per_token"), (.cacheRead, "cache_read_input_token_cost"),
    (.cacheWrite, "cache_creation_input_token_cost"),
    (.cacheWriteLong, "cache_creation_input_token_cost_above_1hr"),
    (.cacheWriteLong, "cache_creation_input_token_cost_above_12hr"),
    (.reasoning, "output_cost_per_reasoning_token"), (.audioInput, "input_cost_per_audio_token"),
    (.audioOutput, "output_cost_per_audio_token"), (.audioCacheRead, "cache_read_input_audio_token_cost"),
    (.imageInput, "input_cost_per_image_token"), (.imageOutput, "output_cost_per_image_token"),
    (.imageCacheRead, "cache_read_input_image_token_cost"),
  ]
  /// What the map calls a way to be served, and what answers do.
  private static let modes: [(suffix: StaticText, name: StaticText)] = [
    ("_flex", "flex"), ("_priority", "priority"), ("_batches", "batch"), ("_ultrafast", "ultrafast"),
  ]

  /// Reads the row's prices over what is known.
  static func read(_ row: JSON, into prices: inout ModelPrices) {
    if row["input_cost_per_token"] != nil { (prices.tiers, prices.modes, prices.peak) = ([], [], nil) }
    for (unit, key) in names {
      if let price = price(row[key]) { prices[unit] = price }
    }
    if let price = price(row["input_cost_per_query"]) { prices[.search] = Price(picodollars: price.picodollars) }
    let searches = row["search_context_cost_per_query"]
    if let price = price(searches?["search_context_size_medium"]) { prices[.search] = price }
    if let price = price(row["input_cost_per_request"]) { prices[.call] = price }
    readTiers(row, into: &prices)
    for (suffix, name) in modes {
      if let change = change(row, suffix: suffix.text) { prices.setMode(name.text, change) }
    }
    for (name, factor) in row["provider_specific_entry"]?.members ?? [] {
      guard let factor = factor.double, factor > 0, factor < 1000, prices[.input].isKnown else { continue }
      let input = prices[.input].scaled(by: Int64(factor * 1e6 + 0.5), over: 1_000_000)
      prices.setMode(name, PriceChange([input]))
    }
    readOffPeak(row["off_peak_pricing"], into: &prices)
  }

  /// Dollars for one.
  private static func price(_ member: JSON?) -> Price? {
    guard let price = member?.double, price >= 0 else { return nil }
    return Price(dollars: price, per: 1)
  }

  private static func change(_ row: JSON, suffix: String) -> PriceChange? {
    let prices = names.prefix(4).map { price(row[named: $0.key.text + suffix]) ?? .unknown }
    return prices.contains { $0.isKnown } ? PriceChange(prices) : nil
  }

  // MARK: Tiers

  private static func readTiers(_ row: JSON, into prices: inout ModelPrices) {
    let (prefix, suffix) = ("input_cost_per_token_above_", "k_tokens")
    for (name, _) in row.members where name.startsWith(prefix) && name.endsWith(suffix) {
      let digits = name.dropping(bytes: prefix.utf8.count)
      let thousands = digits.keeping(bytes: digits.utf8.count - suffix.utf8.count).asInteger
      guard let thousands, thousands > 0, thousands < 1 << 30 else { continue }
      prices.setTier(above: thousands * 1000, change(row, suffix: formatted("_above_\(thousands)k_tokens")))
    }
    for (index, tier) in row.elements("tiered_pricing").enumerated() {
      let four = names.prefix(4).map { price(tier[$0.key]) ?? .unknown }
      guard let from = tier["range"]?.elements.first?.double, from >= 0, from < 1e12 else { continue }
      if index == 0 {
        for (unit, price) in zip(PricedUnit.changeable, four) where price.isKnown { prices[unit] = price }
      } else {
        prices.setTier(above: Int64(from), PriceChange(four))
      }
    }
  }

  // MARK: Hours

  /// The map gives the usual price as that of peak hours, and others for windows of the week.
  private static func readOffPeak(_ offPeak: JSON?, into prices: inout ModelPrices) {
    guard let offPeak else { return }
    var days = [UInt64](repeating: allDay, count: 7)
    for window in offPeak.elements("windows") {
      let hours = window["hours_utc"]
      var bits: UInt64 = 0
      for span in hours?.isArray == true ? hours?.elements ?? [] : [hours ?? .null] {
        bits |= span.string.flatMap { PeakHours.bits($0) } ?? 0
      }
      for day in window.elements("weekdays").compactMap({ $0.int }) where (1...7).contains(day) {
        days[Int(day) - 1] &= ~bits
      }
    }
    let usual = PricedUnit.changeable.map { prices[$0] }
    for (unit, key) in names.prefix(4) {
      if let price = price(offPeak[key]) { prices[unit] = price }
    }
    prices.peak = PeakHours(days: days, PriceChange(usual))
  }

  private static let allDay: UInt64 = (1 << 48) - 1
}
