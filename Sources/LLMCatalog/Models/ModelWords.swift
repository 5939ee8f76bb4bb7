import LLMConfig
import LLMCore

/// Reads what stands behind a row's prices: the letters, and words for what few models have. `Models.swift` explains
/// them.
enum ModelWords {
  /// Reads the rest of a line.
  static func apply(_ columns: inout TableColumns, to model: ModelProfile) {
    apply(letters: columns.next(), to: model)
    while let word = columns.next() { apply(word: word, to: model) }
  }

  // MARK: Letters

  private static let abilities: [(letter: UInt8, capabilities: Capabilities)] = [
    (UInt8(ascii: "t"), [.tools, .toolChoice]), (UInt8(ascii: "p"), .parallelTools), (UInt8(ascii: "j"), .jsonSchema),
    (UInt8(ascii: "v"), .vision), (UInt8(ascii: "a"), .audioInput), (UInt8(ascii: "f"), .files),
    (UInt8(ascii: "r"), .reasoning), (UInt8(ascii: "c"), .promptCache),
  ]

  /// What it can do, and behind a `!` what it is known not to do.
  private static func apply(letters: UnsafeRawBufferPointer?, to model: ModelProfile) {
    if model.capabilities.isEmpty { model.capabilities = [.streaming, .systemMessages, .jsonMode] }
    var can = true
    for letter in letters ?? UnsafeRawBufferPointer(start: nil, count: 0) {
      switch letter {
      case UInt8(ascii: "!"): can = false
      case UInt8(ascii: "R"): model.dialect = can ? .openAIResponses : nil
      case UInt8(ascii: "C"): model.dialect = can ? .openAIChat : nil
      case UInt8(ascii: "T"): model.needsResponsesForTools = can
      case UInt8(ascii: "e"): (model.purpose, model.capabilities) = (.embedding, .embeddings)
      case UInt8(ascii: "k"): (model.purpose, model.capabilities) = (.rerank, .rerank)
      default:
        for ability in abilities where ability.letter == letter { model.set(ability.capabilities, can) }
      }
    }
    if model.cacheReadPrice.isKnown, model.purpose == .chat { model.set(.promptCache, true) }
  }

  // MARK: Words

  /// A day, `>tokens=prices`, `@way=prices`, or a key and its value.
  private static func apply(word: UnsafeRawBufferPointer, to model: ModelProfile) {
    guard let sign = word.firstOffset(of: UInt8(ascii: "=")) else { return applyEnd(word, to: model) }
    let key = UnsafeRawBufferPointer(rebasing: word[..<sign])
    let value = UnsafeRawBufferPointer(rebasing: word[(sign + 1)...])
    let name = String(decoding: key.dropFirst(), as: UTF8.self)
    switch key.first {
    case UInt8(ascii: ">"):
      if let tokens = name.asInteger { model.prices.setTier(above: tokens, change(value, model)) }
    case UInt8(ascii: "@"): model.prices.setMode(name, change(value, model))
    default: apply(key: key, value, to: model)
    }
  }

  /// The day it ends, and behind a `>` what follows it.
  private static func applyEnd(_ word: UnsafeRawBufferPointer, to model: ModelProfile) {
    let pieces = String(decoding: word, as: UTF8.self).pieces(separatedBy: UInt8(ascii: ">"))
    model.deprecatedOn = pieces.first
    model.successor = pieces.count > 1 ? pieces[1] : nil
  }

  private static func apply(key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, to model: ModelProfile) {
    let text = String(decoding: value, as: UTF8.self)
    if key.elementsEqual("no".utf8) { model.refusals = refusals(text) }
    if key.elementsEqual("thinking_no".utf8) { model.thinkingRefusals = refusals(text) }
    if key.elementsEqual("effort".utf8) { model.efforts = words(text).compactMap { ReasoningEffort(name: $0) } }
    if key.elementsEqual("as_of".utf8) { model.asOf = text }
    if key.elementsEqual("peak".utf8) { model.prices.peak = peak(value, model) }
    if key.elementsEqual("search".utf8) { model.prices[.search] = thousandth(value) }
    if key.elementsEqual("call".utf8) { model.prices[.call] = thousandth(value) }
    if key.elementsEqual("long".utf8) { model.prices[.cacheWriteLong] = price(value, of: .input, model) }
    if key.elementsEqual("think".utf8) { model.prices[.reasoning] = price(value, of: .output, model) }
    if key.elementsEqual("audio".utf8) {
      setPrices(value, of: [.audioInput, .audioOutput, .audioCacheRead], model)
    }
    if key.elementsEqual("image".utf8) {
      setPrices(value, of: [.imageInput, .imageOutput, .imageCacheRead], model)
    }
  }

