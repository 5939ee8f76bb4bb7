import CSystem

extension JSON {
  /// Reads one JSON value, the whole of the bytes: what jansson would accept, and as jansson would understand it, but
  /// that nesting has a bound. `\u0000` is allowed in strings.
  @inline(never)
  public static func read(_ bytes: UnsafeRawBufferPointer) throws(JSONSyntaxError) -> JSON {
    try read(bytes, deepest: JSONScanner.deepest)
  }

  static func read(_ bytes: UnsafeRawBufferPointer, deepest: Int) throws(JSONSyntaxError) -> JSON {
    var reader = JSONReader(bytes, deepest: deepest)
    if let document = reader.readDocument() { return document }
    throw reader.error
  }

  /// Reads one JSON value that is going to be changed.
  @inline(never)
  public static func parse(_ bytes: UnsafeRawBufferPointer) throws(JSONSyntaxError) -> JSON {
    try read(bytes).deepCopy()
  }

  /// Reads one JSON value that is going to be changed.
  @inline(never)
  public static func parse(_ text: String) throws(JSONSyntaxError) -> JSON {
    var text = text
    let result = text.withUTF8 { utf8 in
      do throws(JSONSyntaxError) {
        return Result<JSON, JSONSyntaxError>.success(try parse(UnsafeRawBufferPointer(utf8)))
      } catch { return .failure(error) }
    }
    return try result.get()
  }
}

/// Lays out a document: a row of cells, in the order of the text, which point into a copy of it. That takes three
/// allocations whatever the document, where a tree takes one or two for each value.
private struct JSONReader {
  private let owner = JSONOwner()
  /// The copy of the text, which lives as long as the document does.
  private let text: UnsafeRawBufferPointer
  private let source: UnsafeRawBufferPointer
  private var scanner: JSONScanner
  private let scratch = ByteBuffer()
  private var count = 0
  private var capacity: Int
  private var hasRunOut: Bool
  private var open: JSONOpenContainers
  private var hasLargeObjects = false

  /// What a cell's count has room for.
  private static let longestText = Int(UInt32.max)

  init(_ bytes: UnsafeRawBufferPointer, deepest: Int) {
    let copy = bytes.count < Self.longestText ? malloc(bytes.count + 1) : nil
    if let copy, let source = bytes.baseAddress { memcpy(copy, source, bytes.count) }
    owner.text = copy
    source = bytes
    text = UnsafeRawBufferPointer(start: copy, count: copy == nil ? 0 : bytes.count)
    scanner = JSONScanner(text, deepest: deepest)
    // Services' documents have a value or a key for every eight bytes or so; a long text has one for many.
    capacity = min(bytes.count / 8, 4096) + 8
    owner.cells = malloc(capacity * MemoryLayout<JSONCell>.stride)?.bindMemory(to: JSONCell.self, capacity: capacity)
    open = JSONOpenContainers()
    hasRunOut = copy == nil || owner.cells == nil
  }

  /// The document; nil where it is none, or where memory ran out.
  mutating func readDocument() -> JSON? {
    defer { open.release() }
    guard !hasRunOut, readValues(), scanner.isAtEnd(), let cells = owner.cells else { return nil }
    if hasLargeObjects { unpackLargeObjects(cells) }
    return JSON(owner, cells)
  }

  /// Cells do not move any more now. A packed object has its mark of plain text set where it is to be unpacked.
  private func unpackLargeObjects(_ cells: JSONPlace) {
    for place in 0..<count where cells[place].kind == .object && cells[place].isPlain {
      _ = JSON.unpack(cells + place, of: owner)
    }
  }

  /// What was wrong.
  var error: JSONSyntaxError {
    if hasRunOut {
      JSONBranch.noteExhaustion()
      return JSONSyntaxError(line: 1, column: 1, reason: "memory ran out")
    }
    return scanner.diagnosis(of: source)
  }
}

// MARK: - Values

extension JSONReader {
  private mutating func readValues() -> Bool {
    repeat {
      guard readScalarOrOpen() else { return false }
      while !open.isEmpty, !beginMember() {
        if scanner.hasFailed || hasRunOut { return false }
        close()
      }
    } while !open.isEmpty
    return true
  }

  private mutating func readScalarOrOpen() -> Bool {
    switch scanner.peek() {
    case .object: return scanner.enterObject() && begin(isObject: true)
    case .array: return scanner.enterArray() && begin(isObject: false)
    case .string:
      guard let text = scanner.string() else { return false }
      return append(text) != nil
    case .number:
      guard let number = scanner.number() else { return false }
      return append(number.integer.map { JSONCell(.integer, payload: $0) } ?? JSONCell(.realText, bytes: number.text))
    case .boolean:
      guard let value = scanner.boolean() else { return false }
      return append(JSONCell(value ? .yes : .no))
    case .null: return scanner.null() && append(JSONCell(.null))
    case .none: return scanner.refuse()
    }
  }

