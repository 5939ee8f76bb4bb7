import LLMCore

/// What was let through in the last window, who holds slots, and until when the service wants to be left alone.
///
/// A window is counted in slices of a hundredth. A slice counts until a whole window, and one slice more, has passed since
/// its end: so no window of that length can hold more than the limit wherever it begins, also where what was let through
/// leaves a little late, or clocks differ by a slice; and 98 of 100 are used.
struct LimitWindow {
  struct Slice {
    /// How many slices since 1970.
    var number: Int64
    var requests: Int64
    var tokens: Int64
  }

  /// The slots that one process holds.
  struct Lease {
    var owner: UInt64
    var held: Int64
    var expiry: Microseconds
  }

  /// What is to be counted.
  struct Change {
    var slice: Int64
    var requests: Int64 = 0
    var tokens: Int64 = 0
    var held: Int64 = 0
    var closedUntil: Microseconds = 0

    var isNothing: Bool { requests == 0 && tokens == 0 && held == 0 && closedUntil == 0 }
  }

  /// Leave, or when to ask again (`max`: when a slot is free).
  enum Leave {
    case granted(Change)
    case notBefore(Microseconds, reason: Word)
  }

  private static let slicesPerWindow: Int64 = 100
  /// After how many slices one is forgotten.
  private static let memory = slicesPerWindow + 2
  /// A service that names a later moment is asked again before it.
  static let longestClosure: Microseconds = .milliseconds(300_000)

  private(set) var slices: [Slice] = []
  private(set) var leases: [Lease] = []
  private(set) var closedUntil: Microseconds = 0

  init() {}

  static func sliceLength(_ settings: LimitSettings) -> Microseconds { max(1, settings.window / slicesPerWindow) }

  // MARK: Asking

  /// Whether one more request may go.
  mutating func leave(for tokens: Int64, _ settings: LimitSettings, unixNow: Microseconds) -> Leave {
    forget(settings, unixNow: unixNow)
    if closedUntil > unixNow { return .notBefore(closedUntil, reason: "service") }
    if settings.concurrency > 0, held >= settings.concurrency { return .notBefore(.max, reason: "concurrency") }
    let used = used
    if settings.requests > 0, used.requests >= settings.requests {
      return .notBefore(
        moment(freeing: used.requests - settings.requests + 1, ofTokens: false, settings), reason: "requests")
    }
    if settings.tokens > 0, used.tokens + tokens > settings.tokens {
      return .notBefore(
        moment(freeing: used.tokens + tokens - settings.tokens, ofTokens: true, settings), reason: "tokens")
    }
    return .granted(
      Change(
        slice: unixNow / LimitWindow.sliceLength(settings), requests: 1, tokens: tokens,
        held: settings.concurrency > 0 ? 1 : 0))
  }

  /// When enough will have been forgotten.
  private func moment(freeing amount: Int64, ofTokens: Bool, _ settings: LimitSettings) -> Microseconds {
    var (left, last): (Int64, Int64) = (amount, 0)
    for slice in slices {
      left &-= ofTokens ? slice.tokens : slice.requests
      last = slice.number
      if left <= 0 { break }
    }
    return (last &+ LimitWindow.memory) &* LimitWindow.sliceLength(settings)
  }

  /// What is counted in the window.
  var used: (requests: Int64, tokens: Int64) {
    var (requests, tokens): (Int64, Int64) = (0, 0)
    for slice in slices {
      requests &+= slice.requests
      tokens &+= slice.tokens
    }
    return (requests, tokens)
  }

  /// How many slots are taken.
  var held: Int64 {
    var held: Int64 = 0
    for lease in leases { held &+= lease.held }
    return held
  }

