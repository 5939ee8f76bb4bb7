import CSystem

// Values are made by themselves, and changed where they are: a container that was read becomes a branch when it is first
// changed.

extension JSON {
  /// JSON's null.
  public static var null: JSON { own(JSONCell(.null)) }
  /// An empty object.
  @inline(never)
  public static func object() -> JSON { own(JSONBranch(isObject: true)) }
  /// An empty array.
  @inline(never)
  public static func array() -> JSON { own(JSONBranch(isObject: false)) }
  /// true or false.
  @inline(never)
  public static func boolean(_ value: Bool) -> JSON { own(JSONCell(value ? .yes : .no)) }
  /// An integer.
  @inline(never)
  public static func integer(_ value: Int64) -> JSON { own(JSONCell(.integer, payload: value)) }
  /// An integer.
  public static func integer(_ value: Int) -> JSON { integer(Int64(value)) }
  /// A real; NaN and the infinities, which JSON has no word for, become null.
  @inline(never)
  public static func real(_ value: Double) -> JSON { value.isFinite ? own(JSONCell(real: value)) : null }

  /// A string.
  @_disfavoredOverload
  @inline(never)
  public static func string(_ value: String) -> JSON {
    var value = value
    return value.withUTF8 { utf8 in string(UnsafeRawBufferPointer(utf8)) }
  }

  /// A string of valid UTF-8 bytes.
  @inline(never)
  public static func string(_ utf8: UnsafeRawBufferPointer) -> JSON {
    let size = MemoryLayout<JSONCell>.size
    guard utf8.count < Int(UInt32.max), let memory = malloc(size + utf8.count) else {
      JSONBranch.noteExhaustion()
      return null
    }
    if let source = utf8.baseAddress { memcpy(memory + size, source, utf8.count) }
    let bytes = UnsafeRawBufferPointer(start: memory + size, count: utf8.count)
    return own(memory, JSONCell(.string, bytes: bytes))
  }

  /// A string known at compile time.
  @inline(never)
  public static func string(_ value: StaticText) -> JSON { own(JSONCell(.string, bytes: value.utf8)) }

  /// A string known at compile time.
  @_disfavoredOverload
  @inline(never)
  public static func string(_ value: StaticString) -> JSON {
    string(UnsafeRawBufferPointer(start: value.utf8Start, count: value.utf8CodeUnitCount))
  }

  /// A string out of a buffer.
  public static func string(_ buffer: ByteBuffer) -> JSON { string(buffer.bytes) }

  /// An array of the values.
  @inline(never)
  public static func array(_ values: [JSON]) -> JSON {
    let array = JSON.array()
    for value in values { array.append(value) }
    return array
  }

  /// An array of strings.
  @inline(never)
  public static func array(_ values: [String]) -> JSON {
    let array = JSON.array()
    for value in values { array.append(.string(value)) }
    return array
  }

  /// An object whose members are written as text.
  public static func object(_ write: (JSONText) -> Void) -> JSON {
    let buffer = ByteBuffer()
    let text = JSONText(buffer)
    text.openObject()
    write(text)
    text.closeObject()
    return own(buffer.bytes)
  }

  /// The document that the library itself has written.
  public static func own(_ bytes: UnsafeRawBufferPointer) -> JSON {
    do throws(JSONSyntaxError) {
      return try read(bytes, deepest: JSONScanner.deepestOwn)
    } catch { return .object() }
  }

  /// Another value with the same members or elements, which it shares; a document that was read shares its containers
  /// with nobody.
  @inline(never)
  public func copy() -> JSON {
    guard let source = place.pointee.branch, !source.isOfDocument else { return deepCopy() }
    let branch = JSONBranch(isObject: source.isObject, keys: source.keys)
    let copy = JSON.own(branch)
    for place in 0..<source.count { branch.add(from: source, place, source.slot(place).kept(by: owner)) }
    return copy
  }

