import LLMCore
import LLMWire
import Testing

@Suite struct UTF8JoinerTests {
  private static let high: [UInt8] = [0xED, 0xA0, 0xBD]
  private static let low: [UInt8] = [0xED, 0xB8, 0x80]

  private func join(_ pieces: [[UInt8]]) -> [UInt8] {
    var joiner = UTF8Joiner()
    let scratch = ByteBuffer()
    var joined: [UInt8] = []
    for piece in pieces {
      let next = withExactBytes(piece) { Array(joiner.join($0, scratch: scratch)) }
      #expect(String(validating: next, as: UTF8.self) != nil)
      joined += next
    }
    return joined + Array(joiner.finish(scratch: scratch))
  }

  static let cases: [(bytes: [UInt8], text: String)] = [
    (Array("plain".utf8), "plain"),
    (Array("é 你好 😀 end".utf8), "é 你好 😀 end"),
    (high + low, "😀"),
    ([0x61] + high + low + [0x62], "a😀b"),
    (high, "\u{FFFD}"),
    (low, "\u{FFFD}"),
    (high + high + low, "\u{FFFD}😀"),
    (high + [0x61], "\u{FFFD}a"),
    (low + high, "\u{FFFD}\u{FFFD}"),
    (high + [0xED], "\u{FFFD}\u{FFFD}"),
    (high + [0xED, 0xB8], "\u{FFFD}\u{FFFD}\u{FFFD}"),
    (high + [0xED, 0x80, 0x80], "\u{FFFD}\u{D000}"),
    (high + [0xED, 0xB8, 0x41], "\u{FFFD}\u{FFFD}\u{FFFD}A"),
    ([0xE2, 0x82], "\u{FFFD}"),
    ([0xE2, 0x82, 0x41], "\u{FFFD}A"),
    ([0xF0, 0x9F, 0x98], "\u{FFFD}"),
    ([0xF0, 0x80, 0x80, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
    ([0xF4, 0x90, 0x80, 0x80], "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
    ([0xC0, 0xAF], "\u{FFFD}\u{FFFD}"),
    ([0xFF, 0x80], "\u{FFFD}\u{FFFD}"),
    ([0xE0, 0x80, 0xE2, 0x82, 0xAC], "\u{FFFD}\u{FFFD}€"),
    ([0xED, 0xA0], "\u{FFFD}\u{FFFD}"),
    ([], ""),
  ]

  @Test(arguments: cases)
  func joinsHoweverTheTextIsCut(_ bytes: [UInt8], _ expected: String) {
    for pieces in cuts(of: bytes) { #expect(text(join(pieces)) == expected) }
  }

  @Test func agreesWithSwiftsOwnDecoderOnRandomBytes() {
    var generator = SeededGenerator(seed: 7)
    // Lead bytes and continuations in plenty, no 0xED: surrogates are joined here and not there.
    let alphabet: [UInt8] = [
      0x41, 0x7F, 0x80, 0x90, 0x9F, 0xA0, 0xBF, 0xC1, 0xC2, 0xE0, 0xE1, 0xEF, 0xF0, 0xF1, 0xF4, 0xF5,
    ]
    for _ in 0..<20_000 {
      let bytes = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
        alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
      }
      #expect(text(join([bytes])) == text(bytes))
      #expect(join(bytes.map { [$0] }) == Array(text(bytes).utf8))
    }
  }

  @Test func yieldsTheSameForAnyCutOfRandomBytes() {
    var generator = SeededGenerator(seed: 8)
    let alphabet: [UInt8] = [0x41, 0x80, 0x9F, 0xA0, 0xAF, 0xB0, 0xBF, 0xE0, 0xED, 0xED, 0xED, 0xF0]
    for _ in 0..<5_000 {
      let bytes = (0..<Int.random(in: 0...12, using: &generator)).map { _ in
        alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
      }
      let whole = join([bytes])
      for pieces in cuts(of: bytes, randomOnes: 3) { #expect(join(pieces) == whole) }
    }
  }

  @Test func givesBackTheInputWhenItIsValid() {
    var joiner = UTF8Joiner()
    let scratch = ByteBuffer()
    withExactBytes("Grüße, 世界") { input in
      let joined = joiner.join(input, scratch: scratch)
      #expect(joined.baseAddress == input.baseAddress)
      #expect(joined.count == input.count)
    }
    #expect(scratch.isEmpty)
  }

  @Test func holdsBackOnlyTheTail() {
    var joiner = UTF8Joiner()
    let scratch = ByteBuffer()
    withExactBytes([0x61, 0x62, 0xF0, 0x9F]) { input in
      let joined = joiner.join(input, scratch: scratch)
      #expect(joined.baseAddress == input.baseAddress)
      #expect(joined.count == 2)
    }
    let rest = withExactBytes([0x98, 0x80, 0x63]) { text(joiner.join($0, scratch: scratch)) }
    #expect(rest == "😀c")
    let end = joiner.finish(scratch: scratch)
    #expect(end.isEmpty)
  }
}
