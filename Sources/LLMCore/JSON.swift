import CSystem

/// A JSON value: a counted reference to a jansson value. Copies share the value; what was not made by the holder is not
/// to be changed (`copy()` first), so that a caller's document stays the caller's.
public struct JSON: @unchecked Sendable {
  final class Node {
    let raw: UnsafeMutablePointer<json_t>
    init(_ raw: UnsafeMutablePointer<json_t>) { self.raw = raw }
    deinit { json_decref(raw) }
  }

  let node: Node

  /// Takes over a reference.
  public init?(adopting raw: UnsafeMutablePointer<json_t>?) {
    guard let raw else { return nil }
    node = Node(raw)
  }

  /// Adds a reference of its own to a borrowed value.
  public init?(borrowing raw: UnsafePointer<json_t>?) {
    guard let raw else { return nil }
    node = Node(json_incref(UnsafeMutablePointer(mutating: raw)))
  }

  private init(orNull raw: UnsafeMutablePointer<json_t>?) { node = Node(raw ?? json_null()) }

  /// The value itself, borrowed: valid as long as this reference is.
  public var raw: UnsafeMutablePointer<json_t> { node.raw }

  /// A reference of the caller's own to the value, for C.
  public func retainedRaw() -> UnsafeMutablePointer<json_t> { json_incref(node.raw) }
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
  public static func string(_ value: Word) -> JSON { JSON(orNull: json_string_nocheck(value.cString)) }

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
  public func copy() -> JSON { JSON(orNull: json_copy(raw)) }
  /// Another value that shares nothing.
  @inline(never)
  public func deepCopy() -> JSON { JSON(orNull: json_deep_copy(raw)) }
}

// MARK: - Reading

extension JSON {
  /// The seven types.
  public enum Kind: Sendable { case object, array, string, integer, real, boolean, null }

  /// The value's type.
  @inline(never)
  public var kind: Kind {
    switch raw.pointee.type {
    case JSON_OBJECT: .object
    case JSON_ARRAY: .array
    case JSON_STRING: .string
    case JSON_INTEGER: .integer
    case JSON_REAL: .real
    case JSON_TRUE, JSON_FALSE: .boolean
    default: .null
    }
  }

  /// Whether it is an object.
  public var isObject: Bool { raw.pointee.type == JSON_OBJECT }
  /// Whether it is an array.
  public var isArray: Bool { raw.pointee.type == JSON_ARRAY }
  /// Whether it is a string.
  public var isString: Bool { raw.pointee.type == JSON_STRING }
  /// Whether it is null.
  public var isNull: Bool { raw.pointee.type == JSON_NULL }

  /// The string's text.
  @inline(never)
  public var string: String? {
    guard let utf8 = stringBytes else { return nil }
    return String(decoding: utf8, as: UTF8.self)
  }

  /// The string's bytes, borrowed from the value.
  public var stringBytes: UnsafeRawBufferPointer? {
    guard let text = json_string_value(raw) else { return nil }
    return UnsafeRawBufferPointer(start: text, count: json_string_length(raw))
  }

