import LLMCore
import LLMWire
import Testing

@Suite struct Base64Tests {
  private func encoded(_ bytes: [UInt8]) -> String {
    let out = ByteBuffer()
    withExactBytes(bytes) { base64Encode($0, into: out) }
    return out.string
  }

  private func decoded(_ text: String) -> [UInt8]? {
    let out = ByteBuffer()
    guard withExactBytes(text, { base64Decode($0, into: out) }) else {
      #expect(out.isEmpty)
      return nil
    }
    return withExtendedLifetime(out) { Array(out.bytes) }
  }

  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
    ("foobar", "Zm9vYmFy"),
  ])
  func agreesWithTheStandard(_ plain: String, _ base64: String) {
    #expect(encoded(Array(plain.utf8)) == base64)
    #expect(decoded(base64) == Array(plain.utf8))
  }

  @Test func bringsBackEveryByte() {
    for length in 0..<70 {
      let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ length &* 11) }
      #expect(decoded(encoded(bytes)) == bytes)
    }
    #expect(decoded(encoded(Array(0...255))) == Array(0...255))
  }

  @Test func readsTheURLAlphabetMissingPaddingAndLineBreaks() {
    #expect(decoded("-_-_") == [0xFB, 0xFF, 0xBF])
    #expect(decoded("Zg") == [0x66])
    #expect(decoded("Zm9v\r\nYmFy\n") == Array("foobar".utf8))
  }

  @Test(arguments: ["A", "AAAAA", "A=", "=", "====", "AA=A", "AA===", "AAA==", "A?AA", "AA\0A", "é"])
  func refusesWhatIsNotBase64(_ text: String) { #expect(decoded(text) == nil) }
}
