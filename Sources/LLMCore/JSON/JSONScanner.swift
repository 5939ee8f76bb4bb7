/// Reads JSON in place: a cursor over the bytes, no tree, no allocation. A document that it reads to the end without
/// failing is one that `json_loadb` accepts with JSON_ALLOW_NUL and JSON_DECODE_ANY, and the other way round.
///
/// Whoever reads asks what comes (`peek`) and takes it; after the first failure everything fails.
public struct JSONScanner {
  /// A value deeper than this is refused. jansson goes to 2048, which its recursion pays for with the thread's stack.
  package static let deepest = 256
  /// What the library itself has written lays what it was sent a few levels deeper.
  package static let deepestOwn = 512

  /// What comes next.
  public enum Kind {
    /// A value of this type.
    case object, array, string, number, boolean, null
    /// No value: the end, or a byte that begins none.
    case none
  }

  /// A string as it stands in the document, without its quotes.
  public struct Text {
    /// What stands between the quotes.
    public let raw: UnsafeRawBufferPointer
    /// Whether that has escapes; without them it is the value itself.
    public let hasEscapes: Bool

    /// The value, which lies in the document or, when it had escapes, in the buffer. A lone surrogate escape, which
    /// passes only where it was allowed, becomes its three bytes of WTF-8.
    public func value(scratch: ByteBuffer) -> UnsafeRawBufferPointer {
      guard hasEscapes else { return raw }
      scratch.removeAll()
      unescapeJSON(raw, into: scratch)
      return scratch.bytes
    }
  }

  private var place: UnsafeRawPointer
  private let start: UnsafeRawPointer
  private let end: UnsafeRawPointer
  private var depth: Int
  private let deepest: Int
  /// The cursor stands behind an opening bracket: no comma comes before the next member.
  private var isFirst = false

  /// Whether the document turned out to be malformed, or not what was asked for.
  public private(set) var hasFailed = false

  /// A scanner at the beginning of a document.
  public init(_ bytes: UnsafeRawBufferPointer) { self.init(bytes, deepest: Self.deepest) }

  /// A scanner with another bound, at most that of the library's own documents.
  package init(_ bytes: UnsafeRawBufferPointer, deepest: Int) {
    let nothing: StaticString = ""
    start = bytes.baseAddress ?? UnsafeRawPointer(nothing.utf8Start)
    place = start
    end = start + bytes.count
    depth = 0
    self.deepest = min(deepest, Self.deepestOwn)
  }

  /// Whether the next value would lie too deep.
  var isTooDeep: Bool { depth >= deepest }

  /// How many bytes were read.
  public var position: Int { place - start }

  /// Whether nothing but white space is left.
  public mutating func isAtEnd() -> Bool {
    place = JSONLexer.skipBlanks(place, end)
    return place == end && !hasFailed
  }

  /// Whether the bytes are one valid document.
  public static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var scanner = JSONScanner(bytes)
    return scanner.skipValue() && scanner.isAtEnd()
  }
}

// MARK: - Values

