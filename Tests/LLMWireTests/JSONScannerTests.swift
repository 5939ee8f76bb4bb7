import CSystem
import LLMCore
import LLMWire
import Testing

/// Whether jansson takes the document, with the flags that the library reads services with.
func janssonAccepts(_ bytes: UnsafeRawBufferPointer) -> Bool {
  guard let start = bytes.baseAddress else { return false }
  let flags = Int(JSON_ALLOW_NUL) | Int(JSON_DECODE_ANY)
  let value = json_loadb(start.assumingMemoryBound(to: CChar.self), bytes.count, flags, nil)
  json_decref(value)
  return value != nil
}

/// Documents for the differential tests: valid ones, and such as are a byte away from being so.
enum JSONCorpus {
  static let valid = [
    "0", "-0", "1", "-1", "12", "9223372036854775807", "-9223372036854775808", "0.5", "-0.5e-3", "1e5", "1E+5",
    "1.25e10", "1.7976931348623157e308", "1.7976931348623158e308", "5e-324", "1e-400", "0e999999", "0.0e99999999999999",
    "true", "false", "null", " \t\r\n null \n", "\"\"", "\"a\"", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u00e9\"",
    "\"\\uD83D\\ude00\"", "\"\\u0000\"", "\"é 你好 😀\"", "\"a string of more than sixteen bytes, with a \\n in it\"",
    "{}", "[]", "[[]]", "[{}]", "{\"a\":{}}", "{\"a\":1,\"b\":[1,2.5,\"x\",null,true,false]}", "{\"a\":1,\"a\":2}",
    "{ \"a\" : [ 1 , 2 ] , \"b\" : { } }", "{\"\":\"\"}", "{\"k\\u0041\":1}", "[1,\"two\",[3,[4,[5,[6]]]]]",
    "{\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"hi\"},\"finish_reason\":null}],\"usage\":null}",
  ]

  static let invalid = [
    "", " ", "nul", "nulll", "True", "truefalse", "tru\0e", "-", "+1", "01", "-01", "1.", ".5", "1e", "1e+", "1.e5",
    "0x1",
    "9223372036854775808", "-9223372036854775809", "123456789012345678901234567890", "1e309", "-1e400",
    "1e999999999999",
    "1.7976931348623159e308", "NaN", "Infinity", "-Infinity", "\"", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"",
    "\"\\u12G4\"",
    "\"\\uD83D\"", "\"\\uDE00\"", "\"\\uD83D\\u0041\"", "\"\\uD83D\\n\"", "\"\\uD83Dx\"", "\"\n\"", "\"\0\"",
    "\"\u{1F}\"",
    "{", "}", "[", "]", "{]", "[}", "[1,]", "[,1]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{1:2}",
    "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{\"\\u0000\":1}", "{\"a\\\\\\u0000\":1}", "1 2", "{}{}", "[] x", "// x", "'a'",
    "\u{FEFF}1",
    "\u{A0}1", "null\0\0", "[1\0\0]", "\0", "[\0]", "{\"a\"\0:1}", ",", ":", "[1,,2]", "[\"a\"\"b\"]", "\u{0B}1",
    "\u{0C}1",
  ]

  /// jansson loses one NUL after a number or a word.
  static let withLostNULs = ["1\0", "null\0", "[1\0]", "[true\0,false\0]", "{\"a\":1.5\0}", "1\0 ", " 1e5\0"]

