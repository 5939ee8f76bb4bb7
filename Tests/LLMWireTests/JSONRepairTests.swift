import LLMCore
import LLMWire
import Testing

@Suite struct JSONRepairTests {
  private func repaired(_ bytes: [UInt8]) -> (isChanged: Bool, text: String) {
    let out = ByteBuffer()
    let isChanged = withExactBytes(bytes) { repairedJSON($0, into: out) }
    return (isChanged, text(Array(out.bytes)))
  }

  @Test(arguments: [
    ("[NaN,Infinity,-Infinity,nan]", "[null,null,null,null]"),
    (
      "[9223372036854775808,-9223372036854775809,9223372036854775807]",
      "[9223372036854775808.0,-9223372036854775809.0,9223372036854775807]"
    ),
    ("[1e400,-1e999]", "[null,null]"),
    ("\"\\ud83d\"", "\"\\ufffd\""), ("\"\\ude00x\"", "\"\\ufffdx\""), ("\"\\ud83d\\u0041\"", "\"\\ufffd\\u0041\""),
    ("\"\\ud83d\\ud83d\\ude00\"", "\"\\ufffd\\ud83d\\ude00\""), ("\"\\\\ud83d\\ud83d\"", "\"\\\\ud83d\\ufffd\""),
    ("\"a\nb\u{1F}\"", "\"a\\u000ab\\u001f\""),
    ("{\"NaN\":NaN}", "{\"NaN\":null}"),
  ])
  func repairs(_ document: String, _ expected: String) {
    let result = repaired(Array(document.utf8))
    #expect(result.isChanged)
    #expect(result.text == expected)
    #expect(withExactBytes(result.text, janssonAccepts))
  }

  @Test(
    arguments: [
      ([0x22, 0x61, 0xFF, 0x22], "\"a\u{FFFD}\""), ([0x22, 0xE2, 0x82, 0x22], "\"\u{FFFD}\""),
      ([0x22, 0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80, 0x22], "\"😀\""), ([0x22, 0xC3, 0xA9, 0xC3, 0x22], "\"é\u{FFFD}\""),
    ] as [([UInt8], String)])
  func repairsInvalidUTF8(_ document: [UInt8], _ expected: String) {
    let result = repaired(document)
    #expect(result.isChanged)
    #expect(result.text == expected)
  }

  @Test(arguments: JSONCorpus.valid)
  func leavesValidDocumentsAlone(_ document: String) {
    let result = repaired(Array(document.utf8))
    #expect(!result.isChanged)
    #expect(result.text == document)
  }

  @Test func neverSpoilsWhatJanssonAccepts() {
    var generator = SeededGenerator(seed: 6)
    for _ in 0..<50_000 {
      let document = JSONCorpus.mutation(using: &generator)
      let result = repaired(document)
      if withExactBytes(document, janssonAccepts) { #expect(!result.isChanged && result.text == text(document)) }
    }
  }
}
