import CSystem
import LLMCore

/// Where a matcher is: about to read the value of a row, having seen these rows.
struct HotState {
  var row = 0
  var seen: UInt64 = 1
}

/// Reads one frame by a matcher's table. Every step that finds anything unexpected gives false, which declines.
struct HotCursor {
  private(set) var state = HotState()
  private(set) var kind = HotPath.Payload.empty
  private(set) var payload = UnsafeRawBufferPointer(start: nil, count: 0)
  private(set) var hasEscapes = false
  private(set) var stateAtPayload = HotState()

  private let table: HotRows
  private var place: UnsafeRawPointer
  private let end: UnsafeRawPointer
  /// The object whose members are being read, and the member read last; -1 for none.
  private var parent = -1
  private var previous = -1

  init(_ table: HotRows, start: UnsafeRawPointer, end: UnsafeRawPointer) {
    self.table = table
    place = start
    self.end = end
  }

  /// Goes to where an earlier frame, equal up to there, had its payload.
  mutating func resume(_ state: HotState, at place: UnsafeRawPointer) {
    self.state = state
    self.place = place
    parent = table.rows[state.row].parent
    previous = state.row
  }

  /// Reads from the value of the current row to the end of the frame.
  mutating func run() -> Bool {
    var next = Step.value
    skipBlanks()
    while true {
      switch next {
      case .value: next = readValue()
      case .member: next = readMember()
      case .end: return isComplete
      case .decline: return false
      }
    }
  }

  private enum Step { case value, member, end, decline }

  private var isComplete: Bool {
    state.seen & table.required == table.required && state.seen & table.payloads != 0
  }
}

// MARK: - Values

extension HotCursor {
  /// Reads the value of the current row; into an object goes only as far as its first key.
  @inline(__always)
  private mutating func readValue() -> Step {
    let row = table.rows + state.row
    let isRead: Bool
    switch row.pointee.action {
    case .object: return enter()
    case .array: return take(UInt8(ascii: "[")) ? enter() : .decline
    case .text: isRead = readPayload(.text)
    case .reasoning: isRead = readPayload(.reasoning)
    case .arguments: isRead = readPayload(.arguments)
    case .same:
      let slot = table.slots + row.pointee.slot
      isRead = readString(slot.pointee.common, slot.pointee.commonLength)
    case .null: isRead = readNull()
    case .no: isRead = readWord("false")
    case .skip: isRead = skip()
    case .integer: isRead = readInteger(into: row.pointee.slot)
    case .constant: isRead = readConstant(row.pointee.constant)
    }
    return isRead ? .member : .decline
  }

  private mutating func enter() -> Step {
    skipBlanks()
    guard take(UInt8(ascii: "{")) else { return .decline }
    parent = state.row
    previous = -1
    skipBlanks()
    return take(UInt8(ascii: "}")) ? leave() : readKey()
  }

  @inline(__always)
  private mutating func readPayload(_ kind: HotPath.Payload) -> Bool {
    guard take(UInt8(ascii: "\"")) else { return readNull() }
    let start = place
    guard let token = JSONLexer.string(at: start, end, .splitText) else { return false }
    place = token.end + 1
    if token.end == start { return true }
    guard self.kind == .empty else { return false }
    self.kind = kind
    payload = UnsafeRawBufferPointer(start: start, count: token.end - start)
    hasEscapes = token.hasEscapes
    stateAtPayload = state
    return true
  }

  /// Reads a string that has to be the one given with its closing quote.
  @inline(__always)
  private mutating func readString(_ expected: UnsafeRawPointer?, _ length: Int) -> Bool {
    guard let expected, take(UInt8(ascii: "\"")), end - place >= length, memcmp(place, expected, length) == 0 else {
      return false
    }
    place += length
    return true
  }

  private mutating func readConstant(_ text: StaticString) -> Bool {
    guard take(UInt8(ascii: "\"")), end - place > text.utf8CodeUnitCount,
      memcmp(place, text.utf8Start, text.utf8CodeUnitCount) == 0
    else { return false }
    place += text.utf8CodeUnitCount
    return take(UInt8(ascii: "\""))
  }

  private mutating func readInteger(into slot: Int) -> Bool {
    guard let token = JSONLexer.number(at: place, end), let integer = token.integer else { return false }
    table.slots[slot].integer = Int(integer)
    place = token.end
    return true
  }

  @inline(__always)
  private mutating func readNull() -> Bool {
    guard let wordEnd = JSONLexer.null(at: place, end) else { return false }
    place = wordEnd
    return true
  }

