/// The tokens of JSON, read in place: which bytes are one, and where it ends. It accepts and rejects what jansson 2.14
/// does, so that whoever reads with it and whoever builds a jansson tree of the same bytes cannot disagree.
///
/// Every function takes a place before or at `end` and reads nothing from `end` on.
package enum JSONLexer {
  /// How far a string is checked.
  package enum Strictness {
    /// As jansson: valid UTF-8, surrogates in pairs.
    case strict
    /// Bytes from 0x80 on and surrogate escapes pass as they are: what a service split between two strings is whole
    /// only when they are joined, and `UTF8Joiner` checks it then.
    case splitText
  }

  /// A string: where its closing quote stands, and whether it is what it says or has to be unescaped.
  package struct StringToken {
    package var end: UnsafeRawPointer
    package var hasEscapes: Bool
  }

  @inline(__always)
  package static func skipBlanks(_ place: UnsafeRawPointer, _ end: UnsafeRawPointer) -> UnsafeRawPointer {
    var place = place
    while place < end {
      let byte = place.load(as: UInt8.self)
      if byte > 0x20 { break }
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { break }
      place += 1
    }
    return place
  }

  /// Passes one NUL after a number or a word: jansson reads it to see that the token ends, and loses it.
  @inline(__always)
  package static func passNUL(_ place: UnsafeRawPointer, _ end: UnsafeRawPointer) -> UnsafeRawPointer {
    place < end && place.load(as: UInt8.self) == 0 ? place + 1 : place
  }

  /// Where the word ends, or nil when another stands here.
  @inline(__always)
  package static func word(_ text: StaticString, at place: UnsafeRawPointer, _ end: UnsafeRawPointer)
    -> UnsafeRawPointer?
  {
    let length = text.utf8CodeUnitCount
    guard end - place >= length else { return nil }
    for index in 0..<length where place.load(fromByteOffset: index, as: UInt8.self) != text.utf8Start[index] {
      return nil
    }
    return passNUL(place + length, end)
  }

  /// Where null ends, or nil when something else stands here. Most fields of most frames are null.
  @inline(__always)
  package static func null(at place: UnsafeRawPointer, _ end: UnsafeRawPointer) -> UnsafeRawPointer? {
    let letters: UInt32 = 0x6C6C_756E
    guard end - place >= 4, UInt32(littleEndian: place.loadUnaligned(as: UInt32.self)) == letters else { return nil }
    return passNUL(place + 4, end)
  }
}

// MARK: - Strings

extension JSONLexer {
  /// The string whose first byte after the quote stands at `place`, or nil when it is malformed or does not end.
  @inline(__always)
  package static func string(
    at place: UnsafeRawPointer, _ end: UnsafeRawPointer, _ strictness: Strictness
  ) -> StringToken? {
    let stop = PlainRun.end(from: place, end)
    guard stop < end else { return nil }
    if stop.load(as: UInt8.self) == UInt8(ascii: "\"") { return StringToken(end: stop, hasEscapes: false) }
    return specialString(at: stop, end, strictness)
  }

  /// The rest of a string, from its first byte that is not plain.
  @inline(never)
  private static func specialString(
    at place: UnsafeRawPointer, _ end: UnsafeRawPointer, _ strictness: Strictness
  ) -> StringToken? {
    var place = place
    var hasEscapes = false
    while place < end {
      let byte = place.load(as: UInt8.self)
      if byte == UInt8(ascii: "\"") { return StringToken(end: place, hasEscapes: hasEscapes) }
      if byte < 0x20 { return nil }
      let length: Int
      if byte == UInt8(ascii: "\\") {
        hasEscapes = true
        length = escapeLength(at: place, end, strictness)
      } else {
        length = strictness == .splitText ? 1 : UTF8Rules.multibyteLength(at: place, end: end)
      }
      if length == 0 { return nil }
      place += length
      // In a text of another script or full of escapes the next byte is seldom plain.
      if place < end, PlainRun.isPlainASCII(place.load(as: UInt8.self)) { place = PlainRun.end(from: place, end) }
    }
    return nil
  }

