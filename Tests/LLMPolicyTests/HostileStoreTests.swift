import LLMConfig
import LLMCore
import Testing

@testable import LLMPolicy

private let now: Microseconds = 1_700_000_000 * second

private func settings(requests: Int64 = 0, tokens: Int64 = 0, concurrency: Int64 = 0) -> LimitSettings {
  var settings = LimitSettings()
  (settings.requests, settings.tokens, settings.concurrency) = (requests, tokens, concurrency)
  settings.queueTimeout = 0
  return settings
}

/// A store that says it was never the first, and counts its tries.
private final class ContendedStore: CounterStore, @unchecked Sendable {
  private(set) var operations = 0
  func perform(_ operation: StoreOperation) throws(LLMError) { operations += 1 }
}

/// A store that takes its time.
private final class SlowStore: CounterStore, @unchecked Sendable {
  private let store = MemoryCounterStore()
  private let clock: SlowClock
  private(set) var operations = 0

  init(_ clock: SlowClock) { self.clock = clock }

  func perform(_ operation: StoreOperation) throws(LLMError) {
    operations += 1
    clock.now += 90_000
    try store.perform(operation)
  }
}

private final class SlowClock: Clock, @unchecked Sendable {
  var now: Microseconds = 0
  var unixSeconds: Int64 { 1_700_000_000 }
}

/// What others have left in a store, or have taken from it, neither stops the process nor opens a gate.
struct HostileStoreTests {
  private let store = MemoryCounterStore()

  private func limiter(_ settings: LimitSettings, owner: UInt64 = 1) -> RateLimiter {
    RateLimiter(settings, GateContext("p", store: StoreGuard(store, type: "memory")), key: "k", owner: owner)
  }

  /// A window's bytes as somebody else may write them.
  private func plant(
    slices: [(Int64, Int64, Int64)] = [], leases: [(Int64, Int64, Int64)] = [], closedUntil: Int64 = 0
  ) throws {
    let buffer = ByteBuffer()
    func put<Value: FixedWidthInteger>(_ value: Value) {
      withUnsafeBytes(of: value.littleEndian) { buffer.append($0) }
    }
    for word in [LimitWindow.version, UInt32(slices.count), UInt32(leases.count), 0] { put(word) }
    put(closedUntil)
    for entry in slices + leases {
      put(entry.0)
      put(entry.1)
      put(entry.2)
    }
    try store.set("k", buffer, timeToLive: 0, unixNow: now)
  }

  private var current: Int64 { now / LimitWindow.sliceLength(LimitSettings()) }

  private static let extremes: [Int64] = [.min, .min + 1, -1, (1 << 53) + 1, 1 << 62, .max - 1, .max]

  @Test(arguments: extremes) func countsOutOfBoundsAreDropped(count: Int64) throws {
    for slice in [(current, count, 0), (current, 0, count), (current, count, count)] as [(Int64, Int64, Int64)] {
      try plant(slices: [(current - 1, 1, 10), slice], leases: [(7, count, now + second)])
      let limiter = limiter(settings(requests: 3, tokens: 100, concurrency: 2))
      let pass = TestPass(tokens: 50)
      #expect(limiter.ask(pass.pass, now: now).isOpen)
      let status = JSON.object()
      limiter.fill(status, now: now)
      // The entry beside it counts.
      #expect(status["rate_limit"]?.int("requests", "used") == 2)
      #expect(status["rate_limit"]?.int("tokens", "used") == 60)
      #expect(limiter.ask(TestPass(tokens: 50).pass, now: now).reason == "tokens")
      limiter.settle(pass.pass, .answered(tokens: .max, nanoDollars: nil), now: now)
      limiter.fill(JSON.object(), now: now)
    }
  }

  /// The most that is believed blocks, and neither wraps nor traps.
  @Test func theLargestCountsAddUp() throws {
    let most = LimitWindow.mostCounted
    try plant(
      slices: (0..<102).map { (current - 101 + $0, most, most) },
      leases: (1...64).map { ($0, 1_000_000_000, now + second) }
    )
    let limiter = limiter(settings(requests: 1, tokens: 1_000_000_000))
    #expect(!limiter.ask(TestPass(tokens: .max).pass, now: now).isOpen)
    limiter.note(HTTPHead(status: 429, fields: [("retry-after", "1")]), now: now)
    limiter.fill(JSON.object(), now: now)
    #expect(limiter.ask(TestPass().pass, now: now + 70 * second).isOpen)
  }

