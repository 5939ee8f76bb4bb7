import LLMConfig
import LLMCore

/// What was let through in the last window, who holds slots, and until when the service wants to be left alone.
///
/// A window is counted in slices of a hundredth. A slice counts until a whole window, and one slice more, has passed since
/// its end: so no window of that length can hold more than the limit wherever it begins, also where what was let through
/// leaves a little late, or clocks differ by a slice; and 98 of 100 are used.
struct LimitWindow {
  /// A slice: how many of them since 1970, its requests and its tokens. Or a lease: its owner, the slots that it holds,
  /// and when they are free if nothing is heard of it.
  struct Entry {
    var id: Int64
    var amount: Int64
    var extra: Int64
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
    case notBefore(Microseconds, reason: StaticText)
  }

  private static let slicesPerWindow: Int64 = 100
  /// After how many slices one is forgotten.
  private static let memory = slicesPerWindow + 2
  /// A service that names a later moment is asked again before it.
  static let longestClosure: Microseconds = .milliseconds(300_000)

  private(set) var slices: [Entry] = []
  private(set) var leases: [Entry] = []
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
      left &-= ofTokens ? slice.extra : slice.amount
      last = slice.id
      if left <= 0 { break }
    }
    return (last &+ LimitWindow.memory) &* LimitWindow.sliceLength(settings)
  }

  /// What is counted in the window.
  var used: (requests: Int64, tokens: Int64) {
    var (requests, tokens): (Int64, Int64) = (0, 0)
    for slice in slices {
      requests &+= slice.amount
      tokens &+= slice.extra
    }
    return (requests, tokens)
  }

  /// How many slots are taken.
  var held: Int64 {
    var held: Int64 = 0
    for lease in leases { held &+= lease.amount }
    return held
  }

  /// Drops what no longer counts, and what a clock that was wrong has left in the future.
  mutating func forget(_ settings: LimitSettings, unixNow: Microseconds) {
    let current = unixNow / LimitWindow.sliceLength(settings)
    LimitWindow.keep(&slices) { entry in
      entry.id > current &- LimitWindow.memory && entry.id <= current &+ LimitWindow.memory
    }
    LimitWindow.keep(&leases) { entry in entry.amount > 0 && entry.extra > unixNow }
    if closedUntil &- unixNow > LimitWindow.longestClosure { closedUntil = 0 }
  }

  private static func keep(_ entries: inout [Entry], _ isKept: (Entry) -> Bool) {
    var count = 0
    for index in entries.indices where isKept(entries[index]) {
      if count != index { entries[count] = entries[index] }
      count += 1
    }
    if count < entries.count { entries.removeLast(entries.count - count) }
  }

  // MARK: Counting

  /// Counts a change; `expiry` is when the owner's slots are free if it is not heard of again.
  mutating func apply(_ change: Change, owner: UInt64, expiry: Microseconds) {
    if change.requests != 0 || change.tokens != 0 {
      count(Entry(id: change.slice, amount: change.requests, extra: change.tokens))
    }
    closedUntil = max(closedUntil, change.closedUntil)
    hold(Entry(id: Int64(bitPattern: owner), amount: change.held, extra: expiry))
  }

  /// Counts what another window counts.
  mutating func merge(_ other: LimitWindow) {
    for slice in other.slices { count(slice) }
    for lease in other.leases { hold(lease) }
    closedUntil = max(closedUntil, other.closedUntil)
  }

  private mutating func count(_ slice: Entry) {
    var place = slices.count
    while place > 0, slices[place - 1].id > slice.id { place -= 1 }
    if place > 0, slices[place - 1].id == slice.id {
      slices[place - 1].amount &+= slice.amount
      slices[place - 1].extra &+= slice.extra
    } else {
      slices.insert(slice, at: place)
    }
  }

  private mutating func hold(_ lease: Entry) {
    for index in leases.indices where leases[index].id == lease.id {
      leases[index].amount &+= lease.amount
      leases[index].extra = max(leases[index].extra, lease.extra)
      return
    }
    if lease.amount != 0 { leases.append(lease) }
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
    let size = MemoryLayout<Entry>.stride
    let (sliceCount, leaseCount) = (Int(header.slices), Int(header.leases))
    guard header.version == LimitWindow.version, bytes.count == headerSize + (sliceCount + leaseCount) * size else {
      return nil
    }
    for index in 0..<(sliceCount + leaseCount) {
      let entry = bytes.loadUnaligned(fromByteOffset: headerSize + index * size, as: Entry.self)
      if index < sliceCount { slices.append(entry) } else { leases.append(entry) }
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
