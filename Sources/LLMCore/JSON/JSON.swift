import CSystem
import Synchronization

/// What keeps values alive: a jansson value, or the tape of a document.
final class JSONOwner {
  /// jansson's null where it is a tape.
  let raw: UnsafeMutablePointer<json_t>
  /// The tape's, which do not change once the document is read.
  var cells: UnsafeMutablePointer<JSONCell>?
  /// What they point into.
  var text: UnsafeMutableRawPointer?

  init(_ raw: UnsafeMutablePointer<json_t> = json_null()) { self.raw = raw }

  deinit {
    json_decref(raw)
    free(cells)
    free(text)
  }
}

/// A JSON value: a counted reference to a jansson value, or to a place in a document that was only read. Copies share
/// the value; what was not made by the holder is not to be changed (`copy()` first), so that a caller's document stays
/// the caller's. What was read cannot be changed at all.
public struct JSON: @unchecked Sendable {
  let owner: JSONOwner
  /// Where on the owner's tape; nil where the owner has none.
  let place: JSONPlace?

  init(_ owner: JSONOwner, _ place: JSONPlace?) {
    self.owner = owner
    self.place = place
  }

  /// Takes over a reference.
  public init?(adopting raw: UnsafeMutablePointer<json_t>?) {
    guard let raw else { return nil }
    self.init(JSONOwner(raw), nil)
  }

  /// Adds a reference of its own to a borrowed value.
  public init?(borrowing raw: UnsafePointer<json_t>?) {
    guard let raw else { return nil }
    self.init(JSONOwner(json_incref(UnsafeMutablePointer(mutating: raw))), nil)
  }

  init(orNull raw: UnsafeMutablePointer<json_t>?) { self.init(JSONOwner(raw ?? json_null()), nil) }

  /// The jansson value; null where there is none.
  private var raw: UnsafeMutablePointer<json_t> { owner.raw }

  /// The jansson value that may be changed.
  @inline(never)
  private var changeable: UnsafeMutablePointer<json_t> {
    if place != nil { JSON.misuse.store(true, ordering: .relaxed) }
    return owner.raw
  }

  private static let misuse = Atomic<Bool>(false)
  /// Whether anybody has tried to change what was only read, which does nothing and is a mistake: tests look for it.
  public static var wasMisused: Bool { misuse.load(ordering: .relaxed) }

  /// A reference of the caller's own to the value as jansson's.
  public func retainedRaw() -> UnsafeMutablePointer<json_t> {
    if let place { return place.thawed() ?? json_null() }
    return json_incref(owner.raw)
  }

  /// Another value of the same document.
  private func sibling(_ place: JSONPlace) -> JSON { JSON(owner, place) }
}

// MARK: - Making values

extension JSON {
  /// JSON's null.
  public static var null: JSON { JSON(orNull: json_null()) }
  /// An empty object.
  @inline(never)
  public static func object() -> JSON { JSON(orNull: json_object()) }
  /// An empty array.
  @inline(never)
  public static func array() -> JSON { JSON(orNull: json_array()) }
  /// true or false.
  @inline(never)
  public static func boolean(_ value: Bool) -> JSON { JSON(orNull: value ? json_true() : json_false()) }
  /// An integer.
  @inline(never)
  public static func integer(_ value: Int64) -> JSON { JSON(orNull: json_integer(value)) }
  /// An integer.
  public static func integer(_ value: Int) -> JSON { JSON(orNull: json_integer(Int64(value))) }
  /// A real; NaN and the infinities, which JSON has no word for, become null.
  @inline(never)
  public static func real(_ value: Double) -> JSON { JSON(orNull: json_real(value)) }

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
    guard let base = utf8.baseAddress else { return JSON(orNull: json_string("")) }
    return JSON(orNull: json_stringn_nocheck(base.assumingMemoryBound(to: CChar.self), utf8.count))
  }

  /// A string known at compile time.
  @inline(never)
  public static func string(_ value: StaticText) -> JSON { JSON(orNull: json_string_nocheck(value.cString)) }

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

  /// Another value with the same members or elements, which it shares.
  @inline(never)
  public func copy() -> JSON { JSON(orNull: place == nil ? json_copy(raw) : retainedRaw()) }
  /// Another value that shares nothing.
  @inline(never)
  public func deepCopy() -> JSON { JSON(orNull: place == nil ? json_deep_copy(raw) : retainedRaw()) }
}

// MARK: - Reading

extension JSON {
  /// The seven types.
  public enum Kind: Sendable { case object, array, string, integer, real, boolean, null }