  @Test(arguments: [Int64.max, Int64.min, now + 30 * 3600 * second, 1 << 62])
  func leasesAndClosuresThatNeverEndAreDropped(end: Int64) throws {
    try plant(leases: [(7, 1, end)], closedUntil: end)
    #expect(limiter(settings(concurrency: 1)).ask(TestPass().pass, now: now).isOpen)
  }

  @Test func aSliceIsCountedOnce() throws {
    try plant(slices: [(current, 1, 0), (current, 1, 0), (current - 1, 1, 0)])
    let limiter = limiter(settings(requests: 2))
    #expect(limiter.ask(TestPass().pass, now: now).isOpen)
    #expect(!limiter.ask(TestPass().pass, now: now).isOpen)
  }

  // MARK: Emptied under calls

  @Test func whatAnEmptiedStoreForgotIsNotGivenBack() throws {
    let limiter = limiter(settings(requests: 100, tokens: 20_000, concurrency: 50))
    let early = (0..<9).map { _ in TestPass(tokens: 2005) }
    for pass in early { #expect(limiter.ask(pass.pass, now: now).isOpen) }
    try store.delete("k", unixNow: now)
    for pass in early { limiter.settle(pass.pass, .answered(tokens: 10, nanoDollars: nil), now: now) }
    let status = JSON.object()
    limiter.fill(status, now: now)
    for name in ["requests", "tokens", "concurrency"] {
      #expect(try #require(status["rate_limit"]?[named: name]).int("used") == 0)
    }
    let late = (0..<30).map { _ in TestPass(tokens: 2005) }
    #expect(late.filter { limiter.ask($0.pass, now: now).isOpen }.count == 9)
  }

  /// Also where the store was lost when they ended, and is told afterwards.
  @Test func whatIsToldLaterIsNotGivenBackEither() throws {
    let flaky = FlakyStore()
    let limiter = RateLimiter(
      settings(tokens: 1000), GateContext("p", store: StoreGuard(flaky, type: "flaky")), key: "k", owner: 1)
    let pass = TestPass(tokens: 900)
    #expect(limiter.ask(pass.pass, now: now).isOpen)
    flaky.isDown = true
    limiter.settle(pass.pass, .notSent, now: now)
    flaky.isDown = false
    try flaky.delete("k", unixNow: now)
    let later = now + 2 * second
    #expect(limiter.ask(TestPass(tokens: 900).pass, now: later).isOpen)
    #expect(limiter.ask(TestPass(tokens: 200).pass, now: later).reason == "tokens")
  }

  @Test func aBudgetIsNotGivenBackBelowNothing() throws {
    var rules = BudgetSettings(nanoDollars: 200)
    rules.period = .day
    let budget = Budget(rules, GateContext("p", store: StoreGuard(store, type: "memory")), key: "b")
    let early = (0..<9).map { _ in TestPass(nanoDollars: 20) }
    for pass in early { #expect(budget.ask(pass.pass, now: now).isOpen) }
    try store.delete("b:\(BudgetPeriod(.day, at: now).start)", unixNow: now)
    for pass in early { budget.settle(pass.pass, .answered(tokens: nil, nanoDollars: 1), now: now) }
    let late = (0..<30).map { _ in TestPass(nanoDollars: 20) }
    #expect(late.filter { budget.ask($0.pass, now: now).isOpen }.count == 10)
  }

  @Test(arguments: ["-1000000000000", "-9223372036854775808", "9223372036854775807", "12x", ""])
  func aSumThatCannotBeLetsNothingThrough(text: String) throws {
    var rules = BudgetSettings(nanoDollars: 200)
    rules.period = .total
    try store.set("b:0", bytes(text), timeToLive: 0, unixNow: now)
    let budget = Budget(rules, GateContext("p", store: StoreGuard(store, type: "memory")), key: "b")
    budget.fill(JSON.object(), now: now)
    let passes = (0..<30).map { _ in TestPass(nanoDollars: 20) }
    #expect(passes.filter { budget.ask($0.pass, now: now).isOpen }.count <= 10)
    for pass in passes { budget.settle(pass.pass, .notSent, now: now) }
    budget.fill(JSON.object(), now: now)
  }

  // MARK: Slow, and in contention

  @Test func aStoreThatTakesNoChangeIsLost() {
    let contended = ContendedStore()
    let log = GateLog()
    let limiter = RateLimiter(
      settings(requests: 1), GateContext("p", store: StoreGuard(contended, type: "c", listener: log)), key: "k")
    let pass = TestPass()
    var (moment, rounds) = (now, 0)
    var answer = limiter.ask(pass.pass, now: moment)
    while let next = answer.waitsUntil, rounds < 100 {
      // Between two rounds the call can be cancelled, or be out of time.
      #expect(contended.operations <= 8 * (rounds + 1))
      (moment, rounds) = (next, rounds + 1)
      answer = limiter.ask(pass.pass, now: moment)
    }
    #expect(answer.isOpen && rounds < 10)
    #expect(log.events == ["store_lost"])
    #expect(!limiter.ask(TestPass().pass, now: moment).isOpen)
  }

  @Test func anAttemptIsHeldUpByAStoreOnlyForSoLong() {
    let clock = SlowClock()
    let slow = SlowStore(clock)
    let guarded = StoreGuard(slow, type: "slow", clock: clock, patience: 200_000)
    let gate = GateContext("p", store: guarded)
    let gates: [any Gate] = [
      Breaker(BreakerSettings(), gate, key: "a"), Budget(BudgetSettings(nanoDollars: 1000), gate, key: "b"),
      RateLimiter(settings(requests: 10, tokens: 100), gate, key: "c", owner: 1),
    ]
    let pass = TestPass(tokens: 10, nanoDollars: 10)
    for gate in gates { #expect(gate.ask(pass.pass, now: now).isOpen) }
    for gate in gates { gate.settle(pass.pass, .answered(tokens: 5, nanoDollars: 5), now: now) }
    #expect(clock.now <= 290_000)
    #expect(!guarded.isLost)
    // The next one tells what this one could not.
    let next = TestPass(tokens: 10, nanoDollars: 10)
    #expect(gates[1].ask(next.pass, now: now).isOpen)
    #expect(try! slow.get("b:\(BudgetPeriod(.month, at: now).start)", unixNow: now)?.string == "15")
  }

  @Test func aRefusalIsNoLoss() {
    let log = GateLog()
    let guarded = StoreGuard(store, type: "memory", listener: log)
    let large = StoreOperation(.set, "large", unixNow: now)
    large.value = ByteBuffer()
    for _ in 0..<10_000 { large.value?.append(UInt8(0)) }
    #expect(!guarded.perform(large))
    #expect(!guarded.isLost && log.events.isEmpty)
    #expect(guarded.count(unixNow: now) == 1)
  }

  // MARK: Those who wait

  @Test func whoWaitsDoesNotChargeTheBudgetAgainAndAgain() throws {
    let flaky = FlakyStore()
    let gate = GateContext("p", store: StoreGuard(flaky, type: "flaky"))
    var limits = settings(concurrency: 1)
    limits.queueLength = 100
    let endpoint = try endpoint("")
    let target = RouteTarget(
      Target(endpoint),
      gates: [
        Budget(BudgetSettings(nanoDollars: 1000), gate, key: "b"), RateLimiter(limits, gate, key: "k", owner: 1),
      ])
    let passes = (0..<11).map { _ in TestPass(nanoDollars: 10) }
    let admissions = passes.map { Admission(target, nil, $0.pass) }
    for admission in admissions { _ = admission.ask(now: now) }
    let key = "b:\(BudgetPeriod(.month, at: now).start)"
    #expect(try flaky.get(key, unixNow: now)?.string == "110")
    let before = flaky.operations
    for round in 1...100 {
      for admission in admissions.dropFirst() { _ = admission.ask(now: now + Int64(round) * 20_000) }
    }
    // One looks for a free slot, which is a read.
    #expect(flaky.operations - before <= 110)
    for admission in admissions { admission.end(nil, .notSent, now: now + 3 * second) }
    #expect(try flaky.get(key, unixNow: now)?.string == "0")
  }
}