  static let invalidUTF8: [[UInt8]] = [
    [0x22, 0xFF, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xC0, 0xAF, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
    [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0x22, 0xE2, 0x82], [0x22, 0xF0, 0x80, 0x80, 0x80, 0x22], [0xFF],
    [0x31, 0xFF], [0x5B, 0x31, 0xC3, 0xA9, 0x5D], [0x22, 0xE0, 0x9F, 0xBF, 0x22], [0x22, 0x80, 0x22],
  ]

  static var all: [[UInt8]] { (valid + invalid + withLostNULs).map { Array($0.utf8) } + invalidUTF8 }

  /// A document with a few bytes changed, inserted, taken out or taken from another one.
  static func mutation(using generator: inout SeededGenerator) -> [UInt8] {
    let documents = all
    var bytes = documents[Int.random(in: 0..<documents.count, using: &generator)]
    let alphabet =
      Array("{}[]\",:\\/untrfalse0123456789-+.eED \n\t\0".utf8) + [0x1F, 0x7F, 0x80, 0xA0, 0xC3, 0xED, 0xF0, 0xFF]
    for _ in 0..<Int.random(in: 1...3, using: &generator) {
      let place = Int.random(in: 0...bytes.count, using: &generator)
      let byte = alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
      switch Int.random(in: 0..<5, using: &generator) {
      case 0 where place < bytes.count: bytes[place] = byte
      case 1 where place < bytes.count: bytes.remove(at: place)
      case 2: bytes.removeSubrange(place...)
      case 3:
        let other = documents[Int.random(in: 0..<documents.count, using: &generator)]
        bytes.insert(contentsOf: other, at: place)
      default: bytes.insert(byte, at: place)
      }
    }
    return bytes
  }
}

@Suite struct JSONScannerTests {
  private func isValid(_ bytes: [UInt8]) -> Bool { withExactBytes(bytes, JSONScanner.isValid) }
  private func janssonAccepts(_ bytes: [UInt8]) -> Bool { withExactBytes(bytes, LLMWireTests.janssonAccepts) }

  @Test(arguments: JSONCorpus.valid + JSONCorpus.withLostNULs)
  func acceptsWhatJanssonAccepts(_ document: String) {
    #expect(janssonAccepts(Array(document.utf8)))
    #expect(isValid(Array(document.utf8)))
  }

  @Test(arguments: JSONCorpus.invalid.map { Array($0.utf8) } + JSONCorpus.invalidUTF8)
  func rejectsWhatJanssonRejects(_ document: [UInt8]) {
    #expect(!janssonAccepts(document))
    #expect(!isValid(document))
  }

  @Test func agreesWithJanssonOnMutations() {
    var generator = SeededGenerator(seed: 2)
    var accepted = 0
    for _ in 0..<100_000 {
      let document = JSONCorpus.mutation(using: &generator)
      let expected = janssonAccepts(document)
      accepted += expected ? 1 : 0
      if isValid(document) != expected { Issue.record("jansson \(expected ? "accepts" : "rejects") \(text(document))") }
    }
    #expect(accepted > 5_000)
  }

  @Test func agreesWithJanssonOnTruncations() {
    for document in JSONCorpus.all {
      for length in 0...document.count {
        let truncated = Array(document[..<length])
        #expect(isValid(truncated) == janssonAccepts(truncated))
      }
    }
  }

  @Test func agreesWithJanssonAboutTheLargestReals() {
    let bound = "179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017977587207"
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<5_000 {
      var digits = Array(bound.utf8.prefix(Int.random(in: 1...bound.utf8.count, using: &generator)))
      if Bool.random(using: &generator) { digits[digits.count - 1] = UInt8.random(in: 0x30...0x39, using: &generator) }
      let zeros = Int.random(in: 0...3, using: &generator)
      let point = Int.random(in: 0...digits.count, using: &generator)
      let exponent = 309 - point + zeros
      let number =
        point == 0
        ? "0." + String(repeating: "0", count: zeros) + text(digits) + "e\(exponent)"
        : text(digits[..<point]) + "." + text(digits[point...]) + "0e\(exponent - zeros)"
      #expect(isValid(Array(number.utf8)) == janssonAccepts(Array(number.utf8)), "\(number)")
    }
    for digits in 300...320 {
      let number = "1" + String(repeating: "0", count: digits) + ".0"
      #expect(isValid(Array(number.utf8)) == janssonAccepts(Array(number.utf8)))
    }
  }

  @Test(arguments: [254, 255, 256, 257, 258, 5000])
  func limitsTheDepth(_ depth: Int) {
    let opening = String(repeating: "[", count: depth)
    let closing = String(repeating: "]", count: depth)
    let objects = String(repeating: "{\"a\":", count: depth) + "null" + String(repeating: "}", count: depth)
    for (document, levels) in [
      (opening + closing, depth), (opening + "1" + closing, depth + 1), (opening + "{}" + closing, depth + 1),
      (objects, depth + 1),
    ] {
      #expect(isValid(Array(document.utf8)) == (levels <= 256))
    }
    #expect(!isValid(Array(opening.utf8)))
  }

  /// `#expect` cannot call what mutates.
  private func check(_ condition: Bool, _ location: SourceLocation = #_sourceLocation) {
    #expect(condition, sourceLocation: location)
  }

