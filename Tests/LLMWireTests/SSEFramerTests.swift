import LLMCore
import LLMWire
import Testing

@Suite struct SSEFramerTests {
  typealias Record = FrameRecorder.Record

  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let stream: String
    let frames: [(event: String, data: String)]
    var comments = 0

    init(_ name: String, _ stream: String, _ frames: [(String, String)], comments: Int = 0) {
      self.name = name
      self.stream = stream
      self.frames = frames
      self.comments = comments
    }

    var testDescription: String { name }
    var records: [Record] { frames.map { Record(event: $0.event, data: $0.data) } }
  }

  static let cases = [
    Case("one event", "data: x\n\n", [("", "x")]),
    Case("carriage returns", "data: x\r\rdata: y\r\r", [("", "x"), ("", "y")]),
    Case("both", "data: x\r\n\r\ndata: y\r\n\r\n", [("", "x"), ("", "y")]),
    Case("all three mixed", "data: x\r\ndata: y\rdata: z\n\r\ndata: w\r\n\n", [("", "x\ny\nz"), ("", "w")]),
    Case("several lines", "data: a\ndata: b\ndata:\ndata: c\n\n", [("", "a\nb\n\nc")]),
    Case("no space", "data:x\n\n", [("", "x")]),
    Case("two spaces", "data:  x\n\n", [("", " x")]),
    Case("a tab is no space", "data:\tx\n\n", [("", "\tx")]),
    Case("no colon", "data\n\n", [("", "")]),
    Case("no colon, twice", "data\ndata\n\n", [("", "\n")]),
    Case("empty data", "data:\n\n", [("", "")]),
    Case("event name", "event: ping\ndata: {}\n\n", [("ping", "{}")]),
    Case("event name after the data", "data: {}\nevent: ping\n\n", [("ping", "{}")]),
    Case("last event name wins", "event: a\nevent: b\ndata: x\n\n", [("b", "x")]),
    Case("the name does not outlive its event", "event: a\ndata: x\n\ndata: y\n\n", [("a", "x"), ("", "y")]),
    Case("an event without data is none", "event: a\n\ndata: x\n\n", [("", "x")]),
    Case("comments", ": keep-alive\n\n:\n\ndata: x\n: in between\ndata: y\n\n", [("", "x\ny")], comments: 3),
    Case("id, retry and unknown fields", "id: 1\nretry: 2\nfoo: bar\ndata: x\n\n", [("", "x")]),
    Case("longer names are other fields", "dataset: 1\ndat: 2\ndata : 3\ndata: x\n\n", [("", "x")]),
    Case("byte order mark", "\u{FEFF}data: x\n\n", [("", "x")]),
    Case("only one byte order mark", "\u{FEFF}\u{FEFF}data: x\n\n", []),
    Case("a mark later is none", "data: x\n\n\u{FEFF}data: y\n\n", [("", "x")]),
    Case("colons in the value", "data: a:b: c\n\n", [("", "a:b: c")]),
    Case("blank lines", "\n\n\r\n\rdata: x\n\n\n\n", [("", "x")]),
    Case("no blank line at the end", "data: x\n\ndata: [DONE]\n", [("", "x"), ("", "[DONE]")]),
    Case("no line end at the end", "data: x\n\ndata: [DONE]", [("", "x"), ("", "[DONE]")]),
    Case("a CR at the end", "data: x\r", [("", "x")]),
    Case("a field cut off at the end", "data: x\n\neve", [("", "x")]),
    Case("text of several bytes", "data: 你好 😀\n\n", [("", "你好 😀")]),
    Case("a NUL", "data: a\0b\n\n", [("", "a\0b")]),
    Case("nothing", "", []),
  ]

  @Test(arguments: cases)
  func framesHoweverTheStreamIsCut(_ test: Case) {
    for pieces in cuts(of: Array(test.stream.utf8)) {
      let framer = SSEFramer(maxFrameBytes: 1 << 20)
      #expect(outcome(of: framer, fed: pieces) == Outcome(records: test.records, error: nil))
      #expect(framer.commentCount == test.comments)
    }
  }

  @Test(arguments: cases)
  func endsProperlyWhereverItIsTruncated(_ test: Case) {
    let bytes = Array(test.stream.utf8)
    for length in 0...bytes.count {
      let truncated = Array(bytes[..<length])
      let whole = outcome(of: SSEFramer(maxFrameBytes: 1 << 20), fed: [truncated])
      let single = outcome(of: SSEFramer(maxFrameBytes: 1 << 20), fed: truncated.map { [$0] })
      #expect(whole == single)
      #expect(whole.error == nil)
      #expect(whole.records.count <= test.records.count + 1)
    }
  }

  @Test func deliversInPlace() throws {
    final class Sink: FrameSink {
      var places: [UnsafeRawPointer?] = []
      func receive(_ frame: Frame) -> Bool {
        places += [frame.event.baseAddress, frame.data.baseAddress]
        return true
      }
    }
    let sink = Sink()
    let bytes = Array("event: e\ndata: x\n\nevent: e\ndata: y\n\n".utf8)
    try bytes.withUnsafeBytes { bytes in
      let isOpen = try SSEFramer(maxFrameBytes: 100).feed(bytes, into: sink)
      let start = bytes.baseAddress
      #expect(isOpen)
      #expect(sink.places == [7, 15, 25, 33].map { start?.advanced(by: $0) })
    }
  }

  @Test(arguments: [
    "data: 12345\n\n", "event: 1234\n\n", ": 12345678\n\n", "data:123\ndata:1234\ndata:1\n\n", "1234567890",
  ])
  func refusesWhatIsTooLong(_ stream: String) {
    for pieces in cuts(of: Array(stream.utf8)) {
      #expect(outcome(of: SSEFramer(maxFrameBytes: 9), fed: pieces) == Outcome(records: [], error: .tooLarge))
    }
  }

  @Test func allowsWhatIsJustShortEnough() {
    for pieces in cuts(of: Array("data: 1234\n\ndata:1\ndata:1234567\n\n".utf8)) {
      let expected = Outcome(records: [Record(data: "1234"), Record(data: "1\n1234567")], error: nil)
      #expect(outcome(of: SSEFramer(maxFrameBytes: 12), fed: pieces) == expected)
    }
  }

  @Test func stopsWhenTheSinkDoes() throws {
    let framer = SSEFramer(maxFrameBytes: 100)
    let recorder = FrameRecorder(stoppingAfter: 1)
    let isOpen = try feed(framer, "data: x\n\ndata: y\n\ndata: z", recorder)
    #expect(!isOpen)
    #expect(try !feed(framer, "data: w\n\n", recorder))
    try framer.finish(into: recorder)
    #expect(recorder.records == [Record(data: "x")])
  }

  private func feed(_ framer: any Framer, _ text: String, _ sink: any FrameSink) throws -> Bool {
    try Array(text.utf8).withUnsafeBytes { try framer.feed($0, into: sink) }
  }

  @Test func manyLinesInOnePieceTakeLinearTime() {
    // A framer that searched the whole piece anew for each would not come to an end.
    for ending in ["\r", "\n", "\r\n"] {
      let stream = Array(String(repeating: "data: x\(ending)\(ending)", count: 300_000).utf8)
      let framed = outcome(of: SSEFramer(maxFrameBytes: 100), fed: [stream])
      #expect(framed.records.count == 300_000)
    }
  }
}
