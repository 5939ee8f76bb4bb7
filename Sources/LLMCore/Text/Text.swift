import CSystem

// Text helpers on bytes: Embedded Swift's Unicode-aware ones are large and slow, and protocols are ASCII.

extension UInt8 {
  /// The ASCII letter in lower case; anything else as it is.
  public var asciiLowercased: UInt8 { self >= 0x41 && self <= 0x5A ? self | 0x20 : self }
  /// Whether it is a digit.
  public var isASCIIDigit: Bool { self >= 0x30 && self <= 0x39 }
  /// Whether it is a letter or a digit.
  public var isASCIIAlphanumeric: Bool {
    let lower = asciiLowercased
    return isASCIIDigit || (lower >= 0x61 && lower <= 0x7A)
  }
}

extension String {
  /// Equality without regard to the case of ASCII letters.
  @inline(never)
  public func equalsIgnoringCase(_ other: String) -> Bool {
    guard utf8.count == other.utf8.count else { return false }
    var theirs = other.utf8.makeIterator()
    for byte in utf8 where byte.asciiLowercased != (theirs.next() ?? 0).asciiLowercased { return false }
    return true
  }

  /// In lower case, ASCII letters only.
  @inline(never)
  public var asciiLowercased: String { String(decoding: utf8.map { $0.asciiLowercased }, as: UTF8.self) }

  /// In upper case, ASCII letters only.
  public var asciiUppercased: String {
    String(decoding: utf8.map { $0 >= 0x61 && $0 <= 0x7A ? $0 & 0xDF : $0 }, as: UTF8.self)
  }

  /// Whether it starts with the bytes of the other.
  @inline(never)
  public func startsWith(_ prefix: String) -> Bool {
    var own = utf8.makeIterator()
    for byte in prefix.utf8 where own.next() != byte { return false }
    return true
  }

  /// Whether it ends with the bytes of the other.
  @inline(never)
  public func endsWith(_ suffix: String) -> Bool {
    let own = Array(utf8)
    let end = Array(suffix.utf8)
    guard own.count >= end.count else { return false }
    return own[(own.count - end.count)...].elementsEqual(end)
  }

  /// The place of the other's first occurrence, in bytes, from a place on; without regard to ASCII case if asked.
  @inline(never)
  public func firstByteOffset(of needle: String, from start: Int = 0, ignoringCase: Bool = false) -> Int? {
    let hay = Array(utf8)
    let sought = Array(needle.utf8)
    guard sought.count + start <= hay.count else { return nil }
    for offset in start...(hay.count - sought.count) {
      var matched = 0
      while matched < sought.count {
        let (own, other) = (hay[offset + matched], sought[matched])
        guard own == other || (ignoringCase && own.asciiLowercased == other.asciiLowercased) else { break }
        matched += 1
      }
      if matched == sought.count { return offset }
    }
    return nil
  }

  /// Whether the other occurs in it.
  @inline(never)
  public func containsText(_ needle: String, ignoringCase: Bool = false) -> Bool {
    firstByteOffset(of: needle, ignoringCase: ignoringCase) != nil
  }

