import LLMCore

/// A store's contents in one piece of memory of fixed size: its own, or a file's that processes map. Whoever uses it
/// holds the lock that goes with the memory. What another process may have left there is believed only within bounds.
///
/// The layout, version 1, in the machine's byte order:
///
///     0   "LLMSTORE", the mark                 8 bytes
///     8   version                              UInt32
///     12  number of slots, size of a slot      UInt32, UInt32
///     20  the slot being written, from 1; 0    UInt32
///     64  the slots:
///         0   hash of the key                  UInt64
///         8   when it ends, 0 for never        Int64, microseconds since 1970
///         16  bytes of the key (0: free)       UInt32
///         20  bytes of the value               UInt32
///         24  the key, the value
///
/// A key is within so many slots from the one its hash names. Where all are taken, the one that ends first gives way.
public struct StoreTable {
  /// How a table is cut.
  public struct Shape: Sendable {
    /// How many slots there are.
    public let slots: Int
    /// The size of one.
    public let slotSize: Int

    /// A table of so many slots.
    public init(slots: Int, slotSize: Int) {
      self.slots = slots
      self.slotSize = slotSize
    }

    /// The size of all.
    public var size: Int { StoreTable.headerSize + slots * slotSize }
    /// What processes share; a file of it has holes where nothing was written.
    public static let file = Shape(slots: 256, slotSize: 8192)
    /// What handles of one process share.
    public static let memory = Shape(slots: 64, slotSize: 8192)
  }

  private static let headerSize = 64
  private static let slotHeaderSize = 24
  private static let version: UInt32 = 1
  private static let reach = 16
  private static let mark: UInt64 = 0x4552_4F54_534D_4C4C

  private let base: UnsafeMutableRawPointer
  private let shape: Shape

  /// A view of the memory, which is as large as the shape says.
  public init(_ base: UnsafeMutableRawPointer, _ shape: Shape) {
    self.base = base
    self.shape = shape
  }

  /// Whether the memory holds a table of this version and shape.
  public var isSound: Bool {
    base.load(as: UInt64.self) == StoreTable.mark && word(8) == StoreTable.version && word(12) == UInt32(shape.slots)
      && word(16) == UInt32(shape.slotSize)
  }

  /// Makes the memory an empty table; the mark comes last.
  public func format() {
    base.storeBytes(of: 0, as: UInt64.self)
    for slot in 0..<shape.slots { free(slot) }
    put(StoreTable.version, 8)
    put(UInt32(shape.slots), 12)
    put(UInt32(shape.slotSize), 16)
    put(0, 20)
    base.storeBytes(of: StoreTable.mark, as: UInt64.self)
  }

  /// Frees the slot that a process was writing when it died.
  public func repair() {
    let torn = Int(word(20))
    guard torn != 0 else { return }
    if torn <= shape.slots { free(torn - 1) }
    put(0, 20)
  }

  // MARK: What a store does

  /// The value.
  public func get(_ key: String, unixNow: Microseconds) -> ByteBuffer? {
    guard let slot = find(key, hash(key), unixNow) else { return nil }
    let buffer = ByteBuffer()
    buffer.append(value(of: slot))
    return buffer
  }

  /// Sets the value; false where it does not fit.
  public func set(_ key: String, _ value: ByteBuffer, timeToLive: Microseconds, unixNow: Microseconds) -> Bool {
    let expiry = timeToLive > 0 ? unixNow &+ timeToLive : 0
    return write(key, value, expiry: expiry, unixNow: unixNow)
  }

  /// Adds to a number; nil where the value is none, or does not fit.
  public func add(_ key: String, _ amount: Int64, timeToLive: Microseconds, unixNow: Microseconds) -> Int64? {
    var sum: Int64 = 0
    var expiry = timeToLive > 0 ? unixNow &+ timeToLive : 0
    if let slot = find(key, hash(key), unixNow) {
      guard let old = String(decoding: value(of: slot), as: UTF8.self).asInteger else { return nil }
      sum = old
      expiry = self.expiry(of: slot)
    }
    let (result, overflow) = sum.addingReportingOverflow(amount)
    guard !overflow else { return nil }
    let text = ByteBuffer()
    text.append(integer: result)
    return write(key, text, expiry: expiry, unixNow: unixNow) ? result : nil
  }

  /// Whether the value is what is expected.
  public func holds(_ key: String, _ expected: ByteBuffer?, unixNow: Microseconds) -> Bool {
    guard let slot = find(key, hash(key), unixNow) else { return expected == nil }
    guard let expected else { return false }
    let value = value(of: slot)
    return value.count == expected.count && value.hasPrefix(expected.bytes)
  }

  /// Forgets the value.
  public func delete(_ key: String, unixNow: Microseconds) {
    if let slot = find(key, hash(key), unixNow) { free(slot) }
  }

  // MARK: Slots

  private func write(_ key: String, _ value: ByteBuffer, expiry: Microseconds, unixNow: Microseconds) -> Bool {
    var key = key
    let hash = hash(key)
    let length = key.utf8.count
    guard length > 0, StoreTable.slotHeaderSize + length + value.count <= shape.slotSize else { return false }
    let slot = find(key, hash, unixNow) ?? place(for: hash, unixNow)
    put(UInt32(slot + 1), 20)
    let start = start(of: slot)
    start.storeBytes(of: hash, as: UInt64.self)
    start.storeBytes(of: expiry, toByteOffset: 8, as: Int64.self)
    start.storeBytes(of: UInt32(length), toByteOffset: 16, as: UInt32.self)
    start.storeBytes(of: UInt32(value.count), toByteOffset: 20, as: UInt32.self)
    let text = start + StoreTable.slotHeaderSize
    key.withUTF8 { UnsafeMutableRawBufferPointer(start: text, count: length).copyBytes(from: $0) }
    UnsafeMutableRawBufferPointer(start: text + length, count: value.count).copyMemory(from: value.bytes)
    put(0, 20)
    return true
  }

