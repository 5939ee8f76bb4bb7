import CSystem

/// One value of a tape, or one key.
struct JSONCell {
  enum Kind: UInt8 { case object, array, string, integer, real, yes, no, null }

  let kind: Kind
  /// Whether a text has nothing that JSON would escape.
  let isPlain: Bool
  /// Of a text or a real, its bytes; of a container, its elements or members.
  let count: UInt32
  /// An integer; where the bytes of a text or a real stand; how many cells a container and all within it take.
  private let payload: Int64

  init(_ kind: Kind, payload: Int64 = 0) {
    self.kind = kind
    isPlain = false
    count = 0
    self.payload = payload
  }

  init(_ kind: Kind, isPlain: Bool = false, bytes: UnsafeRawBufferPointer) {
    self.kind = kind
    self.isPlain = isPlain
    count = UInt32(truncatingIfNeeded: bytes.count)
    payload = Int64(Int(bitPattern: bytes.baseAddress))
  }

  init(containerOf count: Int, isObject: Bool, span: Int) {
    kind = isObject ? .object : .array
    isPlain = false
    self.count = UInt32(truncatingIfNeeded: count)
    payload = Int64(span)
  }

  var span: Int { kind == .object || kind == .array ? Int(payload) : 1 }
  var integer: Int64 { payload }
  var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: Int(payload)), count: Int(count))
  }

  /// A text's bytes; nil for everything else.
  var text: UnsafeRawBufferPointer? { kind == .string ? bytes : nil }

  /// The number that a real is. jansson reads it, which knows what the locale's decimal point has to do with it.
  var double: Double {
    let text = bytes.bindMemory(to: CChar.self)
    let number = JSON(adopting: json_loadb(text.baseAddress, text.count, Int(JSON_DECODE_ANY), nil))
    return number?.double ?? 0
  }
}

typealias JSONPlace = UnsafePointer<JSONCell>

extension JSONPlace {
  /// What stands behind this and all that is within it.
  var next: JSONPlace { self + pointee.span }

  /// The value of the object's member of that name; nil where there is none.
  func member(_ key: UnsafeRawBufferPointer) -> JSONPlace? {
    guard pointee.kind == .object else { return nil }
    var (place, left) = (self + 1, pointee.count)
    while left > 0 {
      if place.pointee.bytes.isSame(as: key) { return place + 1 }
      place = (place + 1).next
      left &-= 1
    }
    return nil
  }

  /// A jansson value of its own that holds the same.
  func thawed() -> UnsafeMutablePointer<json_t>? {
    let cell = pointee
    switch cell.kind {
    case .object: return thawedObject()
    case .array: return thawedArray()
    case .string: return json_stringn_nocheck(cell.bytes.bindMemory(to: CChar.self).baseAddress, cell.bytes.count)
    case .integer: return json_integer(cell.integer)
    case .real: return json_real(cell.double)
    case .yes: return json_true()
    case .no: return json_false()
    case .null: return json_null()
    }
  }

  private func thawedObject() -> UnsafeMutablePointer<json_t>? {
    let object = json_object()
    var place = self + 1
    for _ in 0..<pointee.count {
      let key = place.pointee.bytes
      place += 1
      llm_json_set_new(object, key.bindMemory(to: CChar.self).baseAddress, key.count, place.thawed())
      place = place.next
    }
    return object
  }

  private func thawedArray() -> UnsafeMutablePointer<json_t>? {
    let array = json_array()
    var place = self + 1
    for _ in 0..<pointee.count {
      json_array_append_new(array, place.thawed())
      place = place.next
    }
    return array
  }
}

/// Lays out a document that is read and never changed: a row of cells, in the order of the text, which point into a copy
/// of it. That takes three allocations whatever the document, where a tree takes one or two for each value.
public struct JSONCells {
  private let owner = JSONOwner()
  private var count = 0
  private var capacity: Int
  /// The copy of the text, which lives as long as the document does.
  public let text: UnsafeRawBufferPointer

  /// What a cell's count has room for.
  private static let longestText = Int(UInt32.max)

  /// An empty tape for a text, which it copies.
  public init(_ text: UnsafeRawBufferPointer) {
    let copy = text.count < JSONCells.longestText ? malloc(text.count + 1) : nil
    if let copy, let source = text.baseAddress { memcpy(copy, source, text.count) }
    owner.text = copy
    self.text = UnsafeRawBufferPointer(start: copy, count: copy == nil ? 0 : text.count)
    // Services' documents have a value or a key for every eight bytes or so; a long text has one for many.
    capacity = min(text.count / 8, 4096) + 8
    owner.cells = malloc(capacity * MemoryLayout<JSONCell>.stride)?.bindMemory(to: JSONCell.self, capacity: capacity)
  }

  /// The first value as a document; nil where there is none. Nothing is appended any more.
  public var document: JSON? { count > 0 ? owner.cells.map { JSON(owner, UnsafePointer($0)) } : nil }

  private mutating func append(_ cell: JSONCell) -> Bool {
    if count == capacity {
      guard let larger = realloc(owner.cells, 2 * capacity * MemoryLayout<JSONCell>.stride) else { return false }
      capacity *= 2
      owner.cells = larger.bindMemory(to: JSONCell.self, capacity: capacity)
    }
    owner.cells?[count] = cell
    count += 1
    return owner.cells != nil
  }

  /// Appends a text or a key, whose bytes lie in the copy. A plain one has nothing that JSON would escape.
  public mutating func append(string bytes: UnsafeRawBufferPointer, isPlain: Bool) -> Bool {
    append(JSONCell(.string, isPlain: isPlain, bytes: bytes))
  }
  /// Appends an integer.
  public mutating func append(integer: Int64) -> Bool { append(JSONCell(.integer, payload: integer)) }
  /// Appends a real, written so.
  public mutating func append(real bytes: UnsafeRawBufferPointer) -> Bool { append(JSONCell(.real, bytes: bytes)) }
  /// Appends true or false.
  public mutating func append(_ value: Bool) -> Bool { append(JSONCell(value ? .yes : .no)) }
  /// Appends null.
  public mutating func appendNull() -> Bool { append(JSONCell(.null)) }

  /// Begins a container, and says where it stands; nil where there is no room.
  public mutating func open() -> Int? { append(JSONCell(.null)) ? count - 1 : nil }

  /// Ends the container that stands there: all that was appended since is within it.
  public func close(_ place: Int, isObject: Bool, count members: Int) {
    owner.cells?[place] = JSONCell(containerOf: members, isObject: isObject, span: count - place)
  }

  /// Whether the object that was begun there has a member of that name before the last key.
  public func repeatsKey(in object: Int, members: Int) -> Bool {
    guard let cells = owner.cells, count > 0 else { return false }
    let key = cells[count - 1].bytes
    var place = UnsafePointer(cells) + object + 1
    for _ in 0..<members {
      if place.pointee.bytes.isSame(as: key) { return true }
      place = (place + 1).next
    }
    return false
  }
}