  /// The pieces between occurrences of an ASCII byte, empty ones included.
  @inline(never)
  public func pieces(separatedBy separator: UInt8) -> [String] {
    utf8.split(separator: separator, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The text with the other's first occurrence replaced.
  public func replacing(_ needle: String, with replacement: String) -> String {
    guard let place = firstByteOffset(of: needle) else { return self }
    return keeping(bytes: place) + replacement + dropping(bytes: place + needle.utf8.count)
  }

  /// The text with every occurrence of the other replaced.
  public func replacingAll(_ needle: String, with replacement: String) -> String {
    var (result, rest) = ("", self)
    while !needle.isEmpty, let place = rest.firstByteOffset(of: needle) {
      result += rest.keeping(bytes: place) + replacement
      rest = rest.dropping(bytes: place + needle.utf8.count)
    }
    return result + rest
  }

  /// Without spaces, tabs and line ends at both ends.
  @inline(never)
  public var trimmed: String {
    let bytes = Array(utf8)
    var (start, end) = (0, bytes.count)
    while start < end, bytes[start] <= 0x20 { start += 1 }
    while end > start, bytes[end - 1] <= 0x20 { end -= 1 }
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }

  /// The part from a byte on.
  @inline(never)
  public func dropping(bytes count: Int) -> String { String(decoding: utf8.dropFirst(count), as: UTF8.self) }
  /// The part up to a byte.
  @inline(never)
  public func keeping(bytes count: Int) -> String { String(decoding: utf8.prefix(count), as: UTF8.self) }

  /// The text as a part of a URL's path or query: all but unreserved characters (and those given) percent-encoded.
  @inline(never)
  public func percentEncoded(keeping kept: String = "") -> String {
    var bytes: [UInt8] = []
    let unreserved = Array(("-._~" + kept).utf8)
    for byte in utf8 {
      if byte.isASCIIAlphanumeric || unreserved.contains(byte) {
        bytes.append(byte)
      } else {
        bytes.append(UInt8(ascii: "%"))
        bytes.append(hexDigit(byte >> 4))
        bytes.append(hexDigit(byte & 0xF))
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Whether "." or ".." stands between slashes, where an address would be led astray.
  public var hasDotSegments: Bool {
    var (dots, isDotsOnly) = (0, true)
    for byte in utf8 {
      switch byte {
      case UInt8(ascii: "/"), UInt8(ascii: "\\"):
        if isDotsOnly, dots == 1 || dots == 2 { return true }
        (dots, isDotsOnly) = (0, true)
      case UInt8(ascii: "."): dots += 1
      default: isDotsOnly = false
      }
    }
    return isDotsOnly && (dots == 1 || dots == 2)
  }

  /// A whole decimal integer.
  @inline(never)
  public var asInteger: Int64? { Int64(self) }
}

private func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 &+ value : 0x37 &+ value }

/// The number of single-character edits that turn one into the other: for "did you mean".
@inline(never)
public func editDistance(_ first: String, _ second: String) -> Int {
  let (left, right) = (Array(first.utf8), Array(second.utf8))
  var row = Array(0...right.count)
  for (line, byte) in left.enumerated() {
    var diagonal = row[0]
    row[0] = line + 1
    for (column, other) in right.enumerated() {
      let substituted = diagonal + (byte == other ? 0 : 1)
      diagonal = row[column + 1]
      row[column + 1] = min(substituted, min(row[column], row[column + 1]) + 1)
    }
  }
  return row[right.count]
}

/// The candidate nearest to a word, if it is near enough that a slip of the keyboard explains it.
@inline(never)
public func nearestName(to word: String, among candidates: [String]) -> String? {
  var best: (name: String, distance: Int)?
  for candidate in candidates {
    let distance = editDistance(word, candidate)
    if distance < (best?.distance ?? .max) { best = (candidate, distance) }
  }
  guard let best, best.distance <= max(2, word.utf8.count / 3) else { return nil }
  return best.name
}

extension StaticString {
  /// The text as a String; shares the constant's storage.
  @inline(never)
  public var text: String { description }
}

/// The texts in the order of their bytes.
@inline(never)
public func sortedByBytes(_ texts: [String]) -> [String] {
  texts.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}

extension UnsafeRawBufferPointer {
  /// Whether both hold the same bytes.
  @inline(__always)
  func isSame(as other: UnsafeRawBufferPointer) -> Bool {
    guard count == other.count, let own = baseAddress, let theirs = other.baseAddress else {
      return isEmpty && other.isEmpty
    }
    return memcmp(own, theirs, count) == 0
  }

  /// The place of the other's first occurrence from a place on.
  @inline(never)
  public func offset(of needle: UnsafeRawBufferPointer, from start: Int) -> Int? {
    guard let first = needle.first, let base = baseAddress, let sought = needle.baseAddress else { return nil }
    var place = start
    while count - place >= needle.count {
      guard let found = memchr(base + place, Int32(first), count - place - needle.count + 1) else { return nil }
      place = UnsafeRawPointer(found) - base
      if memcmp(found, sought, needle.count) == 0 { return place }
      place += 1
    }
    return nil
  }
}
