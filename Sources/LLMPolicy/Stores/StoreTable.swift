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

  /// Carries out an operation; false where the value does not fit, or is no number that can be added to.
  public func perform(_ operation: StoreOperation) -> Bool {
    let slot = find(operation)
    switch operation.kind {
    case .get: operation.found = slot.map { copy(of: $0) }
    case .set: return set(operation, slot)
    case .add: return add(operation, slot)
    case .compareAndSet:
      operation.isSwapped = holds(operation.expected, slot)
      return !operation.isSwapped || set(operation, slot)
    case .delete: if let slot { free(slot) }
    }
    return true
  }

  private func set(_ operation: StoreOperation, _ slot: Int?) -> Bool {
    guard let value = operation.value else { return true }
    return write(value, operation, slot, expiry: end(of: operation))
  }

  private func end(of operation: StoreOperation) -> Microseconds {
    operation.timeToLive > 0 ? operation.unixNow &+ operation.timeToLive : 0
  }

  private func add(_ operation: StoreOperation, _ slot: Int?) -> Bool {
    let (number, expiry) = slot.map { (copy(of: $0).string.asInteger, self.expiry(of: $0)) } ?? (0, end(of: operation))
    guard let (sum, overflow) = number?.addingReportingOverflow(operation.amount), !overflow else { return false }
    operation.sum = sum
    let text = ByteBuffer()
    text.append(integer: sum)
    return write(text, operation, slot, expiry: expiry)
  }

  private func holds(_ expected: ByteBuffer?, _ slot: Int?) -> Bool {
    guard let slot, let expected else { return slot == nil && expected == nil }
    let value = value(of: slot)
    return value.count == expected.count && value.hasPrefix(expected.bytes)
  }

  // MARK: Slots

  private func write(
    _ value: ByteBuffer, _ operation: StoreOperation, _ found: Int?, expiry: Microseconds
  ) -> Bool {
    let key = operation.key
    guard key.count > 0, StoreTable.slotHeaderSize + key.count + value.count <= shape.slotSize else { return false }
    let hash = fnv1a(key.bytes)
    let slot = found ?? place(for: hash, operation.unixNow)
    put(UInt32(slot + 1), 20)
    let start = start(of: slot)
    start.storeBytes(of: hash, as: UInt64.self)
    start.storeBytes(of: expiry, toByteOffset: 8, as: Int64.self)
    start.storeBytes(of: UInt32(key.count), toByteOffset: 16, as: UInt32.self)
    start.storeBytes(of: UInt32(value.count), toByteOffset: 20, as: UInt32.self)
    fill(start + StoreTable.slotHeaderSize, with: key)
    fill(start + StoreTable.slotHeaderSize + key.count, with: value)
    put(0, 20)
    return true
  }

  private func fill(_ place: UnsafeMutableRawPointer, with buffer: ByteBuffer) {
    UnsafeMutableRawBufferPointer(start: place, count: buffer.count).copyMemory(from: buffer.bytes)
  }

  private func find(_ operation: StoreOperation) -> Int? {
    let key = operation.key
    let hash = fnv1a(key.bytes)
    for step in 0..<StoreTable.reach {
      let slot = slot(hash, step)
      let start = start(of: slot)
      guard start.load(as: UInt64.self) == hash, isLive(slot, operation.unixNow), keyLength(of: slot) == key.count
      else {
        continue
      }
      let own = UnsafeRawBufferPointer(start: start + StoreTable.slotHeaderSize, count: key.count)
      if own.hasPrefix(key.bytes) { return slot }
    }
    return nil
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

  private func copy(of slot: Int) -> ByteBuffer {
    let buffer = ByteBuffer()
    buffer.append(value(of: slot))
    return buffer
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
}

/// A store in the process's own memory.
public final class MemoryCounterStore: CounterStore, @unchecked Sendable {
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

  /// Carries out an operation.
  public func perform(_ operation: StoreOperation) throws(LLMError) {
    if !lock.withLock({ table.perform(operation) }) { throw StoreTable.misfit }
  }
}

extension StoreTable {
  /// What stores throw where a value does not fit.
  public static var misfit: LLMError {
    LLMError(.tooLarge, "the store has no room for such a value, or it is no number")
  }
}