  /// Another value, of which no container is shared.
  @inline(never)
  public func deepCopy() -> JSON {
    guard isObject || isArray else { return self }
    var pending: JSONCopy?
    let copy = JSON.begin(copyOf: place, owner, &pending)
    // One after the other and not one within the other, which would take as much of the stack as they are deep.
    while let next = pending {
      pending = next.previous
      next.fill(&pending)
    }
    return copy
  }

  fileprivate static func begin(copyOf place: JSONPlace, _ owner: JSONOwner, _ pending: inout JSONCopy?) -> JSON {
    let source = place.pointee.branch
    let keys = source.map { $0.isOfDocument ? owner : $0.keys } ?? owner
    let branch = JSONBranch(isObject: place.isObject, keys: keys)
    pending = JSONCopy(of: place, owner, into: branch, before: pending)
    return own(branch)
  }

  private static func own(_ cell: JSONCell) -> JSON {
    own(malloc(MemoryLayout<JSONCell>.size), cell)
  }

  /// A value in memory that its owner is to free.
  private static func own(_ memory: UnsafeMutableRawPointer?, _ cell: JSONCell) -> JSON {
    let owner = JSONOwner()
    guard let place = memory?.bindMemory(to: JSONCell.self, capacity: 1) else {
      JSONBranch.noteExhaustion()
      return JSON(owner, nothing)
    }
    place.initialize(to: cell)
    owner.cells = place
    return JSON(owner, place)
  }

  private static func own(_ branch: JSONBranch) -> JSON {
    let value = own(JSONCell(branch))
    value.owner.keep(branch)
    return value
  }
}

/// A container whose content is still to be copied.
private final class JSONCopy {
  let previous: JSONCopy?
  private let place: JSONPlace
  private let owner: JSONOwner
  private let branch: JSONBranch

  init(of place: JSONPlace, _ owner: JSONOwner, into branch: JSONBranch, before previous: JSONCopy?) {
    self.place = place
    self.owner = owner
    self.branch = branch
    self.previous = previous
  }

  func fill(_ pending: inout JSONCopy?) {
    let source = place.pointee.branch
    var (content, index) = (JSONContent(place), 0)
    while let item = content.next() {
      let kept = item.slot.kept(by: owner)
      let isContainer = item.slot.place.isObject || item.slot.place.isArray
      let inner =
        isContainer ? JSON.begin(copyOf: kept.place, kept.owner?.takeUnretainedValue() ?? owner, &pending) : nil
      let slot = inner.map { JSONSlot(owner: Unmanaged.passUnretained($0.owner), place: $0.place) } ?? kept
      withExtendedLifetime(inner) {
        if let source { branch.add(from: source, index, slot) } else { branch.add(item.key, .kept, slot) }
      }
      index += 1
    }
  }
}

// MARK: - Changing

extension JSON {
  /// What holds the container's content, which is no longer packed from now on; nil where this is no such container.
  private func changeable(isObject: Bool) -> JSONBranch? {
    if let branch = place.pointee.branch { return branch.isObject == isObject ? branch : nil }
    guard place.pointee.kind == (isObject ? .object : .array) else { return nil }
    return JSON.unpack(place, of: owner)
  }

  /// Makes a branch of a packed container. Of a member that comes twice the last one counts, at the place of the first.
  @inline(never)
  static func unpack(_ container: JSONPlace, of owner: JSONOwner) -> JSONBranch {
    let branch = JSONBranch(isObject: container.pointee.kind == .object, documentSpan: container.pointee.span)
    var content = JSONContent(container)
    while let item = content.next() {
      if branch.isObject { branch.put(item.key, .kept, item.slot) } else { branch.add(item.key, .kept, item.slot) }
    }
    owner.keep(branch)
    container.pointee = JSONCell(branch)
    return branch
  }

