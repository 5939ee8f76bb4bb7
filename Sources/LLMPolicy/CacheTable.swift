import LLMCore

/// Tapes by key, bounded in bytes: the one that was not used for longest goes first. Embedded Swift has no Dictionary.
struct CacheTable {
  private struct Entry {
    var key = ""
    var tape: Tape?
    var storedAt: Microseconds = 0
    var expiresAt: Microseconds = 0
    var size = 0
    /// Neighbours in the order of use.
    var newer = nowhere
    var older = nowhere
    /// The next in the same bucket, or in the list of free places.
    var next = nowhere
  }

  private static let nowhere = -1

  private let maxBytes: Int
  private var entries: [Entry] = []
  private var buckets = [Int](repeating: nowhere, count: 64)
  private var firstFree = nowhere
  private var newest = nowhere
  private var oldest = nowhere
  /// How many there are.
  private(set) var count = 0
  /// What they take.
  private(set) var bytes = 0
  /// How many had to make room.
  private(set) var evictions: Int64 = 0

  init(maxBytes: Int) { self.maxBytes = maxBytes }

  /// The tape of a key, where there is one that is good at that moment and was stored at that other or later.
  mutating func tape(for key: String, now: Microseconds, notBefore: Microseconds) -> Tape? {
    guard let place = place(of: key) else { return nil }
    guard entries[place].expiresAt > now else {
      remove(place)
      return nil
    }
    guard entries[place].storedAt >= notBefore else { return nil }
    unlink(place)
    linkAsNewest(place)
    return entries[place].tape
  }

  /// Keeps a tape, in place of an earlier one.
  mutating func insert(_ tape: Tape, for key: String, storedAt: Microseconds, expiresAt: Microseconds) {
    if let place = place(of: key) { remove(place) }
    let size = tape.size
    guard size <= maxBytes, expiresAt > storedAt else { return }
    while bytes > maxBytes - size, oldest != Self.nowhere {
      remove(oldest)
      evictions += 1
    }
    if count >= buckets.count { grow() }
    let bucket = bucket(of: key)
    let entry = Entry(
      key: key, tape: tape, storedAt: storedAt, expiresAt: expiresAt, size: size, next: buckets[bucket])
    let place = takePlace(entry)
    buckets[bucket] = place
    linkAsNewest(place)
    count += 1
    bytes += size
  }

  // MARK: Places

  private mutating func takePlace(_ entry: Entry) -> Int {
    guard firstFree != Self.nowhere else {
      entries.append(entry)
      return entries.count - 1
    }
    let place = firstFree
    firstFree = entries[place].next
    entries[place] = entry
    return place
  }

  private mutating func remove(_ place: Int) {
    let bucket = bucket(of: entries[place].key)
    if buckets[bucket] == place {
      buckets[bucket] = entries[place].next
    } else {
      var before = buckets[bucket]
      while entries[before].next != place { before = entries[before].next }
      entries[before].next = entries[place].next
    }
    unlink(place)
    count -= 1
    bytes -= entries[place].size
    entries[place] = Entry(next: firstFree)
    firstFree = place
  }

  private func place(of key: String) -> Int? {
    var place = buckets[bucket(of: key)]
    while place != Self.nowhere {
      if entries[place].key == key { return place }
      place = entries[place].next
    }
    return nil
  }

  private func bucket(of key: String) -> Int { Int(Self.hash(key) % UInt(buckets.count)) }

  /// Keys are digests in hexadecimal: their first digits are as good as any hash.
  static func hash(_ key: String) -> UInt {
    var hash: UInt = 0
    for byte in key.utf8.prefix(12) { hash = hash &* 31 &+ UInt(byte) }
    return hash
  }

  private mutating func grow() {
    buckets = [Int](repeating: Self.nowhere, count: buckets.count * 4)
    var place = newest
    while place != Self.nowhere {
      let bucket = bucket(of: entries[place].key)
      entries[place].next = buckets[bucket]
      buckets[bucket] = place
      place = entries[place].older
    }
  }

  // MARK: The order of use

  private mutating func linkAsNewest(_ place: Int) {
    entries[place].older = newest
    entries[place].newer = Self.nowhere
    if newest != Self.nowhere { entries[newest].newer = place }
    newest = place
    if oldest == Self.nowhere { oldest = place }
  }

  private mutating func unlink(_ place: Int) {
    let (newer, older) = (entries[place].newer, entries[place].older)
    if newer == Self.nowhere { newest = older } else { entries[newer].older = older }
    if older == Self.nowhere { oldest = newer } else { entries[older].newer = newer }
  }
}