  private func find(_ key: String, _ hash: UInt64, _ unixNow: Microseconds) -> Int? {
    for step in 0..<StoreTable.reach {
      let slot = slot(hash, step)
      let start = start(of: slot)
      guard start.load(as: UInt64.self) == hash, isLive(slot, unixNow) else { continue }
      if matches(slot, key) { return slot }
    }
    return nil
  }

  private func matches(_ slot: Int, _ key: String) -> Bool {
    var key = key
    let own = UnsafeRawBufferPointer(start: start(of: slot) + StoreTable.slotHeaderSize, count: keyLength(of: slot))
    return key.withUTF8 { own.count == $0.count && own.hasPrefix(UnsafeRawBufferPointer($0)) }
  }

  /// A free slot, or the one that ends first.
  private func place(for hash: UInt64, _ unixNow: Microseconds) -> Int {
    var best = slot(hash, 0)
    var first = Microseconds.max
    for step in 0..<StoreTable.reach {
      let slot = slot(hash, step)
      guard isLive(slot, unixNow) else { return slot }
      let expiry = expiry(of: slot)
      if expiry != 0, expiry < first { (best, first) = (slot, expiry) }
    }
    return best
  }

  private func isLive(_ slot: Int, _ unixNow: Microseconds) -> Bool {
    let length = keyLength(of: slot)
    guard length > 0, StoreTable.slotHeaderSize + length + valueLength(of: slot) <= shape.slotSize else { return false }
    let expiry = expiry(of: slot)
    return expiry == 0 || expiry > unixNow
  }

  private func value(of slot: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(
      start: start(of: slot) + StoreTable.slotHeaderSize + keyLength(of: slot), count: valueLength(of: slot))
  }

  private func slot(_ hash: UInt64, _ step: Int) -> Int {
    Int((hash &+ UInt64(step)) % UInt64(shape.slots))
  }

  private func start(of slot: Int) -> UnsafeMutableRawPointer {
    base + StoreTable.headerSize + slot * shape.slotSize
  }

  private func expiry(of slot: Int) -> Microseconds { start(of: slot).load(fromByteOffset: 8, as: Int64.self) }
  private func keyLength(of slot: Int) -> Int { Int(start(of: slot).load(fromByteOffset: 16, as: UInt32.self)) }
  private func valueLength(of slot: Int) -> Int { Int(start(of: slot).load(fromByteOffset: 20, as: UInt32.self)) }
  private func free(_ slot: Int) { start(of: slot).storeBytes(of: 0, toByteOffset: 16, as: UInt32.self) }
  private func word(_ offset: Int) -> UInt32 { base.load(fromByteOffset: offset, as: UInt32.self) }
  private func put(_ value: UInt32, _ offset: Int) { base.storeBytes(of: value, toByteOffset: offset, as: UInt32.self) }

  /// FNV-1a.
  private func hash(_ key: String) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash
  }
}

/// A store in the process's own memory.
public final class MemoryStore: Store, @unchecked Sendable {
  private let lock = Lock()
  private let memory: UnsafeMutableRawPointer
  private let table: StoreTable

  /// An empty store.
  public init() {
    let shape = StoreTable.Shape.memory
    memory = .allocate(byteCount: shape.size, alignment: 64)
    table = StoreTable(memory, shape)
    table.format()
  }

  deinit { memory.deallocate() }

  /// The value.
  public func get(_ key: String, unixNow: Microseconds) throws(LLMError) -> ByteBuffer? {
    lock.withLock { table.get(key, unixNow: unixNow) }
  }

  /// Sets the value.
  public func set(
    _ key: String, _ value: ByteBuffer, timeToLive: Microseconds, unixNow: Microseconds
  ) throws(LLMError) {
    guard lock.withLock({ table.set(key, value, timeToLive: timeToLive, unixNow: unixNow) }) else {
      throw StoreTable.misfit
    }
  }

  /// Adds to a number.
  public func add(
    _ key: String, _ amount: Int64, timeToLive: Microseconds, unixNow: Microseconds
  ) throws(LLMError) -> Int64 {
    guard let sum = lock.withLock({ table.add(key, amount, timeToLive: timeToLive, unixNow: unixNow) }) else {
      throw StoreTable.misfit
    }
    return sum
  }

  /// Sets the value if it is what is expected.
  public func compareAndSet(
    _ key: String, expected: ByteBuffer?, _ value: ByteBuffer, timeToLive: Microseconds, unixNow: Microseconds
  ) throws(LLMError) -> Bool {
    let swapped = lock.withLock {
      table.compareAndSet(key, expected: expected, value, timeToLive: timeToLive, unixNow: unixNow)
    }
    guard let swapped else { throw StoreTable.misfit }
    return swapped
  }

  /// Forgets the value.
  public func delete(_ key: String, unixNow: Microseconds) throws(LLMError) {
    lock.withLock { table.delete(key, unixNow: unixNow) }
  }
}

extension StoreTable {
  /// Sets the value if it is what is expected; nil where it does not fit.
  public func compareAndSet(
    _ key: String, expected: ByteBuffer?, _ value: ByteBuffer, timeToLive: Microseconds, unixNow: Microseconds
  ) -> Bool? {
    guard holds(key, expected, unixNow: unixNow) else { return false }
    return set(key, value, timeToLive: timeToLive, unixNow: unixNow) ? true : nil
  }

  /// What stores throw where a value does not fit, or is no number that can be added to.
  public static var misfit: LLMError {
    LLMError(.tooLarge, "the store has no room for such a value, or it is no number")
  }
}
