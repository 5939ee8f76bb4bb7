import LLMCore

/// Recordings by key, bounded in bytes: the one that was not used for longest goes first. Embedded Swift has no Dictionary.
struct CacheTable {
  private final class Entry {
    let key: String
    let recording: Recording
    let storedAt: Microseconds
    let expiresAt: Microseconds
    let size: Int
    /// The places of its neighbours in the order of use.
    var newer = nowhere
    var older = nowhere
    /// The place of the next in the same bucket.
    var next = nowhere

    init(_ recording: Recording, _ key: String, _ storedAt: Microseconds, _ expiresAt: Microseconds) {
      self.key = key
      self.recording = recording
      self.storedAt = storedAt
      self.expiresAt = expiresAt
      size = recording.size
    }
  }

  private static let nowhere = -1

  private let maxBytes: Int
  /// Without gaps: the last one moves to where one was removed.
  private var entries: [Entry] = []
  private var buckets = [Int](repeating: nowhere, count: 64)
  private var newest = nowhere
  private var oldest = nowhere
  /// What they take.
  private(set) var bytes = 0
  /// How many had to make room.
  private(set) var evictions: Int64 = 0
  /// How many there are.
  var count: Int { entries.count }

  init(maxBytes: Int) { self.maxBytes = maxBytes }

  /// The recording of a key, where there is one that is good at that moment and was stored at that other or later.
  mutating func recording(for key: String, now: Microseconds, notBefore: Microseconds) -> Recording? {
    let place = place(of: key)
    guard place != Self.nowhere else { return nil }
    let entry = entries[place]
    guard entry.expiresAt > now else {
      remove(place)
      return nil
    }
    guard entry.storedAt >= notBefore else { return nil }
    unlink(entry)
    linkAsNewest(place)
    return entry.recording
  }

  /// Keeps a recording, in place of an earlier one.
  mutating func insert(_ recording: Recording, for key: String, storedAt: Microseconds, expiresAt: Microseconds) {
    let earlier = place(of: key)
    if earlier != Self.nowhere { remove(earlier) }
    let entry = Entry(recording, key, storedAt, expiresAt)
    guard entry.size <= maxBytes, expiresAt > storedAt else { return }
    while bytes > maxBytes - entry.size, oldest != Self.nowhere {
      remove(oldest)
      evictions += 1
    }
    if count >= buckets.count { grow() }
    entries.append(entry)
    chain(count - 1)
    linkAsNewest(count - 1)
    bytes += entry.size
  }

  // MARK: Places

  private mutating func remove(_ place: Int) {
    let entry = entries[place]
    unchain(place)
    unlink(entry)
    bytes -= entry.size
    let last = count - 1
    if place != last {
      // Whoever knows the last one by its place is told of the new one.
      let moved = entries[last]
      unchain(last)
      entries[place] = moved
      chain(place)
      if moved.newer == Self.nowhere { newest = place } else { entries[moved.newer].older = place }
      if moved.older == Self.nowhere { oldest = place } else { entries[moved.older].newer = place }
    }
    entries.removeLast()
  }

  private func place(of key: String) -> Int {
    var place = buckets[bucket(of: key)]
    while place != Self.nowhere, entries[place].key != key { place = entries[place].next }
    return place
  }

  private mutating func chain(_ place: Int) {
    let bucket = bucket(of: entries[place].key)
    entries[place].next = buckets[bucket]
    buckets[bucket] = place
  }

  private mutating func unchain(_ place: Int) {
    let bucket = bucket(of: entries[place].key)
    guard buckets[bucket] != place else {
      buckets[bucket] = entries[place].next
      return
    }
    var before = buckets[bucket]
    while entries[before].next != place { before = entries[before].next }
    entries[before].next = entries[place].next
  }

  private func bucket(of key: String) -> Int { Self.bucket(of: key, count: buckets.count) }

  /// Keys are digests in hexadecimal: their first digits are as good as any hash.
  static func bucket(of key: String, count: Int) -> Int {
    var hash: UInt = 0
    for byte in key.utf8.prefix(12) { hash = hash &* 31 &+ UInt(byte) }
    return Int(hash % UInt(count))
  }

  private mutating func grow() {
    buckets = [Int](repeating: Self.nowhere, count: buckets.count * 4)
    for place in entries.indices { chain(place) }
  }

  // MARK: The order of use

  private mutating func linkAsNewest(_ place: Int) {
    let entry = entries[place]
    entry.older = newest
    entry.newer = Self.nowhere
    if newest != Self.nowhere { entries[newest].newer = place }
    newest = place
    if oldest == Self.nowhere { oldest = place }
  }

  private mutating func unlink(_ entry: Entry) {
    if entry.newer == Self.nowhere { newest = entry.older } else { entries[entry.newer].older = entry.older }
    if entry.older == Self.nowhere { oldest = entry.newer } else { entries[entry.older].newer = entry.newer }
  }
}
