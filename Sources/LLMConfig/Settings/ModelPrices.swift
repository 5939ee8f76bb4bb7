import LLMCore

/// What is paid for. The names are those of documents.
public enum PricedUnit: Int, Sendable, CaseIterable {
  /// A token of each kind; `cacheWriteLong` is one that the service keeps longer than is usual there.
  case input, output, cacheRead, cacheWrite, cacheWriteLong, reasoning
  /// A token of sound.
  case audioInput, audioOutput, audioCacheRead
  /// A token of a picture.
  case imageInput, imageOutput, imageCacheRead
  /// A search that the service made; a call, whatever it is about.
  case search, call

  /// Names in documents.
  public var name: StaticText {
    switch self {
    case .input: "input"
    case .output: "output"
    case .cacheRead: "cache_read"
    case .cacheWrite: "cache_write"
    case .cacheWriteLong: "cache_write_long"
    case .reasoning: "reasoning"
    case .audioInput: "audio_input"
    case .audioOutput: "audio_output"
    case .audioCacheRead: "audio_cache_read"
    case .imageInput: "image_input"
    case .imageOutput: "image_output"
    case .imageCacheRead: "image_cache_read"
    case .search: "search"
    case .call: "call"
    }
  }

  /// Whether it is priced by the token.
  public var isToken: Bool { self != .search && self != .call }

  /// Those that a change of prices may name.
  public static let changeable: [PricedUnit] = [.input, .output, .cacheRead, .cacheWrite]

  fileprivate var isOfTheAnswer: Bool {
    self == .output || self == .reasoning || self == .audioOutput || self == .imageOutput
  }
}

/// Other prices for the same: of a long prompt, of a faster or slower service, of certain hours.
public struct PriceChange: Sendable {
  /// Of input, output, input read from the cache and input written to it. What is unknown moves with the input; so do
  /// all other prices, or with the output where they are the answer's.
  public var prices: [Price]

  /// The four prices.
  public init(_ prices: [Price]) { self.prices = prices }

  /// Keeps what it makes of a row's prices where those become others.
  fileprivate mutating func move(from old: ModelPrices, to new: ModelPrices) {
    for unit in PricedUnit.changeable where price(of: unit).isKnown {
      prices[unit.rawValue] = prices[unit.rawValue].scaled(by: new[unit].picodollars, over: old[unit].picodollars)
    }
  }

  /// One of the four; unknown where it moves with another.
  public func price(of unit: PricedUnit) -> Price {
    prices.indices.contains(unit.rawValue) ? prices[unit.rawValue] : .unknown
  }
}

/// When other prices hold: half hours of a week, in UTC.
public struct PeakHours: Sendable {
  /// A bit for each half hour, for the days from Monday on.
  public var days: [UInt64]
  /// The prices then.
  public var change: PriceChange

  /// Hours and prices.
  public init(days: [UInt64], _ change: PriceChange) {
    self.days = days
    self.change = change
  }

  /// Whether they hold at that time.
  public func contains(_ unixSeconds: Int64) -> Bool {
    // 1970 began with a Thursday.
    let (day, second) = max(0, unixSeconds).quotientAndRemainder(dividingBy: 86_400)
    let weekday = Int((day + 3) % 7)
    return days.indices.contains(weekday) && days[weekday] & (1 << UInt64(second / 1800)) != 0
  }

  /// A bit for each half hour from one to another: past midnight where the second is not later.
  public static func bits(from start: Int, to end: Int) -> UInt64 {
    var bits: UInt64 = 0
    for half in 0..<48 {
      let isWithin = start < end ? half >= start && half < end : half >= start || half < end
      if isWithin { bits |= 1 << UInt64(half) }
    }
    return bits
  }
}

/// All that a row says of prices.
public struct ModelPrices: Sendable {
  private var list: [Price] = []
  /// Of requests whose prompt is longer than so many tokens, the shortest first.
  public var tiers: [(above: Int64, change: PriceChange)] = []
  /// Of ways to be served, by what the service calls them: `batch`, `flex`, `priority`, `fast`, a region.
  public var modes: [(name: String, change: PriceChange)] = []
  /// Of certain hours.
  public var peak: PeakHours?

  /// Nothing known.
  public init() {}

  /// A price.
  public subscript(unit: PricedUnit) -> Price {
    get { list.indices.contains(unit.rawValue) ? list[unit.rawValue] : .unknown }
    set {
      while list.count <= unit.rawValue { list.append(.unknown) }
      list[unit.rawValue] = newValue
    }
  }

  /// Whether any is known.
  public var isEmpty: Bool { !list.contains { $0.isKnown } }

  /// Sets the prices of prompts above that length; nil takes them away.
  public mutating func setTier(above tokens: Int64, _ change: PriceChange?) {
    tiers.removeAll { $0.above == tokens }
    guard let change else { return }
    tiers.insert((tokens, change), at: tiers.firstIndex { $0.above > tokens } ?? tiers.count)
  }

  /// Sets the prices of a way to be served; nil takes them away.
  public mutating func setMode(_ name: String, _ change: PriceChange?) {
    modes.removeAll { $0.name == name }
    if let change { modes.append((name, change)) }
  }

  /// The prices of one request: by the length of its prompt, how it was served, and when. What an answer calls the
  /// usual way (`default`, `standard`) has no row and changes nothing.
  public func current(prompt: Int64, modes served: [String], at unixSeconds: Int64) -> ModelPrices {
    guard !tiers.isEmpty || peak != nil || !modes.isEmpty else { return self }
    var current = self
    if let tier = tiers.last(where: { prompt > $0.above }) { current.apply(tier.change, of: self) }
    for name in served {
      for mode in modes where mode.name.equalsIgnoringCase(name) { current.apply(mode.change, of: self) }
    }
    if let peak, peak.contains(unixSeconds) { current.apply(peak.change, of: self) }
    return current
  }

  /// The prices of a way to be served, as a row's own.
  public func served(_ name: String) -> ModelPrices {
    guard let mode = modes.first(where: { $0.name == name }) else { return self }
    var served = self
    served.apply(mode.change, of: self)
    let moved = served
    for place in tiers.indices { served.tiers[place].change.move(from: self, to: moved) }
    for place in modes.indices { served.modes[place].change.move(from: self, to: moved) }
    served.peak?.change.move(from: self, to: moved)
    return served
  }

  /// Moves each price as the change moves the row's own, so that several changes go together.
  private mutating func apply(_ change: PriceChange, of base: ModelPrices) {
    for unit in PricedUnit.allCases where unit.isToken {
      var leader = change.price(of: unit).isKnown ? unit : unit.isOfTheAnswer ? .output : .input
      if !change.price(of: leader).isKnown { leader = .input }
      let (new, old) = (change.price(of: leader), base[leader])
      guard new.isKnown else { continue }
      if leader == unit, old.picodollars <= 0 {
        self[unit] = new
      } else if self[unit].isKnown {
        self[unit] = self[unit].scaled(by: new.picodollars, over: old.picodollars)
      }
    }
  }
}
