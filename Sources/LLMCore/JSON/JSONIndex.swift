import CSystem

/// Finds the members of a large object by the hash of their names. The hash is keyed with a number that a peer cannot
/// know, so that no choice of names makes it slow.
struct JSONIndex {
  /// Places of members, counted from 1; 0 is a free slot. Their number is a power of two, at least twice the members'.
  private var slots: UnsafeMutablePointer<UInt32>?
  private var size = 0
  #if DEBUG
    /// How many keys were looked at.
    private(set) var comparisons = 0
  #endif

  var isEmpty: Bool { slots == nil }

  mutating func removeAll() {
    free(slots)
    slots = nil
    size = 0
  }

  /// Makes room for so many members; false where all have to be entered anew. Without memory it stays empty, and members
  /// are found by looking at one after the other.
  mutating func makeRoom(for count: Int) -> Bool {
    if 2 * count <= size { return true }
    var grown = max(size, 128)
    while grown < 4 * count { grown *= 2 }
    removeAll()
    slots = calloc(grown, MemoryLayout<UInt32>.stride)?.bindMemory(to: UInt32.self, capacity: grown)
    if slots != nil { size = grown }
    return false
  }

  /// Enters the member at a place, whose name is in none of the slots.
  mutating func enter(_ key: UnsafeRawBufferPointer, at place: Int) {
    guard let slots else { return }
    var slot = firstSlot(of: key)
    while slots[slot] != 0 { slot = (slot &+ 1) & (size &- 1) }
    slots[slot] = UInt32(truncatingIfNeeded: place &+ 1)
  }

  /// The place whose name is the one sought.
  mutating func find(_ key: UnsafeRawBufferPointer, isAt: (Int) -> Bool) -> Int? {
    guard let slots else { return nil }
    var slot = firstSlot(of: key)
    while slots[slot] != 0 {
      #if DEBUG
        comparisons += 1
      #endif
      let place = Int(slots[slot]) &- 1
      if isAt(place) { return place }
      slot = (slot &+ 1) & (size &- 1)
    }
    return nil
  }

  private func firstSlot(of key: UnsafeRawBufferPointer) -> Int {
    Int(truncatingIfNeeded: SipHash.hash(key)) & (size &- 1)
  }
}

/// SipHash-1-3, which needs no more than a secret to withstand names that were chosen to collide.
enum SipHash {
  private static let secret: (UInt64, UInt64) = {
    let random = SplitMix()
    return (random.next(), random.next())
  }()

  static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
    let (first, second) = secret
    var state = State(
      first ^ 0x736f_6d65_7073_6575, second ^ 0x646f_7261_6e64_6f6d, first ^ 0x6c79_6765_6e65_7261,
      second ^ 0x7465_6462_7974_6573)
    var place = 0
    while bytes.count - place >= 8 {
      state.take(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)))
      place += 8
    }
    var last = UInt64(truncatingIfNeeded: bytes.count) << 56
    var shift: UInt64 = 0
    while place < bytes.count {
      last |= UInt64(bytes[place]) << shift
      shift += 8
      place += 1
    }
    state.take(last)
    return state.finish()
  }

  private struct State {
    private var a, b, c, d: UInt64

    init(_ a: UInt64, _ b: UInt64, _ c: UInt64, _ d: UInt64) { (self.a, self.b, self.c, self.d) = (a, b, c, d) }

    mutating func take(_ word: UInt64) {
      d ^= word
      round()
      a ^= word
    }

    mutating func finish() -> UInt64 {
      c ^= 0xFF
      for _ in 0..<3 { round() }
      return a ^ b ^ c ^ d
    }

    private mutating func round() {
      a &+= b
      b = turned(b, 13) ^ a
      a = turned(a, 32)
      c &+= d
      d = turned(d, 16) ^ c
      a &+= d
      d = turned(d, 21) ^ a
      c &+= b
      b = turned(b, 17) ^ c
      c = turned(c, 32)
    }

    private func turned(_ word: UInt64, _ bits: UInt64) -> UInt64 { word &<< bits | word &>> (64 &- bits) }
  }
}