  /// The integer, also where it is written as a real without a fraction.
  @inline(never)
  public var int: Int64? {
    switch raw.pointee.type {
    case JSON_INTEGER: json_integer_value(raw)
    case JSON_REAL: JSON.integer(exactly: json_real_value(raw))
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
    switch raw.pointee.type {
    case JSON_INTEGER, JSON_REAL: json_number_value(raw)
    default: nil
    }
  }

  /// true or false.
  @inline(never)
  public var bool: Bool? {
    switch raw.pointee.type {
    case JSON_TRUE: true
    case JSON_FALSE: false
    default: nil
    }
  }

  /// The number of members or elements; 0 for everything else.
  public var count: Int { isArray ? json_array_size(raw) : json_object_size(raw) }

  /// The member of that name, nil where it is missing, null, or this is no object: the services say all three and mean
  /// the same.
  public subscript(key: Word) -> JSON? {
    @inline(never)
    get { JSON(borrowing: said(key)) }
  }

  /// The member of a name that is not known at compile time.
  public subscript(named key: String) -> JSON? {
    @inline(never)
    get {
      guard let value = rawMember(key), value.pointee.type != JSON_NULL else { return nil }
      return JSON(borrowing: value)
    }
  }

  /// The member within a member.
  public subscript(group: Word, key: Word) -> JSON? {
    @inline(never)
    get { JSON(borrowing: json_object_get(json_object_get(raw, group.cString), key.cString).saidOrNil) }
  }

  /// The element at that place; nil outside the array.
  public subscript(index: Int) -> JSON? {
    @inline(never)
    get {
      guard index >= 0 else { return nil }
      return JSON(borrowing: json_array_get(raw, index))
    }
  }

  /// A member's text; nil where it is none.
  @inline(never)
  public func string(_ key: Word) -> String? { self[key]?.string }
  /// The text of a member within a member; nil where it is none.
  @inline(never)
  public func string(_ group: Word, _ key: Word) -> String? { self[group, key]?.string }
  /// A member's integer; nil where it is none.
  @inline(never)
  public func int(_ key: Word) -> Int64? { self[key]?.int }
  /// The integer of a member within a member; nil where it is none.
  @inline(never)
  public func int(_ group: Word, _ key: Word) -> Int64? { self[group, key]?.int }
  /// Whether a member is true or false; nil where it is neither.
  @inline(never)
  public func bool(_ key: Word) -> Bool? { self[key]?.bool }
  /// A member's elements; none where it is no array.
  @inline(never)
  public func elements(_ key: Word) -> [JSON] { self[key]?.elements ?? [] }
  /// A member's members; none where it is no object.
  @inline(never)
  public func members(_ key: Word) -> [(key: String, value: JSON)] { self[key]?.members ?? [] }

  /// Whether a member is this text.
  @inline(never)
  public func says(_ key: Word, _ text: Word) -> Bool {
    guard let value = json_object_get(raw, key.cString), let bytes = json_string_value(value) else { return false }
    return text.matches(UnsafeRawBufferPointer(start: bytes, count: json_string_length(value)))
  }

  private func said(_ key: Word) -> UnsafeMutablePointer<json_t>? { json_object_get(raw, key.cString).saidOrNil }

  /// The member of that name, null included.
  @inline(never)
  public func member(_ key: String) -> JSON? { JSON(borrowing: rawMember(key)) }

  /// Whether there is a member of that name, null included.
  @inline(never)
  public func has(_ key: Word) -> Bool { json_object_get(raw, key.cString) != nil }

  /// Whether there is a member of that name, null included.
  @inline(never)
  public func has(named key: String) -> Bool { rawMember(key) != nil }

  /// jansson finds a key by its bytes and their number: bridging it to a C string would copy it each time.
  private func rawMember(_ key: String) -> UnsafeMutablePointer<json_t>? {
    var key = key
    return key.withUTF8 { json_object_getn(raw, $0.baseAddress, $0.count) }
  }

  /// The array's elements; none for everything else.
  @inline(never)
  public var elements: [JSON] {
    var values: [JSON] = []
    let count = isArray ? json_array_size(raw) : 0
    values.reserveCapacity(count)
    for index in 0..<count {
      if let value = self[index] { values.append(value) }
    }
    return values
  }

  /// The object's members in the order in which they stand; none for everything else.
  @inline(never)
  public var members: [(key: String, value: JSON)] {
    var pairs: [(key: String, value: JSON)] = []
    var iterator = json_object_iter(raw)
    while let place = iterator {
      if let key = json_object_iter_key(place), let value = JSON(borrowing: json_object_iter_value(place)) {
        pairs.append((String(cString: key), value))
      }
      iterator = json_object_iter_next(raw, place)
    }
    return pairs
  }

  /// The members that say something under a key that is none of the words, in the order in which they stand.
  @inline(never)
  public func members(except words: [Word]) -> [(key: String, value: JSON)] {
    var pairs: [(key: String, value: JSON)] = []
    var iterator = json_object_iter(raw)
    while let place = iterator {
      let key = UnsafeRawBufferPointer(start: json_object_iter_key(place), count: json_object_iter_key_len(place))
      if let value = json_object_iter_value(place), value.pointee.type != JSON_NULL,
        !words.contains(where: { $0.matches(key) }), let value = JSON(borrowing: value)
      {
        pairs.append((String(decoding: key, as: UTF8.self), value))
      }
      iterator = json_object_iter_next(raw, place)
    }
    return pairs
  }

  /// Whether both hold the same.
  @inline(never)
  public func equals(_ other: JSON) -> Bool { json_equal(raw, other.raw) == 1 }
}

// MARK: - Building

extension JSON {
  /// Sets a member; nil leaves the object as it is.
  @inline(never)
  public func set(_ key: Word, _ value: JSON?) {
    if let value { json_object_set_new_nocheck(raw, key.cString, value.retainedRaw()) }
  }
  /// Sets a member to a constant.
  @inline(never)
  public func set(_ key: Word, _ value: Word) {
    json_object_set_new_nocheck(raw, key.cString, json_string_nocheck(value.cString))
  }
  /// Sets a member to a text; nil leaves the object as it is.
  @_disfavoredOverload
  @inline(never)
  public func set(_ key: Word, _ value: String?) {
    if let value { set(key, .string(value)) }
  }
  /// Sets a member to the text in a buffer.
  @inline(never)
  public func set(_ key: Word, _ value: ByteBuffer) { set(key, .string(value)) }
  /// Sets a member to an integer; nil leaves the object as it is.
  @inline(never)
  public func set(_ key: Word, _ value: Int64?) {
    if let value { json_object_set_new_nocheck(raw, key.cString, json_integer(value)) }
  }
  /// Sets a member to an integer.
  public func set(_ key: Word, _ value: Int) { set(key, Int64(value)) }
  /// Sets a member to true or false; nil leaves the object as it is.
  @inline(never)
  public func set(_ key: Word, _ value: Bool?) {
    if let value { json_object_set_new_nocheck(raw, key.cString, value ? json_true() : json_false()) }
  }

