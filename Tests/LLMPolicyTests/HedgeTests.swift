import LLMConfig
import LLMCore
import Testing

@testable import LLMPolicy

@Suite struct HedgeTests {
  private let settings = HedgeSettings(delay: .milliseconds(100))

  private func slow(_ milliseconds: Int64, _ text: String) -> [ServiceStep] {
    [.head(200), .bytes(": ping\n\n"), .wait(milliseconds: milliseconds), chunk(text), lastChunk, .end]
  }

  @Test func aQuickFirstIsAlone() throws {
    let run = try Routed([[slow(99, "First")], []], hedge: settings)
    #expect(run.path == "a")
    #expect(run.observer.hedges.isEmpty)
  }

  @Test func theSecondMayWin() throws {
    let run = try Routed([[slow(300, "First")], [slow(50, "Second")]], hedge: settings)
    #expect(run.path == "ab")
    #expect(run.driver.sent == [0, 100])
    #expect(run.driver.aborted == [150])
    #expect(run.driver.elapsed == 150)
    #expect(run.events.text == "Second")
    #expect(run.attempts == ["a/m-a cancelled", "b/m-b ok"])
    #expect(run.observer.hedges == [100])
    #expect(run.outcome.document["metadata"]?["provider"]?.string == "b")
    // Its START comes with its content, and the first's is not taken back.
    #expect(run.events.entries.filter { $0.kind == .start }.map { $0.json?.string("provider") } == ["a", "b"])
    #expect(run.events.first(.text)?.at == 150)
  }

  @Test func theFirstMayStillWin() throws {
    let run = try Routed([[slow(120, "First")], [slow(300, "Second")]], hedge: settings)
    #expect(run.path == "ab")
    #expect(run.events.text == "First")
    #expect(run.driver.aborted == [120])
    #expect(run.events.entries.filter { $0.kind == .start }.count == 1)
    #expect(run.attempts == ["a/m-a ok", "b/m-b cancelled"])
  }

  @Test func atTheSameMicrosecondOneWins() throws {
    let run = try Routed([[slow(200, "First")], [slow(100, "Second")]], hedge: settings)
    #expect(run.events.text == "First")
    #expect(run.driver.aborted == [200])
    #expect(run.events.kinds.filter { $0 == .finish }.count == 1)
  }

  @Test func wholeAnswersRaceToo() throws {
    let answer = #"{"choices":[{"message":{"role":"assistant","content":"X"},"finish_reason":"stop"}]}"#
    let run = try Routed(
      [[[.head(200), .wait(milliseconds: 500), .bytes(answer), .end]], [[.head(200), .bytes(answer), .end]]],
      hedge: settings, streams: false)
    #expect(run.driver.elapsed == 100)
    #expect(run.outcome.document.string("text") == "X")
    #expect(run.driver.aborted == [100])
  }

  @Test func aHedgeThatFailsIsNoLoss() throws {
    let run = try Routed([[slow(300, "First")], [refusal(500)]], hedge: settings)
    #expect(run.events.text == "First")
    #expect(run.attempts == ["a/m-a ok", "b/m-b server_error"])
  }

  @Test func aFirstThatFailsLeavesTheHedge() throws {
    let run = try Routed(
      [[[.head(200), .wait(milliseconds: 150), .fail(.connection, .stream)]], [slow(300, "Second")]], hedge: settings)
    #expect(run.events.text == "Second")
    #expect(run.path == "ab")
    #expect(run.driver.elapsed == 400)
  }

  @Test func whenBothFailTheyAreAskedAgain() throws {
    let run = try Routed(
      [
        [[.wait(milliseconds: 150), .fail(.connection, .connect)], stream("Again")],
        [[.wait(milliseconds: 100), .fail(.connection, .connect)]],
      ], hedge: settings)
    #expect(run.path == "aba")
    #expect(run.driver.sent == [0, 100, 250])
    #expect(run.events.text == "Again")
  }

  @Test func withoutADelayItIsTheTargetsOwnPercentile() throws {
    let routeTargets = try Routed.routeTargets(2)
    let run = try Routed([[slow(900, "First")], []], hedge: HedgeSettings(), routeTargets: routeTargets)
    #expect(run.path == "a")
    for place in 1..<40 { routeTargets[0].health.withLock { $0.note(latency: .milliseconds(Int64(place))) } }
    let hedged = try Routed(
      [[slow(900, "First")], [slow(1, "Second")]], hedge: HedgeSettings(), routeTargets: routeTargets)
    // Of 40 times the 39th is the bound.
    #expect(hedged.driver.sent == [0, 39])
    #expect(hedged.events.text == "Second")
  }

  @Test(arguments: Array(stride(from: 0.0, through: 160, by: 10)))
  func cancelledAtAnyMomentBothAreClosed(moment: Double) throws {
    let gates = [ScriptedGate(.open), ScriptedGate(.open)]
    let run = try Routed(
      [[slow(300, "First")], [slow(50, "Second")]], hedge: settings, cancelsAt: moment, gates: gates.map { [$0] })
    #expect(run.outcome.code == (moment <= 150 ? .cancelled : nil))
    for gate in gates { #expect(gate.asked.count == gate.ends.count) }
    #expect(run.driver.aborted.count == (moment == 0 ? 0 : moment <= 100 || moment > 150 ? 1 : 2))
  }

  @Test func nobodyElseNoHedge() throws {
    let run = try Routed([[slow(300, "First")]], hedge: settings)
    #expect(run.path == "a")
    #expect(run.observer.hedges.isEmpty)
  }
}