  /// Takes what stands before the next value of the innermost container; false at its end.
  private mutating func beginMember() -> Bool {
    guard let level = open.innermost else { return false }
    if level.pointee.isObject {
      guard let key = scanner.nextKey(), let name = append(key) else { return false }
      note(name, level)
    } else {
      guard scanner.nextElement() else { return false }
    }
    level.pointee.members &+= 1
    return true
  }

  private mutating func begin(isObject: Bool) -> Bool {
    guard open.push(isObject: isObject, place: count) else { return runOut() }
    return append(JSONCell(.null))
  }

  private mutating func close() {
    guard let level = open.innermost?.pointee else { return }
    let isLarge = level.isObject && (level.hasRepetition || level.members > JSONBranch.mostUnindexed)
    if isLarge { hasLargeObjects = true }
    owner.cells?[level.place] = JSONCell(
      containerOf: level.members, isObject: level.isObject, span: count - level.place, isMarked: isLarge)
    open.pop()
  }

  /// Sees whether the object has the name already. Of a large one all names are entered into an index later.
  private mutating func note(_ name: UnsafeRawBufferPointer, _ level: UnsafeMutablePointer<JSONOpenContainers.Level>) {
    guard level.pointee.members < JSONBranch.mostUnindexed, !level.pointee.hasRepetition else { return }
    let mark = Self.mark(of: name)
    if level.pointee.seen & mark != 0 { level.pointee.hasRepetition = isIn(level.pointee, name) }
    level.pointee.seen |= mark
  }

  /// A bit that two names rarely share which are not the same.
  private static func mark(of name: UnsafeRawBufferPointer) -> UInt64 {
    guard let first = name.first, let last = name.last else { return 1 }
    return 1 << ((UInt64(first) &+ UInt64(last) &* 7 &+ UInt64(truncatingIfNeeded: name.count) &* 31) & 63)
  }

  private func isIn(_ object: JSONOpenContainers.Level, _ name: UnsafeRawBufferPointer) -> Bool {
    guard let cells = owner.cells else { return false }
    var place = cells + object.place + 1
    for _ in 0..<object.members {
      if place.pointee.bytes.isSame(as: name) { return true }
      place = (place + 1).next
    }
    return false
  }
}

// MARK: - Cells

extension JSONReader {
  private mutating func append(_ cell: JSONCell) -> Bool {
    if count == capacity, !grow() { return runOut() }
    owner.cells?[count] = cell
    count &+= 1
    return true
  }

  private mutating func grow() -> Bool {
    guard let larger = realloc(owner.cells, 2 * capacity * MemoryLayout<JSONCell>.stride) else { return false }
    capacity *= 2
    owner.cells = larger.bindMemory(to: JSONCell.self, capacity: capacity)
    return true
  }

  /// A text with escapes is replaced in the copy by what it stands for, which is shorter.
  private mutating func append(_ text: JSONScanner.Text) -> UnsafeRawBufferPointer? {
    guard text.hasEscapes else { return append(JSONCell(.string, isPlain: true, bytes: text.raw)) ? text.raw : nil }
    let value = text.value(scratch: scratch)
    guard !scratch.isExhausted, let start = text.raw.baseAddress, value.count <= text.raw.count else {
      _ = runOut()
      return nil
    }
    let target = UnsafeMutableRawBufferPointer(start: UnsafeMutableRawPointer(mutating: start), count: value.count)
    target.copyMemory(from: value)
    let bytes = UnsafeRawBufferPointer(target)
    return append(JSONCell(.string, bytes: bytes)) ? bytes : nil
  }

  private mutating func runOut() -> Bool {
    hasRunOut = true
    return false
  }
}

/// The containers around the next value.
private struct JSONOpenContainers {
  struct Level {
    var isObject: Bool
    var hasRepetition = false
    /// Where its cell is.
    var place: Int
    var members = 0
    /// The marks of the names so far.
    var seen: UInt64 = 0
  }

  private var levels: UnsafeMutablePointer<Level>?
  private var count = 0
  private var capacity = 0

  var isEmpty: Bool { count == 0 }
  /// Valid until the next one is opened.
  var innermost: UnsafeMutablePointer<Level>? { count > 0 ? levels.map { $0 + (count &- 1) } : nil }

  mutating func push(isObject: Bool, place: Int) -> Bool {
    if count == capacity {
      let grown = max(2 * capacity, 16)
      guard let larger = realloc(levels, grown * MemoryLayout<Level>.stride) else { return false }
      levels = larger.bindMemory(to: Level.self, capacity: grown)
      capacity = grown
    }
    levels?[count] = Level(isObject: isObject, place: place)
    count += 1
    return true
  }

  mutating func pop() { count = max(count - 1, 0) }

  func release() { free(levels) }
}
