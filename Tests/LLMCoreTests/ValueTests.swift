import CSystem
import LLMCore
import Testing

struct ErrorTests {
  @Test func namesAndNumbersBelongTogether() {
    var raw: Int32 = -1
    var names: [String] = []
    while let code = ErrorCode(rawValue: raw) {
      #expect(ErrorCode(name: code.name.text) == code)
      names.append(code.name.text)
      raw -= 1
    }
    #expect(names.count == 24 && Set(names).count == 24)
    #expect(ErrorCode(name: "no such") == nil && ErrorCode(rawValue: 0) == nil)
  }

  @Test func documentsHoldWhatIsKnown() {
    var error = LLMError(.rateLimited, "slow down", stage: .firstByte, status: 429, param: "/model")
    #expect(
      error.document.text
        == #"{"code":"rate_limited","message":"slow down","status":429,"stage":"first_byte","retryable":true,"#
        + #""param":"/model"}"#)
    error.retryable = false
    error.retryAfterMilliseconds = 20
    #expect(error.document["retryable"]?.bool == false && error.document["retry_after_ms"]?.int == 20)
  }
}

struct HTTPTests {
  @Test func fieldsAreFoundInAnyCase() {
    let head = HTTPHead(status: 200, fields: [("Content-Type", "a"), ("content-type", "b")])
    head.append(name: "X-Request-ID", value: "c")
    #expect(head["CONTENT-TYPE"] == "a" && head["x-request-id"] == "c" && head["x"] == nil)
  }

  @Test func linesAreFieldsWhenTheyAreLookedAt() {
    let head = HTTPHead(status: 200)
    #expect(head.fields.isEmpty && head["A"] == nil)
    for line in [
      "X-Request-ID: one \r\n", "no field\r\n", "X-Empty:\r\n", "X-Time:\t12:30:00\n", "X-Request-ID: two\r\n",
    ] {
      Array(line.utf8).withUnsafeBytes { head.append(line: $0) }
    }
    #expect(head["x-request-id"] == "one" && head["X-EMPTY"] == "" && head["X-Time"] == "12:30:00")
    #expect(head["X-Request"] == nil && head["X-Request-ID:"] == nil && head["no field"] == nil && head[""] == nil)
    #expect(
      head.fields.map { "\($0.name)=\($0.value)" } == [
        "X-Request-ID=one", "X-Empty=", "X-Time=12:30:00", "X-Request-ID=two",
      ])
  }

  @Test func settingReplacesInPlace() {
    var request = HTTPRequest(url: "http://x")
    for header in [HTTPHeader("A", "1"), HTTPHeader("B", "2"), HTTPHeader("a", "3")] { request.setHeader(header) }
    #expect(request.headers.map { "\($0.name): \($0.value)" } == ["a: 3", "B: 2"])
  }
}

struct ClockTests {
  @Test func lengthsOfTimeSaturate() {
    #expect(Microseconds.milliseconds(1500) == 1_500_000)
    #expect(Microseconds.milliseconds(.max) == .max / 4 && Microseconds.milliseconds(.min) == .min / 4)
    #expect(Microseconds(1_234_567).inMilliseconds == 1234.567)
  }

  @Test func timeGoesForward() {
    let first = SystemClock.shared.now
    #expect(SystemClock.shared.now >= first)
    #expect(SystemClock.shared.unixSeconds > 1_700_000_000)
  }

  @Test func chanceCanBeRepeated() {
    let (first, second) = (SplitMix(seed: 3), SplitMix(seed: 3))
    let numbers = (0..<1000).map { _ in first.next() }
    #expect(numbers == (0..<1000).map { _ in second.next() })
    #expect(Set(numbers).count == 1000)
    #expect(SplitMix().next() != SplitMix().next())
    for _ in 0..<1000 { #expect((0..<1).contains(first.fraction())) }
  }

  @Test func identifiers() {
    let id = makeIdentifier("call_", SplitMix(seed: 1))
    #expect(id.hasPrefix("call_") && id.utf8.count == 17)
    #expect(id.dropFirst(5).utf8.allSatisfy { $0.isASCIIAlphanumeric })
    #expect(id == makeIdentifier("call_", SplitMix(seed: 1)) && id != makeIdentifier("call_", SplitMix(seed: 2)))
  }
}

struct SecretTests {
  @Test func whatSurroundsAKeyIsNoPartOfIt() {
    let text: StaticString = " \tsk-1 2\r\n"
    #expect(Secret(trimming: text.utf8Bytes).revealed == "sk-1 2")
    #expect(Secret(trimming: StaticString(" \n").utf8Bytes).isEmpty && Secret("").isEmpty)
  }
}

struct EventKindTests {
  @Test func theLastThreeEnd() {
    let kinds = (1...16).compactMap { EventKind(rawValue: $0) }
    #expect(kinds.count == 16)
    #expect(kinds.filter { $0.isTerminal } == [.finish, .error, .cancelled])
    #expect(EventKind(rawValue: 0) == nil && EventKind(rawValue: 17) == nil)
  }
}

/// The receiver of log lines is one for the process.
@Suite(.serialized) struct LogTests {
  private final class Lines { var lines: [String] = [] }

  private func lines(upTo level: Log.Level, _ body: () -> Void) -> [String] {
    let lines = Lines()
    let receiver: Log.Receiver = { level, line, lines in
      guard let line, let lines else { return }
      Unmanaged<Lines>.fromOpaque(lines).takeUnretainedValue().lines.append("\(level) " + String(cString: line))
    }
    Log.set(receiver, level: level.rawValue, userData: Unmanaged.passUnretained(lines).toOpaque())
    body()
    Log.set(nil, level: 0, userData: nil)
    return lines.lines
  }

  @Test func upToALevel() {
    let lines = lines(upTo: .warning) {
      Log.write(.error) { "one" }
      Log.write(.warning) { "two" }
      Log.write(.info) { "three" }
    }
    #expect(lines == ["1 one", "2 two"])
  }

  @Test func oneLineEach() {
    #expect(lines(upTo: .debug) { Log.write(.debug) { "a\r\nb\u{1B}[2Jü\0c" } } == ["4 a  b [2Jü c"])
  }
}

struct FileTests {
  @Test func readsUpToABound() throws {
    var name = Array("llm-core-test-XXXXXX".utf8CString)
    let descriptor = mkstemp(&name)
    try #require(descriptor >= 0)
    defer { unlink(name) }
    _ = write(descriptor, "contents", 8)
    close(descriptor)
    let path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    #expect(readFile(path)?.string == "contents")
    #expect(readFile(path, atMost: 7) == nil && readFile(path, atMost: 8) != nil)
    #expect(readFile(path + "-missing") == nil)
  }
}
