import CSystem
import LLMCore

/// A row of a matcher's table: an object or a field of the frame.
struct HotRow {
  enum Action { case object, array, skip, null, no, same, integer, constant, text, reasoning, arguments }

  var action: Action
  /// The key with its closing quote, padded with zeros to whole words.
  var key: UnsafeRawPointer
  var keyLength: Int
  /// What is compared of the key's last word.
  var lastWordMask: UInt64
  var parent: Int
  /// The first child, and the next child of the same parent, in the table's order; -1 for none.
  var firstChild = -1
  var nextSibling = -1
  /// Which row came first in this object, and which came after this row, when last seen. -1 for none.
  var expectedChild = -1
  var expectedSibling = -1
  var slot = 0
  var constant: StaticString = ""
}

/// What a matcher keeps under a number: an integer of the frame, or a value that frames have in common.
struct HotSlot {
  /// The row whose integer this is, as a bit.
  var integerBit: UInt64 = 0
  var integer = 0
  /// The value with its closing quote.
  var common: UnsafeMutableRawPointer?
  var commonLength = 0
}

/// The rows and slots, borrowed from their table.
struct HotRows {
  let rows: UnsafeMutablePointer<HotRow>
  let slots: UnsafeMutablePointer<HotSlot>
  /// Fields that a frame must have: its constants.
  var required: UInt64 = 0
  /// Fields of which a frame must have one: those that can be the payload.
  var payloads: UInt64 = 0
}

/// The table of a matcher, built once: paths become a tree of rows in one flat array, keys lie in one arena.
final class HotTable {
  /// Rows and slots are bits of a word.
  private static let mostRows = 64
  private static let mostSlots = 16
  private static let wordSize = 8

  private(set) var rows: HotRows
  /// False for a table that is too large or contradicts itself; its matcher declines every frame.
  private(set) var isUsable = true

  private var rowCount = 0
  private let arena: UnsafeMutableRawPointer
  private var arenaCount = 0

  init(_ fields: [HotField]) {
    arena = .allocate(byteCount: Self.arenaSize(fields), alignment: Self.wordSize)
    rows = HotRows(rows: .allocate(capacity: Self.mostRows), slots: .allocate(capacity: Self.mostSlots))
    rows.slots.initialize(repeating: HotSlot(), count: Self.mostSlots)
    _ = addRow(key: UnsafeRawBufferPointer(start: nil, count: 0), parent: -1)
    for field in fields { add(field) }
  }

  deinit {
    for slot in 0..<Self.mostSlots { free(rows.slots[slot].common) }
    rows.rows.deallocate()
    rows.slots.deallocate()
    arena.deallocate()
  }

  func integer(_ slot: Int, in seen: UInt64) -> Int {
    guard (0..<Self.mostSlots).contains(slot), rows.slots[slot].integerBit & seen != 0 else { return 0 }
    return rows.slots[slot].integer
  }

  /// Keeps the value as it stands in a frame. One that has to be escaped there is not kept: frames with it decline.
  func remember(_ slot: Int, _ value: UnsafeRawBufferPointer) {
    guard (0..<Self.mostSlots).contains(slot) else { return }
    free(rows.slots[slot].common)
    rows.slots[slot].common = nil
    rows.slots[slot].commonLength = 0
    guard Self.standsAsItIs(value), let copy = malloc(value.count + 1) else { return }
    if let start = value.baseAddress { copy.copyMemory(from: start, byteCount: value.count) }
    copy.storeBytes(of: UInt8(ascii: "\""), toByteOffset: value.count, as: UInt8.self)
    rows.slots[slot].common = copy
    rows.slots[slot].commonLength = value.count + 1
  }

  private static func standsAsItIs(_ value: UnsafeRawBufferPointer) -> Bool {
    value.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
      && UTF8Rules.validPrefix(of: value) == value.count
  }
}

// MARK: - Building

extension HotTable {
  /// A bound for the keys: each with a quote and its padding.
  private static func arenaSize(_ fields: [HotField]) -> Int {
    fields.reduce(wordSize * 2) { size, field in
      var keys = 1
      for index in 0..<field.path.utf8CodeUnitCount where field.path.utf8Start[index] == UInt8(ascii: ".") { keys += 1 }
      return size + field.path.utf8CodeUnitCount + keys * wordSize
    }
  }

