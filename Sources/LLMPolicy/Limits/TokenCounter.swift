import LLMCore

/// Counts tokens as a tokenizer would, about: in one pass, without its vocabulary. Words, numbers and punctuation are
/// counted as the patterns cut them that tokenizers begin with; what a word of some length, or a letter of some script,
/// comes to was fitted to o200k_base on a hundred texts (docs/decisions.md).
struct TokenCounter {
  private enum Kind { case start, lower, upper, digit, space, newline, punctuation, other }

  /// In parts of a token.
  private var sum = 0
  private var last = Kind.start
  private var letters = 0
  private var digits = 0

  private static let token = 64
  private static let word = 58
  private static let longLetter = 36
  private static let veryLongLetter = 59
  private static let changeOfCase = 64
  private static let letterByDigit = 13
  private static let threeDigits = 62
  private static let punctuation = 58
  private static let morePunctuation = 5
  private static let newline = 36
  private static let markedLetter = 30
  private static let letterWithTone = 16
  private static let emoji = 112

  /// What a character of a script comes to; up to the scalar, the first that fits.
  private static let scripts: [(last: UInt32, weight: Int)] = [
    (0x3FF, 27), (0x52F, 20), (0x58F, 23), (0x5FF, 28), (0x8FF, 24), (0x97F, 24), (0x9FF, 30), (0xDFF, 25),
    (0xFFF, 25), (0x109F, 32), (0x10FF, 21), (0x1FFF, 30), (0x2FFF, 64), (0x303F, 64), (0x30FF, 43), (0x33FF, 64),
    (0x9FFF, 49), (0xABFF, 40), (0xD7FF, 47), (0xFDFF, 40), (0xFFFF, 64),
  ]

  /// The tokens of all texts so far.
  var tokens: Int { sum == 0 ? 0 : max(1, (sum + Self.token / 2) / Self.token) }

  /// Adds a text.
  mutating func add(_ text: UnsafeRawBufferPointer) {
    var place = 0
    while place < text.count {
      let byte = text[place]
      if byte < 0x80 {
        add(ascii: byte)
        place += 1
      } else {
        place += add(scalarAt: place, of: text)
      }
    }
    endRun()
    last = .start
  }

  // MARK: ASCII

  private mutating func add(ascii byte: UInt8) {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"): add(letter: .lower)
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): add(letter: .upper)
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      if letters > 0 { sum += Self.letterByDigit }
      endWord()
      digits += 1
      last = .digit
    case UInt8(ascii: " "):
      endRun()
      if last != .newline { last = .space }
    case UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"):
      endRun()
      // What ends a line goes with the punctuation before it, and blank lines and indents are one.
      if last != .newline, last != .punctuation { sum += Self.newline }
      last = .newline
    default: addPunctuation()
    }
  }

  private mutating func add(letter: Kind) {
    endNumber()
    if letters > 0, letter == .upper, last == .lower {
      endWord()
      sum += Self.changeOfCase
    } else if letters == 0, last == .digit {
      sum += Self.letterByDigit
    }
    letters += 1
    last = letter
  }

  private mutating func addPunctuation() {
    endRun()
    sum += last == .punctuation ? Self.morePunctuation : Self.punctuation
    last = .punctuation
  }

  // MARK: Other scripts

  /// Answers how many bytes the character has.
  private mutating func add(scalarAt place: Int, of text: UnsafeRawBufferPointer) -> Int {
    let lead = text[place]
    let length = min(lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4, text.count - place)
    var scalar = UInt32(lead) & (length == 2 ? 0x1F : length == 3 ? 0x0F : 0x07)
    for offset in 1..<max(1, length) { scalar = scalar << 6 | UInt32(text[place + offset] & 0x3F) }
    add(scalar)
    return length
  }

  private mutating func add(_ scalar: UInt32) {
    switch scalar {
    case 0xC0...0x24F, 0x300...0x36F:
      add(letter: .lower)
      sum += Self.markedLetter
    case 0x1E00...0x1EFF:
      add(letter: .lower)
      sum += Self.letterWithTone
    case 0x80...0xBF, 0x2010...0x206F: addPunctuation()
    default:
      endRun()
      sum += Self.weight(of: scalar)
      last = .other
    }
  }

  private static func weight(of scalar: UInt32) -> Int {
    if scalar == 0xFE0F || (0x2600...0x27FF).contains(scalar) { return emoji }
    for script in scripts where scalar <= script.last { return script.weight }
    return emoji
  }

  // MARK: Runs

  private mutating func endRun() {
    endWord()
    endNumber()
  }

  private mutating func endWord() {
    guard letters > 0 else { return }
    sum += Self.word + Self.longLetter * max(0, min(letters, 12) - 6) + Self.veryLongLetter * max(0, letters - 12)
    letters = 0
  }

  private mutating func endNumber() {
    guard digits > 0 else { return }
    sum += Self.threeDigits * ((digits + 2) / 3)
    digits = 0
  }
}