  private mutating func readWord(_ word: StaticString) -> Bool {
    guard let wordEnd = JSONLexer.word(word, at: place, end) else { return false }
    place = wordEnd
    return true
  }

  @inline(__always)
  private mutating func skip() -> Bool {
    guard place < end else { return false }
    switch place.load(as: UInt8.self) {
    case UInt8(ascii: "\""):
      guard let token = JSONLexer.string(at: place + 1, end, .strict) else { return false }
      place = token.end + 1
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      guard let token = JSONLexer.number(at: place, end) else { return false }
      place = token.end
    default:
      return skipOther()
    }
    return true
  }

  @inline(never)
  private mutating func skipOther() -> Bool {
    // A frame that nests so deep besides is left to the tree.
    var scanner = JSONScanner(
      UnsafeRawBufferPointer(start: place, count: end - place), deepest: JSONScanner.deepest / 2)
    guard scanner.skipValue() else { return false }
    place += scanner.position
    return true
  }
}

// MARK: - Keys

extension HotCursor {
  /// Reads what follows a value: the next key, or the end of the object.
  @inline(__always)
  private mutating func readMember() -> Step {
    skipBlanks()
    if take(UInt8(ascii: ",")) {
      skipBlanks()
      return readKey()
    }
    return take(UInt8(ascii: "}")) ? leave() : .decline
  }

  private mutating func leave() -> Step {
    previous = parent
    let row = table.rows + parent
    if row.pointee.action == .array {
      skipBlanks()
      guard take(UInt8(ascii: "]")) else { return .decline }
    }
    parent = row.pointee.parent
    if parent >= 0 { return .member }
    skipBlanks()
    return place == end ? .end : .decline
  }

  /// Reads a key and its colon.
  private mutating func readKey() -> Step {
    guard take(UInt8(ascii: "\"")) else { return .decline }
    let expected = previous < 0 ? table.rows[parent].expectedChild : table.rows[previous].expectedSibling
    let found = expected >= 0 && isKey(of: expected) ? expected : findKey()
    guard found >= 0 else { return readUnknown() }
    let bit: UInt64 = 1 &<< UInt64(truncatingIfNeeded: found)
    guard state.seen & bit == 0 else { return .decline }
    state.seen |= bit
    state.row = found
    previous = found
    place += table.rows[found].keyLength
    return takeColon() ? .value : .decline
  }

  @inline(__always)
  private func isKey(of index: Int) -> Bool {
    let row = table.rows + index
    let length = row.pointee.keyLength
    let key = row.pointee.key
    let lastWord = (length &- 1) & ~7
    guard end - place >= lastWord &+ 8 else {
      return end - place >= length && memcmp(place, key, length) == 0
    }
    var offset = 0
    while offset < lastWord {
      let ours = key.load(fromByteOffset: offset, as: UInt64.self)
      if place.loadUnaligned(fromByteOffset: offset, as: UInt64.self) != ours { return false }
      offset &+= 8
    }
    let difference =
      place.loadUnaligned(fromByteOffset: offset, as: UInt64.self) ^ key.load(fromByteOffset: offset, as: UInt64.self)
    return difference & row.pointee.lastWordMask == 0
  }

  /// Looks for the key among all of the object's, and learns that it comes here.
  @inline(never)
  private func findKey() -> Int {
    var row = table.rows[parent].firstChild
    while row >= 0, !isKey(of: row) { row = table.rows[row].nextSibling }
    if row >= 0 {
      if previous < 0 { table.rows[parent].expectedChild = row } else { table.rows[previous].expectedSibling = row }
    }
    return row
  }

  /// Reads a key that is not in the table: it says nothing when it is null.
  private mutating func readUnknown() -> Step {
    guard let token = JSONLexer.string(at: place, end, .strict), !token.hasEscapes else { return .decline }
    place = token.end + 1
    return takeColon() && readNull() ? .member : .decline
  }

  @inline(__always)
  private mutating func takeColon() -> Bool {
    skipBlanks()
    guard take(UInt8(ascii: ":")) else { return false }
    skipBlanks()
    return true
  }

  @inline(__always)
  private mutating func take(_ byte: UInt8) -> Bool {
    guard place < end, place.load(as: UInt8.self) == byte else { return false }
    place += 1
    return true
  }

  @inline(__always)
  private mutating func skipBlanks() { place = JSONLexer.skipBlanks(place, end) }
}
