import CSystem

/// Growable bytes with a stable identity: the one byte container of the library.
///
/// The storage is malloc'd, so that what C is to free can be handed over without a copy. When memory runs out the
/// buffer keeps what it has, drops what did not fit, sets the thread's mark (`Memory`) and says so in `isExhausted`; it
/// never traps.
public final class ByteBuffer {
  /// The allocation; live bytes start `start` bytes in. One byte past `capacity` is kept for a terminating NUL.
  private var storage: UnsafeMutableRawPointer?
  private var capacity = 0
  private var start = 0

  /// How many bytes it holds.
  public private(set) var count = 0
  /// Whether an append was dropped for want of memory; stays until `removeAll`.
  public private(set) var isExhausted = false

  /// An empty buffer; nothing is allocated before the first byte unless a capacity is given.
  @inline(never)
  public init(capacity: Int = 0) {
    if capacity > 0 { reserve(capacity) }
  }

  deinit { free(storage) }

  /// Whether it holds nothing.
  public var isEmpty: Bool { count == 0 }

  /// The bytes, valid until the next mutation.
  public var bytes: UnsafeRawBufferPointer {
    guard let storage else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(start: storage + start, count: count)
  }

  /// The bytes as text; what is not valid UTF-8 is repaired with U+FFFD.
  public var string: String { String(granted: bytes) }
}

// MARK: - Adding

extension ByteBuffer {
  /// Makes room for so many more bytes, so that appending them allocates nothing.
  public func reserve(_ additional: Int) { _ = makeRoom(for: additional) }

  /// Appends bytes, which must not be the buffer's own.
  public func append(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress, !bytes.isEmpty, let target = makeRoom(for: bytes.count) else { return }
    target.copyMemory(from: source, byteCount: bytes.count)
    count += bytes.count
  }

  /// Appends one byte.
  public func append(_ byte: UInt8) {
    guard let target = makeRoom(for: 1) else { return }
    target.storeBytes(of: byte, as: UInt8.self)
    count += 1
  }

  /// Appends bytes between two others, in one go.
  func append(_ first: UInt8, _ bytes: UnsafeRawBufferPointer, _ last: UInt8) {
    guard let target = makeRoom(for: bytes.count &+ 2) else { return }
    target.storeBytes(of: first, as: UInt8.self)
    if let source = bytes.baseAddress { memcpy(target + 1, source, bytes.count) }
    target.storeBytes(of: last, toByteOffset: bytes.count &+ 1, as: UInt8.self)
    count += bytes.count &+ 2
  }

  /// Appends what stands before a member's value, unless the key needs escapes: a comma where one is due, the key in
  /// quotes, a colon.
  @inline(never)
  func append(key: UnsafeRawBufferPointer) {
    guard let target = makeRoom(for: key.count &+ 4), let source = key.baseAddress else { return }
    var place = target
    if endsInValue {
      place.storeBytes(of: UInt8(ascii: ","), as: UInt8.self)
      place += 1
    }
    place.storeBytes(of: UInt8(ascii: "\""), as: UInt8.self)
    memcpy(place + 1, source, key.count)
    place += key.count &+ 1
    place.storeBytes(of: UInt8(ascii: "\""), as: UInt8.self)
    place.storeBytes(of: UInt8(ascii: ":"), toByteOffset: 1, as: UInt8.self)
    count += place - target + 2
  }

