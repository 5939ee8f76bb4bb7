import CSystem

/// A JSON value: a reference to a place in a document, or to a value that was made. Copies of the reference share the
/// value, and what one of them changes all of them see: what was not made or read by the holder is not to be changed
/// (`copy()` first), so that a caller's document stays the caller's.
public struct JSON: @unchecked Sendable {
  let owner: JSONOwner
  let place: JSONPlace

  init(_ owner: JSONOwner, _ place: JSONPlace) {
    self.owner = owner
    self.place = place
  }

  /// The value in a slot of this container.
  func value(_ slot: JSONSlot) -> JSON { JSON(slot.owner?.takeUnretainedValue() ?? owner, slot.place) }

  /// How another container refers to the value.
  func slot(for container: JSON) -> JSONSlot {
    JSONSlot(owner: owner === container.owner ? nil : Unmanaged.passUnretained(owner), place: place)
  }

  /// A null that takes no memory.
  nonisolated(unsafe) static let nothing: JSONPlace = {
    let place = JSONPlace.allocate(capacity: 1)
    place.initialize(to: JSONCell(.null))
    return place
  }()
}

// MARK: - Kinds

extension JSON {
  /// The seven types.
  public enum Kind: Sendable { case object, array, string, integer, real, boolean, null }

  /// The value's type.
  @inline(never)
  public var kind: Kind {
    switch place.pointee.kind {
    case .object: .object
    case .array: .array
    case .branch: place.isObject ? .object : .array
    case .string: .string
    case .integer: .integer
    case .real, .realText: .real
    case .yes, .no: .boolean
    case .null: .null
    }
  }

  /// Whether it is an object.
  public var isObject: Bool { kind == .object }
  /// Whether it is an array.
  public var isArray: Bool { kind == .array }
  /// Whether it is a string.
  public var isString: Bool { place.pointee.kind == .string }
  /// Whether it is null.
  public var isNull: Bool { place.pointee.kind == .null }
}

// MARK: - Scalars

extension JSON {
  /// The string's text.
  @inline(never)
  public var string: String? { stringBytes.map { String(decoding: $0, as: UTF8.self) } }

  /// The string's bytes, borrowed from the value.
  @inline(never)
  public var stringBytes: UnsafeRawBufferPointer? { place.pointee.text }

  /// The integer, also where it is written as a real without a fraction.
  @inline(never)
  public var int: Int64? {
    switch place.pointee.kind {
    case .integer: place.pointee.integer
    case .real, .realText: JSON.integer(exactly: place.pointee.double)
    default: nil
    }
  }

  /// `Int64(exactly:)` would need libm.
  private static func integer(exactly value: Double) -> Int64? {
    guard value > -0x1p63, value < 0x1p63 else { return nil }
    let whole = Int64(value)
    return Double(whole) == value ? whole : nil
  }

  /// The number.
  @inline(never)
  public var double: Double? {
    switch place.pointee.kind {
    case .integer: Double(place.pointee.integer)
    case .real, .realText: place.pointee.double
    default: nil
    }
  }

  /// true or false.
  @inline(never)
  public var bool: Bool? {
    switch place.pointee.kind {
    case .yes: true
    case .no: false
    default: nil
    }
  }
}

// MARK: - Members

extension JSON {
  /// The number of members or elements; 0 for everything else.
  @inline(never)
  public var count: Int { place.contentCount }

  /// The member of that name, nil where it is missing, null, or this is no object: the services say all three and mean
  /// the same.
  public subscript(key: StaticText) -> JSON? {
    @inline(never)
    get { said(key.utf8) }
  }

  /// The member of a name that is not known at compile time.
  public subscript(named key: String) -> JSON? {
    @inline(never)
    get {
      var key = key
      return key.withUTF8 { said(UnsafeRawBufferPointer($0)) }
    }
  }

  /// The member within a member.
  public subscript(group: StaticText, key: StaticText) -> JSON? {
    @inline(never)
    get { self[group]?[key] }
  }

  private func said(_ key: UnsafeRawBufferPointer) -> JSON? {
    guard let slot = place.member(key), slot.place.pointee.kind != .null else { return nil }
    return value(slot)
  }

  /// The element at that place; nil outside the array. It is counted off from the first: loops use `elements`.
  public subscript(index: Int) -> JSON? {
    @inline(never)
    get { place.element(index).map { value($0) } }
  }

