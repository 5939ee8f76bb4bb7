import CSystem
import LLMCore

/// Cuts fed bytes into lines. A line that lies whole inside the piece is a slice of it; only the unfinished one at a
/// piece's end is copied, into a buffer that is read again at the next piece.
///
/// In each round: `begin`, `next` until it gives nil, `keepRest`. Lines stay valid until `keepRest`.
struct LineCutter {
  /// Which bytes end a line. A CR LF counts as one ending in both.
  enum Ending { case lineFeed, lineFeedOrCarriageReturn }

  private let ending: Ending
  private let limit: Int
  private let carried = ByteBuffer()
  private var isCarriedRead = false
  private var rest = UnsafeRawBufferPointer(start: nil, count: 0)
  /// The next LF and CR in `rest`: each is looked for again only when it was passed, so that no byte is searched
  /// once for each line.
  private var nextFeed: UnsafeRawPointer?
  private var nextReturn: UnsafeRawPointer?
  /// The last piece ended in a CR: an LF that begins the next one belongs to the same line end.
  private var skipsLineFeed = false

  init(_ ending: Ending, limit: Int) {
    self.ending = ending
    self.limit = limit
  }

  /// Takes the next piece.
  mutating func begin(_ bytes: UnsafeRawBufferPointer) {
    rest = bytes
    isCarriedRead = false
    if skipsLineFeed, let first = bytes.first {
      skipsLineFeed = false
      if first == Self.lineFeed { rest = UnsafeRawBufferPointer(rebasing: bytes.dropFirst()) }
    }
    nextFeed = Self.find(Self.lineFeed, in: rest)
    nextReturn = ending == .lineFeed ? nil : Self.find(Self.carriageReturn, in: rest)
  }

  /// The next whole line without its end, or nil when there is none.
  mutating func next() throws(LLMError) -> UnsafeRawBufferPointer? {
    guard let piece = cut() else { return nil }
    if isCarriedRead || carried.isEmpty {
      guard piece.count <= limit else { throw .frameTooLarge(limit) }
      return trimmed(piece)
    }
    try carried.append(piece, limit: limit)
    isCarriedRead = true
    return trimmed(carried.bytes)
  }

  /// Keeps the unfinished line for the next round. Lines given out before are invalid now.
  mutating func keepRest() throws(LLMError) {
    if isCarriedRead { carried.removeAll() }
    isCarriedRead = false
    try carried.append(rest, limit: limit)
    rest = UnsafeRawBufferPointer(start: nil, count: 0)
  }

  /// The unfinished line at the stream's end, or nil when there is none. Valid until the next round.
  mutating func last() -> UnsafeRawBufferPointer? {
    guard !carried.isEmpty else { return nil }
    isCarriedRead = true
    return trimmed(carried.bytes)
  }

  /// Takes what stands before the next line end out of `rest`, and the line end with it.
  private mutating func cut() -> UnsafeRawBufferPointer? {
    guard let start = rest.baseAddress else { return nil }
    if let cr = nextReturn, nextFeed.map({ cr < $0 }) ?? true {
      let isPair = nextFeed == cr + 1
      advance(to: isPair ? cr + 2 : cr + 1)
      if isPair { nextFeed = Self.find(Self.lineFeed, in: rest) }
      nextReturn = Self.find(Self.carriageReturn, in: rest)
      skipsLineFeed = rest.isEmpty && !isPair
      return UnsafeRawBufferPointer(start: start, count: cr - start)
    }
    guard let feed = nextFeed else { return nil }
    advance(to: feed + 1)
    nextFeed = Self.find(Self.lineFeed, in: rest)
    return UnsafeRawBufferPointer(start: start, count: feed - start)
  }

  private mutating func advance(to position: UnsafeRawPointer) {
    guard let start = rest.baseAddress else { return }
    rest = UnsafeRawBufferPointer(start: position, count: start + rest.count - position)
  }

  /// The line without the CR of a CR LF, where a CR alone ends no line.
  private func trimmed(_ line: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
    guard ending == .lineFeed, line.last == Self.carriageReturn else { return line }
    return UnsafeRawBufferPointer(rebasing: line.dropLast())
  }

  private static let lineFeed: UInt8 = 0x0A
  private static let carriageReturn: UInt8 = 0x0D

  private static func find(_ byte: UInt8, in bytes: UnsafeRawBufferPointer) -> UnsafeRawPointer? {
    guard let start = bytes.baseAddress, !bytes.isEmpty else { return nil }
    return memchr(start, Int32(byte), bytes.count).map { UnsafeRawPointer($0) }
  }
}
