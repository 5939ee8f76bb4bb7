import LLMCore

/// Money in whole picodollars, so that no fraction of a cent is lost and no sum has the noise of floating point. A dollar
/// for a million tokens is a million picodollars for one.
public struct Price: Sendable, Comparable, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
  /// For one token, or for one of whatever is paid for; negative unknown.
  public var picodollars: Int64

  /// One dollar.
  public static let dollar: Int64 = 1_000_000_000_000
  /// Not known.
  public static let unknown = Price(picodollars: -1)
  /// No service asks for as much.
  private static let most: Int64 = 1 << 50

  /// A price.
  public init(picodollars: Int64) { self.picodollars = min(picodollars, Price.most) }

  /// Dollars for so many.
  public init(dollars: Double, per count: Int64 = 1_000_000) {
    let each = dollars * (Double(Price.dollar) / Double(count)) + 0.5
    self.init(picodollars: dollars >= 0 ? (each < Double(Price.most) ? Int64(each) : Price.most) : -1)
  }

  /// Dollars for a million tokens.
  public init(integerLiteral dollars: Int64) { self.init(dollars: Double(dollars)) }
  /// Dollars for a million tokens.
  public init(floatLiteral dollars: Double) { self.init(dollars: dollars) }

  /// Whether it is known.
  public var isKnown: Bool { picodollars >= 0 }
  /// Dollars for a million tokens.
  public var dollarsPerMillion: Double { Double(picodollars) / 1e6 }

  /// The cheaper one first.
  public static func < (one: Price, other: Price) -> Bool { one.picodollars < other.picodollars }

  /// The price in the proportion of one number to another, half a picodollar up.
  public func scaled(by numerator: Int64, over denominator: Int64) -> Price {
    guard isKnown, numerator >= 0, denominator > 0 else { return self }
    let product = UInt64(picodollars.magnitude).multipliedFullWidth(by: numerator.magnitude)
    let half = denominator.magnitude / 2
    let (low, carried) = product.low.addingReportingOverflow(half)
    let high = product.high &+ (carried ? 1 : 0)
    guard high < denominator.magnitude else { return Price(picodollars: Price.most) }
    let quotient = denominator.magnitude.dividingFullWidth((high, low)).quotient
    return Price(picodollars: Int64(clamping: quotient))
  }

  /// For so many; not beyond what sums of a few of them can hold.
  public func times(_ count: Int64) -> Int64 {
    guard isKnown, count > 0 else { return 0 }
    let (product, overflow) = picodollars.multipliedReportingOverflow(by: count)
    return overflow ? Price.largestSum : min(product, Price.largestSum)
  }

  private static let largestSum: Int64 = 1 << 59
}

extension Price {
  /// A decimal number of millionths of what it counts: "0.25" is 250,000. Nil for what is no such number.
  package static func millionths(_ digits: UnsafeRawBufferPointer) -> Int64? {
    var (value, places): (Int64, Int) = (0, -1)
    guard !digits.isEmpty, digits.count < 16 else { return nil }
    for byte in digits {
      if byte == UInt8(ascii: "."), places < 0 {
        places = 0
      } else {
        guard byte.isASCIIDigit else { return nil }
        if places == 6 { continue }
        if places >= 0 { places += 1 }
        value = value &* 10 &+ Int64(byte &- 0x30)
      }
    }
    for _ in max(places, 0)..<6 { value = value.multipliedReportingOverflow(by: 10).partialValue }
    return max(0, value)
  }
}