  /// A member's text; nil where it is none.
  @inline(never)
  public func string(_ key: StaticText) -> String? {
    place.member(key.utf8)?.place.pointee.text.map { String(decoding: $0, as: UTF8.self) }
  }
  /// The text of a member within a member; nil where it is none.
  @inline(never)
  public func string(_ group: StaticText, _ key: StaticText) -> String? { self[group, key]?.string }
  /// A member's integer; nil where it is none.
  @inline(never)
  public func int(_ key: StaticText) -> Int64? {
    guard let cell = place.member(key.utf8)?.place.pointee else { return nil }
    return cell.kind == .integer ? cell.integer : self[key]?.int
  }
  /// The integer of a member within a member; nil where it is none.
  @inline(never)
  public func int(_ group: StaticText, _ key: StaticText) -> Int64? { self[group, key]?.int }
  /// Whether a member is true or false; nil where it is neither.
  @inline(never)
  public func bool(_ key: StaticText) -> Bool? { self[key]?.bool }
  /// A member's elements; none where it is no array.
  @inline(never)
  public func elements(_ key: StaticText) -> [JSON] { self[key]?.elements ?? [] }
  /// A member's members; none where it is no object.
  @inline(never)
  public func members(_ key: StaticText) -> [(key: String, value: JSON)] { self[key]?.members ?? [] }

  /// Whether a member is this text.
  @inline(never)
  public func says(_ key: StaticText, _ text: StaticText) -> Bool {
    place.member(key.utf8)?.place.pointee.text.map { text.matches($0) } ?? false
  }

  /// The member of that name, null included.
  @inline(never)
  public func member(_ key: String) -> JSON? {
    var key = key
    return key.withUTF8 { place.member(UnsafeRawBufferPointer($0)).map { value($0) } }
  }

  /// Whether there is a member of that name, null included.
  @inline(never)
  public func has(_ key: StaticText) -> Bool { place.member(key.utf8) != nil }

  /// Whether there is a member of that name, null included.
  @inline(never)
  public func has(named key: String) -> Bool {
    var key = key
    return key.withUTF8 { place.member(UnsafeRawBufferPointer($0)) != nil }
  }

  /// The array's elements; none for everything else.
  @inline(never)
  public var elements: [JSON] {
    var values: [JSON] = []
    guard isArray else { return values }
    values.reserveCapacity(count)
    var content = JSONContent(place)
    while let item = content.next() { values.append(value(item.slot)) }
    return values
  }

  /// The object's members in the order in which they stand; none for everything else.
  @inline(never)
  public var members: [(key: String, value: JSON)] { members(except: [], withNulls: true) }

  /// The members that say something under a key that is none of the words, in the order in which they stand.
  @inline(never)
  public func members(except words: [StaticText]) -> [(key: String, value: JSON)] {
    members(except: words, withNulls: false)
  }

  private func members(except words: [StaticText], withNulls: Bool) -> [(key: String, value: JSON)] {
    var pairs: [(key: String, value: JSON)] = []
    forEachMember { key, value in
      if !withNulls && value.isNull || words.contains(where: { $0.matches(key) }) { return }
      pairs.append((String(decoding: key, as: UTF8.self), value))
    }
    return pairs
  }

  /// Hands each element to a reader, in their order.
  @inline(never)
  public func forEachElement(_ read: (JSON) -> Void) {
    guard isArray else { return }
    var content = JSONContent(place)
    while let item = content.next() { read(value(item.slot)) }
  }

  /// Hands each member to a reader, in the order in which they stand; the key's bytes are borrowed.
  @inline(never)
  public func forEachMember(_ read: (UnsafeRawBufferPointer, JSON) -> Void) {
    guard isObject else { return }
    var content = JSONContent(place)
    while let item = content.next() { read(item.key, value(item.slot)) }
  }

  /// Whether both say the same: members in any order, numbers by their value.
  @inline(never)
  public func equals(_ other: JSON) -> Bool {
    if let own = stringBytes, let theirs = other.stringBytes { return own.isSame(as: theirs) }
    guard kind == other.kind, count == other.count else { return false }
    let (own, theirs) = (ByteBuffer(), ByteBuffer())
    writeCanonically(into: own)
    other.writeCanonically(into: theirs)
    return withExtendedLifetime((own, theirs)) { own.bytes.isSame(as: theirs.bytes) }
  }
}

/// Goes through what is in a container, in its order.
struct JSONContent {
  struct Item {
    /// Empty in an array.
    var key: UnsafeRawBufferPointer
    var slot: JSONSlot
  }

  private let branch: JSONBranch?
  private let isObject: Bool
  private var place: JSONPlace
  private var index = 0
  private let count: Int

  /// What is in the container there, whose owner lives as long as this.
  init(_ container: JSONPlace) {
    branch = container.pointee.branch
    isObject = container.pointee.kind == .object
    count = container.contentCount
    place = container + 1
  }

  mutating func next() -> Item? {
    if let branch {
      // It may have changed since the last time.
      guard index < branch.count else { return nil }
      index += 1
      return Item(key: branch.key(index - 1), slot: branch.slot(index - 1))
    }
    guard index < count else { return nil }
    index += 1
    var key = UnsafeRawBufferPointer(start: nil, count: 0)
    if isObject {
      key = place.pointee.bytes
      place += 1
    }
    defer { place = place.next }
    return Item(key: key, slot: JSONSlot(place: place))
  }
}