extension JSONScanner {
  /// What comes next; takes nothing but white space.
  public mutating func peek() -> Kind {
    switch nextByte() {
    case UInt8(ascii: "{"): .object
    case UInt8(ascii: "["): .array
    case UInt8(ascii: "\""): .string
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): .number
    case UInt8(ascii: "t"), UInt8(ascii: "f"): .boolean
    case UInt8(ascii: "n"): .null
    default: .none
    }
  }

  /// Takes a string. Lone surrogates and bytes that are no UTF-8 fail, or pass as they are when `splitText` allows it.
  public mutating func string(splitText: Bool = false) -> Text? {
    guard peek() == .string, beginValue() else { return fail() }
    return takeString(splitText ? .splitText : .strict)
  }

  /// Takes a number; an integer that Int64 holds is given.
  public mutating func integer() -> Int64? {
    guard let number = number(), let integer = number.integer else { return fail() }
    return integer
  }

  /// Takes any number: the integer that it is, and its text.
  mutating func number() -> (integer: Int64?, text: UnsafeRawBufferPointer)? {
    guard peek() == .number, beginValue() else { return fail() }
    let start = place
    guard let number = JSONLexer.number(at: start, end) else { return fail() }
    place = number.end
    return (number.integer, UnsafeRawBufferPointer(start: start, count: number.end - start))
  }

  /// Takes true or false.
  public mutating func boolean() -> Bool? {
    guard peek() == .boolean, beginValue() else { return fail() }
    let value = place.load(as: UInt8.self) == UInt8(ascii: "t")
    return takeWord(value ? "true" : "false") ? value : nil
  }

  /// Takes null.
  public mutating func null() -> Bool {
    guard peek() == .null, beginValue() else { return failed() }
    return takeWord("null")
  }

  /// Takes any value, and checks every byte of it.
  public mutating func skipValue() -> Bool {
    var containers = KindStack()
    let outside = depth
    repeat {
      let kind = peek()
      guard skipScalarOrEnter(kind) else { return false }
      if kind == .object || kind == .array { containers.push(isObject: kind == .object) }
      while depth > outside {
        if containers.isObject ? nextKey() != nil : nextElement() { break }
        if hasFailed { return false }
        containers.pop()
      }
    } while depth > outside
    return true
  }

  private mutating func skipScalarOrEnter(_ kind: Kind) -> Bool {
    switch kind {
    case .object: enterObject()
    case .array: enterArray()
    case .string: string() != nil
    case .number: number() != nil
    case .boolean: boolean() != nil
    case .null: null()
    case .none: failed()
    }
  }
}

// MARK: - Containers

extension JSONScanner {
  /// Takes the opening brace of an object.
  public mutating func enterObject() -> Bool { enter(UInt8(ascii: "{")) }

  /// Takes the opening bracket of an array.
  public mutating func enterArray() -> Bool { enter(UInt8(ascii: "[")) }

  /// Takes the next key and its colon, so that its value comes next. At the object's end takes the brace and gives nil;
  /// nil is also what a failure gives.
  public mutating func nextKey() -> Text? {
    guard beginMember(closing: UInt8(ascii: "}")) else { return nil }
    guard nextByte() == UInt8(ascii: "\""), let key = takeString(.strict) else { return fail() }
    if key.hasEscapes, hasEscapedNUL(key.raw) { return fail() }
    guard nextByte() == UInt8(ascii: ":") else { return fail() }
    place += 1
    return key
  }

  /// Whether another element comes next. At the array's end takes the bracket; false is also what a failure gives.
  public mutating func nextElement() -> Bool { beginMember(closing: UInt8(ascii: "]")) }

  private mutating func enter(_ bracket: UInt8) -> Bool {
    guard nextByte() == bracket, beginValue() else { return failed() }
    place += 1
    depth += 1
    isFirst = true
    return true
  }

  private mutating func beginMember(closing bracket: UInt8) -> Bool {
    if hasFailed { return false }
    let byte = nextByte()
    if byte == bracket {
      place += 1
      depth -= 1
      isFirst = false
      return false
    }
    if isFirst {
      isFirst = false
      return true
    }
    guard byte == UInt8(ascii: ",") else { return failed() }
    place += 1
    return true
  }
}

// MARK: - The cursor

extension JSONScanner {
  /// The next byte that is not white space, not taken; 0 at the end.
  @inline(__always)
  private mutating func nextByte() -> UInt8 {
    place = JSONLexer.skipBlanks(place, end)
    return place < end ? place.load(as: UInt8.self) : 0
  }

  private mutating func beginValue() -> Bool {
    isFirst = false
    return depth < deepest && !hasFailed
  }

  private mutating func takeString(_ strictness: JSONLexer.Strictness) -> Text? {
    let text = place + 1
    guard let token = JSONLexer.string(at: text, end, strictness) else { return fail() }
    place = token.end + 1
    let raw = UnsafeRawBufferPointer(start: text, count: token.end - text)
    return Text(raw: raw, hasEscapes: token.hasEscapes)
  }

  private mutating func takeWord(_ word: StaticString) -> Bool {
    guard let wordEnd = JSONLexer.word(word, at: place, end) else { return failed() }
    place = wordEnd
    return true
  }

