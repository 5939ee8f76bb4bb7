import LLMConfig
import LLMCore
import Testing

@testable import LLMPolicy

private func settings(
  requests: Int64 = 0, tokens: Int64 = 0, concurrency: Int64 = 0, window: Microseconds = 60 * second
) -> LimitSettings {
  var settings = LimitSettings()
  (settings.requests, settings.tokens, settings.concurrency) = (requests, tokens, concurrency)
  settings.window = window
  settings.queueTimeout = 0
  settings.queueLength = 100_000
  return settings
}

/// The most that any window of that length holds.
private func most(_ grants: [(at: Microseconds, amount: Int64)], in window: Microseconds) -> Int64 {
  let sorted = grants.sorted { $0.at < $1.at }
  var (start, sum, most): (Int, Int64, Int64) = (0, 0, 0)
  for grant in sorted {
    sum += grant.amount
    while sorted[start].at <= grant.at - window {
      sum -= sorted[start].amount
      start += 1
    }
    most = max(most, sum)
  }
  return most
}

struct RateLimiterTests {
  // MARK: Windows

  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8]) func noWindowHoldsMoreThanTheLimit(seed: UInt64) {
    let random = SplitMix(seed: seed)
    let limit = Int64(1 + random.next() % 50)
    let limiter = RateLimiter(settings(requests: limit), GateContext("p"))
    var grants: [(at: Microseconds, amount: Int64)] = []
    var now: Microseconds = 1000 * second
    for _ in 0..<5000 {
      // Bursts, and pauses up to a window.
      now += random.next() % 10 == 0 ? Int64(random.next() % 60_000_000) : Int64(random.next() % 20_000)
      let pass = TestPass()
      if limiter.ask(pass.pass, now: now).isOpen { grants.append((now, 1)) }
      limiter.settle(pass.pass, .answered(tokens: nil, nanoDollars: nil), now: now)
    }
    #expect(most(grants, in: 60 * second) == limit)
  }

  @Test(arguments: [1, 2, 3, 4]) func tokensAreBoundAlike(seed: UInt64) {
    let random = SplitMix(seed: seed)
    let limiter = RateLimiter(settings(tokens: 10_000), GateContext("p"))
    var grants: [(at: Microseconds, amount: Int64)] = []
    var now: Microseconds = 1000 * second
    for _ in 0..<5000 {
      now += Int64(random.next() % 1_000_000)
      let estimate = Int64(random.next() % 3000)
      let pass = TestPass(tokens: estimate)
      if limiter.ask(pass.pass, now: now).isOpen {
        // The service counts less than was estimated.
        let real = estimate - Int64(random.next() % UInt64(estimate + 1))
        grants.append((now, real))
        limiter.settle(pass.pass, .answered(tokens: real, nanoDollars: nil), now: now + 1000)
      } else {
        limiter.settle(pass.pass, .notSent, now: now)
      }
    }
    #expect(most(grants, in: 60 * second) <= 10_000)
    let spent = grants.reduce(0) { $0 + $1.amount }
    #expect(Double(spent) > 0.8 * Double((now - 1000 * second) / (60 * second) * 10_000))
  }

  /// As many limiters as processes over one store, each with more to send than it may.
  @Test(arguments: [1, 4, 7]) func processesShareOneLimit(processes: Int) throws {
    let store = MemoryCounterStore()
    let limit: Int64 = 200
    let limiters = (0..<processes).map { index in
      RateLimiter(
        settings(requests: limit), GateContext("p", store: StoreGuard(store, type: "memory")), key: "k",
        owner: UInt64(index + 1))
    }
    let random = SplitMix(seed: UInt64(processes))
    // Clocks of their own, which agree on the time of day.
    let offsets = limiters.map { _ in Int64(random.next() % 1_000_000_000) }
    let start: Microseconds = 1_700_000_000 * second
    var grants: [(at: Microseconds, amount: Int64)] = []
    var waiting = limiters.indices.map { TestPass(offset: offsets[$0]) }
    var due = limiters.map { _ in start }
    let windows: Int64 = 20
    while let next = due.indices.min(by: { due[$0] < due[$1] }), due[next] < start + windows * 60 * second {
      let now = due[next]
      let answer = limiters[next].ask(waiting[next].pass, now: now - offsets[next])
      if answer.isOpen {
        grants.append((now, 1))
        limiters[next].settle(waiting[next].pass, .answered(tokens: nil, nanoDollars: nil), now: now - offsets[next])
        waiting[next] = TestPass(offset: offsets[next])
        due[next] = now + 1 + Int64(random.next() % 50_000)
      } else {
        due[next] = try #require(answer.waitsUntil) + offsets[next]
      }
    }
    #expect(most(grants, in: 60 * second) <= limit)
    #expect(Double(grants.count) >= 0.95 * Double(limit * windows))
  }

  @Test func saturationUsesNearlyAll() throws {
    let limiter = RateLimiter(settings(requests: 60), GateContext("p"))
    var now: Microseconds = 7 * second
    var grants: [(at: Microseconds, amount: Int64)] = []
    var pass = TestPass()
    while now < 6007 * second {
      let answer = limiter.ask(pass.pass, now: now)
      if answer.isOpen {
        grants.append((now, 1))
        limiter.settle(pass.pass, .answered(tokens: nil, nanoDollars: nil), now: now)
        pass = TestPass()
      } else {
        now = try #require(answer.waitsUntil)
      }
    }
    #expect(most(grants, in: 60 * second) == 60)
    #expect(grants.count >= 5700)
  }

  @Test func oneThatAsksForMoreThanTheLimitGoesAlone() {
    let limiter = RateLimiter(settings(tokens: 100), GateContext("p"))
    let large = TestPass(tokens: 1_000_000)
    #expect(limiter.ask(large.pass, now: second).isOpen)
    limiter.settle(large.pass, .answered(tokens: 500, nanoDollars: nil), now: 2 * second)
    let next = TestPass(tokens: 1)
    #expect(limiter.ask(next.pass, now: 3 * second).reason == "tokens")
    #expect(limiter.ask(next.pass, now: 63 * second).isOpen)
  }

  @Test func whatWasNotUsedIsGivenBack() {
    let limiter = RateLimiter(settings(requests: 2, tokens: 100), GateContext("p"))
    func send(_ tokens: Int64, _ end: AttemptEnd) -> Bool {
      let pass = TestPass(tokens: tokens)
      defer { limiter.settle(pass.pass, end, now: 10 * second) }
      return limiter.ask(pass.pass, now: 10 * second).isOpen
    }
    #expect(send(100, .notSent))
    #expect(send(100, .failed(LLMError(.connection, "no", stage: .connect))))
    #expect(send(100, .failed(LLMError(.serverError, "no", stage: .firstByte, status: 500))))
    #expect(send(100, .answered(tokens: 30, nanoDollars: nil)))
    let status = JSON.object()
    limiter.fill(status, now: 10 * second)
    #expect(status["rate_limit"]?.int("requests", "used") == 2)
    #expect(status["rate_limit"]?.int("tokens", "left") == 70)
    #expect(!send(1, .notSent))
  }

  @Test func aClockThatIsSetBackDoesNotCloseTheGateForLong() {
    let limiter = RateLimiter(settings(requests: 1), GateContext("p"))
    let pass = TestPass()
    #expect(limiter.ask(pass.pass, now: 1_000_000 * second).isOpen)
    let earlier = TestPass(offset: -500_000 * second)
    #expect(limiter.ask(earlier.pass, now: 1_000_001 * second).isOpen)
  }

  // MARK: The queue

  @Test func slotsGoByPriorityThenArrival() throws {
    let limiter = RateLimiter(settings(concurrency: 1), GateContext("p"))
    var holder = TestPass()
    #expect(limiter.ask(holder.pass, now: 0).isOpen)
    let waiting = [0, 5, 0, 5].map { TestPass(priority: $0) }
    for pass in waiting { #expect(!limiter.ask(pass.pass, now: 1).isOpen) }
    var order: [Int] = []
    for round in 0..<4 {
      limiter.settle(holder.pass, .answered(tokens: nil, nanoDollars: nil), now: Int64(10 + round))
      let woken = waiting.indices.filter { waiting[$0].wakes > 0 && !order.contains($0) }
      try #require(woken.count == 1)
      // Whoever else asks, it is the turn of the one that was woken.
      for other in waiting where other.wakes == 0 { #expect(!limiter.ask(other.pass, now: Int64(11 + round)).isOpen) }
      let late = TestPass(priority: waiting[woken[0]].pass.priority)
      #expect(!limiter.ask(late.pass, now: Int64(11 + round)).isOpen)
      limiter.settle(late.pass, .notSent, now: Int64(11 + round))
      holder = waiting[woken[0]]
      #expect(limiter.ask(holder.pass, now: Int64(12 + round)).isOpen)
      order.append(woken[0])
    }
    #expect(order == [1, 3, 0, 2])
  }

  @Test func whoDoesNotComeWhenItIsItsTurnIsPassedOver() {
    let limiter = RateLimiter(settings(concurrency: 1), GateContext("p"))
    let (first, lazy, eager) = (TestPass(), TestPass(priority: 9), TestPass())
    #expect(limiter.ask(first.pass, now: 0).isOpen)
    #expect(!limiter.ask(lazy.pass, now: 1).isOpen)
    #expect(!limiter.ask(eager.pass, now: 2).isOpen)
    limiter.settle(first.pass, .notSent, now: second)
    #expect(lazy.wakes == 1)
    #expect(!limiter.ask(eager.pass, now: second + 50_000).isOpen)
    #expect(limiter.ask(eager.pass, now: second + 150_000).isOpen)
    #expect(!limiter.ask(lazy.pass, now: second + 160_000).isOpen)
  }

  @Test func oneThatGivesUpLetsTheNextOn() {
    let limiter = RateLimiter(settings(requests: 1), GateContext("p"))
    let (sent, first, next) = (TestPass(), TestPass(), TestPass())
    #expect(limiter.ask(sent.pass, now: 0).isOpen)
    #expect(limiter.ask(first.pass, now: 1).reason == "requests")
    #expect(limiter.ask(next.pass, now: 1).reason == "queue")
    limiter.settle(first.pass, .notSent, now: 2)
    #expect(next.wakes == 1)
    #expect(limiter.ask(next.pass, now: 3).reason == "requests")
  }

  @Test func aFullQueueRefuses() throws {
    var bounds = settings(requests: 1)
    bounds.queueLength = 1
    let limiter = RateLimiter(bounds, GateContext("mine"))
    #expect(limiter.ask(TestPass().pass, now: 100 * second).isOpen)
    let waiting = TestPass()
    #expect(!limiter.ask(waiting.pass, now: 100 * second).isOpen)
    let other = TestPass()
    let error = try #require(limiter.ask(other.pass, now: 110 * second).error)
    #expect(error.code == .rateLimited && error.stage == nil && error.isRetryable)
    #expect(error.message.contains("rate_limit.queue") && error.message.contains("\"mine\""))
    limiter.settle(other.pass, .notSent, now: 110 * second)
    limiter.settle(waiting.pass, .notSent, now: 110 * second)
    bounds.queueLength = 0
    let impatient = RateLimiter(bounds, GateContext("mine"))
    #expect(impatient.ask(TestPass().pass, now: 100 * second).isOpen)
    let refused = try #require(impatient.ask(TestPass().pass, now: 110 * second).error)
    #expect(refused.message.contains("rate_limit.requests_per_minute"))
    #expect(refused.retryAfterMilliseconds == 50_800)
  }

  @Test func patienceEnds() throws {
    var bounds = settings(tokens: 10)
    bounds.queueTimeout = 5 * second
    let limiter = RateLimiter(bounds, GateContext("p"))
    #expect(limiter.ask(TestPass(tokens: 10).pass, now: 100 * second).isOpen)
    let pass = TestPass(tokens: 1)
    var now = 100 * second
    var answer = limiter.ask(pass.pass, now: now)
    while let moment = answer.waitsUntil {
      #expect(moment > now && moment <= 105 * second)
      now = moment
      answer = limiter.ask(pass.pass, now: now)
    }
    #expect(now == 105 * second)
    let error = try #require(answer.error)
    #expect(error.code == .rateLimited && error.message.contains("rate_limit.tokens_per_minute"))
    #expect(error.retryAfterMilliseconds == 55_800)
    let status = JSON.object()
    limiter.fill(status, now: now)
    #expect(status["rate_limit"]?.int("queued") == 0)
  }

  // MARK: Slots

  @Test(arguments: [1, 2, 3]) func slotsAreBound(seed: UInt64) {
    let random = SplitMix(seed: seed)
    let limiter = RateLimiter(settings(concurrency: 5), GateContext("p"))
    var (running, waiting): ([TestPass], [TestPass]) = ([], [])
    for round in 0..<2000 {
      let now = Int64(round) * 1000
      if random.next() % 2 == 0 {
        waiting.append(TestPass(priority: Int(random.next() % 3)))
      } else if !running.isEmpty {
        let ended = running.remove(at: Int(random.next() % UInt64(running.count)))
        limiter.settle(ended.pass, .answered(tokens: 1, nanoDollars: nil), now: now)
      }
      for pass in waiting where limiter.ask(pass.pass, now: now).isOpen {
        waiting.removeAll { $0 === pass }
        running.append(pass)
      }
      #expect(running.count <= 5)
      #expect(waiting.isEmpty || running.count == 5)
    }
  }

  /// Two that share a store, with leases of half a minute.
  private func twoProcesses(concurrency: Int64) -> (RateLimiter, RateLimiter) {
    let store = MemoryCounterStore()
    var bounds = settings(concurrency: concurrency)
    bounds.lease = 30 * second
    func process(_ owner: UInt64) -> RateLimiter {
      RateLimiter(bounds, GateContext("p", store: StoreGuard(store, type: "memory")), key: "k", owner: owner)
    }
    return (process(1), process(2))
  }

  @Test func slotsOfADeadProcessComeBack() throws {
    let (dying, living) = twoProcesses(concurrency: 2)
    #expect(dying.ask(TestPass().pass, now: 100 * second).isOpen)
    let own = TestPass()
    #expect(living.ask(own.pass, now: 110 * second).isOpen)
    let next = TestPass()
    let answer = living.ask(next.pass, now: 120 * second)
    #expect(answer.reason == "concurrency")
    // Another process may free one at any time, and cannot wake it.
    #expect(try #require(answer.waitsUntil) <= 120 * second + 20_000)
    #expect(!living.ask(next.pass, now: 129 * second).isOpen)
    #expect(living.ask(next.pass, now: 130 * second).isOpen)
    living.settle(own.pass, .notSent, now: 131 * second)
    #expect(living.ask(TestPass().pass, now: 132 * second).isOpen)
  }

  @Test func slotsOfALongCallAreRenewed() {
    let (long, other) = twoProcesses(concurrency: 1)
    #expect(long.renewal == 10 * second)
    #expect(long.ask(TestPass().pass, now: 100 * second).isOpen)
    let next = TestPass()
    for now in [110, 120, 130, 140] {
      long.renew(now: Int64(now) * second)
      #expect(!other.ask(next.pass, now: Int64(now) * second + 1).isOpen)
    }
    #expect(!other.ask(next.pass, now: 170 * second - 1).isOpen)
    #expect(other.ask(next.pass, now: 170 * second).isOpen)
    #expect(RateLimiter(settings(concurrency: 1), GateContext("p")).renewal == 0)
  }

  // MARK: Lost stores

  @Test func aLostStoreLeavesTheLimitToTheProcess() {
    let store = FlakyStore()
    let limiters = (1...2).map { owner in
      RateLimiter(
        settings(requests: 10, concurrency: 100), GateContext("p", store: StoreGuard(store, type: "flaky")), key: "k",
        owner: UInt64(owner))
    }
    func sent(by index: Int, at now: Microseconds) -> Int {
      (0..<20).filter { _ in
        let pass = TestPass()
        defer { limiters[index].settle(pass.pass, .answered(tokens: nil, nanoDollars: nil), now: now) }
        return limiters[index].ask(pass.pass, now: now).isOpen
      }.count
    }
    let start = 10_000 * second
    let early = TestPass()
    #expect(limiters[0].ask(early.pass, now: start).isOpen)
    #expect(limiters[1].ask(TestPass().pass, now: start).isOpen)
    store.isDown = true
    // What is known of the others still counts, what they do now is not known.
    #expect(sent(by: 0, at: start + second) == 9)
    #expect(sent(by: 1, at: start + second) == 8)
    limiters[0].settle(early.pass, .answered(tokens: nil, nanoDollars: nil), now: start + 2 * second)
    store.isDown = false
    #expect(sent(by: 0, at: start + 30 * second) == 0)
    // The store has been told of what was sent without it.
    #expect(sent(by: 1, at: start + 31 * second) == 0)
    #expect(sent(by: 0, at: start + 100 * second) == 10)
    #expect(sent(by: 1, at: start + 100 * second) == 0)
    let status = JSON.object()
    limiters[1].fill(status, now: start + 100 * second)
    #expect(status["rate_limit"]?.int("concurrency", "used") == 1)
    #expect(status.string("store", "state") == "connected")
  }

  @Test func aValueThatIsNoWindowCountsAsNone() throws {
    let store = MemoryCounterStore()
    let limiter = RateLimiter(
      settings(requests: 1), GateContext("p", store: StoreGuard(store, type: "memory")), key: "k")
    for text in ["", "nonsense", String(repeating: "\u{1}", count: 400)] {
      try store.set("k", bytes(text), timeToLive: 0, unixNow: 0)
      #expect(limiter.ask(TestPass().pass, now: 100 * second).isOpen)
    }
  }

  // MARK: What the service says

  /// Fields ("name: value; …") and for how many seconds they close the gate.
  private static let closures: [(fields: String, seconds: Double)] = [
    ("x-ratelimit-remaining-requests: 0; x-ratelimit-reset-requests: 6m0s", 300),
    ("X-RateLimit-Remaining-Tokens: 0; X-RateLimit-Reset-Tokens: 1m2.5s", 62.5),
    ("x-ratelimit-remaining-tokens: 0; x-ratelimit-reset-tokens: 120ms", 0.12),
    ("x-ratelimit-remaining: 0; x-ratelimit-reset: 1700000030", 30),
    ("x-ratelimit-remaining: 0; x-ratelimit-reset: 1700000007500", 7.5),
    ("x-ratelimit-remaining: 0; x-ratelimit-reset: 12", 12),
    (
      "anthropic-ratelimit-input-tokens-remaining: 0; anthropic-ratelimit-input-tokens-reset: 2023-11-14T22:13:40Z", 20
    ),
    ("x-ratelimit-remaining-requests: 1; x-ratelimit-reset-requests: 60s", 0),
    ("x-ratelimit-remaining-requests: 0", 0),
    ("x-ratelimit-remaining-requests: 0; x-ratelimit-reset-requests: soon", 0),
  ]

  @Test(arguments: closures) func theServiceClosesTheGate(fields: String, seconds: Double) throws {
    let limiter = RateLimiter(LimitSettings(), GateContext("p", unixOffset: 1_699_999_990 * second))
    let now = 10 * second
    let head = HTTPHead(status: 200)
    for field in fields.pieces(separatedBy: UInt8(ascii: ";")) {
      let parts = field.pieces(separatedBy: UInt8(ascii: ":"))
      head.append(name: parts[0].trimmed, value: parts[1...].joined(separator: ":").trimmed)
    }
    limiter.note(head, now: now)
    let pass = TestPass(offset: 1_699_999_990 * second)
    let until = now + Microseconds(seconds * 1e6)
    if seconds > 0 {
      #expect(limiter.ask(pass.pass, now: until - 1).reason == "service")
      #expect(limiter.ask(pass.pass, now: until - 1).waitsUntil == until)
    }
    #expect(limiter.ask(pass.pass, now: until).isOpen)
  }

  @Test func aRefusalsPauseIsForAll() {
    let limiter = RateLimiter(LimitSettings(), GateContext("p"))
    limiter.note(HTTPHead(status: 200, fields: [("retry-after", "5")]), now: 0)
    #expect(limiter.ask(TestPass().pass, now: 0).isOpen)
    limiter.note(HTTPHead(status: 429, fields: [("retry-after", "5")]), now: 0)
    let pass = TestPass()
    #expect(limiter.ask(pass.pass, now: 4 * second).reason == "service")
    #expect(limiter.ask(pass.pass, now: 5 * second).isOpen)
  }

  @Test func limitsLeftAreTold() {
    let limiter = RateLimiter(settings(requests: 5), GateContext("p"))
    limiter.note(
      HTTPHead(
        status: 200,
        fields: [
          ("x-ratelimit-limit-requests", "500"), ("x-ratelimit-remaining-requests", "499"),
          ("x-ratelimit-reset-requests", "120ms"), ("anthropic-ratelimit-tokens-limit", "80000"),
          ("anthropic-ratelimit-tokens-remaining", "79000"), ("x-request-id", "r"),
        ]), now: 0)
    let status = JSON.object()
    limiter.fill(status, now: 20_000)
    let service = status["rate_limit", "service"]
    #expect(service?.int("requests", "limit") == 500)
    #expect(service?.int("requests", "left") == 499)
    #expect(service?["requests", "reset_ms"]?.double == 100)
    #expect(service?.int("tokens", "left") == 79000)
    #expect(status["rate_limit"]?.int("requests", "left") == 5)
  }
}
