import LLMCore

/// A store's contents in a storage of fixed size: memory of its own, or a file that processes share. Whoever uses it holds
/// the lock that goes with the storage. What another process may have left there is believed only within bounds.
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

  private let storage: any StoreStorage
  private let shape: Shape

  /// A view of the storage.
  public init(_ storage: any StoreStorage, _ shape: Shape) {
    self.storage = storage
    self.shape = shape
  }

  private struct Header {
    var mark: UInt64 = StoreTable.mark
    var version: UInt32 = StoreTable.version
    var slots: UInt32 = 0
    var slotSize: UInt32 = 0
    /// The slot that is being written, from 1; 0 for none.
    var torn: UInt32 = 0
  }

  private static let tornPlace = 20

  /// Whether the storage holds a table of this version and shape.
  public func isSound() throws(LLMError) -> Bool {
    let header = try read(0, Header())
    return header.mark == StoreTable.mark && header.version == StoreTable.version
      && header.slots == UInt32(clamping: shape.slots) && header.slotSize == UInt32(clamping: shape.slotSize)
  }

  /// Makes the storage an empty table; of one that is blank the slots are free already. The mark comes last.
  public func format(isBlank: Bool = false) throws(LLMError) {
    if !isBlank {
      var none = Header(mark: 0)
      try write(0, &none)
      for slot in 0..<shape.slots { try free(slot) }
    }
    var header = Header(slots: UInt32(clamping: shape.slots), slotSize: UInt32(clamping: shape.slotSize))
    try write(0, &header)
  }

  /// Frees the slot that a process was writing when it died.
  public func repair() throws(LLMError) {
    let torn = Int(try read(StoreTable.tornPlace, UInt32(0)))
    guard torn != 0 else { return }
    if torn <= shape.slots { try free(torn - 1) }
    try markTorn(0)
  }

  // MARK: What a store does

  /// Carries out an operation; throws `misfit` where the value does not fit, or is no number that can be added to.
  public func perform(_ operation: StoreOperation) throws(LLMError) {
    let slot = try find(operation)
    switch operation.kind {
    case .get: operation.found = try copy(of: slot)
    case .set: try set(operation.value, operation, slot)
    case .add: try add(operation, slot)
    case .compareAndSet:
      operation.isSwapped = try holds(operation.expected, slot)
      if operation.isSwapped { try set(operation.value, operation, slot) }
    case .delete: if let slot { try free(slot.number) }
    case .update: try set(operation.update?.newValue(for: copy(of: slot)), operation, slot)
    }
  }

  private func set(_ value: ByteBuffer?, _ operation: StoreOperation, _ slot: Slot?) throws(LLMError) {
    guard let value else { return }
    try write(value, operation, slot, expiry: end(of: operation))
  }

  private func end(of operation: StoreOperation) -> Microseconds {
    operation.timeToLive > 0 ? operation.unixNow &+ operation.timeToLive : 0
  }

  private func add(_ operation: StoreOperation, _ slot: Slot?) throws(LLMError) {
    // What is no number counts as none, and more than there is cannot be given back.
    let number = max(0, try copy(of: slot)?.string.asInteger ?? 0)
    let (sum, overflows) = number.addingReportingOverflow(operation.amount)
    guard !overflows else { throw StoreTable.misfit }
    operation.sum = max(0, sum)
    let text = ByteBuffer()
    text.append(integer: operation.sum)
    try write(text, operation, slot, expiry: slot?.header.expiry ?? end(of: operation))
  }

  private func holds(_ expected: ByteBuffer?, _ slot: Slot?) throws(LLMError) -> Bool {
    guard let value = try copy(of: slot), let expected else { return slot == nil && expected == nil }
    return value.count == expected.count && value.bytes.hasPrefix(expected.bytes)
  }

  // MARK: Slots

  private struct SlotHeader {
    var hash: UInt64 = 0
    var expiry: Microseconds = 0
    var keyLength: UInt32 = 0
    var valueLength: UInt32 = 0

    /// What the slot takes.
    var size: Int { StoreTable.slotHeaderSize + Int(keyLength) + Int(valueLength) }
  }

  private struct Slot {
    let number: Int
    let header: SlotHeader
  }

  private func write(
    _ value: ByteBuffer, _ operation: StoreOperation, _ found: Slot?, expiry: Microseconds
  ) throws(LLMError) {
    let key = operation.key
    let hash = fnv1a(key.bytes)
    var header = SlotHeader(
      hash: hash, expiry: expiry, keyLength: UInt32(clamping: key.count), valueLength: UInt32(clamping: value.count))
    guard key.count > 0, header.size <= shape.slotSize else { throw StoreTable.misfit }
    let slot: Int
    if let found { slot = found.number } else { slot = try place(for: hash, operation.unixNow) }
    let contents = ByteBuffer(capacity: header.size)
    withUnsafeBytes(of: &header) { contents.append($0) }
    contents.append(key.bytes)
    contents.append(value.bytes)
    try markTorn(UInt32(clamping: slot + 1))
    try storage.write(start(of: slot), contents.bytes)
    try markTorn(0)
  }

  private func find(_ operation: StoreOperation) throws(LLMError) -> Slot? {
    let key = operation.key
    let hash = fnv1a(key.bytes)
    for step in 0..<StoreTable.reach {
      let slot = Slot(number: number(hash, step), header: try header(of: number(hash, step)))
      guard slot.header.hash == hash, isLive(slot.header, operation.unixNow), slot.header.keyLength == key.count else {
        continue
      }
      let own = try read(start(of: slot.number) + StoreTable.slotHeaderSize, count: key.count)
      if own.bytes.hasPrefix(key.bytes) { return slot }
    }
    return nil
  }

  /// A free slot, or the one that ends first.
  private func place(for hash: UInt64, _ unixNow: Microseconds) throws(LLMError) -> Int {
    var best = number(hash, 0)
    var first = Microseconds.max
    for step in 0..<StoreTable.reach {
      let slot = number(hash, step)
      let header = try header(of: slot)
      guard isLive(header, unixNow) else { return slot }
      if header.expiry != 0, header.expiry < first { (best, first) = (slot, header.expiry) }
    }
    return best
  }

  private func isLive(_ header: SlotHeader, _ unixNow: Microseconds) -> Bool {
    guard header.keyLength > 0, header.size <= shape.slotSize else { return false }
    return header.expiry == 0 || header.expiry > unixNow
  }

  private func copy(of slot: Slot?) throws(LLMError) -> ByteBuffer? {
    guard let slot else { return nil }
    let place = start(of: slot.number) + StoreTable.slotHeaderSize + Int(slot.header.keyLength)
    return try read(place, count: Int(slot.header.valueLength))
  }

  private func number(_ hash: UInt64, _ step: Int) -> Int { Int((hash &+ UInt64(step)) % UInt64(shape.slots)) }
  private func start(of slot: Int) -> Int { StoreTable.headerSize + slot * shape.slotSize }
  private func header(of slot: Int) throws(LLMError) -> SlotHeader { try read(start(of: slot), SlotHeader()) }

  private func free(_ slot: Int) throws(LLMError) {
    var header = SlotHeader()
    try write(start(of: slot), &header)
  }

  private func markTorn(_ slot: UInt32) throws(LLMError) {
    var slot = slot
    try write(StoreTable.tornPlace, &slot)
  }

  // MARK: Bytes

  /// A plain value of the machine's own, in place of an empty one.
  private func read<Value>(_ place: Int, _ empty: Value) throws(LLMError) -> Value {
    var value = empty
    var failure: LLMError?
    withUnsafeMutableBytes(of: &value) { bytes in
      do throws(LLMError) { try storage.read(place, into: bytes) } catch { failure = error }
    }
    if let failure { throw failure }
    return value
  }

  private func write<Value>(_ place: Int, _ value: inout Value) throws(LLMError) {
    var failure: LLMError?
    withUnsafeBytes(of: &value) { bytes in
      do throws(LLMError) { try storage.write(place, bytes) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  private func read(_ place: Int, count: Int) throws(LLMError) -> ByteBuffer {
    let buffer = ByteBuffer(capacity: count)
    var failure: LLMError?
    withUnsafeTemporaryAllocation(byteCount: count, alignment: 1) { bytes in
      do throws(LLMError) { try storage.read(place, into: bytes) } catch { failure = error }
      buffer.append(UnsafeRawBufferPointer(bytes))
    }
    if let failure { throw failure }
    return buffer
  }
}

/// Where the bytes of a table are. A place is within the table's size.
public protocol StoreStorage: AnyObject {
  /// Fills the buffer; what was never written is 0.
  func read(_ place: Int, into buffer: UnsafeMutableRawBufferPointer) throws(LLMError)
  /// Puts the bytes there.
  func write(_ place: Int, _ bytes: UnsafeRawBufferPointer) throws(LLMError)
}

/// A piece of the process's own memory.
public final class StoreMemory: StoreStorage, @unchecked Sendable {
  /// The bytes, all 0 at first.
  let bytes: UnsafeMutableRawBufferPointer

  /// So many bytes.
  init(size: Int) {
    bytes = .allocate(byteCount: size, alignment: 64)
    bytes.initializeMemory(as: UInt8.self, repeating: 0)
  }

  deinit { bytes.deallocate() }

  /// Fills the buffer.
  public func read(_ place: Int, into buffer: UnsafeMutableRawBufferPointer) throws(LLMError) {
    guard place >= 0, place + buffer.count <= bytes.count else { throw StoreTable.misfit }
    buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[place..<place + buffer.count]))
  }

  /// Puts the bytes there.
  public func write(_ place: Int, _ new: UnsafeRawBufferPointer) throws(LLMError) {
    guard place >= 0, place + new.count <= bytes.count else { throw StoreTable.misfit }
    UnsafeMutableRawBufferPointer(rebasing: bytes[place..<place + new.count]).copyMemory(from: new)
  }
}

/// A store in the process's own memory.
public final class MemoryCounterStore: CounterStore, @unchecked Sendable {
  private let lock = Lock()
  private let table: StoreTable

  /// An empty store.
  public init() {
    table = StoreTable(StoreMemory(size: StoreTable.Shape.memory.size), .memory)
    // Memory takes every byte that lies within it.
    do throws(LLMError) { try table.format(isBlank: true) } catch {}
  }

  /// It decides under its lock.
  public var updates: Bool { true }

  /// Carries out an operation.
  public func perform(_ operation: StoreOperation) throws(LLMError) {
    lock.lock()
    defer { lock.unlock() }
    try table.perform(operation)
  }
}

extension StoreTable {
  /// What stores throw where a value does not fit.
  public static var misfit: LLMError {
    LLMError(.tooLarge, "the store has no room for such a value, or it is no number")
  }
}
