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
  /// No lease that is meant ends later: the longest that a configuration may ask for, and an hour that clocks may differ.
  static let longestLease: Microseconds = .milliseconds(86_400_000 + 3_600_000)
  /// What a slice counts at most, and how many slots a lease holds at most: sums of them cannot overflow.
  static let mostCounted: Int64 = (1 << 53) - 1
  static let mostHeld: Int64 = 1_000_000_000

  private(set) var slices: [Entry] = []
  private(set) var leases: [Entry] = []
  private(set) var closedUntil: Microseconds = 0
  /// Whether it is to be added to a window, so that its counts may be below 0: what was given back.
  private let isBacklog: Bool

  /// A window that counts nothing; a backlog is what a window has not been told.
  init(isBacklog: Bool = false) { self.isBacklog = isBacklog }

  /// A backlog of one change.
  init(_ change: Change, owner: UInt64, expiry: Microseconds) {
    isBacklog = true
    apply(change, owner: owner, expiry: expiry)
  }

  /// What a store holds; each entry is believed only within bounds.
  init(slices: [Entry], leases: [Entry], closedUntil: Microseconds) {
    isBacklog = false
    self.closedUntil = max(0, closedUntil)
    self.slices.reserveCapacity(slices.count)
    for slice in slices where LimitWindow.isSound(slice) && slice.id > self.slices.last?.id ?? -1 {
      self.slices.append(slice)
    }
    for lease in leases where (0...LimitWindow.mostHeld).contains(lease.amount) && lease.extra < .max {
      self.leases.append(lease)
    }
  }

  private static func isSound(_ slice: Entry) -> Bool {
    (0...mostCounted).contains(slice.amount) && (0...mostCounted).contains(slice.extra)
  }

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
        moment(freeing: used.requests &- settings.requests &+ 1, ofTokens: false, settings), reason: "requests")
    }
    if settings.tokens > 0, used.tokens &+ tokens > settings.tokens {
      return .notBefore(
        moment(freeing: used.tokens &+ tokens &- settings.tokens, ofTokens: true, settings), reason: "tokens")
    }
    return .granted(Change(of: tokens, settings, unixNow: unixNow))
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
    LimitWindow.keep(&leases) { entry in
      guard entry.amount > 0 || isBacklog, entry.extra > unixNow else { return false }
      // Without a store, leases do not end.
      return entry.extra == .max || entry.extra &- unixNow <= LimitWindow.longestLease
    }
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
      slices[place - 1].amount = sum(slices[place - 1].amount, slice.amount, LimitWindow.mostCounted)
      slices[place - 1].extra = sum(slices[place - 1].extra, slice.extra, LimitWindow.mostCounted)
      return
    }
    var new = slice
    new.amount = sum(0, slice.amount, LimitWindow.mostCounted)
    new.extra = sum(0, slice.extra, LimitWindow.mostCounted)
    if new.amount != 0 || new.extra != 0 { slices.insert(new, at: place) }
  }

  private mutating func hold(_ lease: Entry) {
    for index in leases.indices where leases[index].id == lease.id {
      leases[index].amount = sum(leases[index].amount, lease.amount, LimitWindow.mostHeld)
      leases[index].extra = max(leases[index].extra, lease.extra)
      return
    }
    var new = lease
    new.amount = sum(0, lease.amount, LimitWindow.mostHeld)
    if new.amount != 0 || (isBacklog && lease.extra > 0) { leases.append(new) }
  }

  /// Within bounds: what is given back more than there is, since a store has lost it, makes no room for others.
  private func sum(_ first: Int64, _ second: Int64, _ most: Int64) -> Int64 {
    let (sum, overflows) = first.addingReportingOverflow(second)
    let least = isBacklog ? -most : 0
    if overflows { return second < 0 ? least : most }
    return min(max(sum, least), most)
  }
}

extension LimitWindow.Change {
  /// One more request.
  init(of tokens: Int64, _ settings: LimitSettings, unixNow: Microseconds) {
    self.init(
      slice: unixNow / LimitWindow.sliceLength(settings), requests: 1, tokens: tokens,
      held: settings.concurrency > 0 ? 1 : 0)
  }
}
