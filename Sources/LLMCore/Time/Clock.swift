import CSystem

/// A moment on a clock that only goes forward, or a length of time: microseconds.
public typealias Microseconds = Int64

/// The time as a call sees it: real in a driver, virtual in a test.
public protocol Clock: AnyObject, Sendable {
  /// The moment, on a scale that only goes forward and starts anywhere.
  var now: Microseconds { get }
  /// Seconds since 1970, for time stamps and HTTP dates.
  var unixSeconds: Int64 { get }
}

/// The machine's clock.
public final class SystemClock: Clock {
  /// The one there is.
  public static let shared = SystemClock()
  private init() {}

  /// CLOCK_MONOTONIC.
  public var now: Microseconds {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Microseconds(time.tv_sec) &* 1_000_000 &+ Microseconds(time.tv_nsec) / 1000
  }

  /// CLOCK_REALTIME.
  public var unixSeconds: Int64 { unixNow / 1_000_000 }

  /// What is added to a moment of now to make microseconds since 1970, which processes and machines share.
  public var unixOffset: Microseconds { unixNow &- now }

  /// Microseconds since 1970.
  public var unixNow: Microseconds {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Microseconds(time.tv_sec) &* 1_000_000 &+ Microseconds(time.tv_nsec) / 1000
  }
}

extension Microseconds {
  /// A length of time from milliseconds; saturates.
  public static func milliseconds(_ value: Int64) -> Microseconds {
    let (product, overflow) = value.multipliedReportingOverflow(by: 1000)
    return overflow ? (value < 0 ? .min / 4 : .max / 4) : product
  }

  /// In milliseconds with a fraction, as documents give times.
  public var inMilliseconds: Double { Double(self) / 1000 }
}

/// Where chance comes from: the system in a driver, a seed in a test.
public protocol RandomSource: AnyObject {
  /// 64 random bits.
  func next() -> UInt64
}

extension RandomSource {
  /// A number from 0 up to, not including, 1.
  public func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }
}

/// SplitMix64: small, fast and good enough for jitter and ids; seeded by the system unless told.
public final class SplitMix: RandomSource {
  private var state: UInt64

  /// Seeds from the system.
  public init() {
    var seed: UInt64 = 0
    if getrandom(&seed, MemoryLayout<UInt64>.size, 0) != MemoryLayout<UInt64>.size {
      seed = UInt64(truncatingIfNeeded: SystemClock.shared.now)
    }
    state = seed
  }

  /// Seeds with a number, to repeat a run.
  public init(seed: UInt64) { state = seed }

  /// 64 random bits.
  public func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// An id of the library's own making, such as `call_9f3c…`.
public func makeIdentifier(_ prefix: StaticString, _ random: any RandomSource) -> String {
  let digits = StaticString("0123456789abcdefghijklmnopqrstuvwxyz").utf8Start
  let (start, end) = (prefix.utf8CodeUnitCount, prefix.utf8CodeUnitCount &+ 12)
  var bits = random.next()
  return String(unsafeUninitializedCapacity: end) { text in
    guard let base = text.baseAddress else { return 0 }
    memcpy(base, prefix.utf8Start, start)
    for place in start..<end {
      base[place] = digits[Int(bits % 36)]
      bits /= 36
    }
    return end
  }
}