  /// Whether the JSON so far ends in a member or an element, so that another comes behind a comma.
  var endsInValue: Bool {
    switch bytes.last {
    case nil, UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: ":"): false
    default: true
    }
  }

  /// Appends text known at compile time.
  public func append(_ text: StaticString) {
    text.withUTF8Buffer { utf8 in append(UnsafeRawBufferPointer(utf8)) }
  }

  /// Appends the UTF-8 of a string.
  public func append(_ text: String) {
    var text = text
    text.withUTF8 { utf8 in append(UnsafeRawBufferPointer(utf8)) }
  }

  /// Appends an integer in decimal.
  public func append(integer: Int64) {
    if integer < 0 { append(UInt8(ascii: "-")) }
    let mostDigits = 20
    guard let target = makeRoom(for: mostDigits) else { return }
    var rest = integer.magnitude
    var first = mostDigits
    repeat {
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      first -= 1
      target.storeBytes(of: 0x30 &+ UInt8(truncatingIfNeeded: digit), toByteOffset: first, as: UInt8.self)
      rest = quotient
    } while rest > 0
    memmove(target, target + first, mostDigits - first)
    count += mostDigits - first
  }

  /// Where the next `additional` bytes go, or nil when memory has run out.
  @inline(__always)
  private func makeRoom(for additional: Int) -> UnsafeMutableRawPointer? {
    let room = capacity &- start &- count
    if let storage, UInt(bitPattern: additional) <= UInt(bitPattern: room) { return storage + (start &+ count) }
    return makeRoomSlowly(for: additional)
  }

  /// Closes the gap that `removeFirst` left when that alone frees half the storage, else grows by half at least, so
  /// that every byte is moved a bounded number of times on average.
  @inline(never)
  private func makeRoomSlowly(for additional: Int) -> UnsafeMutableRawPointer? {
    let (needed, overflows) = count.addingReportingOverflow(additional)
    guard additional >= 0, !overflows, needed < Int.max / 4 else { return runOut() }
    if let storage, needed <= capacity, start >= capacity / 2 {
      closeGap()
      return storage + count
    }
    closeGap()
    let grown = max(needed, capacity + capacity / 2, 64 - 1)
    guard let larger = realloc(storage, grown + 1) else { return runOut() }
    storage = larger
    capacity = grown
    return larger + count
  }

  private func runOut() -> UnsafeMutableRawPointer? {
    isExhausted = true
    Memory.hasRunOut = true
    return nil
  }

  private func closeGap() {
    guard start > 0, let storage else { return }
    memmove(storage, storage + start, count)
    start = 0
  }
}

// MARK: - Taking away

extension ByteBuffer {
  /// Empties it and keeps the capacity.
  public func removeAll() {
    start = 0
    count = 0
    isExhausted = false
  }

  /// Drops the first bytes. Nothing is moved now, and in all no byte more than a few times.
  public func removeFirst(_ n: Int) {
    guard n < count else { return removeAll() }
    guard n > 0 else { return }
    start += n
    count -= n
  }

  /// Overwrites bytes wherever they occur.
  public func overwrite(_ sought: UnsafeRawBufferPointer, with byte: UInt8) {
    var place = 0
    while let found = bytes.offset(of: sought, from: place), let storage {
      memset(storage + start + found, Int32(byte), sought.count)
      place = found + sought.count
    }
  }

  /// Overwrites everything it ever held in this storage and empties it. Growing moves bytes: a secret is appended
  /// after its room was reserved.
  public func wipe() {
    if let storage { explicit_bzero(storage, capacity + 1) }
    removeAll()
  }

  /// The bytes as a C string: a NUL stands after the end and is not counted. Valid until the next mutation.
  public func terminated() -> UnsafePointer<CChar> {
    guard let storage else { return Self.emptyCString }
    storage.storeBytes(of: 0, toByteOffset: start + count, as: UInt8.self)
    return UnsafePointer((storage + start).assumingMemoryBound(to: CChar.self))
  }

  /// Hands over the storage as a NUL-terminated string that `free` releases; the buffer is empty afterwards. Nil where
  /// there is no memory for as much as an empty one.
  public func takeCString() -> UnsafeMutablePointer<CChar>? {
    closeGap()
    guard let taken = storage ?? malloc(1) else {
      Memory.hasRunOut = true
      return nil
    }
    taken.storeBytes(of: 0, toByteOffset: count, as: UInt8.self)
    storage = nil
    capacity = 0
    removeAll()
    return taken.assumingMemoryBound(to: CChar.self)
  }

  private static var emptyCString: UnsafePointer<CChar> {
    let text: StaticString = "\0"
    return UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
  }
}