  /// The length of the escape at the backslash, a surrogate pair being one; 0 when it is malformed.
  static func escapeLength(
    at place: UnsafeRawPointer, _ end: UnsafeRawPointer, _ strictness: Strictness
  ) -> Int {
    guard end - place >= 2 else { return 0 }
    let letter = place.load(fromByteOffset: 1, as: UInt8.self)
    guard letter == UInt8(ascii: "u") else { return shortEscape(letter) == nil ? 0 : 2 }
    guard let unit = unicodeEscape(at: place, end) else { return 0 }
    if strictness == .splitText || !isSurrogate(unit) { return 6 }
    guard isHighSurrogate(unit), let low = unicodeEscape(at: place + 6, end), isLowSurrogate(low) else { return 0 }
    return 12
  }

  /// The UTF-16 unit of the `\uXXXX` at `place`, or nil when none stands there.
  package static func unicodeEscape(at place: UnsafeRawPointer, _ end: UnsafeRawPointer) -> UInt32? {
    guard end - place >= 6, place.load(as: UInt8.self) == UInt8(ascii: "\\"),
      place.load(fromByteOffset: 1, as: UInt8.self) == UInt8(ascii: "u")
    else { return nil }
    var unit: UInt32 = 0
    for index in 2..<6 {
      guard let digit = hexValue(place.load(fromByteOffset: index, as: UInt8.self)) else { return nil }
      unit = unit << 4 | UInt32(digit)
    }
    return unit
  }

  package static func isSurrogate(_ unit: UInt32) -> Bool { unit & 0xF800 == 0xD800 }
  package static func isHighSurrogate(_ unit: UInt32) -> Bool { unit & 0xFC00 == 0xD800 }
  package static func isLowSurrogate(_ unit: UInt32) -> Bool { unit & 0xFC00 == 0xDC00 }

  /// What the letter after a backslash stands for.
  @inline(__always)
  package static func shortEscape(_ letter: UInt8) -> UInt8? {
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): letter
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "t"): 0x09
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    default: nil
    }
  }
}

// MARK: - Numbers

extension JSONLexer {
  /// A number: where it ends, and its value when it is an integer.
  package struct NumberToken {
    package var end: UnsafeRawPointer
    package var integer: Int64?
  }

  /// The number that begins at `place`, or nil when it is malformed, an integer beyond 64 bits or a real beyond a
  /// double.
  package static func number(at place: UnsafeRawPointer, _ end: UnsafeRawPointer) -> NumberToken? {
    guard let (digitsEnd, numberEnd) = numberExtent(at: place, end) else { return nil }
    if digitsEnd < numberEnd {
      let text = UnsafeRawBufferPointer(start: place, count: numberEnd - place)
      return RealRange.overflows(text) ? nil : NumberToken(end: passNUL(numberEnd, end), integer: nil)
    }
    guard let value = integer(from: place, to: digitsEnd) else { return nil }
    return NumberToken(end: passNUL(numberEnd, end), integer: value)
  }

  /// Where the number's integer part ends, and where the number does; both are the same for an integer.
  package static func numberExtent(
    at place: UnsafeRawPointer, _ end: UnsafeRawPointer
  ) -> (digitsEnd: UnsafeRawPointer, end: UnsafeRawPointer)? {
    let digits = has(UInt8(ascii: "-"), at: place, end) ? place + 1 : place
    let digitsEnd = skipDigits(digits, end)
    if digitsEnd == digits { return nil }
    if digitsEnd - digits > 1, digits.load(as: UInt8.self) == UInt8(ascii: "0") { return nil }
    var last = digitsEnd
    if has(UInt8(ascii: "."), at: last, end) {
      let fraction = last + 1
      last = skipDigits(fraction, end)
      if last == fraction { return nil }
    }
    if has(UInt8(ascii: "e"), at: last, end) || has(UInt8(ascii: "E"), at: last, end) {
      let isSigned = has(UInt8(ascii: "+"), at: last + 1, end) || has(UInt8(ascii: "-"), at: last + 1, end)
      let exponent = isSigned ? last + 2 : last + 1
      last = skipDigits(exponent, end)
      if last == exponent { return nil }
    }
    return (digitsEnd, last)
  }

