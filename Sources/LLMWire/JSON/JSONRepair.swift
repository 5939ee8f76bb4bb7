import LLMCore

/// Rewrites a document that jansson refuses into one that says the same as nearly as JSON can, for a second attempt:
/// invalid UTF-8 and lone surrogates in strings become U+FFFD, control characters are escaped, integers beyond 64 bits
/// become reals, and NaN, the infinities and what a double cannot hold become null.
///
/// The buffer is emptied first. True if anything was changed; whether the result is valid is for the parser to say.
public func repairedJSON(_ bytes: UnsafeRawBufferPointer, into out: ByteBuffer) -> Bool {
  out.removeAll()
  guard let start = bytes.baseAddress else { return false }
  out.reserve(bytes.count)
  var repairer = JSONRepairer(place: start, end: start + bytes.count, out: out)
  repairer.run()
  return repairer.isChanged
}

private struct JSONRepairer {
  var place: UnsafeRawPointer
  let end: UnsafeRawPointer
  let out: ByteBuffer
  let scratch = ByteBuffer()
  var isChanged = false

  mutating func run() {
    while place < end {
      switch place.load(as: UInt8.self) {
      case UInt8(ascii: "\""): copyString()
      case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): copyNumber()
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): copyWord(at: place)
      default: copy(to: place + 1)
      }
    }
  }

  private mutating func copy(to next: UnsafeRawPointer) {
    out.append(UnsafeRawBufferPointer(start: place, count: next - place))
    place = next
  }

  private mutating func replace(to next: UnsafeRawPointer, with text: StaticString) {
    out.append(text)
    place = next
    isChanged = true
  }
}

// MARK: - Numbers and words

extension JSONRepairer {
  private mutating func copyNumber() {
    guard let extent = JSONLexer.numberExtent(at: place, end) else {
      // Perhaps -Infinity.
      return place.load(as: UInt8.self) == UInt8(ascii: "-") ? copyWord(at: place + 1) : copy(to: place + 1)
    }
    if RealRange.overflows(UnsafeRawBufferPointer(start: place, count: extent.end - place)) {
      return replace(to: extent.end, with: "null")
    }
    let isInteger = extent.digitsEnd == extent.end
    let isTooLarge = isInteger && JSONLexer.integer(from: place, to: extent.end) == nil
    copy(to: extent.end)
    if isTooLarge {
      out.append(".0")
      isChanged = true
    }
  }

  /// Copies what stands before the letters at `letters`, and them, unless they spell something that is no number.
  private mutating func copyWord(at letters: UnsafeRawPointer) {
    var wordEnd = letters
    while wordEnd < end, isLetter(wordEnd.load(as: UInt8.self)) { wordEnd += 1 }
    let word = UnsafeRawBufferPointer(start: letters, count: wordEnd - letters)
    if word.equals("NaN") || word.equals("nan") || word.equals("Infinity") || word.equals("inf") {
      replace(to: wordEnd, with: "null")
    } else {
      copy(to: wordEnd)
    }
  }

  private func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }
}

// MARK: - Strings

extension JSONRepairer {
  private mutating func copyString() {
    copy(to: place + 1)
    while place < end {
      switch place.load(as: UInt8.self) {
      case UInt8(ascii: "\""): return copy(to: place + 1)
      case UInt8(ascii: "\\"): copyEscape()
      case 0..<0x20: escapeControl()
      default: copyText()
      }
    }
  }

  private mutating func copyText() {
    var textEnd = place
    while textEnd < end, isText(textEnd.load(as: UInt8.self)) { textEnd += 1 }
    let text = UnsafeRawBufferPointer(start: place, count: textEnd - place)
    if UTF8Rules.validPrefix(of: text) == text.count { return copy(to: textEnd) }
    var joiner = UTF8Joiner()
    out.append(joiner.join(text, scratch: scratch))
    out.append(joiner.finish(scratch: scratch))
    place = textEnd
    isChanged = true
  }

  private func isText(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }

  private mutating func copyEscape() {
    guard let unit = JSONLexer.unicodeEscape(at: place, end), JSONLexer.isSurrogate(unit) else {
      return copy(to: end - place >= 2 ? place + 2 : end)
    }
    if JSONLexer.isHighSurrogate(unit), let low = JSONLexer.unicodeEscape(at: place + 6, end),
      JSONLexer.isLowSurrogate(low)
    {
      return copy(to: place + 12)
    }
    replace(to: place + 6, with: "\\ufffd")
  }

  private mutating func escapeControl() {
    let byte = place.load(as: UInt8.self)
    replace(to: place + 1, with: "\\u00")
    out.append(hexadecimal: byte)
  }
}