  /// The value's type.
  @inline(never)
  public var kind: Kind {
    if let place { return JSON.kinds(place.pointee.kind) }
    switch raw.pointee.type {
    case JSON_OBJECT: return .object
    case JSON_ARRAY: return .array
    case JSON_STRING: return .string
    case JSON_INTEGER: return .integer
    case JSON_REAL: return .real
    case JSON_TRUE, JSON_FALSE: return .boolean
    default: return .null
    }
  }

  private static func kinds(_ kind: JSONCell.Kind) -> Kind {
    switch kind {
    case .object: .object
    case .array: .array
    case .string: .string
    case .integer: .integer
    case .real: .real
    case .yes, .no: .boolean
    case .null: .null
    }
  }

  /// Whether it is an object.
  public var isObject: Bool { kind == .object }
  /// Whether it is an array.
  public var isArray: Bool { kind == .array }
  /// Whether it is a string.
  public var isString: Bool { kind == .string }
  /// Whether it is null.
  public var isNull: Bool { kind == .null }

  /// The string's text.
  @inline(never)
  public var string: String? {
    guard let utf8 = stringBytes else { return nil }
    return String(decoding: utf8, as: UTF8.self)
  }

  /// The string's bytes, borrowed from the value.
  @inline(never)
  public var stringBytes: UnsafeRawBufferPointer? {
    if let place { return place.pointee.text }
    guard let text = json_string_value(raw) else { return nil }
    return UnsafeRawBufferPointer(start: text, count: json_string_length(raw))
  }

  /// The integer, also where it is written as a real without a fraction.
  @inline(never)
  public var int: Int64? {
    switch kind {
    case .integer: place?.pointee.integer ?? json_integer_value(raw)
    case .real: double.flatMap { JSON.integer(exactly: $0) }
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
    guard let cell = place?.pointee else { return kind == .integer || kind == .real ? json_number_value(raw) : nil }
    return cell.kind == .integer ? Double(cell.integer) : cell.kind == .real ? cell.double : nil
  }

  /// true or false.
  @inline(never)
  public var bool: Bool? {
    guard kind == .boolean else { return nil }
    guard let place else { return raw.pointee.type == JSON_TRUE }
    return place.pointee.kind == .yes
  }

  /// The number of members or elements; 0 for everything else.
  @inline(never)
  public var count: Int {
    guard let cell = place?.pointee else { return isArray ? json_array_size(raw) : json_object_size(raw) }
    return cell.kind == .object || cell.kind == .array ? Int(cell.count) : 0
  }

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
    guard let place else { return JSON(borrowing: rawMember(key).saidOrNil) }
    guard let value = place.member(key), value.pointee.kind != .null else { return nil }
    return sibling(value)
  }

  /// The element at that place; nil outside the array.
  public subscript(index: Int) -> JSON? {
    @inline(never)
    get {
      guard index >= 0 else { return nil }
      guard var place else { return JSON(borrowing: json_array_get(raw, index)) }
      guard isArray, index < count else { return nil }
      place += 1
      for _ in 0..<index { place = place.next }
      return sibling(place)
    }
  }

  /// A member's text; nil where it is none.
  @inline(never)
  public func string(_ key: StaticText) -> String? {
    guard let place else { return self[key]?.string }
    return place.member(key.utf8)?.pointee.text.map { String(decoding: $0, as: UTF8.self) }
  }
  /// The text of a member within a member; nil where it is none.
  @inline(never)
  public func string(_ group: StaticText, _ key: StaticText) -> String? { self[group, key]?.string }
  /// A member's integer; nil where it is none.
  @inline(never)
  public func int(_ key: StaticText) -> Int64? {
    guard let place else { return self[key]?.int }
    guard let cell = place.member(key.utf8)?.pointee else { return nil }
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
    if let place { return place.member(key.utf8)?.pointee.text.map { text.matches($0) } ?? false }
    guard let value = self[key], let bytes = value.stringBytes else { return false }
    return withExtendedLifetime(value) { text.matches(bytes) }
  }

  /// The member of that name, null included.
  @inline(never)
  public func member(_ key: String) -> JSON? {
    var key = key
    return key.withUTF8 { utf8 in
      guard let place else { return JSON(borrowing: rawMember(UnsafeRawBufferPointer(utf8))) }
      return place.member(UnsafeRawBufferPointer(utf8)).map { sibling($0) }
    }
  }

  /// Whether there is a member of that name, null included.
  @inline(never)
  public func has(_ key: StaticText) -> Bool { has(key.utf8) }

  /// Whether there is a member of that name, null included.
  @inline(never)
  public func has(named key: String) -> Bool {
    var key = key
    return key.withUTF8 { has(UnsafeRawBufferPointer($0)) }
  }

