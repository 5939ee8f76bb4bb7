import LLMCore

/// How often something took how long, in constant memory and by whole numbers: each octave of microseconds has sixteen
/// buckets, so that a quantile is at most a thirty-second (3.2 %) off. What takes longer than 38 hours counts as that.
/// Those of several sources can be merged.
public struct Histogram: Sendable {
  /// How many were measured.
  public private(set) var count: Int64 = 0
  /// All of them together.
  public private(set) var sum: Microseconds = 0
  /// The longest.
  public private(set) var largest: Microseconds = 0
  private var smallest: Microseconds = .max
  /// Empty before the first measurement.
  private var buckets: [Int64] = []

  private static let octaveBits = 4
  private static let bucketsPerOctave = 1 << octaveBits
  private static let topOctave = 36
  private static let bucketCount = (topOctave - octaveBits + 2) * bucketsPerOctave

  /// Nothing measured.
  public init() {}

  /// Adds a measurement.
  public mutating func add(_ value: Microseconds) {
    let value = max(0, value)
    if buckets.isEmpty { buckets = [Int64](repeating: 0, count: Self.bucketCount) }
    buckets[Self.bucket(of: value)] &+= 1
    count &+= 1
    sum &+= value
    smallest = min(smallest, value)
    largest = max(largest, value)
  }

  /// Adds all that another has measured.
  public mutating func merge(_ other: Histogram) {
    if buckets.isEmpty {
      buckets = other.buckets
    } else {
      for index in other.buckets.indices { buckets[index] &+= other.buckets[index] }
    }
    count &+= other.count
    sum &+= other.sum
    smallest = min(smallest, other.smallest)
    largest = max(largest, other.largest)
  }

  /// What so many percent of the measurements do not pass; nil where there is none.
  public func percentile(_ percent: Int64) -> Microseconds? {
    guard count > 0 else { return nil }
    let rank = max(1, (count &* percent &+ 99) / 100)
    var seen: Int64 = 0
    for index in buckets.indices {
      seen &+= buckets[index]
      if seen >= rank { return min(max(Self.middle(of: index), smallest), largest) }
    }
    return largest
  }

  /// How many took at most 2^exponent microseconds, for an exponent from 4 to 37: exact, since buckets end there.
  public func count(upToPowerOfTwo exponent: Int) -> Int64 {
    let end = (exponent - Self.octaveBits + 1) * Self.bucketsPerOctave
    return buckets.prefix(max(0, end)).reduce(0) { $0 &+ $1 }
  }

  /// A bucket holds its upper bound and not its lower one: the scale starts at 1.
  private static func bucket(of value: Microseconds) -> Int {
    let place = max(value, 1) - 1
    let octave = 63 - place.leadingZeroBitCount
    if octave < octaveBits { return Int(place) }
    if octave > topOctave { return bucketCount - 1 }
    return (octave - octaveBits + 1) * bucketsPerOctave + Int(place >> (octave - octaveBits)) % bucketsPerOctave
  }

  private static func middle(of index: Int) -> Microseconds {
    guard index >= bucketsPerOctave else { return Microseconds(index + 1) }
    let shift = index / bucketsPerOctave - 1
    let width: Microseconds = 1 << shift
    return Microseconds(bucketsPerOctave + index % bucketsPerOctave) * width + (width + 1) / 2
  }
}
