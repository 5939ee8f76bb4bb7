import LLMCore
import LLMWire
import Testing

@Suite struct NDJSONFramerTests {
  typealias Record = FrameRecorder.Record

  static let cases: [(stream: String, documents: [String])] = [
    ("{\"a\":1}\n{\"a\":2}\n", ["{\"a\":1}", "{\"a\":2}"]),
    ("{\"a\":1}\r\n{\"a\":2}\r\n", ["{\"a\":1}", "{\"a\":2}"]),
    ("{}\n\n\r\n  \n[]\n", ["{}", "[]"]),
    ("{}", ["{}"]),
    ("{}\r", ["{}"]),
    ("  {} \t\n", ["{}"]),
    ("{\"a\":\r1}\n", ["{\"a\":\r1}"]),
    ("event: x\ndata: {\"a\":1}\n\n: comment\n\ndata:{\"a\":2}\n\ndata:\n", ["{\"a\":1}", "{\"a\":2}"]),
    ("", []),
    ("\n", []),
  ]

  @Test(arguments: cases)
  func framesHoweverTheStreamIsCut(_ stream: String, _ documents: [String]) {
    for pieces in cuts(of: Array(stream.utf8)) {
      let expected = Outcome(records: documents.map { Record(data: $0) }, error: nil)
      #expect(outcome(of: NDJSONFramer(maxFrameBytes: 1000), fed: pieces) == expected)
    }
  }

  @Test(arguments: cases)
  func endsProperlyWhereverItIsTruncated(_ stream: String, _ documents: [String]) {
    let bytes = Array(stream.utf8)
    for length in 0...bytes.count {
      let truncated = Array(bytes[..<length])
      let whole = outcome(of: NDJSONFramer(maxFrameBytes: 1000), fed: [truncated])
      #expect(whole == outcome(of: NDJSONFramer(maxFrameBytes: 1000), fed: truncated.map { [$0] }))
      #expect(whole.error == nil)
    }
  }

  @Test func refusesALineThatIsTooLong() {
    for pieces in cuts(of: Array("[1]\n[12345678]\n".utf8)) {
      let expected = Outcome(records: [Record(data: "[1]")], error: .tooLarge)
      #expect(outcome(of: NDJSONFramer(maxFrameBytes: 9), fed: pieces) == expected)
    }
  }

  @Test func stopsWhenTheSinkDoes() throws {
    let framer = NDJSONFramer(maxFrameBytes: 100)
    let recorder = FrameRecorder(stoppingAfter: 1)
    let isOpen = try Array("{}\n[]\n".utf8).withUnsafeBytes { try framer.feed($0, into: recorder) }
    #expect(!isOpen)
    try framer.finish(into: recorder)
    #expect(recorder.records == [Record(data: "{}")])
  }
}