  private func has(_ key: UnsafeRawBufferPointer) -> Bool {
    place.map { $0.member(key) != nil } ?? (rawMember(key) != nil)
  }

  /// jansson finds a key by its bytes and their number: bridging it to a C string would copy it each time.
  private func rawMember(_ key: UnsafeRawBufferPointer) -> UnsafeMutablePointer<json_t>? {
    llm_json_get(raw, key.bindMemory(to: CChar.self).baseAddress, key.count)
  }

  /// The array's elements; none for everything else.
  @inline(never)
  public var elements: [JSON] {
    var values: [JSON] = []
    guard isArray else { return values }
    values.reserveCapacity(count)
    if var place {
      place += 1
      for _ in 0..<count {
        values.append(sibling(place))
        place = place.next
      }
      return values
    }
    for index in 0..<count {
      if let value = self[index] { values.append(value) }
    }
    return values
  }

  /// The object's members in the order in which they stand; none for everything else.
  @inline(never)
  public var members: [(key: String, value: JSON)] {
    var pairs: [(key: String, value: JSON)] = []
    forEachMember { key, value in pairs.append((String(decoding: key, as: UTF8.self), value)) }
    return pairs
  }

  /// The members that say something under a key that is none of the words, in the order in which they stand.
  @inline(never)
  public func members(except words: [StaticText]) -> [(key: String, value: JSON)] {
    var pairs: [(key: String, value: JSON)] = []
    forEachMember { key, value in
      if value.isNull || words.contains(where: { $0.matches(key) }) { return }
      pairs.append((String(decoding: key, as: UTF8.self), value))
    }
    return pairs
  }

  /// Hands each member to a reader, in the order in which they stand; the key's bytes are borrowed.
  @inline(never)
  public func forEachMember(_ read: (UnsafeRawBufferPointer, JSON) -> Void) {
    guard var place else { return forEachRawMember(read) }
    guard isObject else { return }
    place += 1
    for _ in 0..<count {
      read(place.pointee.bytes, sibling(place + 1))
      place = (place + 1).next
    }
  }

  private func forEachRawMember(_ read: (UnsafeRawBufferPointer, JSON) -> Void) {
    var iterator = json_object_iter(raw)
    while let place = iterator {
      let key = UnsafeRawBufferPointer(start: json_object_iter_key(place), count: llm_json_key_length(place))
      if let value = JSON(borrowing: json_object_iter_value(place)) { read(key, value) }
      iterator = json_object_iter_next(raw, place)
    }
  }

  /// Whether both hold the same.
  @inline(never)
  public func equals(_ other: JSON) -> Bool {
    let (own, theirs) = (retainedRaw(), other.retainedRaw())
    defer {
      json_decref(own)
      json_decref(theirs)
    }
    return json_equal(own, theirs) == 1
  }
}

// MARK: - Building

