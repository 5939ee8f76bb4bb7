import LLMConfig
import LLMCore
import Testing

@testable import LLMPolicy

private let outage = AttemptEnd.failed(LLMError(.serverError, "down", stage: .firstByte, status: 500))
private let success = AttemptEnd.answered(tokens: nil, nanoDollars: nil)

struct BreakerTests {
  private let log = GateLog()

  private func breaker(_ failures: Int64 = 3, trials: Int64 = 1, store: StoreGuard? = nil) -> Breaker {
    var settings = BreakerSettings()
    settings.failures = failures
    settings.trials = trials
    return Breaker(settings, GateContext("mine", store: store, listener: log), key: "b")
  }

  /// Sends one call; nil where the breaker let it through.
  @discardableResult
  private func send(_ breaker: Breaker, _ end: AttemptEnd, at now: Microseconds) -> LLMError? {
    let pass = TestPass()
    let answer = breaker.ask(pass.pass, now: now)
    breaker.settle(pass.pass, end, now: now)
    return answer.error
  }

  private func state(_ breaker: Breaker, at now: Microseconds) -> String? {
    let status = JSON.object()
    breaker.fill(status, now: now)
    return status.string("breaker", "state")
  }

  @Test func itOpensTriesAndCloses() throws {
    let breaker = breaker()
    for _ in 0..<3 { #expect(send(breaker, outage, at: second) == nil) }
    let error = try #require(send(breaker, success, at: 2 * second))
    #expect(error.code == .overloaded && error.stage == nil)
    #expect(error.retryAfterMilliseconds == 29_000)
    #expect(error.message.contains("breaker of \"mine\"") && error.message.contains("29000 ms"))
    #expect(error.message.contains("server_error"))
    #expect(send(breaker, success, at: 31 * second - 1) != nil)
    // One trial at a time.
    let trial = TestPass()
    #expect(breaker.ask(trial.pass, now: 31 * second).isOpen)
    #expect(state(breaker, at: 31 * second) == "half_open")
    #expect(try #require(send(breaker, success, at: 31 * second)).retryAfterMilliseconds == 1000)
    breaker.settle(trial.pass, success, now: 32 * second)
    #expect(state(breaker, at: 32 * second) == "closed")
    #expect(send(breaker, success, at: 32 * second) == nil)
    #expect(log.told.map { $0.document.string("to") } == ["open", "half_open", "closed"])
    #expect(log.told.map { $0.document.string("from") } == ["closed", "open", "half_open"])
    #expect(log.events.allSatisfy { $0 == "breaker" })
  }

  @Test func aTrialThatFailsOpensItAgain() {
    let breaker = breaker(2)
    for _ in 0..<2 { send(breaker, outage, at: 0) }
    #expect(send(breaker, outage, at: 30 * second) == nil)
    #expect(state(breaker, at: 30 * second) == "open")
    #expect(send(breaker, success, at: 59 * second) != nil)
    #expect(send(breaker, success, at: 60 * second) == nil)
    #expect(state(breaker, at: 60 * second) == "closed")
  }

  @Test func severalTrialsMustAllSucceed() {
    let breaker = breaker(1, trials: 3)
    send(breaker, outage, at: 0)
    for index in 0..<3 {
      #expect(state(breaker, at: 30 * second) == (index == 0 ? "open" : "half_open"))
      #expect(send(breaker, success, at: 30 * second) == nil)
    }
    #expect(state(breaker, at: 30 * second) == "closed")
    send(breaker, outage, at: 40 * second)
    send(breaker, success, at: 70 * second)
    send(breaker, outage, at: 70 * second)
    #expect(state(breaker, at: 70 * second) == "open")
  }

  @Test func aTrialWithoutAVerdictIsNotUsedUp() {
    let breaker = breaker(1)
    send(breaker, outage, at: 0)
    for end in [
      AttemptEnd.notSent, .failed(LLMError(.cancelled, "")), .failed(LLMError(.rateLimited, "", status: 429)),
    ] {
      #expect(send(breaker, end, at: 30 * second) == nil)
      #expect(state(breaker, at: 30 * second) == "half_open")
    }
    // A service that can say what is wrong with a request is there.
    #expect(send(breaker, .failed(LLMError(.invalidRequest, "", status: 400)), at: 30 * second) == nil)
    #expect(state(breaker, at: 30 * second) == "closed")
  }

  @Test(arguments: [
    ErrorCode.overloaded, .serverError, .timeout, .connection, .tls, .streamTruncated, .protocol,
  ]) func whatSpeaksOfTheServiceCounts(code: ErrorCode) {
    let breaker = breaker(1)
    send(breaker, .failed(LLMError(code, "")), at: 0)
    #expect(state(breaker, at: 0) == "open")
  }

  @Test(arguments: [
    ErrorCode.rateLimited, .quotaExceeded, .authentication, .permission, .invalidRequest, .contextLength,
    .contentFilter, .notFound, .cancelled, .budgetExceeded, .unsupported, .tooLarge,
  ]) func nothingElseDoes(code: ErrorCode) {
    let breaker = breaker(1)
    for _ in 0..<5 { send(breaker, .failed(LLMError(code, "", status: 400)), at: 0) }
    #expect(state(breaker, at: 0) == "closed")
  }

  @Test func onlyFailuresInARowOpenIt() {
    let breaker = breaker(2)
    for index in 0..<10 { send(breaker, index % 2 == 0 ? outage : success, at: Int64(index)) }
    #expect(state(breaker, at: 10) == "closed")
    // Further apart than the window.
    for index in 0..<5 { send(breaker, outage, at: second * (100 + 61 * Int64(index))) }
    #expect(state(breaker, at: 500 * second) == "closed")
    send(breaker, outage, at: 350 * second)
    #expect(state(breaker, at: 350 * second) == "open")
  }

  @Test func whatWasSentBeforeSaysNothingOfLater() {
    let breaker = breaker(1)
    let (old, late) = (TestPass(), TestPass())
    #expect(breaker.ask(old.pass, now: 0).isOpen)
    #expect(breaker.ask(late.pass, now: 0).isOpen)
    send(breaker, outage, at: 1)
    breaker.settle(old.pass, outage, now: 29 * second)
    #expect(send(breaker, success, at: 30 * second + 1) == nil)
    #expect(state(breaker, at: 30 * second + 1) == "closed")
    breaker.settle(late.pass, outage, now: 31 * second)
    #expect(state(breaker, at: 31 * second) == "closed")
  }

  @Test func thoseThatShareAStoreHearOfIt() {
    let store = MemoryCounterStore()
    let one = breaker(1, store: StoreGuard(store, type: "memory"))
    let other = breaker(1, store: StoreGuard(store, type: "memory"))
    #expect(send(other, success, at: 0) == nil)
    send(one, outage, at: second / 2)
    #expect(send(other, success, at: second - 1) == nil)
    #expect(send(other, success, at: second) != nil)
    // Both try when the time is over.
    #expect(send(other, success, at: second / 2 + 30 * second) == nil)
    #expect(state(other, at: 31 * second) == "closed")
  }
}
