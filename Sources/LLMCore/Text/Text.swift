import CSystem

// Text helpers on bytes: Embedded Swift's Unicode-aware ones are large and slow, and protocols are ASCII. They all work
// on one view of a text, its bytes in a row: each other view (`utf8`, slices of it, arrays) is code of its own.

extension UInt8 {
  /// The ASCII letter in lower case; anything else as it is.
  public var asciiLowercased: UInt8 { self >= 0x41 && self <= 0x5A ? self | 0x20 : self }
  /// The ASCII letter in upper case; anything else as it is.
  var asciiUppercased: UInt8 { self >= 0x61 && self <= 0x7A ? self & 0xDF : self }
  /// Whether it is a digit.
  public var isASCIIDigit: Bool { self >= 0x30 && self <= 0x39 }
  /// Whether it is a letter or a digit.
  public var isASCIIAlphanumeric: Bool {
    let lower = asciiLowercased
    return isASCIIDigit || (lower >= 0x61 && lower <= 0x7A)
  }
}

extension String {
  /// Reads the text as bytes.
  @inline(__always)
  package func withBytes<Value>(_ read: (UnsafeRawBufferPointer) -> Value) -> Value {
    var text = self
    return text.withUTF8 { read(UnsafeRawBufferPointer($0)) }
  }

  /// The text of bytes; what is not valid UTF-8 is repaired with U+FFFD.
  @inline(never)
  init(bytes: UnsafeRawBufferPointer) { self.init(decoding: bytes, as: UTF8.self) }

  /// A part of the text, by places of bytes.
  @inline(never)
  private func part(from start: Int, to end: Int) -> String {
    withBytes { bytes in
      let end = min(max(end, 0), bytes.count)
      return String(bytes: UnsafeRawBufferPointer(rebasing: bytes[min(max(start, 0), end)..<end]))
    }
  }

  private func mapped(_ change: (UInt8) -> UInt8) -> String {
    let out = ByteBuffer()
    withBytes { bytes in
      out.reserve(bytes.count)
      for byte in bytes { out.append(change(byte)) }
    }
    return out.string
  }
}

// MARK: - Comparing

extension String {
  /// Equality without regard to the case of ASCII letters.
  @inline(never)
  public func equalsIgnoringCase(_ other: String) -> Bool {
    withBytes { own in other.withBytes { own.count == $0.count && own.matches($0, at: 0, ignoringCase: true) } }
  }

  /// Whether it starts with the bytes of the other.
  @inline(never)
  public func startsWith(_ prefix: String) -> Bool {
    withBytes { own in prefix.withBytes { own.matches($0, at: 0, ignoringCase: false) } }
  }

  /// Whether it ends with the bytes of the other.
  @inline(never)
  public func endsWith(_ suffix: String) -> Bool {
    withBytes { own in suffix.withBytes { own.matches($0, at: own.count - $0.count, ignoringCase: false) } }
  }

  /// The place of the other's first occurrence, in bytes, from a place on; without regard to ASCII case if asked.
  @inline(never)
  public func firstByteOffset(of needle: String, from start: Int = 0, ignoringCase: Bool = false) -> Int? {
    withBytes { own in
      needle.withBytes { sought in
        var place = start
        while place + sought.count <= own.count {
          if own.matches(sought, at: place, ignoringCase: ignoringCase) { return place }
          place += 1
        }
        return nil
      }
    }
  }

  /// Whether the other occurs in it.
  @inline(never)
  public func containsText(_ needle: String, ignoringCase: Bool = false) -> Bool {
    firstByteOffset(of: needle, ignoringCase: ignoringCase) != nil
  }
}

// MARK: - Changing

extension String {
  /// In lower case, ASCII letters only.
  @inline(never)
  public var asciiLowercased: String { mapped { $0.asciiLowercased } }

  /// In upper case, ASCII letters only.
  @inline(never)
  public var asciiUppercased: String { mapped { $0.asciiUppercased } }

  /// The pieces between occurrences of an ASCII byte, empty ones included.
  @inline(never)
  public func pieces(separatedBy separator: UInt8) -> [String] {
    var pieces: [String] = []
    withBytes { bytes in
      var start = 0
      for place in 0...bytes.count where place == bytes.count || bytes[place] == separator {
        pieces.append(String(bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<place])))
        start = place + 1
      }
    }
    return pieces
  }

  /// The text with the other's first occurrence replaced.
  public func replacing(_ needle: String, with replacement: String) -> String {
    guard let place = firstByteOffset(of: needle) else { return self }
    return keeping(bytes: place) + replacement + dropping(bytes: place + needle.utf8.count)
  }

  /// The text with every occurrence of the other replaced.
  public func replacingAll(_ needle: String, with replacement: String) -> String {
    let out = ByteBuffer()
    withBytes { own in
      needle.withBytes { sought in
        var place = 0
        while let found = own.offset(of: sought, from: place) {
          out.append(UnsafeRawBufferPointer(rebasing: own[place..<found]))
          out.append(replacement)
          place = found + sought.count
        }
        out.append(UnsafeRawBufferPointer(rebasing: own[place...]))
      }
    }
    return out.string
  }

  /// Without spaces, tabs and line ends at both ends.
  @inline(never)
  public var trimmed: String { withBytes { String(bytes: $0.trimmed) } }

  /// The part from a byte on.
  @inline(never)
  public func dropping(bytes count: Int) -> String { part(from: count, to: .max) }
  /// The part up to a byte.
  @inline(never)
  public func keeping(bytes count: Int) -> String { part(from: 0, to: count) }

  /// A whole decimal integer.
  @inline(never)
  public var asInteger: Int64? { Int64(self) }
}

extension StaticString {
  /// The text as a String; shares the constant's storage.
  @inline(never)
  public var text: String { description }
}

// MARK: - Bytes

extension UnsafeRawBufferPointer {
  /// Whether both hold the same bytes.
  @inline(__always)
  func isSame(as other: UnsafeRawBufferPointer) -> Bool {
    guard count == other.count, let own = baseAddress, let theirs = other.baseAddress else {
      return isEmpty && other.isEmpty
    }
    return memcmp(own, theirs, count) == 0
  }

  /// Whether they come before others in the order of bytes.
  @inline(never)
  func comesBefore(_ other: UnsafeRawBufferPointer) -> Bool {
    let common = Swift.min(count, other.count)
    guard common > 0, let own = baseAddress, let theirs = other.baseAddress else { return count < other.count }
    let order = memcmp(own, theirs, common)
    return order == 0 ? count < other.count : order < 0
  }

  /// Whether the others stand at a place; without regard to ASCII case if asked.
  @inline(never)
  func matches(_ other: UnsafeRawBufferPointer, at place: Int, ignoringCase: Bool) -> Bool {
    guard place >= 0, other.count <= count - place else { return false }
    for index in 0..<other.count {
      let (own, theirs) = (self[place + index], other[index])
      guard own == theirs || ignoringCase && own.asciiLowercased == theirs.asciiLowercased else { return false }
    }
    return true
  }

  /// The place of the other's first occurrence from a place on; nil for an empty one.
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

  /// The bytes without the white space around them.
  @inline(never)
  package var trimmed: UnsafeRawBufferPointer {
    var (first, end) = (0, count)
    while first < end, self[first] <= 0x20 { first += 1 }
    while first < end, self[end - 1] <= 0x20 { end -= 1 }
    return UnsafeRawBufferPointer(rebasing: self[first..<end])
  }
}