extension JSON {
  /// Sets a member; nil leaves the object as it is.
  @inline(never)
  public func set(_ key: StaticText, _ value: JSON?) {
    if let value { json_object_set_new_nocheck(changeable, key.cString, value.retainedRaw()) }
  }
  /// Sets a member to a constant.
  @inline(never)
  public func set(_ key: StaticText, _ value: StaticText) {
    json_object_set_new_nocheck(changeable, key.cString, json_string_nocheck(value.cString))
  }
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
    if let value { json_object_set_new_nocheck(changeable, key.cString, json_integer(value)) }
  }
  /// Sets a member to an integer.
  public func set(_ key: StaticText, _ value: Int) { set(key, Int64(value)) }
  /// Sets a member to true or false; nil leaves the object as it is.
  @inline(never)
  public func set(_ key: StaticText, _ value: Bool?) {
    if let value { json_object_set_new_nocheck(changeable, key.cString, value ? json_true() : json_false()) }
  }

  /// Sets a member whose name is not known at compile time; nil leaves the object as it is.
  @inline(never)
  public func set(named key: String, _ value: JSON?) {
    guard let value else { return }
    var key = key
    _ = key.withUTF8 { llm_json_set_new(changeable, $0.baseAddress, $0.count, value.retainedRaw()) }
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
  public func remove(_ key: StaticText) { json_object_del(changeable, key.cString) }

  /// Removes a member.
  @inline(never)
  public func remove(named key: String) {
    var key = key
    _ = key.withUTF8 { llm_json_delete(changeable, $0.baseAddress, $0.count) }
  }

  /// Appends an element.
  @inline(never)
  public func append(_ value: JSON) { json_array_append_new(changeable, value.retainedRaw()) }

  /// Replaces the element at a place that exists.
  @inline(never)
  public func replace(at index: Int, with value: JSON) { json_array_set_new(changeable, index, value.retainedRaw()) }

  /// Removes the last element of an array that is not empty.
  public func removeLast() { json_array_remove(changeable, count - 1) }

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

extension UnsafeMutablePointer<json_t>? {
  /// Nil for JSON's null as well.
  fileprivate var saidOrNil: UnsafeMutablePointer<json_t>? {
    guard let value = self, value.pointee.type != JSON_NULL else { return nil }
    return value
  }
}

// MARK: - Text

/// Why a text is no JSON, and where.
public struct JSONSyntaxError: Error, Sendable {
  /// The line, from 1.
  public var line: Int
  /// The column, from 1.
  public var column: Int
  /// What is wrong, in the parser's words.
  public var reason: String
  /// One sentence of it all.
  public var description: String { formatted("\(reason) (line \(line), column \(column))") }
}

extension JSON {
  /// Parses one JSON value, the whole of the bytes. `\u0000` is allowed in strings.
  @inline(never)
  public static func parse(_ bytes: UnsafeRawBufferPointer) throws(JSONSyntaxError) -> JSON {
    if isTooDeep(bytes) { throw JSONSyntaxError(line: 1, column: 1, reason: "maximum depth of 256 levels exceeded") }
    var error = json_error_t()
    // Without an address jansson would complain of its arguments.
    let text = (bytes.baseAddress ?? UnsafeRawPointer(StaticText("").cString)).assumingMemoryBound(to: CChar.self)
    let flags = Int(JSON_DECODE_ANY | JSON_ALLOW_NUL)
    guard let value = JSON(adopting: json_loadb(text, bytes.count, flags, &error)) else {
      throw JSONSyntaxError(error)
    }
    return value
  }

  /// Whether more brackets are open anywhere than the scanner would follow: jansson would, on the thread's stack.
  private static func isTooDeep(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let deepest = 256
    var (depth, place, isInString) = (0, 0, false)
    while place < bytes.count, depth <= deepest {
      switch bytes[place] {
      case UInt8(ascii: "\""): isInString.toggle()
      case UInt8(ascii: "\\") where isInString: place += 1
      case UInt8(ascii: "{") where !isInString, UInt8(ascii: "[") where !isInString: depth += 1
      case UInt8(ascii: "}") where !isInString, UInt8(ascii: "]") where !isInString: depth -= 1
      default: break
      }
      place += 1
    }
    return depth > deepest
  }

  /// Parses one JSON value.
  @inline(never)
  public static func parse(_ text: String) throws(JSONSyntaxError) -> JSON {
    let buffer = ByteBuffer()
    buffer.append(text)
    return try parse(buffer.bytes)
  }

  /// Writes the value as compact JSON. Reals are written as the shortest text that reads back the same.
  @inline(never)
  public func write(into buffer: ByteBuffer) {
    if let place { JSONWriter(buffer).write(place) } else { JSONWriter(buffer).write(raw, depth: 0) }
  }

  /// The value as compact JSON.
  @inline(never)
  public var text: String {
    let buffer = ByteBuffer()
    write(into: buffer)
    return buffer.string
  }

  /// The value as compact JSON in malloc'd, NUL-terminated storage of the caller's.
  @inline(never)
  public func makeCString() -> UnsafeMutablePointer<CChar> {
    let buffer = ByteBuffer(capacity: 2048)
    write(into: buffer)
    return buffer.takeCString()
  }
}

extension JSONSyntaxError {
  init(_ error: json_error_t) {
    var error = error
    let reason = withUnsafePointer(to: &error.text) { tuple in
      tuple.withMemoryRebound(to: CChar.self, capacity: Int(JSON_ERROR_TEXT_LENGTH)) { String(cString: $0) }
    }
    self.init(
      line: Int(max(error.line, 1)), column: Int(max(error.column, 0)), reason: JSONSyntaxError.withoutQuotation(reason)
    )
  }

  /// jansson quotes where it stopped; in a configuration that may be a part of a key. A sign or a short word (NaN, None)
  /// that stands by itself is none.
  private static func withoutQuotation(_ reason: String) -> String {
    let opening: StaticString = " near '"
    guard let place = reason.firstByteOffset(of: opening.text) else { return reason }
    let quotation = reason.dropping(bytes: place + opening.utf8CodeUnitCount)
    let isHarmless = quotation.utf8.count <= 5 && !quotation.utf8.contains(UInt8(ascii: "\""))
    return isHarmless ? reason : reason.keeping(bytes: place)
  }
}