  /// Sets a member; nil leaves the object as it is.
  @inline(never)
  public func set(_ key: StaticText, _ value: JSON?) {
    if let value { changeable(isObject: true)?.put(key.utf8, .kept, value.slot(for: self)) }
  }
  /// Sets a member to a constant.
  @inline(never)
  public func set(_ key: StaticText, _ value: StaticText) { set(key, .string(value)) }
  /// Sets a member to a text; nil leaves the object as it is.
  @_disfavoredOverload
  @inline(never)
  public func set(_ key: StaticText, _ value: String?) {
    if let value { set(key, .string(value)) }
  }
  /// Sets a member to the text in a buffer.
  @inline(never)
  public func set(_ key: StaticText, _ value: ByteBuffer) { set(key, .string(value)) }
  /// Sets a member to an integer; nil leaves the object as it is.
  @inline(never)
  public func set(_ key: StaticText, _ value: Int64?) {
    if let value { set(key, .integer(value)) }
  }
  /// Sets a member to an integer.
  public func set(_ key: StaticText, _ value: Int) { set(key, Int64(value)) }
  /// Sets a member to true or false; nil leaves the object as it is.
  @inline(never)
  public func set(_ key: StaticText, _ value: Bool?) {
    if let value { set(key, .boolean(value)) }
  }

  /// Sets a member whose name is not known at compile time; nil leaves the object as it is.
  @inline(never)
  public func set(named key: String, _ value: JSON?) {
    guard let value else { return }
    var key = key
    key.withUTF8 { set(utf8: UnsafeRawBufferPointer($0), value) }
  }

  /// Sets a member whose name is valid UTF-8.
  @inline(never)
  public func set(utf8 key: UnsafeRawBufferPointer, _ value: JSON) {
    changeable(isObject: true)?.put(key, .copied, value.slot(for: self))
  }

  /// Sets a member where there is none yet.
  @inline(never)
  public func setDefault(_ key: StaticText, _ value: JSON?) {
    if !has(key) { set(key, value) }
  }

  /// Sets a member where there is none yet.
  @inline(never)
  public func setDefault(named key: String, _ value: JSON?) {
    if !has(named: key) { set(named: key, value) }
  }

  /// Removes a member.
  @inline(never)
  public func remove(_ key: StaticText) { remove(key.utf8) }

  /// Removes a member.
  @inline(never)
  public func remove(named key: String) {
    var key = key
    key.withUTF8 { remove(UnsafeRawBufferPointer($0)) }
  }

  private func remove(_ key: UnsafeRawBufferPointer) {
    guard place.member(key) != nil, let branch = changeable(isObject: true) else { return }
    if let found = branch.find(key) { branch.remove(found) }
  }

  /// Appends an element.
  @inline(never)
  public func append(_ value: JSON) {
    changeable(isObject: false)?.add(UnsafeRawBufferPointer(start: nil, count: 0), .kept, value.slot(for: self))
  }

  /// Replaces the element at a place that exists.
  @inline(never)
  public func replace(at index: Int, with value: JSON) {
    guard isArray, index >= 0, index < count else { return }
    changeable(isObject: false)?.replace(index, value.slot(for: self))
  }

  /// Removes the last element of an array that is not empty.
  public func removeLast() {
    if isArray, count > 0 { changeable(isObject: false)?.remove(count - 1) }
  }

  /// Lays the other object's members over this one's, object into object. The objects within may belong to others, a
  /// caller's document or a configuration, and are therefore replaced and not changed.
  @inline(never)
  public func merge(_ other: JSON) { merge(other, depth: 0) }

  private func merge(_ other: JSON, depth: Int) {
    let deepest = 64
    for (key, value) in other.members {
      guard depth < deepest, value.isObject, let own = self[named: key], own.isObject else {
        set(named: key, value)
        continue
      }
      let merged = own.copy()
      merged.merge(value, depth: depth + 1)
      set(named: key, merged)
    }
  }
}