  @Test func readsValues() {
    let document = "{\"s\":\"a\\u00e9\\n\",\"i\":-42,\"b\":[true,false],\"n\":null,\"o\":{\"x\":[{},1.5]},\"e\":{}}"
    let scratch = ByteBuffer()
    withExactBytes(document) { bytes in
      var scanner = JSONScanner(bytes)
      check(scanner.peek() == .object)
      check(scanner.enterObject())
      check(scanner.nextKey().map { text($0.raw) } == "s")
      check(scanner.peek() == .string)
      let string = scanner.string()
      check(string?.hasEscapes == true)
      check(string.map { text($0.value(scratch: scratch)) } == "aé\n")
      check(scanner.nextKey().map { text($0.value(scratch: scratch)) } == "i")
      check(scanner.peek() == .number)
      check(scanner.integer() == -42)
      check(scanner.nextKey() != nil)
      check(scanner.enterArray())
      check(scanner.nextElement())
      check(scanner.boolean() == true)
      check(scanner.nextElement())
      check(scanner.boolean() == false)
      check(!scanner.nextElement())
      check(scanner.nextKey() != nil)
      check(scanner.peek() == .null)
      check(scanner.null())
      check(scanner.nextKey() != nil)
      check(scanner.skipValue())
      check(scanner.nextKey().map { text($0.raw) } == "e")
      check(scanner.enterObject())
      check(scanner.nextKey() == nil)
      check(scanner.nextKey() == nil)
      check(!scanner.hasFailed)
      check(scanner.isAtEnd())
      check(scanner.position == bytes.count)
    }
  }

  @Test func failsForGoodWhenItIsAskedForTheWrongThing() {
    withExactBytes("[1.5,2]") { bytes in
      var scanner = JSONScanner(bytes)
      check(scanner.enterArray())
      check(scanner.nextElement())
      check(scanner.integer() == nil)
      check(scanner.hasFailed)
      check(!scanner.nextElement())
      check(!scanner.skipValue())
      check(!scanner.isAtEnd())
    }
  }

  @Test(
    arguments: [
      ("\"\\ud83d\"", [0xED, 0xA0, 0xBD]), ("\"\\ude00\"", [0xED, 0xB8, 0x80]),
      ("\"\\ud83d\\ude00\"", [0xF0, 0x9F, 0x98, 0x80]),
      ("\"\\ud83d\\ud83d\\ude00\"", [0xED, 0xA0, 0xBD, 0xF0, 0x9F, 0x98, 0x80]),
    ] as [(String, [UInt8])])
  func givesLoneSurrogatesAsTheirBytesWhereAllowed(_ document: String, _ expected: [UInt8]) {
    let scratch = ByteBuffer()
    withExactBytes(document) { bytes in
      var scanner = JSONScanner(bytes)
      check(scanner.string(splitText: true).map { Array($0.value(scratch: scratch)) } == expected)
      check(scanner.isAtEnd())
    }
  }

  @Test func unescapesAsJanssonDoes() {
    var generator = SeededGenerator(seed: 4)
    let parts = [
      "a", "plain text of some length", "é", "你好", "😀", "\\n", "\\t", "\\\"", "\\\\", "\\/", "\\b", "\\f", "\\r",
      "\\u0041",
      "\\u00e9", "\\u4F60", "\\ud83d\\ude00", "\\u0000", "\\u0800", "\\uFFFF", "\\u007f", "\\u0080", "\\u07ff",
    ]
    let scratch = ByteBuffer()
    for _ in 0..<5_000 {
      let count = Int.random(in: 0...8, using: &generator)
      let document =
        "\"" + (0..<count).map { _ in parts[Int.random(in: 0..<parts.count, using: &generator)] }.joined() + "\""
      withExactBytes(document) { bytes in
        let flags = Int(JSON_ALLOW_NUL) | Int(JSON_DECODE_ANY)
        let tree = bytes.withMemoryRebound(to: CChar.self) { json_loadb($0.baseAddress, $0.count, flags, nil) }
        defer { json_decref(tree) }
        let expected = UnsafeRawBufferPointer(start: json_string_value(tree), count: json_string_length(tree))
        var scanner = JSONScanner(bytes)
        check(scanner.string().map { Array($0.value(scratch: scratch)) } == Array(expected))
      }
    }
  }
}