  /// jansson has no way to keep a NUL in a key.
  private func hasEscapedNUL(_ raw: UnsafeRawBufferPointer) -> Bool {
    var place = 0
    while place < raw.count {
      if raw[place] != UInt8(ascii: "\\") {
        place += 1
      } else if UnsafeRawBufferPointer(rebasing: raw[place...]).starts(with: "\\u0000") {
        return true
      } else {
        place += 2
      }
    }
    return false
  }

  /// Fails where no value begins.
  mutating func refuse() -> Bool { failed() }

  private mutating func failed() -> Bool {
    hasFailed = true
    return false
  }

  private mutating func fail<Value>() -> Value? {
    hasFailed = true
    return nil
  }
}

/// Whether each open container is an object, a bit each.
private struct KindStack {
  private var bits = [8 of UInt64](repeating: 0)
  private var count = 0

  var isObject: Bool {
    let top = count - 1
    return top >= 0 && bits[top >> 6] >> UInt64(top & 63) & 1 == 1
  }

  /// The scanner's own bound keeps the count within `JSONScanner.deepestOwn`, which is what the words hold.
  mutating func push(isObject: Bool) {
    guard count < JSONScanner.deepestOwn else { return }
    let bit: UInt64 = 1 << UInt64(count & 63)
    if isObject { bits[count >> 6] |= bit } else { bits[count >> 6] &= ~bit }
    count += 1
  }

  mutating func pop() { count = max(count - 1, 0) }
}

// MARK: - Escapes

/// Appends what the inside of a valid JSON string stands for; a lone surrogate escape yields three bytes of WTF-8.
package func unescapeJSON(_ raw: UnsafeRawBufferPointer, into out: ByteBuffer) {
  guard let start = raw.baseAddress else { return }
  let end = start + raw.count
  var place = start
  out.reserve(raw.count)
  while place < end {
    let run = place
    while place < end, place.load(as: UInt8.self) != UInt8(ascii: "\\") { place += 1 }
    out.append(UnsafeRawBufferPointer(start: run, count: place - run))
    guard end - place >= 2 else { return }
    let letter = place.load(fromByteOffset: 1, as: UInt8.self)
    if let byte = JSONLexer.shortEscape(letter) {
      out.append(byte)
      place += 2
    } else {
      place = unescapeUnicode(at: place, end, into: out)
    }
  }
}

/// Appends what the `\uXXXX` at `place` stands for, with the low surrogate after it if it is a high one.
private func unescapeUnicode(
  at place: UnsafeRawPointer, _ end: UnsafeRawPointer, into out: ByteBuffer
) -> UnsafeRawPointer {
  guard let unit = JSONLexer.unicodeEscape(at: place, end) else { return end }
  let next = place + 6
  guard JSONLexer.isHighSurrogate(unit), let low = JSONLexer.unicodeEscape(at: next, end),
    JSONLexer.isLowSurrogate(low)
  else {
    out.append(scalar: unit)
    return next
  }
  out.append(scalar: 0x10000 &+ ((unit & 0x3FF) << 10 | low & 0x3FF))
  return next + 6
}

extension ByteBuffer {
  /// Appends a code point as UTF-8, surrogates by the same pattern (WTF-8).
  package func append(scalar: UInt32) {
    func byte(_ mark: UInt8, _ shift: UInt32, _ mask: UInt32) -> UInt8 {
      mark | UInt8(truncatingIfNeeded: scalar >> shift & mask)
    }
    switch scalar {
    case 0..<0x80:
      append(UInt8(truncatingIfNeeded: scalar))
    case 0x80..<0x800:
      append(byte(0xC0, 6, 0x1F))
      append(byte(0x80, 0, 0x3F))
    case 0x800..<0x10000:
      append(byte(0xE0, 12, 0x0F))
      append(byte(0x80, 6, 0x3F))
      append(byte(0x80, 0, 0x3F))
    default:
      append(byte(0xF0, 18, 0x07))
      append(byte(0x80, 12, 0x3F))
      append(byte(0x80, 6, 0x3F))
      append(byte(0x80, 0, 0x3F))
    }
  }
}