  /// Drops what no longer counts, and what a clock that was wrong has left in the future.
  mutating func forget(_ settings: LimitSettings, unixNow: Microseconds) {
    let current = unixNow / LimitWindow.sliceLength(settings)
    let isOld: (Slice) -> Bool = {
      $0.number <= current &- LimitWindow.memory || $0.number > current &+ LimitWindow.memory
    }
    if slices.contains(where: isOld) { slices.removeAll(where: isOld) }
    let isFree: (Lease) -> Bool = { $0.held <= 0 || $0.expiry <= unixNow }
    if leases.contains(where: isFree) { leases.removeAll(where: isFree) }
    if closedUntil &- unixNow > LimitWindow.longestClosure { closedUntil = 0 }
  }

  // MARK: Counting

  /// Counts a change; `expiry` is when the owner's slots are free if it is not heard of again.
  mutating func apply(_ change: Change, owner: UInt64, expiry: Microseconds) {
    if change.requests != 0 || change.tokens != 0 { count(change.slice, change.requests, change.tokens) }
    closedUntil = max(closedUntil, change.closedUntil)
    hold(change.held, owner, expiry)
  }

  /// Counts what another window counts.
  mutating func merge(_ other: LimitWindow) {
    for slice in other.slices { count(slice.number, slice.requests, slice.tokens) }
    for lease in other.leases { hold(lease.held, lease.owner, lease.expiry) }
    closedUntil = max(closedUntil, other.closedUntil)
  }

  private mutating func count(_ number: Int64, _ requests: Int64, _ tokens: Int64) {
    var place = slices.count
    while place > 0, slices[place - 1].number > number { place -= 1 }
    if place > 0, slices[place - 1].number == number {
      slices[place - 1].requests &+= requests
      slices[place - 1].tokens &+= tokens
    } else {
      slices.insert(Slice(number: number, requests: requests, tokens: tokens), at: place)
    }
  }

  private mutating func hold(_ slots: Int64, _ owner: UInt64, _ expiry: Microseconds) {
    for index in leases.indices where leases[index].owner == owner {
      leases[index].held &+= slots
      leases[index].expiry = max(leases[index].expiry, expiry)
      return
    }
    if slots != 0 { leases.append(Lease(owner: owner, held: slots, expiry: expiry)) }
  }
}

// MARK: - In a store

extension LimitWindow {
  private struct Header {
    var version: UInt32
    var slices: UInt32
    var leases: UInt32
    var unused: UInt32 = 0
    var closedUntil: Microseconds
  }

  private static let version: UInt32 = 1

  /// Reads what `encoded` has written; nil for anything else.
  init?(_ buffer: ByteBuffer) {
    let bytes = buffer.bytes
    let headerSize = MemoryLayout<Header>.size
    guard bytes.count >= headerSize else { return nil }
    let header = bytes.loadUnaligned(as: Header.self)
    let (sliceSize, leaseSize) = (MemoryLayout<Slice>.size, MemoryLayout<Lease>.size)
    let leasesAt = headerSize + Int(header.slices) * sliceSize
    guard header.version == LimitWindow.version, bytes.count == leasesAt + Int(header.leases) * leaseSize else {
      return nil
    }
    for index in 0..<Int(header.slices) {
      slices.append(bytes.loadUnaligned(fromByteOffset: headerSize + index * sliceSize, as: Slice.self))
    }
    for index in 0..<Int(header.leases) {
      leases.append(bytes.loadUnaligned(fromByteOffset: leasesAt + index * leaseSize, as: Lease.self))
    }
    closedUntil = header.closedUntil
  }

  /// The window as bytes, in the machine's order.
  var encoded: ByteBuffer {
    let buffer = ByteBuffer(capacity: 64 + slices.count * 24 + leases.count * 24)
    var header = Header(
      version: LimitWindow.version, slices: UInt32(clamping: slices.count), leases: UInt32(clamping: leases.count),
      closedUntil: closedUntil)
    withUnsafeBytes(of: &header) { buffer.append($0) }
    slices.withUnsafeBytes { buffer.append($0) }
    leases.withUnsafeBytes { buffer.append($0) }
    return buffer
  }
}
