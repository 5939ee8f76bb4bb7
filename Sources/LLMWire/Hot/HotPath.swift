import CSystem
import LLMCore

/// What a field of a frame is to the matcher.
public enum HotRole: Sendable {
  /// Of no interest; any value.
  case skip
  /// Must be null: a value would be news.
  case null
  /// Must be `false`: the other word would be news.
  case no
  /// A string that must equal the one remembered in this slot.
  case same(Int)
  /// An integer, kept in this slot.
  case integer(Int)
  /// Must be there and be this string.
  case constant(StaticString)
  /// The payload, when it is not empty: a piece of text.
  case text
  /// The payload, when it is not empty: a piece of reasoning.
  case reasoning
  /// The payload, when it is not empty: a piece of a tool call's arguments.
  case arguments
}

/// A field that a frame may have: its path, such as `choices.0.delta.content`, and its role.
public struct HotField: Sendable {
  let path: StaticString
  let role: HotRole

  /// Names a field. In a path `0` is the only element of an array, which must be an object.
  public init(_ path: StaticString, _ role: HotRole) {
    self.path = path
    self.role = role
  }
}

/// Matches a dialect's most frequent frame in place, with no tree and no allocation.
///
/// It accepts a strict subset of what jansson does, and only frames that say nothing beyond their table: whatever is
/// unknown, doubled, missing or odd makes it decline, and the caller parses a tree. So the two can never disagree. One
/// thing it lets through that jansson refuses: a payload with a lone surrogate escape or a broken UTF-8 sequence, since
/// services split both between frames; `UTF8Joiner` joins or replaces them, and every payload has to pass through it.
///
/// Frames of one stream differ in little but their payload. The matcher therefore learns the order of the keys, and it
/// keeps the bytes up to the payload of the last frame: one that begins with the same bytes is in the same state there.
///
/// How it works, in the order of the files:
///
/// - `HotTable` turns a dialect's list of fields into a tree of rows in one flat array: `choices.0.delta.content` is a row
///   below `delta`, which is one below the only element of `choices`. A row knows its key as it stands in a frame, with the
///   closing quote, and what its value may be (its role).
/// - `HotCursor` walks a frame and the tree side by side. At each key it tries the row that came there in the last frame,
///   then the object's others; a key in no row may only be null. Each row may come once: a bit of a word says which came.
///   A value that does not fit its row's role declines the frame. So does a second payload.
/// - `HotPath` keeps what one frame teaches for the next: the bytes up to the payload, and the cursor's state there. One
///   `memcmp` then stands for reading the beginning again.
///
/// docs/internals/hot-path.md tells it at more length, and what holds it.
public final class HotPath {
  /// What the payload is.
  public enum Payload: Sendable {
    /// A piece of text.
    case text
    /// A piece of reasoning.
    case reasoning
    /// A piece of a tool call's arguments.
    case arguments
    /// There is none.
    case empty
  }

  /// What the payload of the matched frame is.
  public private(set) var kind = Payload.empty
  /// The payload of the matched frame: it lies in the frame, or in the matcher until its next match.
  public private(set) var payload = UnsafeRawBufferPointer(start: nil, count: 0)

  private let fields: [HotField]
  /// Built when the first frame comes: an answer that comes whole needs none.
  private lazy var table = HotTable(fields)
  private let unescaped = ByteBuffer()
  /// The fields of the matched frame, a bit each.
  private var seen: UInt64 = 0
  /// The bytes up to the payload of the last frame that was matched from its beginning, and the state there.
  private let prefix = ByteBuffer()
  private var stateAfterPrefix = HotState()

  /// The matcher of a table.
  public init(_ table: [HotField]) { fields = table }

  /// Remembers what the fields with the role `same` of this slot must equal. Until then, frames that have such a field
  /// are declined.
  public func remember(_ slot: Int, _ bytes: UnsafeRawBufferPointer) {
    prefix.removeAll()
    table.remember(slot, bytes)
  }

  /// The integer of this slot in the matched frame; 0 when the frame had none.
  public func integer(_ slot: Int) -> Int { table.integer(slot, in: seen) }

  /// Matches a frame. False declines it, and nothing is known about it then.
  public func match(_ data: UnsafeRawBufferPointer) -> Bool {
    guard let start = data.baseAddress, table.isUsable else { return decline() }
    var cursor = HotCursor(table.rows, start: start, end: start + data.count)
    if isAfterPrefix(data) {
      cursor.resume(stateAfterPrefix, at: start + prefix.count)
      guard cursor.run() else { return decline() }
    } else {
      prefix.removeAll()
      guard cursor.run() else { return decline() }
      keepPrefix(of: cursor, from: start)
    }
    accept(cursor)
    return true
  }

  private func isAfterPrefix(_ data: UnsafeRawBufferPointer) -> Bool {
    guard let start = data.baseAddress, let known = prefix.bytes.baseAddress else { return false }
    return !prefix.isEmpty && data.count > prefix.count && memcmp(start, known, prefix.count) == 0
  }

  private func keepPrefix(of cursor: HotCursor, from start: UnsafeRawPointer) {
    guard cursor.kind != .empty, let payloadStart = cursor.payload.baseAddress else { return }
    // The state is the one before the payload's opening quote.
    prefix.append(UnsafeRawBufferPointer(start: start, count: payloadStart - 1 - start))
    stateAfterPrefix = cursor.stateAtPayload
    if prefix.isExhausted { prefix.removeAll() }
  }

  private func accept(_ cursor: HotCursor) {
    kind = cursor.kind
    seen = cursor.state.seen
    payload = cursor.payload
    guard cursor.hasEscapes else { return }
    unescaped.removeAll()
    unescapeJSON(cursor.payload, into: unescaped)
    payload = unescaped.bytes
  }

  private func decline() -> Bool {
    kind = .empty
    seen = 0
    payload = UnsafeRawBufferPointer(start: nil, count: 0)
    return false
  }
}