  /// The value of a sign and digits; nil beyond 64 bits.
  package static func integer(from place: UnsafeRawPointer, to end: UnsafeRawPointer) -> Int64? {
    let isNegative = has(UInt8(ascii: "-"), at: place, end)
    var digits = isNegative ? place + 1 : place
    var value: Int64 = 0
    while digits < end {
      // Counted down from zero, since there is one negative number more.
      let (product, overflows) = value.multipliedReportingOverflow(by: 10)
      let digit = Int64(digits.load(as: UInt8.self) &- 0x30)
      let (sum, overflowsToo) = product.subtractingReportingOverflow(digit)
      if overflows || overflowsToo { return nil }
      value = sum
      digits += 1
    }
    if isNegative { return value }
    return value == .min ? nil : -value
  }

  @inline(__always)
  private static func has(_ byte: UInt8, at place: UnsafeRawPointer, _ end: UnsafeRawPointer) -> Bool {
    place < end && place.load(as: UInt8.self) == byte
  }

  @inline(__always)
  private static func skipDigits(_ place: UnsafeRawPointer, _ end: UnsafeRawPointer) -> UnsafeRawPointer {
    var place = place
    while place < end, place.load(as: UInt8.self) &- 0x30 < 10 { place += 1 }
    return place
  }
}

/// Whether a decimal is too large for a double, decided on its digits: strtod would want a copy with a NUL at the end.
package enum RealRange {
  /// 2^1024 - 2^970, half way between the largest double and what would be the next: from here on numbers round up.
  private static var firstTooLarge: StaticString {
    """
    1797693134862315807937289714053034150799341327100378269361737789804449682927647509466490179775872070963302864166\
    9288791094655554785194040263065748867150582068190890200070838367627385484581771153176447573027006985557136695962\
    2842914819860834936475292719074168444365510704342711559699508093042880177904174497792
    """
  }

  /// Takes a well-formed number.
  package static func overflows(_ text: UnsafeRawBufferPointer) -> Bool {
    guard let firstDigit = text.firstIndex(where: { (0x31...0x39).contains($0) }) else { return false }
    let mantissaEnd = text.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "e") }) ?? text.count
    // "0e5" has its first digit in the exponent: the number is zero.
    if firstDigit >= mantissaEnd { return false }
    let point = text[..<mantissaEnd].firstIndex(of: UInt8(ascii: ".")) ?? mantissaEnd
    // The number is 0.d… × 10^scale, d being its first digit that is not zero.
    let places = firstDigit < point ? point - firstDigit : point - firstDigit + 1
    let scale = exponent(UnsafeRawBufferPointer(rebasing: text[mantissaEnd...])) &+ places
    if scale != firstTooLarge.utf8CodeUnitCount { return scale > firstTooLarge.utf8CodeUnitCount }
    return !isBelowFirstTooLarge(UnsafeRawBufferPointer(rebasing: text[firstDigit..<mantissaEnd]))
  }

  /// The exponent with its letter and sign; what is beyond any text's length stays there.
  private static func exponent(_ text: UnsafeRawBufferPointer) -> Int {
    var value = 0
    var isNegative = false
    for byte in text.dropFirst() {
      if byte == UInt8(ascii: "-") { isNegative = true }
      guard byte &- 0x30 < 10, value < Int.max / 100 else { continue }
      value = value * 10 + Int(byte &- 0x30)
    }
    return isNegative ? -value : value
  }

  private static func isBelowFirstTooLarge(_ digits: UnsafeRawBufferPointer) -> Bool {
    var place = 0
    for digit in digits where digit != UInt8(ascii: ".") {
      if place == firstTooLarge.utf8CodeUnitCount { return false }
      let bound = firstTooLarge.utf8Start[place]
      if digit != bound { return digit < bound }
      place += 1
    }
    // The digits end: below, unless all that the bound has more are zeros.
    while place < firstTooLarge.utf8CodeUnitCount {
      if firstTooLarge.utf8Start[place] != UInt8(ascii: "0") { return true }
      place += 1
    }
    return false
  }
}