  private func add(_ field: HotField) {
    var row = 0
    var rest = UnsafeRawBufferPointer(start: field.path.utf8Start, count: field.path.utf8CodeUnitCount)
    while !rest.isEmpty, isUsable {
      let end = rest.firstIndex(of: UInt8(ascii: ".")) ?? rest.count
      let key = UnsafeRawBufferPointer(rebasing: rest[..<end])
      rest = UnsafeRawBufferPointer(rebasing: rest[min(end + 1, rest.count)...])
      if key.equals("0") {
        rows.rows[row].action = .array
        if row == 0 || rest.isEmpty { reject() }
      } else if rows.rows[row].action != .object && rows.rows[row].action != .array {
        reject()
      } else {
        row = child(of: row, named: key) ?? addRow(key: key, parent: row)
      }
    }
    if isUsable { setRole(field.role, of: row) }
  }

  private func child(of parent: Int, named key: UnsafeRawBufferPointer) -> Int? {
    var row = rows.rows[parent].firstChild
    while row >= 0 {
      let known = UnsafeRawBufferPointer(start: rows.rows[row].key, count: rows.rows[row].keyLength - 1)
      if known.elementsEqual(key) { return row }
      row = rows.rows[row].nextSibling
    }
    return nil
  }

  private func addRow(key: UnsafeRawBufferPointer, parent: Int) -> Int {
    guard rowCount < Self.mostRows else {
      reject()
      return 0
    }
    let place = arena + arenaCount
    let length = key.count + 1
    let padded = (length + Self.wordSize - 1) / Self.wordSize * Self.wordSize
    arenaCount += padded
    memset(place, 0, padded)
    if let start = key.baseAddress { place.copyMemory(from: start, byteCount: key.count) }
    place.storeBytes(of: UInt8(ascii: "\""), toByteOffset: key.count, as: UInt8.self)
    let mask = UInt64.max >> UInt64(8 * (padded - length))
    let row = rowCount
    (rows.rows + row).initialize(
      to: HotRow(
        action: .object, key: place, keyLength: length, lastWordMask: UInt64(littleEndian: mask), parent: parent))
    rowCount += 1
    if parent >= 0 { link(row, into: parent) }
    return row
  }

  private func link(_ row: Int, into parent: Int) {
    guard rows.rows[parent].firstChild >= 0 else {
      rows.rows[parent].firstChild = row
      rows.rows[parent].expectedChild = row
      return
    }
    var last = rows.rows[parent].firstChild
    while rows.rows[last].nextSibling >= 0 { last = rows.rows[last].nextSibling }
    rows.rows[last].nextSibling = row
    rows.rows[last].expectedSibling = row
  }

  private func setRole(_ role: HotRole, of row: Int) {
    let bit: UInt64 = 1 << UInt64(row)
    // A field has one role, and no fields of its own.
    guard row > 0, rows.rows[row].action == .object, rows.rows[row].firstChild < 0 else { return reject() }
    switch role {
    case .skip: rows.rows[row].action = .skip
    case .null: rows.rows[row].action = .null
    case .no: rows.rows[row].action = .no
    case .same(let slot): use(slot, for: .same, of: row)
    case .integer(let slot):
      use(slot, for: .integer, of: row)
      guard isUsable, rows.slots[slot].integerBit == 0 else { return reject() }
      rows.slots[slot].integerBit = bit
    case .constant(let text):
      rows.rows[row].action = .constant
      rows.rows[row].constant = text
      rows.required |= bit
    case .text: usePayload(.text, of: row)
    case .reasoning: usePayload(.reasoning, of: row)
    case .arguments: usePayload(.arguments, of: row)
    }
  }

  private func reject() { isUsable = false }

  private func use(_ slot: Int, for action: HotRow.Action, of row: Int) {
    guard (0..<Self.mostSlots).contains(slot) else { return reject() }
    rows.rows[row].action = action
    rows.rows[row].slot = slot
  }

  private func usePayload(_ action: HotRow.Action, of row: Int) {
    rows.rows[row].action = action
    rows.payloads |= 1 << UInt64(row)
  }
}
