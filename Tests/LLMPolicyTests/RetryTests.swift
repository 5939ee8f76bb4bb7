import LLMConfig
import LLMCore
import Testing

@testable import LLMPolicy

/// What a service says of its limits, and the pause that it means.
struct LimitHead: Sendable {
  let fields: [(name: String, value: String)]
  let pause: Double

  init(_ pause: Double, _ fields: KeyValuePairs<String, String>) {
    self.pause = pause
    self.fields = fields.map { (name: $0.key, value: $0.value) }
  }
}

private let limitHeads: [LimitHead] = [
  LimitHead(120, ["x-ratelimit-reset-requests": "120ms"]),
  LimitHead(2000, ["x-ratelimit-reset-requests": "1m0s", "x-ratelimit-reset-tokens": "2s"]),
  LimitHead(
    6000,
    [
      "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6s", "x-ratelimit-remaining-tokens": "9",
      "x-ratelimit-reset-tokens": "1s",
    ]),
  LimitHead(
    2000,
    ["Date": "Mon, 04 May 2026 20:01:00 GMT", "anthropic-ratelimit-requests-reset": "2026-05-04T20:01:02Z"]),
  LimitHead(3000, ["Date": "Tue, 14 Nov 2023 22:13:20 GMT", "ratelimit-reset": "1700000003"]),
  LimitHead(4000, ["Date": "Tue, 14 Nov 2023 22:13:20 GMT", "x-ratelimit-reset": "1700000004000"]),
  LimitHead(77, ["x-ratelimit-reset": "1700000004000"]),
  LimitHead(77, ["x-ratelimit-reset": "soon"]),
  LimitHead(1000, ["x-ratelimit-reset-requests": "9s", "Retry-After": "1"]),
]

