import LLMConfig
import LLMCore

// Prices as JSON: the `prices` of a model's description, which a user's own file may have as well.

extension ModelPrices {
  /// What is known; nil for nothing. Tokens by the million, searches and calls by the piece.
  var document: JSON? {
    guard !isEmpty else { return nil }
    let document = JSON.object()
    for unit in PricedUnit.allCases where self[unit].isKnown {
      document.set(unit.name, .real(unit.dollars(self[unit])))
    }
    if !tiers.isEmpty {
      document.set("above", .array(tiers.map { $0.change.document("tokens", .integer($0.above)) }))
    }
    if !modes.isEmpty {
      let list = JSON.object()
      for mode in modes { list.set(named: mode.name, mode.change.document()) }
      document.set("modes", list)
    }
    document.set("peak", peak?.document)
    document.set("currency", "USD")
    document.set("per_tokens", 1_000_000)
    return document
  }
}

extension PricedUnit {
  /// As documents count it.
  func dollars(_ price: Price) -> Double {
    isToken ? price.dollarsPerMillion : Double(price.picodollars) / Double(Price.dollar)
  }

  /// Out of a document.
  func price(_ dollars: Double) -> Price { Price(dollars: dollars, per: isToken ? 1_000_000 : 1) }
}

extension PriceChange {
  /// The prices that are known, behind a member of the caller's.
  fileprivate func document(_ key: StaticText? = nil, _ value: JSON? = nil) -> JSON {
    let document = JSON.object()
    if let key { document.set(key, value) }
    for unit in PricedUnit.changeable where price(of: unit).isKnown {
      document.set(unit.name, .real(price(of: unit).dollarsPerMillion))
    }
    return document
  }
}

extension PeakHours {
  /// The prices, and `hours` of the week: days from 1, Monday, each with the half hours as "1:00-4:00".
  fileprivate var document: JSON {
    let document = change.document()
    let hours = JSON.object()
    for (day, bits) in days.enumerated() where bits != 0 {
      hours.set(named: formatted("\(day + 1)"), .array(PeakHours.spans(bits)))
    }
    document.set("hours", hours)
    return document
  }

  private static func spans(_ bits: UInt64) -> [String] {
    var spans: [String] = []
    var start: Int?
    for half in 0...48 {
      let isIn = half < 48 && bits & (1 << UInt64(half)) != 0
      if let begun = start, !isIn {
        spans.append(clock(begun) + "-" + clock(half))
        start = nil
      } else if isIn, start == nil {
        start = half
      }
    }
    return spans
  }

  private static func clock(_ half: Int) -> String { formatted("\(half / 2):") + (half % 2 == 0 ? "00" : "30") }

  /// A day's half hours out of "1:00-4:00"; nil for what is no such time.
  static func bits(_ span: String) -> UInt64? {
    let ends = span.pieces(separatedBy: UInt8(ascii: "-")).compactMap { half($0) }
    return ends.count == 2 ? bits(from: ends[0], to: ends[1] % 48) : nil
  }

  private static func half(_ clock: String) -> Int? {
    let pieces = clock.pieces(separatedBy: UInt8(ascii: ":"))
    guard let hour = pieces.first?.asInteger, (0...24).contains(hour) else { return nil }
    guard pieces.count > 1 else { return Int(hour) * 2 }
    return pieces[1].asInteger.map { Int(hour) * 2 + ($0 >= 30 ? 1 : 0) }
  }
}
