import LLMCore
import Testing

@testable import LLMPolicy

struct TimeoutTests {
  private static let noRetry = #","retry":{"attempts":1}"#

  struct Row: Sendable, CustomTestStringConvertible {
    let timeout: String
    let service: [ServiceStep]
    let stage: Stage
    let at: Double
    var partial: String?
    var testDescription: String { "\(timeout) at \(at)" }
  }

  static let rows: [Row] = [
    Row(timeout: #""total_ms":100"#, service: [.silence], stage: .connect, at: 100),
    Row(timeout: #""total_ms":100"#, service: [.connected, .silence], stage: .firstByte, at: 100),
    Row(timeout: #""first_token_ms":250"#, service: [.connected, .silence], stage: .firstByte, at: 250),
    Row(timeout: #""first_token_ms":250"#, service: [.head(200), .silence], stage: .firstToken, at: 250),
    Row(
      timeout: #""first_token_ms":250"#,
      service: [
        .head(200), .wait(milliseconds: 200), .bytes(": ping\n\n"), .wait(milliseconds: 40), .bytes(":\n"), .silence,
      ],
      stage: .firstToken, at: 250),
    Row(
      timeout: #""idle_ms":60"#,
      service: [
        .wait(milliseconds: 500), .head(200), chunk("a"), .wait(milliseconds: 59), chunk("b"), .wait(milliseconds: 60),
        chunk("c"),
      ], stage: .stream, at: 619, partial: "ab"),
    Row(
      timeout: #""idle_ms":60"#,
      service: [.head(200), chunk("a"), .wait(milliseconds: 59), .bytes(": ping\n\n"), .silence], stage: .stream,
      at: 119, partial: "a"),
    Row(
      timeout: #""total_ms":75,"idle_ms":60"#,
      service: [.head(200), chunk("a"), .wait(milliseconds: 50), chunk("b"), .wait(milliseconds: 50), chunk("c")],
      stage: .stream, at: 75, partial: "ab"),
  ]

  @Test(arguments: rows) func boundsHoldToTheMillisecond(row: Row) throws {
    let run = try Run([row.service], "\"timeout\":{\(row.timeout)}" + Self.noRetry)
    let error = run.outcome.document["error"]
    #expect(run.outcome.code == .timeout)
    #expect(error?["stage"]?.string == row.stage.name.text)
    #expect(run.driver.elapsed == row.at)
    #expect(run.driver.aborted == [row.at])
    #expect(run.events.terminals.map { $0.at } == [row.at])
    #expect(run.outcome.document["partial"]?["text"]?.string == row.partial)
    #expect(run.outcome.duration.inMilliseconds == row.at)
  }

  @Test func theMessageNamesTheKey() throws {
    for (key, service) in [
      ("total_ms", [ServiceStep.silence]), ("first_token_ms", [.connected, .silence]),
      ("idle_ms", [.head(200), chunk("a"), .silence]),
    ] {
      let run = try Run([service], #""timeout":{"\#(key)":5}"# + Self.noRetry)
      let message = run.outcome.document["error"]?["message"]?.string ?? ""
      #expect(message.contains("timeout.\(key)") && message.contains("5 ms"))
    }
  }

  @Test func timeOutsOfAttemptsAreTriedAgain() throws {
    let run = try Run(
      [[.connected, .silence], [.connected, .silence], stream("Hi")],
      #""timeout":{"first_token_ms":100},"retry":{"delay_ms":30,"jitter":false}"#)
    #expect(run.outcome.code == nil)
    #expect(run.driver.sent == [0, 130, 290])
    #expect(run.driver.aborted == [100, 230])
  }

  @Test func theWholeCallIsBoundedWithItsPauses() throws {
    let run = try Run(
      [refusal(500), refusal(500)], #""timeout":{"total_ms":700},"retry":{"delay_ms":500,"jitter":false}"#)
    #expect(run.outcome.code == .timeout)
    #expect(run.driver.elapsed == 700)
    #expect(run.driver.aborted.isEmpty)
    #expect(run.outcome.document["error"]?["attempts"]?.count == 2)
    #expect(run.events.terminals.count == 1)
  }

  @Test func theWholeCallIsNotTriedAgain() throws {
    let run = try Run([[.connected, .silence]], #""timeout":{"total_ms":50},"retry":{"attempts":5,"delay_ms":1}"#)
    #expect(run.driver.sent == [0])
  }

  @Test func requestsHaveTheirOwnBounds() throws {
    let run = try Run(
      [[.connected, .silence]], #""timeout":{"total_ms":5000}"#,
      request: #"{"prompt":"x","llm":{"timeout":{"total_ms":40}}}"#)
    #expect(run.driver.elapsed == 40)
  }

  @Test func noBoundIsNone() throws {
    let day: Int64 = 86_400_000
    let run = try Run(
      [
        [
          .wait(milliseconds: day), .head(200), .wait(milliseconds: day), chunk("a"), .wait(milliseconds: day),
          lastChunk, .end,
        ]
      ],
      #""timeout":{"total_ms":0,"first_token_ms":0,"idle_ms":0}"#)
    #expect(run.outcome.code == nil)
    #expect(run.driver.elapsed == Double(3 * day))
  }

  @Test func aHealthyStreamOutlivesTheBoundOfItsBeginning() throws {
    let pieces = (0..<100).flatMap { _ in [ServiceStep.wait(milliseconds: 50), chunk("x")] }
    let run = try Run(
      [[.head(200)] + pieces + [lastChunk, .end]], #""timeout":{"first_token_ms":60,"idle_ms":60}"#)
    #expect(run.outcome.code == nil)
    #expect(run.driver.elapsed == 5000)
  }

  /// A whole answer that trickles in is bounded by silence once its head has come.
  @Test func wholeAnswersAreBoundedBySilence() throws {
    let body = #"{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}"#
    let steps = body.flatMap { [ServiceStep.wait(milliseconds: 50), .bytes(String($0))] }
    let slow = try Run(
      [[.head(200)] + steps + [.end]], #""timeout":{"first_token_ms":60,"idle_ms":60}"#, streams: false)
    #expect(slow.outcome.code == nil)
    let silent = try Run(
      [[.head(200), .bytes("{"), .silence]], #""timeout":{"first_token_ms":70,"idle_ms":60}"# + Self.noRetry,
      streams: false)
    #expect(silent.outcome.code == .timeout)
    #expect(silent.driver.elapsed == 60)
    #expect(silent.outcome.document["error"]?["stage"]?.string == "stream")
  }
}