struct RetryTests {
  @Test func pausesDoubleUpToTheirBound() throws {
    let run = try Run(
      Array(repeating: refusal(500), count: 6),
      #""retry":{"attempts":6,"delay_ms":500,"max_delay_ms":3000,"jitter":false}"#)
    #expect(run.outcome.code == .serverError)
    #expect(run.driver.sent == [0, 500, 1500, 3500, 6500, 9500])
    #expect(run.observer.pauses == [500, 1000, 2000, 3000, 3000])
    #expect(run.events.terminals.count == 1)
  }

  @Test(arguments: [1, 2, 3, 5]) func attemptsAreCounted(attempts: Int) throws {
    let run = try Run(
      Array(repeating: refusal(503), count: attempts), #""retry":{"attempts":\#(attempts),"delay_ms":1}"#)
    #expect(run.outcome.code == .overloaded)
    #expect(run.driver.sent.count == attempts)
    #expect(run.observer.attempts.map { $0.number } == Array(1...attempts))
    #expect(run.outcome.document["error"]?["attempts"]?.count == attempts)
    #expect(run.observer.outcomes == 1)
  }

  @Test(arguments: [1, 2, 3, 99]) func jitterIsDrawnBelowTheBound(seed: UInt64) throws {
    let run = try Run(
      Array(repeating: refusal(500), count: 4), #""retry":{"attempts":4,"delay_ms":1000}"#, seed: seed)
    let random = SplitMix(seed: seed)
    // The idempotency key's.
    _ = random.next()
    let expected = [1000.0, 2000, 4000].map {
      Microseconds(Double(Microseconds.milliseconds(Int64($0))) * random.fraction()).inMilliseconds
    }
    #expect(run.observer.pauses == expected)
  }

  /// What libcurl sent again by itself counts among the attempts.
  @Test func repetitionsOfTheTransportCount() throws {
    var failure = TransportFailure(.connection, stage: .firstByte, message: "refused", wasNotSent: true)
    failure.repetitions = 1
    let run = try Run(
      Array(repeating: [.failure(failure)], count: 3), #""retry":{"attempts":3,"delay_ms":1}"#)
    #expect(run.outcome.code == .connection)
    #expect(run.driver.sent.count == 2)
  }

  /// Of a router's targets they count among the attempts of the one that was asked.
  @Test func repetitionsCountForTheTargetThatWasAsked() throws {
    var refused = TransportFailure(.connection, stage: .firstByte, message: "refused", wasNotSent: true)
    refused.repetitions = 1
    let run = try Routed([[[.failure(refused)]], [refusal(500), refusal(500)]])
    #expect(run.path == "abb")
    #expect(run.outcome.error?.provider == "b")
  }

  @Test func aProxysWishIsHeard() throws {
    var failure = TransportFailure(.connection, stage: .connect, message: "refused", wasNotSent: true)
    failure.proxyHead = HTTPHead(status: 503, fields: [(name: "Retry-After", value: "7")])
    let run = try Run(
      Array(repeating: [.failure(failure)], count: 2), #""retry":{"attempts":2,"delay_ms":1}"#)
    #expect(run.observer.pauses == [7000])
  }

  @Test func hugePausesDoNotOverflow() {
    let settings = CallSettings()
    settings.attempts = .max
    settings.retryDelay = .max / 2
    settings.maxRetryDelay = .max / 2
    settings.jitter = false
    let policy = RetryPolicy(settings)
    for attempt in [1, 2, 64, 1_000_000] {
      let pause = policy.pause(
        after: LLMError(.overloaded, ""), attempt: attempt, hadContent: false, SplitMix(seed: 1))
      #expect(pause == .max / 2)
    }
  }

  @Test(arguments: [
    ("retry-after-ms", "1234", 1234.0), ("Retry-After", "2", 2000), ("retry-after", "0", 0),
    ("Retry-After", "1.5", 1500),
  ])
  func theServicesWishIsObeyedToTheLetter(field: String, value: String, pause: Double) throws {
    let run = try Run([refusal(429, [(field, value)]), stream("Hi")], #""retry":{"delay_ms":77,"jitter":true}"#)
    #expect(run.outcome.code == nil)
    #expect(run.driver.sent == [0, pause])
  }

  @Test func aWishBeyondPatienceIsNotObeyed() throws {
    let run = try Run([refusal(429, [("Retry-After", "21")])])
    #expect(run.outcome.code == .rateLimited)
    #expect(run.outcome.document["error"]?["retry_after_ms"]?.int == 21_000)
    #expect(run.driver.sent == [0])
    let patient = try Run([refusal(429, [("Retry-After", "21")]), stream("Hi")], #""retry":{"max_delay_ms":21000}"#)
    #expect(patient.driver.sent == [0, 21_000])
  }

  @Test func aWishMayBeIgnored() throws {
    let run = try Run(
      [refusal(429, [("Retry-After", "100")]), stream("Hi")],
      #""retry":{"respect_retry_after":false,"delay_ms":5,"jitter":false}"#)
    #expect(run.driver.sent == [0, 5])
  }

  @Test(arguments: [400, 401, 403, 404, 413, 422]) func whatCannotHelpIsNotTried(status: Int) throws {
    let run = try Run([refusal(status)])
    #expect(run.driver.sent == [0])
    #expect(run.outcome.document["error"]?["retryable"]?.bool == false)
  }

  @Test func theServiceMayForbidOrAskForAnotherAttempt() throws {
    #expect(try Run([refusal(500, [("x-should-retry", "false")])]).driver.sent.count == 1)
    #expect(
      try Run([refusal(400, [("x-should-retry", "true")]), stream("Hi")], #""retry":{"delay_ms":1}"#).driver.sent.count
        == 2)
  }

  @Test(arguments: [ErrorCode.connection, .timeout]) func brokenConnectionsAreTriedAgain(code: ErrorCode) throws {
    let run = try Run([[.fail(code, .connect)], stream("Hi")], #""retry":{"delay_ms":10,"jitter":false}"#)
    #expect(run.outcome.code == nil)
    #expect(run.driver.sent == [0, 10])
  }

  @Test(arguments: [ErrorCode.tls, .protocol, .tooLarge]) func otherFailuresAreNot(code: ErrorCode) throws {
    let run = try Run([[.fail(code, .tls)]])
    #expect(run.outcome.code == code)
    #expect(run.driver.sent.count == 1)
  }

  @Test func pausesBeforeContentAreToldAndTakeNothingBack() throws {
    let run = try Run(
      [refusal(429), [.head(200), .bytes(": ping\n\n"), .fail(.connection, .stream)], stream("Hi")],
      #""retry":{"delay_ms":100,"jitter":false}"#)
    #expect(run.outcome.code == nil)
    let retries = run.events.entries.filter { $0.kind == .retry }
    #expect(retries.map { $0.at } == [0, 100])
    #expect(retries.map { $0.json?["attempt"]?.int } == [1, 2])
    #expect(retries.map { $0.json?["delay_ms"]?.double } == [100, 200])
    #expect(retries.map { $0.json?.string("reason") } == ["rate_limited", "connection"])
    #expect(retries.allSatisfy { $0.json?.bool("discarded") == false })
    #expect(run.events.kinds.filter { $0 == .start }.count == 3)
    #expect(run.events.entries.filter { $0.kind == .start }.map { $0.json?["attempt"]?.int } == [1, 2, 3])
  }

  @Test func whatFollowsAtOnceNeedsNoWord() throws {
    let run = try Run([refusal(500), stream("Hi")], #""retry":{"delay_ms":0}"#)
    #expect(run.events.kinds.prefix(2) == [.start, .start])
  }

  @Test func contentIsNotTakenBackUnasked() throws {
    let run = try Run([[.head(200), chunk("Half"), .fail(.connection, .stream)]])
    #expect(run.outcome.code == .streamTruncated)
    #expect(run.driver.sent.count == 1)
    #expect(run.outcome.document["partial"]?["text"]?.string == "Half")
  }

  @Test func contentIsTakenBackIfAsked() throws {
    let run = try Run(
      [[.wait(milliseconds: 10), .head(200), chunk("Half"), .fail(.connection, .stream)], stream("All of it")],
      #""retry":{"after_content":true,"delay_ms":300,"jitter":false}"#)
    #expect(run.outcome.code == nil)
    #expect(run.outcome.document["text"]?.string == "All of it")
    let retry = try #require(run.events.first(.retry))
    #expect(retry.at == 10)
    #expect(retry.json?["discarded"]?.bool == true)
    #expect(retry.json?["delay_ms"]?.double == 300)
    #expect(retry.json?["attempt"]?.int == 1)
    #expect(retry.json?["error"]?["code"]?.string == "stream_truncated")
    #expect(run.driver.sent == [0, 310])
  }

  @Test func anAnswerThatWasNotHandedOverIsNoObstacle() throws {
    let run = try Run(
      [[.head(200), .bytes(#"{"choices":[{"mess"#), .fail(.connection, .stream)], stream("Hi")],
      #""retry":{"delay_ms":1}"#, streams: false)
    #expect(run.outcome.code == nil)
    #expect(run.driver.sent.count == 2)
  }

  @Test(arguments: limitHeads)
  func aLimitTellsWhenItIsFree(row: LimitHead) throws {
    let fields = row.fields
    let pause = row.pause
    let run = try Run([refusal(429, fields), stream("Hi")], #""retry":{"delay_ms":77,"jitter":false}"#)
    #expect(run.driver.sent == [0, pause])
    let broken = try Run([refusal(500, fields), stream("Hi")], #""retry":{"delay_ms":77,"jitter":false}"#)
    #expect(fields.contains { $0.name == "Retry-After" } || broken.driver.sent == [0, 77])
  }

  @Test func allAttemptsOfACallHaveOneIdempotencyKey() throws {
    let key = { (request: HTTPRequest) in request.headers.first { $0.name == "Idempotency-Key" }?.value }
    let first = try Run([refusal(500), refusal(503), stream("Hi")], #""retry":{"delay_ms":1}"#)
    let keys = first.driver.requests.map { key($0) }
    #expect(keys.count == 3 && keys[0] != nil && Set(keys).count == 1)
    let second = try Run([stream("Hi")], seed: 8)
    #expect(key(second.driver.requests[0]) != keys[0])
    let other = try Run([stream("Hi")], #""type":"groq","api_key":"k","model":"m""#)
    #expect(key(other.driver.requests[0]) == nil)
  }

  @Test func allCallsTogetherAreTriedAgainOnlySoOften() throws {
    let target = RouteTarget(Target(try endpoint(#""retry":{"attempts":2,"delay_ms":1,"budget":50}"#)))
    var sent: [Int] = []
    for _ in 0..<30 {
      sent.append(try Run(Array(repeating: refusal(503), count: 2), routeTarget: target).driver.sent.count)
    }
    // Ten in reserve, and half a retry for each call: the reserve lasts for nineteen.
    #expect(sent == Array(repeating: 2, count: 19) + [1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1])
    let spent = RouteTarget(Target(try endpoint(#""retry":{"attempts":2,"delay_ms":1,"budget":0}"#)))
    for _ in 0..<10 { #expect(try Run([refusal(503), stream("Hi")], routeTarget: spent).outcome.code == nil) }
    #expect(try Run([refusal(503)], routeTarget: spent).outcome.code == .overloaded)
  }

  @Test(arguments: [
    (ErrorCode.authentication, Remedy.elsewhere), (.permission, .elsewhere), (.quotaExceeded, .elsewhere),
    (.budgetExceeded, .elsewhere), (.notFound, .elsewhere), (.rateLimited, .again), (.overloaded, .again),
    (.serverError, .again), (.timeout, .again), (.connection, .again), (.streamTruncated, .again),
    (.unsupported, .elsewhere), (.tls, .elsewhere), (.protocol, .elsewhere), (.plugin, .elsewhere),
    (.noMemory, .elsewhere), (.internal, .elsewhere), (.contextLength, .byRule), (.contentFilter, .byRule),
    (.invalidArgument, .none), (.invalidConfig, .none), (.invalidRequest, .none), (.tooLarge, .none),
    (.cancelled, .none),
  ])
  func everyFailureHasARemedy(code: ErrorCode, remedy: Remedy) {
    var error = LLMError(code, "")
    #expect(FailureClass.remedy(for: error) == remedy)
    // What the documents call retryable is what is tried again.
    #expect(error.isRetryable == (remedy == .again))
    error.retryable = false
    #expect(FailureClass.remedy(for: error) == (remedy == .again ? .elsewhere : remedy))
  }

  @Test func attemptsTellWhatBecameOfThem() throws {
    let run = try Run(
      [[.wait(milliseconds: 40)] + refusal(500), [.wait(milliseconds: 70)] + refusal(429), stream("Hi")],
      #""retry":{"delay_ms":1000,"jitter":false}"#)
    let attempts = try #require(run.outcome.document["metadata"]?["attempts"]?.elements)
    #expect(attempts.map { $0["code"]?.string } == ["server_error", "rate_limited", nil])
    #expect(attempts.map { $0["status"]?.int } == [500, 429, nil])
    #expect(attempts.prefix(2).map { $0["duration_ms"]?.double } == [40, 70])
    #expect(attempts.allSatisfy { $0["provider"]?.string == "openai" && $0["model"]?.string == "m" })
  }
}
