import LLMConfig
import LLMCore

// The `prices` of a user's row, as descriptions have them.

extension CatalogReading {
  private static let groups: [StaticText] = ["above", "modes", "peak", "currency", "per_tokens"]

  /// Reads prices over what the row has.
  mutating func readPrices(_ prices: JSON, into model: ModelProfile) {
    checkKeys(of: prices, known: PricedUnit.allCases.map { $0.name } + Self.groups)
    for unit in PricedUnit.allCases {
      if let price = price(of: unit, in: prices) { model.prices[unit] = price }
    }
    // Changes that the row had were of the prices that it had.
    if prices["input"] != nil { (model.prices.tiers, model.prices.modes, model.prices.peak) = ([], [], nil) }
    for (index, tier) in prices.elements("above").enumerated() {
      problems.enter(formatted("above/\(index)"))
      checkKeys(of: tier, known: ["tokens"] + PricedUnit.changeable.map { $0.name })
      if let tokens = tier.int("tokens"), tokens >= 0 {
        model.prices.setTier(above: tokens, change(tier))
      } else {
        reportType(tier["tokens"] ?? .null, at: "tokens", expected: "integer not below 0")
      }
      problems.leave()
    }
    for (name, mode) in prices["modes"]?.members ?? [] {
      problems.enter("modes/" + name)
      checkKeys(of: mode, known: PricedUnit.changeable.map { $0.name })
      model.prices.setMode(name, change(mode))
      problems.leave()
    }
    if let peak = prices["peak"] { model.prices.peak = self.peak(peak) }
  }

  private mutating func price(of unit: PricedUnit, in prices: JSON) -> Price? {
    guard let member = prices[unit.name] else { return nil }
    guard let number = member.double, number >= 0 else {
      reportType(member, at: unit.name.text, expected: "number not below 0")
      return nil
    }
    return unit.price(number)
  }

  private mutating func change(_ prices: JSON) -> PriceChange {
    var change: [Price] = []
    for unit in PricedUnit.changeable { change.append(price(of: unit, in: prices) ?? .unknown) }
    return PriceChange(change)
  }

  private mutating func peak(_ peak: JSON) -> PeakHours {
    problems.enter("peak")
    defer { problems.leave() }
    checkKeys(of: peak, known: ["hours"] + PricedUnit.changeable.map { $0.name })
    var days = [UInt64](repeating: 0, count: 7)
    for (name, spans) in peak["hours"]?.members ?? [] {
      guard let day = name.asInteger, (1...7).contains(day) else {
        reportType(spans, at: "hours", expected: "days from \"1\", Monday, to \"7\"")
        continue
      }
      for span in spans.elements {
        guard let bits = span.string.flatMap({ PeakHours.bits($0) }) else {
          reportType(span, at: "hours", expected: "times of the day (\"1:00-4:00\")")
          continue
        }
        days[Int(day) - 1] |= bits
      }
    }
    return PeakHours(days: days, change(peak))
  }
}
