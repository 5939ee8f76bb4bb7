import LLMCore

/// Joins what a service split between two deltas: the bytes of a UTF-8 sequence, or the two halves of a surrogate pair
/// (each three bytes of WTF-8, as unescaping `\ud83d` yields). What is invalid becomes U+FFFD, one for each maximal
/// part of a sequence, as WHATWG decoders do it, and one for each lone surrogate.
///
/// What it yields depends only on the bytes, not on how they were cut.
public struct UTF8Joiner {
  /// What was begun and not ended: at most a high surrogate and two bytes of a low one. The first byte lies lowest.
  private var pending: UInt64 = 0
  private var pendingCount = 0

  /// A joiner at the beginning of a text.
  public init() {}

  /// Whether anything is pending.
  public var holdsBack: Bool { pendingCount > 0 }

  /// The next piece of valid UTF-8. It is the very input when that is valid and nothing was left over before; else it
  /// lies in the input or in `scratch`, valid until either changes.
  public mutating func join(_ bytes: UnsafeRawBufferPointer, scratch: ByteBuffer) -> UnsafeRawBufferPointer {
    if pendingCount == 0 {
      let valid = UTF8Rules.validPrefix(of: bytes)
      if valid == bytes.count { return bytes }
      if holdTail(UnsafeRawBufferPointer(rebasing: bytes[valid...])) {
        return UnsafeRawBufferPointer(rebasing: bytes[..<valid])
      }
    }
    return joinSlowly(bytes, scratch)
  }

  /// The end of the text: what is still pending becomes U+FFFD.
  public mutating func finish(scratch: ByteBuffer) -> UnsafeRawBufferPointer {
    scratch.removeAll()
    settle(isFinal: true, into: scratch)
    return scratch.bytes
  }

  /// Holds a tail back when it may become valid with the bytes to come. Otherwise changes nothing.
  private mutating func holdTail(_ tail: UnsafeRawBufferPointer) -> Bool {
    guard tail.count <= 5 else { return false }
    var held = self
    for byte in tail { held.push(byte) }
    guard held.step(isFinal: false) == .wait else { return false }
    self = held
    return true
  }

  private mutating func joinSlowly(_ bytes: UnsafeRawBufferPointer, _ scratch: ByteBuffer) -> UnsafeRawBufferPointer {
    scratch.removeAll()
    var rest = bytes
    while !rest.isEmpty {
      if pendingCount == 0 {
        let valid = UTF8Rules.validPrefix(of: rest)
        scratch.append(UnsafeRawBufferPointer(rebasing: rest[..<valid]))
        rest = UnsafeRawBufferPointer(rebasing: rest[valid...])
      }
      guard let next = rest.first else { break }
      push(next)
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst())
      settle(isFinal: false, into: scratch)
    }
    return scratch.bytes
  }
}

// MARK: - The pending bytes

extension UTF8Joiner {
  /// What becomes of the first pending bytes.
  private enum Step: Equatable {
    case wait
    case accept(Int)
    case joinPair
    case replace(Int)
  }

  private mutating func settle(isFinal: Bool, into out: ByteBuffer) {
    while pendingCount > 0 {
      switch step(isFinal: isFinal) {
      case .wait: return
      case .accept(let length):
        for place in 0..<length { out.append(byte(place)) }
        drop(length)
      case .joinPair:
        appendPair(to: out)
        drop(6)
      case .replace(let length):
        out.append("\u{FFFD}")
        drop(length)
      }
    }
  }

  private func step(isFinal: Bool) -> Step {
    let first = byte(0)
    let length = UTF8Rules.length(ofFirst: first)
    if length < 2 { return length == 1 ? .accept(1) : .replace(1) }
    let isSurrogate = first == 0xED && pendingCount > 1 && (0xA0...0xBF).contains(byte(1))
    for place in 1..<length {
      let isMissing = place >= pendingCount
      if isMissing, !isFinal { return .wait }
      if isMissing || !isAllowed(at: place, after: first) { return .replace(isSurrogate ? 1 : place) }
    }
    if !isSurrogate { return .accept(length) }
    return byte(1) < 0xB0 ? stepAfterHighSurrogate(isFinal: isFinal) : .replace(3)
  }

  private func stepAfterHighSurrogate(isFinal: Bool) -> Step {
    let low: [3 of ClosedRange<UInt8>] = [0xED...0xED, 0xB0...0xBF, 0x80...0xBF]
    for index in 0..<3 {
      if 3 + index >= pendingCount { return isFinal ? .replace(3) : .wait }
      if !low[index].contains(byte(3 + index)) { return .replace(3) }
    }
    return .joinPair
  }

  private func isAllowed(at place: Int, after first: UInt8) -> Bool {
    // Surrogates are let through here, to be joined.
    if place > 1 || first == 0xED { return UTF8Rules.isContinuation(byte(place)) }
    return UTF8Rules.seconds(after: first).contains(byte(1))
  }

  private func appendPair(to out: ByteBuffer) {
    func half(at place: Int) -> UInt32 { UInt32(byte(place + 1) & 0x0F) << 6 | UInt32(byte(place + 2) & 0x3F) }
    let scalar = 0x10000 &+ (half(at: 0) << 10 | half(at: 3))
    out.append(0xF0 | UInt8(truncatingIfNeeded: scalar >> 18))
    out.append(0x80 | UInt8(truncatingIfNeeded: scalar >> 12 & 0x3F))
    out.append(0x80 | UInt8(truncatingIfNeeded: scalar >> 6 & 0x3F))
    out.append(0x80 | UInt8(truncatingIfNeeded: scalar & 0x3F))
  }

  private func byte(_ place: Int) -> UInt8 { UInt8(truncatingIfNeeded: pending >> UInt64(8 * place)) }

  private mutating func push(_ byte: UInt8) {
    pending |= UInt64(byte) << UInt64(8 * pendingCount)
    pendingCount += 1
  }

  private mutating func drop(_ count: Int) {
    pending >>= UInt64(8 * count)
    pendingCount -= count
  }
}