  private static func words(_ text: String) -> [String] { text.pieces(separatedBy: UInt8(ascii: ",")) }

  private static func refusals(_ text: String) -> ModelRefusals {
    var refusals: ModelRefusals = []
    for word in words(text) { refusals.formUnion(ModelRefusals(name: word) ?? []) }
    return refusals
  }

  // MARK: Prices

  private static let comma = UInt8(ascii: ",")

  /// Dollars for a million, or `x` and a number of times the row's own price.
  private static func price(_ word: UnsafeRawBufferPointer, of unit: PricedUnit, _ model: ModelProfile) -> Price {
    guard word.first == UInt8(ascii: "x") else {
      return Price.millionths(word).map { Price(picodollars: $0) } ?? .unknown
    }
    guard let times = Price.millionths(UnsafeRawBufferPointer(rebasing: word[1...])) else { return .unknown }
    return model.prices[unit].scaled(by: times, over: 1_000_000)
  }

  /// Dollars for a thousand.
  private static func thousandth(_ word: UnsafeRawBufferPointer) -> Price {
    Price.millionths(word).map { Price(picodollars: $0 &* 1000) } ?? .unknown
  }

  /// Prices with commas between; nil for `-`, which takes a rule's back.
  private static func change(_ value: UnsafeRawBufferPointer, _ model: ModelProfile) -> PriceChange? {
    var columns = TableColumns(value, separator: comma)
    let prices = PricedUnit.changeable.map { unit in columns.next().map { price($0, of: unit, model) } ?? .unknown }
    return prices.contains { $0.isKnown } ? PriceChange(prices) : nil
  }

  private static func setPrices(_ value: UnsafeRawBufferPointer, of units: [PricedUnit], _ model: ModelProfile) {
    var columns = TableColumns(value, separator: comma)
    for unit in units { if let word = columns.next() { model.prices[unit] = price(word, of: .input, model) } }
  }

  /// Prices, hours of the day in UTC, days of the week from Monday on: `x2/1-4,6-10/1-5`.
  private static func peak(_ value: UnsafeRawBufferPointer, _ model: ModelProfile) -> PeakHours? {
    var columns = TableColumns(value, separator: UInt8(ascii: "/"))
    guard let prices = columns.next(), let change = change(prices, model) else { return nil }
    var halfHours: UInt64 = 0
    for (start, end) in ranges(columns.text ?? "0-24") {
      halfHours |= PeakHours.bits(from: Int(clamping: start * 2), to: Int(clamping: end * 2 % 48))
    }
    var days = [UInt64](repeating: 0, count: 7)
    for (first, last) in ranges(columns.text ?? "1-7") {
      for day in 0..<7 where (first...max(first, last)).contains(Int64(day + 1)) { days[day] = halfHours }
    }
    return PeakHours(days: days, change)
  }

  /// "1-4,6-10": numbers from one to another.
  private static func ranges(_ text: String) -> [(Int64, Int64)] {
    words(text).compactMap { word in
      let ends = word.pieces(separatedBy: UInt8(ascii: "-")).compactMap { $0.asInteger }
      return ends.first.map { ($0, ends.count > 1 ? ends[1] : $0) }
    }
  }
}

extension ModelProfile {
  /// Notes that it can do that, or that it cannot.
  func set(_ ability: Capabilities, _ can: Bool) {
    if can {
      capabilities.formUnion(ability)
      lacks.subtract(ability)
    } else {
      capabilities.subtract(ability)
      lacks.formUnion(ability)
    }
  }
}

extension TableColumns {
  /// The next column as dollars for a million tokens.
  var price: Price {
    mutating get { next().flatMap { Price.millionths($0) }.map { Price(picodollars: $0) } ?? .unknown }
  }
}
