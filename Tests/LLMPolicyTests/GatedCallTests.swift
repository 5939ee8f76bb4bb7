import LLMConfig
import LLMCore
import Testing

@testable import LLMPolicy

/// Calls through the gates that a configuration makes.
struct GatedCallTests {
  private let log = GateLog()

  private func routeTarget(_ config: String, store: (any CounterStore)? = nil) throws -> RouteTarget {
    let endpoint = try endpoint(config)
    let guarded = store.map { StoreGuard($0, type: "test", listener: log) }
    return RouteTarget(
      Target(endpoint),
      gates: GateFactory.make(
        for: endpoint, store: guarded, listener: log, random: SplitMix(seed: 1), unixOffset: 1_700_000_000 * second))
  }

  @Test func noneIsMadeUnlessConfigured() throws {
    #expect(try routeTarget("").gates.isEmpty)
    #expect(try routeTarget(#""breaker":{},"budget":{"usd":1},"rate_limit":{}"#).gates.count == 3)
  }

  @Test(arguments: [true, false]) func aCallBeyondTheLimitWaitsForTheNextWindow(isShared: Bool) throws {
    let routeTarget = try routeTarget(
      #""rate_limit":{"requests_per_minute":1}"#, store: isShared ? MemoryCounterStore() : nil)
    #expect(try Run([stream("Hi")], routeTarget: routeTarget).driver.sent == [0])
    // The clock of each run starts anew: this one comes at the same time.
    let next = try Run([stream("Hi")], routeTarget: routeTarget)
    #expect(next.outcome.code == nil)
    #expect(next.driver.sent.count == 1 && (60_000...61_200).contains(next.driver.sent[0]))
  }

  @Test func whatTheServiceSaysHoldsTheNextCallBack() throws {
    let routeTarget = try routeTarget(#""rate_limit":{}"#)
    let head: [ServiceStep] = [
      .head(200, [("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "7s")]), chunk("Hi"),
      lastChunk, .end,
    ]
    #expect(try Run([head], routeTarget: routeTarget).outcome.code == nil)
    #expect(try Run([stream("Hi")], routeTarget: routeTarget).driver.sent == [7000])
  }

  @Test func anOpenBreakerEndsTheRetries() throws {
    let routeTarget = try routeTarget(#""breaker":{"failures":2},"retry":{"attempts":5,"delay_ms":1}"#)
    let run = try Run([refusal(500), refusal(500)], routeTarget: routeTarget)
    #expect(run.outcome.code == .overloaded)
    #expect(run.driver.sent.count == 2)
    #expect(log.events == ["breaker"])
  }

  @Test func aCallBeyondTheBudgetIsNotSent() throws {
    let routeTarget = try routeTarget(#""model":"gpt-4o-mini","budget":{"usd":0.000001}"#)
    let run = try Run([], routeTarget: routeTarget)
    #expect(run.outcome.code == .budgetExceeded)
    #expect(run.driver.sent.isEmpty)
    #expect(log.events == ["budget"])
  }

  /// A service that thinks for long says nothing meanwhile.
  @Test(arguments: [(0, 4), (9_000, 30)]) func aCallRenewsItsSlotWhileItLasts(silence: Int64, atLeast: Int) throws {
    let store = FlakyStore()
    let routeTarget = try routeTarget(#""rate_limit":{"concurrency":1,"lease_ms":2000}"#, store: store)
    let run = try Run(
      [[.wait(milliseconds: silence), .head(200), chunk("Hi"), lastChunk, .end]], routeTarget: routeTarget)
    #expect(run.outcome.code == nil)
    // Each change of the window is read and written: taken, given back, and renewed every third of the lease.
    #expect(store.operations >= atLeast && store.operations < atLeast + 4)
  }

  @Test func aStoreThatIsGoneLosesNoCall() throws {
    let store = FlakyStore()
    store.isDown = true
    let routeTarget = try routeTarget(
      #""breaker":{},"budget":{"usd":1},"rate_limit":{"requests_per_minute":10,"concurrency":1}"#, store: store)
    for _ in 0..<10 { #expect(try Run([stream("Hi")], routeTarget: routeTarget).outcome.code == nil) }
    #expect(log.events == ["store_lost"])
    let status = JSON.object()
    for gate in routeTarget.gates { gate.fill(status, now: second) }
    #expect(status.string("store", "state") == "lost")
    #expect(status["rate_limit"]?.int("requests", "left") == 0)
  }

  // MARK: Events of what is not sent

  @Test func aRefusalIsToldWithABeginning() throws {
    let run = try Run([], gates: [ScriptedGate(.refused(LLMError(.overloaded, "the breaker is open")))])
    #expect(run.events.kinds == [.start, .error])
    #expect(run.events.first(.start)?.json?.int("attempt") == 1)
    #expect(run.outcome.document["partial"] == nil)
  }

  @Test func cancelledInAQueueItHasABeginning() throws {
    let run = try Run([], cancelsAt: 50, gates: [ScriptedGate(.wait(until: .max / 2, reason: "requests"))])
    #expect(run.events.kinds == [.start, .cancelled])
    #expect(run.driver.elapsed == 50)
  }

  @Test func outOfTimeInAQueueItHasABeginning() throws {
    let run = try Run(
      [], #""timeout":{"total_ms":70},"retry":{"attempts":1}"#,
      gates: [ScriptedGate(.wait(until: .max / 2, reason: "requests"))])
    #expect(run.events.kinds == [.start, .error])
    #expect(run.outcome.code == .timeout)
  }

  @Test func whoeverRefusesThatBeginningHasCancelled() throws {
    let run = try Run([], stopsAt: .start, gates: [ScriptedGate(.refused(LLMError(.overloaded, "no")))])
    #expect(run.events.kinds == [.start, .cancelled])
    #expect(run.outcome.code == .cancelled)
  }
}
