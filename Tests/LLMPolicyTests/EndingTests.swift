import LLMConfig
import LLMCore
import Testing

@testable import LLMPolicy

/// Every call ends once, whatever happens at the same moment.
struct EndingTests {
  private static let bounds = #""timeout":{"total_ms":100},"retry":{"attempts":1}"#

  @Test func cancelledWhileNothingHappens() throws {
    let run = try Run([[.connected, .silence]], cancelsAt: 42)
    #expect(run.outcome.code == .cancelled)
    #expect(run.driver.elapsed == 42)
    #expect(run.driver.aborted == [42])
    #expect(run.events.kinds == [.start, .cancelled])
  }

  @Test func cancelledBeforeItBegins() throws {
    let run = try Run([], cancelsAt: 0)
    #expect(run.outcome.code == .cancelled)
    #expect(run.driver.sent.isEmpty && run.driver.aborted.isEmpty)
    #expect(run.events.kinds == [.cancelled])
  }

  @Test func cancelledInAPause() throws {
    let run = try Run([refusal(500)], #""retry":{"delay_ms":1000,"jitter":false}"#, cancelsAt: 300)
    #expect(run.outcome.code == .cancelled)
    #expect(run.driver.elapsed == 300)
    #expect(run.driver.aborted.isEmpty)
    #expect(run.outcome.document["error"]?["attempts"]?.count == 1)
  }

  @Test(arguments: [EventKind.start, .response, .text, .usage]) func cancelledByTheSink(kind: EventKind) throws {
    let usage = ServiceStep.bytes(
      #"data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}"# + "\n\n")
    let run = try Run([[.head(200), chunk("a"), usage, chunk("b"), lastChunk, .end]], stopsAt: kind)
    #expect(run.outcome.code == .cancelled)
    #expect(run.events.terminals.map { $0.kind } == [.cancelled])
    #expect(run.events.kinds.dropLast().last == kind)
  }

  @Test func theSinksAnswerToTheEndIsIgnored() throws {
    let run = try Run([stream("Hi")], stopsAt: .finish)
    #expect(run.outcome.code == nil)
    #expect(run.events.terminals.map { $0.kind } == [.finish])
  }

  /// What has happened counts for more than what is due: an answer that is whole is not thrown away.
  @Test func completionAtTheMomentOfTheTimeOut() throws {
    let run = try Run([[.head(200), chunk("Hi"), .wait(milliseconds: 100), lastChunk, .end]], Self.bounds)
    #expect(run.events.terminals.count == 1)
    #expect(run.driver.elapsed == 100)
  }

  @Test(arguments: [99.0, 100, 101]) func cancellationAroundTheTimeOut(moment: Double) throws {
    let run = try Run([[.head(200), chunk("Hi"), .silence]], Self.bounds, cancelsAt: moment)
    #expect(run.events.terminals.count == 1)
    #expect(run.outcome.code == (moment <= 100 ? .cancelled : .timeout))
    #expect(run.driver.aborted.count == 1)
    #expect(run.observer.outcomes == 1)
    #expect(run.outcome.document["partial"]?["text"]?.string == "Hi")
  }

  @Test(arguments: [49.0, 50, 51]) func cancellationAroundTheCompletion(moment: Double) throws {
    let run = try Run(
      [[.head(200), chunk("Hi"), .wait(milliseconds: 50), lastChunk, .end]], cancelsAt: moment)
    #expect(run.events.terminals.count == 1)
    #expect(run.observer.outcomes == 1)
    if moment < 50 { #expect(run.outcome.code == .cancelled) }
    if moment > 50 { #expect(run.outcome.code == nil) }
  }

  // MARK: A stream's own end

  private static let answer: [ServiceStep] = [.head(200), chunk("Hi"), lastChunk]

  /// Its connection is given a moment to come to its end, so that it can be used again, and is closed then.
  @Test func aConnectionThatStaysOpenIsNotWaitedFor() throws {
    let run = try Run([Self.answer + [.silence]])
    #expect(run.outcome.code == nil)
    #expect(run.events.text == "Hi")
    #expect(run.events.terminals.map { $0.kind } == [.finish])
    #expect(run.driver.aborted == [50])
    #expect(run.observer.outcomes == 1)
  }

  @Test func aConnectionThatEndsSoonIsLeftAlone() throws {
    let run = try Run([Self.answer + [.wait(milliseconds: 10), .end]])
    #expect(run.outcome.code == nil)
    #expect(run.driver.elapsed == 10)
    #expect(run.driver.aborted.isEmpty)
  }

  @Test func aCutAfterItChangesNothing() throws {
    let run = try Run([Self.answer + [.wait(milliseconds: 10), .fail(.connection, .stream)]])
    #expect(run.outcome.code == nil)
    #expect(run.events.text == "Hi")
    #expect(run.driver.elapsed == 10)
  }

  @Test func whatFollowsIsNoPartOfTheAnswer() throws {
    let error = ServiceStep.bytes(#"data: {"error":{"message":"too late","code":"overloaded"}}"# + "\n\n")
    let run = try Run([Self.answer + [chunk(" and more"), error, .bytes("no event at all"), .silence]])
    #expect(run.outcome.code == nil)
    #expect(run.outcome.document["text"]?.string == "Hi")
    #expect(run.events.text == "Hi")
  }

  @Test(arguments: [#""timeout":{"idle_ms":10}"#, #""timeout":{"total_ms":10}"#])
  func noBoundCountsAfterIt(bounds: String) throws {
    let run = try Run([Self.answer + [.silence]], bounds)
    #expect(run.outcome.code == nil)
    #expect(run.driver.aborted.count == 1)
  }

  /// A reason to end is none of the stream: usage may follow. It is one when the bytes end.
  @Test func aReasonToEndIsWaitedBehind() throws {
    let reason = ServiceStep.bytes(#"data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"# + "\n\n")
    let usage = ServiceStep.bytes(#"data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}"# + "\n\n")
    let steps: [ServiceStep] = [.head(200), chunk("Hi"), reason, .wait(milliseconds: 200), usage, .end]
    let run = try Run([steps])
    #expect(run.outcome.code == nil)
    #expect(run.outcome.document["usage", "completion_tokens"]?.int == 2)
    #expect(run.driver.elapsed == 200)
  }

  /// Some gateways end a stream in due form whose service broke off.
  @Test func anEndWithoutAReasonIsACut() throws {
    let run = try Run([[.head(200), chunk("Hi"), .bytes("data: [DONE]\n\n"), .silence]])
    #expect(run.outcome.code == .streamTruncated)
    #expect(run.outcome.document["partial", "text"]?.string == "Hi")
    #expect(run.driver.elapsed == 50)
    #expect(run.driver.aborted == [50])
  }

  @Test func cancelledAfterIt() throws {
    let run = try Run([Self.answer + [.silence]], cancelsAt: 20)
    #expect(run.events.terminals.count == 1)
    #expect(run.driver.aborted == [20])
  }

  @Test func nothingIsToldAfterTheEnd() throws {
    let driver = VirtualDriver([])
    let events = EventLog(driver)
    let target = Target(try endpoint(""))
    let request = CallRequest(
      chat: try .init(JSON.parse(#"{"prompt":"x"}"#)), isStreaming: true, settings: target.endpoint.call)
    let call = Call(
      request, to: RouteTarget(target), sink: events, observer: nil, random: SplitMix(seed: 1), unixSeconds: 0)
    _ = call.demand(now: 0)
    call.cancel()
    for moment in 1..<5 { _ = call.demand(now: Microseconds(moment)) }
    let told = events.entries.count
    call.exchangeReceivedHead(HTTPHead(status: 200), lane: 0, now: 10)
    let bytes = ByteBuffer()
    bytes.append("data: x\n\n")
    #expect(!call.exchangeReceived(bytes.bytes, lane: 0, now: 10))
    call.exchangeEnded(nil, timing: HTTPTiming(), lane: 0, now: 10)
    if case .done = call.demand(now: .max / 2) {} else { Issue.record("not done") }
    #expect(events.entries.count == told)
    #expect(call.deadline == nil)
  }

  @Test func resultAndFinishAreTheSame() throws {
    let run = try Run([stream("One ", "two.")])
    #expect(run.events.text == "One two.")
    let finish = try #require(run.events.first(.finish)?.json)
    #expect(finish.equals(run.outcome.document))
  }

  @Test func timesAreMeasured() throws {
    let run = try Run(
      [
        [
          .wait(milliseconds: 20), .head(200), .wait(milliseconds: 30), chunk("Hi"), .wait(milliseconds: 50), lastChunk,
          .end,
        ]
      ])
    let timing = run.outcome.document["metadata"]?["timing"]
    #expect(timing?["first_token_ms"]?.double == 50)
    #expect(timing?["total_ms"]?.double == 100)
    #expect(run.observer.attempts.first?.timeToFirstToken == .milliseconds(50))
  }

  @Test func keysThatServicesQuoteAreBlottedOut() throws {
    let run = try Run(
      [[.head(401), .bytes(#"{"error":{"message":"bad key sk-secret-z8Wv4q!","key":"sk-secret-z8Wv4q"}}"#), .end]],
      #""type":"openai","api":"chat","model":"m","api_key":"sk-secret-z8Wv4q""#)
    #expect(run.outcome.document["error"]?["message"]?.string == "bad key [redacted]!")
    #expect(!run.outcome.document.text.contains("z8Wv4q"))
    #expect(run.observer.attempts.allSatisfy { !($0.error?.document.text.contains("z8Wv4q") ?? false) })
  }
}