  /// Sets a member whose name is not known at compile time; nil leaves the object as it is.
  @inline(never)
  public func set(named key: String, _ value: JSON?) {
    guard let value else { return }
    var key = key
    _ = key.withUTF8 { json_object_setn_new_nocheck(raw, $0.baseAddress, $0.count, value.retainedRaw()) }
  }

  /// Sets a member where there is none yet.
  @inline(never)
  public func setDefault(_ key: Word, _ value: JSON?) {
    if !has(key) { set(key, value) }
  }

  /// Sets a member where there is none yet.
  @inline(never)
  public func setDefault(named key: String, _ value: JSON?) {
    if !has(named: key) { set(named: key, value) }
  }

  /// Removes a member.
  @inline(never)
  public func remove(_ key: Word) { json_object_del(raw, key.cString) }

  /// Removes a member.
  @inline(never)
  public func remove(named key: String) {
    var key = key
    _ = key.withUTF8 { json_object_deln(raw, $0.baseAddress, $0.count) }
  }

  /// Appends an element.
  @inline(never)
  public func append(_ value: JSON) { json_array_append_new(raw, value.retainedRaw()) }

  /// Replaces the element at a place that exists.
  @inline(never)
  public func replace(at index: Int, with value: JSON) { json_array_set_new(raw, index, value.retainedRaw()) }

  /// Removes the last element of an array that is not empty.
  public func removeLast() { json_array_remove(raw, json_array_size(raw) - 1) }

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
    var error = json_error_t()
    let text = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
    let flags = Int(JSON_DECODE_ANY | JSON_ALLOW_NUL)
    guard let value = JSON(adopting: json_loadb(text, text == nil ? 0 : bytes.count, flags, &error)) else {
      throw JSONSyntaxError(error)
    }
    return value
  }

  /// Parses one JSON value.
  @inline(never)
  public static func parse(_ text: String) throws(JSONSyntaxError) -> JSON {
    let buffer = ByteBuffer()
    buffer.append(text)
    return try parse(buffer.bytes)
  }

  /// Writes the value as compact JSON. Reals are written as the shortest text that reads back the same.
  public func write(into buffer: ByteBuffer) { JSONWriter(buffer).write(raw, depth: 0) }

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
    self.init(line: Int(max(error.line, 1)), column: Int(max(error.column, 0)), reason: reason)
  }
}
