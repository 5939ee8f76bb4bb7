import LLMCatalog
import LLMConfig
import LLMCore
import LLMDialects
import Testing

@testable import LLMPolicy

/// Targets called a, b, c …, each of a service of its own that does what its script says.
struct Routed {
  let driver: VirtualDriver
  let events: EventLog
  let observer = ObserverLog()
  let routeTargets: [RouteTarget]
  let outcome: CallOutcome

  /// `groups` names the group of each target; `scripts` what each does, request by request.
  init(
    _ scripts: [[[ServiceStep]]], groups: [String]? = nil, strategy: Strategy = .fallback, rules: [RouteRule] = [],
    hedge: HedgeSettings? = nil, config: String = #""retry":{"attempts":2,"delay_ms":100,"jitter":false}"#,
    request: String = #"{"prompt":"Hello"}"#, streams: Bool = true, cancelsAt: Double? = nil,
    routeTargets given: [RouteTarget]? = nil, gates: [[any Gate]]? = nil
  ) throws {
    let routeTargets = try given ?? Routed.routeTargets(scripts.count, config, gates: gates)
    let router = Routed.router(routeTargets, groups: groups, strategy: strategy, rules: rules, hedge: hedge)
    var scripts = scripts
    driver = VirtualDriver { request in
      let place = try #require(Routed.place(of: request))
      try #require(!scripts[place].isEmpty, "a request more than target \(place) expects")
      return scripts[place].removeFirst()
    }
    driver.cancelsAt = cancelsAt
    events = EventLog(driver)
    let call = try Routed.call(router, request, streams: streams, sink: events, observer, now: driver.now)
    try driver.run(call)
    outcome = try #require(call.outcome)
    self.routeTargets = routeTargets
    #expect(events.terminals.count == 1)
    #expect(observer.outcomes == 1)
    for routeTarget in routeTargets { #expect(routeTarget.health.withLock { $0.inFlight } == 0) }
  }

  static let names = ["a", "b", "c", "d", "e"]

  static func routeTargets(_ count: Int, _ config: String = "", gates: [[any Gate]]? = nil) throws -> [RouteTarget] {
    try (0..<count).map { place in
      let members = config.isEmpty ? "" : "," + config
      return RouteTarget(
        Target(
          try endpoint(
            #""type":"openai","api":"chat","api_key":"k","name":"\#(names[place])","model":"m-\#(names[place])","#
              + #""base_url":"https://\#(names[place]).example/v1""# + members)), gates: gates?[place] ?? [])
    }
  }

  static func router(
    _ routeTargets: [RouteTarget], groups: [String]? = nil, strategy: Strategy = .fallback, rules: [RouteRule] = [],
    hedge: HedgeSettings? = nil, weights: [Int]? = nil
  ) -> Router {
    Router(
      routeTargets.enumerated().map { place, routeTarget in
        RouteMember(
          group: groups?[place] ?? "fast", routeTarget: routeTarget,
          model: routeTarget.target.endpoint.defaultModel ?? "",
          weight: weights?[place] ?? 1)
      }, strategy: strategy, rules: rules, hedge: hedge)
  }

  static func call(
    _ router: Router, _ request: String, streams: Bool = true, sink: (any EventSink)? = nil,
    _ observer: (any CallObserver)? = nil, now: Microseconds, seed: UInt64 = 7
  ) throws -> Call {
    let document = try JSON.parse(request)
    var settings = CallSettings()
    let own = try document["llm"].map { try RequestSettings($0) }
    if let own { settings = own.over(settings) }
    let random = SplitMix(seed: seed)
    let asked = CallRequest(
      chat: try ChatRequest(document), isStreaming: streams, settings: settings, own: own)
    let itinerary = try Itinerary(router, model: document.string("model"), own: own, now: now, random)
    let call = Call(
      asked, to: router.members[0].routeTarget, by: itinerary, sink: sink, observer: observer, random: random,
      unixSeconds: 1_700_000_000, unixOffset: 1_700_000_000 * second)
    try call.prepare()
    return call
  }

  /// Which target a request went to.
  static func place(of request: HTTPRequest) -> Int? {
    names.firstIndex { request.url.hasPrefix("https://\($0).example/") }
  }

  /// The targets that were asked, in order: "ab".
  var path: String { driver.requests.map { Routed.place(of: $0).map { Routed.names[$0] } ?? "?" }.joined() }
  var attempts: [String] {
    let list = outcome.document["metadata"]?["attempts"] ?? outcome.document["error"]?["attempts"]
    return (list?.elements ?? []).map {
      "\($0.string("provider") ?? "")/\($0.string("model") ?? "") \($0.string("code") ?? "ok")"
    }
  }
}

/// The books of a target.
final class Bookkeeper: TargetBookkeeper, @unchecked Sendable {
  private(set) var came = 0
  private(set) var attempts: [String] = []
  private(set) var left: String?

  func callCame() { came += 1 }
  func attemptLeft(_ attempt: Attempt) {
    attempts.append((attempt.error?.code.name.text ?? "ok") + (attempt.isRetry ? " again" : ""))
  }
  func callLeft(_ last: Attempt, after duration: Microseconds) {
    #expect(left == nil)
    left = last.error?.code.name.text ?? "ok"
  }
}

@Suite struct RouterTests {
  @Test func aFailureMovesOnAtOnce() throws {
    let run = try Routed([[refusal(500)], [stream("Hi")]])
    #expect(run.outcome.code == nil)
    #expect(run.path == "ab")
    #expect(run.driver.sent == [0, 0])
    #expect(run.attempts == ["a/m-a server_error", "b/m-b ok"])
    #expect(run.observer.fallbacks == ["a server_error b/m-b"])
    #expect(run.outcome.document["metadata"]?["provider"]?.string == "b")
    #expect(run.events.text == "Hi")
    let body = try #require(run.driver.requests[1].body)
    #expect(try JSON.parse(body.bytes).string("model") == "m-b")
  }

  @Test func whenAllHaveFailedTheFirstThatIsReadyIsAskedAgain() throws {
    let run = try Routed([
      [refusal(500), refusal(500)], [refusal(429, [("Retry-After", "0.05")]), stream("Hi")],
    ])
    #expect(run.path == "abb")
    #expect(run.driver.sent == [0, 0, 50])
    let down = try Routed([[refusal(500), refusal(500)], [refusal(503), refusal(503)]])
    #expect(down.path == "abab")
    #expect(down.outcome.code == .overloaded)
    #expect(down.driver.elapsed == 100)
    #expect(down.attempts.count == 4)
  }

  @Test(arguments: [
    (401, "authentication"), (402, "quota_exceeded"), (403, "permission"), (404, "not_found"), (429, "rate_limited"),
    (500, "server_error"), (503, "overloaded"), (501, "unsupported"),
  ])
  func whatAnotherTargetMayNotHaveMovesOn(status: Int, code: String) throws {
    let run = try Routed([[refusal(status)], [stream("Hi")]])
    #expect(run.outcome.code == nil)
    #expect(run.attempts == ["a/m-a \(code)", "b/m-b ok"])
  }

  @Test(arguments: [400, 413, 422]) func theCallersFaultDoesNot(status: Int) throws {
    let run = try Routed([[refusal(status)], []])
    #expect(run.path == "a")
    #expect(run.outcome.error?.isRetryable == false)
  }

  @Test func aKeyThatIsRefusedIsNotTriedAgain() throws {
    let run = try Routed([[refusal(401)], [refusal(403)]])
    #expect(run.path == "ab")
    #expect(run.outcome.code == .permission)
    #expect(run.outcome.error?.provider == "b")
  }

  // MARK: Names

  @Test(arguments: [
    (nil, "a"), ("fast", "a"), ("big", "c"), ("c/other", "c"), ("m-b", "b"), ("b/m-x", "b"),
  ])
  func aModelNamesAGroupAProviderOrATargetsModel(model: String?, path: String) throws {
    let request = model.map { #"{"prompt":"x","model":"\#($0)"}"# } ?? #"{"prompt":"x"}"#
    let scripts: [[[ServiceStep]]] = ["a", "b", "c"].map { $0 == path ? [stream("Hi")] : [] }
    let run = try Routed(scripts, groups: ["fast", "fast", "big"], request: request)
    #expect(run.path == path)
    let body = try #require(run.driver.requests[0].body)
    let asked = try JSON.parse(body.bytes).string("model")
    #expect(asked == (model == "c/other" ? "other" : model == "b/m-x" ? "m-x" : "m-\(path)"))
  }

  @Test func anUnknownModelIsRefusedWithTheNearestName() throws {
    #expect {
      try Routed([[]], request: #"{"prompt":"x","model":"fats"}"#)
    } throws: { error in
      let error = error as? LLMError
      return error?.code == .notFound && error?.param == "/model" && error?.message.contains("\"fast\"") == true
    }
  }

  // MARK: Fallbacks

  @Test func aGroupThatHasFailedFallsBackToAnother() throws {
    let rules = [RouteRule(group: "fast", to: "big"), RouteRule(group: "big", to: "last")]
    let run = try Routed(
      [[refusal(500)], [refusal(401)], [stream("Hi")]], groups: ["fast", "big", "last"], rules: rules)
    #expect(run.path == "abc")
    #expect(run.attempts == ["a/m-a server_error", "b/m-b authentication", "c/m-c ok"])
  }

  @Test func fallbacksInACircleEnd() throws {
    let rules = [RouteRule(group: "fast", to: "big"), RouteRule(group: "big", to: "fast")]
    let run = try Routed([[refusal(401)], [refusal(401)]], groups: ["fast", "big"], rules: rules)
    #expect(run.path == "ab")
  }

  private let tooLong: [ServiceStep] = [
    .head(400), .bytes(#"{"error":{"message":"too long","code":"context_length_exceeded"}}"#), .end,
  ]

  @Test func anErrorsOwnFallbackComesBeforeAll() throws {
    let rules = [
      RouteRule(group: "fast", to: "big"), RouteRule(group: "fast", code: .contextLength, to: "huge"),
    ]
    let groups = ["fast", "fast", "big", "huge"]
    let run = try Routed([[tooLong], [], [], [stream("Hi")]], groups: groups, rules: rules)
    #expect(run.path == "ad")
    #expect(run.attempts[0] == "a/m-a context_length")
    // Without a rule of its own it is the request's fault.
    #expect(try Routed([[tooLong], [], []], groups: ["fast", "fast", "big"], rules: [rules[0]]).path == "a")
    // Another failure does not take that way.
    #expect(
      try Routed([[refusal(401)], [refusal(401)], [stream("Hi")], []], groups: groups, rules: rules).path == "abc")
  }

  @Test func aFilterLeadsToAnotherModel() throws {
    let filtered: [ServiceStep] = [
      .head(400), .bytes(#"{"error":{"message":"no","code":"content_filter"}}"#), .end,
    ]
    let rules = [RouteRule(group: "fast", code: .contentFilter, to: "c/mild")]
    let run = try Routed([[filtered], [], [stream("Hi")]], groups: ["fast", "fast", "big"], rules: rules)
    #expect(run.attempts == ["a/m-a content_filter", "c/mild ok"])
  }

  @Test func aRequestBringsFallbacksOfItsOwn() throws {
    let run = try Routed(
      [[refusal(500)], [], [stream("Hi")]], groups: ["fast", "big", "last"],
      rules: [RouteRule(group: "fast", to: "big")],
      request: #"{"prompt":"x","llm":{"fallbacks":["c/m-z"]}}"#)
    #expect(run.path == "ac")
    #expect(run.attempts.last == "c/m-z ok")
  }

  @Test func aPlainProviderFallsBackToAnotherModel() throws {
    let routeTarget = try Routed.routeTargets(1)[0]
    let router = Router(modelsOf: routeTarget, first: "m-a")
    var scripts = [refusal(404), stream("Hi")]
    let driver = VirtualDriver { _ in scripts.removeFirst() }
    let call = try Routed.call(
      router, #"{"prompt":"x","model":"anything","llm":{"fallbacks":["m-2"]}}"#, now: driver.now)
    try driver.run(call)
    #expect(call.outcome?.code == nil)
    let models = try driver.requests.map { try JSON.parse(try #require($0.body).bytes).string("model") }
    #expect(models == ["m-a", "m-2"])
  }

  // MARK: Header fields of a request

  private let withHeaders = #"{"prompt":"x","llm":{"extra_headers":{"X-Mine":"1","Authorization":"Bearer mine"}}}"#

  private func fields(_ request: HTTPRequest) -> [String] {
    request.headers.filter { $0.value == "1" || $0.name == "X-Mine" }.map { $0.name }
  }

  @Test func headerFieldsGoToWhoWasAskedAndToNoFallback() throws {
    let run = try Routed([[refusal(500), refusal(500)], [refusal(500), stream("Hi")]], request: withHeaders)
    #expect(run.path == "abab")
    #expect(run.driver.requests.map { fields($0) } == [["X-Mine"], [], ["X-Mine"], []])
    let warnings = run.outcome.document["metadata"]?["warnings"]?.elements ?? []
    #expect(warnings.map { $0.string("param") } == ["/llm/extra_headers"])
  }

  @Test func whoWasAskedAnswersWithoutAWarning() throws {
    let run = try Routed([[stream("Hi")], []], request: withHeaders)
    #expect(run.outcome.document["metadata"]?["warnings"]?.count == 0)
    let silent = try Routed([[refusal(401)], [stream("Hi")]])
    #expect(silent.outcome.document["metadata"]?["warnings"]?.count == 0)
  }

  @Test func aHedgeIsAnotherCompanyToo() throws {
    let run = try Routed(
      [[[.head(200), .silence]], [stream("Hi")]], hedge: HedgeSettings(delay: .milliseconds(10)), request: withHeaders)
    #expect(run.driver.requests.map { fields($0) } == [["X-Mine"], []])
  }

  // MARK: Streams that die

  @Test func aStreamThatDiesBeforeItsContentMovesOnSilently() throws {
    let run = try Routed([
      [[.head(200), .bytes(": ping\n\n"), .wait(milliseconds: 5), .fail(.connection, .stream)]], [stream("All")],
    ])
    #expect(run.path == "ab")
    #expect(run.events.text == "All")
    #expect(!run.events.kinds.contains(.retry))
    #expect(run.attempts == ["a/m-a connection", "b/m-b ok"])
  }

  @Test func aStreamThatDiesAfterItsContentDoesNot() throws {
    let half: [ServiceStep] = [.head(200), chunk("Half"), .fail(.connection, .stream)]
    let run = try Routed([[half], []])
    #expect(run.outcome.code == .streamTruncated)
    #expect(run.outcome.document["partial"]?["text"]?.string == "Half")
    let asked = try Routed(
      [[half], [stream("All")]], request: #"{"prompt":"x","llm":{"retry":{"after_content":true}}}"#)
    #expect(asked.outcome.document["text"]?.string == "All")
    #expect(asked.events.kinds.filter { $0 == .retry }.count == 1)
  }

  @Test func aSilentTargetIsLeftInTime() throws {
    let run = try Routed(
      [[[.head(200), .silence]], [stream("Hi")]], config: #""timeout":{"first_token_ms":250}"#)
    #expect(run.path == "ab")
    #expect(run.driver.sent == [0, 250])
    #expect(run.driver.aborted == [250])
  }

  @Test func aTargetsOwnTotalBoundsItsAttemptAndTheRequestsTheCall() throws {
    let slow: [ServiceStep] = [.head(200), .silence]
    let run = try Routed([[slow], [stream("Hi")]], config: #""timeout":{"total_ms":250}"#)
    #expect(run.driver.sent == [0, 250])
    #expect(run.outcome.code == nil)
    let bounded = try Routed([[slow], []], request: #"{"prompt":"x","llm":{"timeout":{"total_ms":100}}}"#)
    #expect(bounded.outcome.code == .timeout)
    #expect(bounded.driver.elapsed == 100)
  }

  // MARK: Cooldown

  @Test func aTargetThatFailedIsAskedLastForAWhile() throws {
    let routeTargets = try Routed.routeTargets(2)
    #expect(try Routed([[refusal(500)], [stream("1")]], routeTargets: routeTargets).path == "ab")
    #expect(try Routed([[], [stream("2")]], routeTargets: routeTargets).path == "b")
    // Where nobody else is left, it is asked all the same.
    #expect(try Routed([[stream("3")], [refusal(401)]], routeTargets: routeTargets).path == "ba")
    // It has served, and b cools now.
    #expect(try Routed([[stream("4")], []], routeTargets: routeTargets).path == "a")
    let health = routeTargets[1].health.withLock { $0 }
    #expect(health.coolsUntil == 1_000_000 + .milliseconds(5000))
  }

  @Test func theRequestsFaultCoolsNobody() throws {
    let routeTargets = try Routed.routeTargets(2)
    _ = try Routed([[refusal(400)], []], routeTargets: routeTargets)
    _ = try Routed([[refusal(404)], [refusal(404)]], routeTargets: routeTargets)
    for routeTarget in routeTargets { #expect(routeTarget.health.withLock { $0.coolsUntil } == .min) }
  }

  // MARK: Gates

  @Test func nobodyWaitsWhileAnotherIsFree() throws {
    let busy = ScriptedGate(.wait(until: 1_000_000 + .milliseconds(70), reason: "requests_per_minute"), .open)
    let free = ScriptedGate(.open)
    let run = try Routed([[], [stream("Hi")]], gates: [[busy], [free]])
    #expect(run.path == "b")
    #expect(run.driver.sent == [0])
    #expect(busy.ends == ["notSent"])
    #expect(run.attempts == ["a/m-a rate_limited", "b/m-b ok"])
  }

  @Test func whereAllAreBusyTheCallWaits() throws {
    let gates = [60, 40].map {
      ScriptedGate(.wait(until: 1_000_000 + .milliseconds($0), reason: "tokens"), .open)
    }
    let run = try Routed([[], [stream("Hi")]], gates: gates.map { [$0] })
    #expect(run.path == "b")
    #expect(run.driver.sent == [40])
    #expect(gates[0].ends == ["notSent"])
    #expect(gates[1].ends == ["answered -1 -1"])
  }

  @Test func aRefusalOfAGateMovesOnAndTellsLessThanAService() throws {
    let shut = ScriptedGate(.refused(LLMError(.overloaded, "the breaker is open")))
    let run = try Routed([[], [refusal(401)]], gates: [[shut], []])
    #expect(run.path == "b")
    #expect(run.outcome.code == .authentication)
    #expect(run.observer.refused == [.overloaded])
    let all = try Routed([[], []], gates: [[shut], [shut]])
    #expect(all.outcome.code == .overloaded)
    #expect(all.attempts.count == 2)
  }

  // MARK: Books

  @Test func everyTargetCountsItsOwn() throws {
    let books = [Bookkeeper(), Bookkeeper(), Bookkeeper()]
    let routeTargets = try Routed.routeTargets(3, #""retry":{"attempts":2,"delay_ms":100,"jitter":false}"#)
    let kept = zip(routeTargets, books).map { RouteTarget($0.target, observer: $1) }
    let run = try Routed(
      [[refusal(500), refusal(500)], [refusal(503), stream("Hi")], [refusal(401)]], routeTargets: kept)
    #expect(run.path == "abcab")
    #expect(books.map { $0.came } == [1, 1, 1])
    #expect(
      books.map { $0.attempts } == [
        ["server_error", "server_error again"], ["overloaded", "ok again"], ["authentication"],
      ])
    #expect(books.map { $0.left } == ["server_error", "ok", "authentication"])
  }

  @Test func whoIsPassedOverWasNotAsked() throws {
    let books = [Bookkeeper(), Bookkeeper()]
    let gate = ScriptedGate(.wait(until: .max / 2, reason: "requests"))
    let targets = try Routed.routeTargets(2).map { $0.target }
    let kept = [
      RouteTarget(targets[0], gates: [gate], observer: books[0]), RouteTarget(targets[1], observer: books[1]),
    ]
    _ = try Routed([[], [stream("Hi")]], routeTargets: kept)
    #expect(books.map { $0.came } == [0, 1])
    #expect(books.map { $0.left } == [nil, "ok"])
  }

  // MARK: Cancellation

  @Test(arguments: Array(stride(from: 0.0, through: 120, by: 5)))
  func cancelledAtAnyMomentItEndsOnce(moment: Double) throws {
    let gates = [ScriptedGate(.open), ScriptedGate(.open)]
    let run = try Routed(
      [
        [[.wait(milliseconds: 20), .head(200), .wait(milliseconds: 20), .fail(.connection, .stream)]],
        [[.wait(milliseconds: 20), .head(200), chunk("Hi"), .wait(milliseconds: 30), lastChunk, .end]],
      ], cancelsAt: moment, gates: gates.map { [$0] })
    #expect(run.outcome.code == (moment <= 90 ? .cancelled : nil))
    for gate in gates { #expect(gate.asked.count == gate.ends.count) }
  }
}

@Suite struct StrategyTests {
  private func path(
    _ strategy: Strategy, calls: Int, routeTargets: [RouteTarget], weights: [Int]? = nil, seed: UInt64 = 1
  ) throws -> String {
    let router = Routed.router(routeTargets, strategy: strategy, weights: weights)
    let random = SplitMix(seed: seed)
    return try (0..<calls).map { _ in
      let itinerary = try Itinerary(router, model: nil, own: nil, now: 0, random)
      return itinerary.first()?.routeTarget.target.endpoint.name ?? "-"
    }.joined()
  }

  @Test func fallbackTakesTheFirst() throws {
    #expect(try path(.fallback, calls: 4, routeTargets: Routed.routeTargets(3)) == "aaaa")
  }

  @Test func roundRobinTakesTurns() throws {
    #expect(try path(.roundRobin, calls: 7, routeTargets: Routed.routeTargets(3)) == "abcabca")
  }

  @Test func everyGroupTakesItsOwnTurns() throws {
    let router = Routed.router(try Routed.routeTargets(4), groups: ["x", "x", "y", "y"], strategy: .roundRobin)
    let random = SplitMix(seed: 1)
    let path = try ["x", "y", "x", "y", "x"].map {
      try Itinerary(router, model: $0, own: nil, now: 0, random).first()?.routeTarget.target.endpoint.name ?? "-"
    }
    #expect(path.joined() == "acbda")
  }

  @Test func weightsAreShares() throws {
    let path = try path(.weighted, calls: 8000, routeTargets: Routed.routeTargets(3), weights: [3, 1, 0])
    let shares = ["a", "b", "c"].map { name in path.filter { String($0) == name }.count }
    #expect(abs(shares[0] - 6000) < 150)
    #expect(shares[2] == 0)
    #expect(shares.reduce(0, +) == 8000)
  }

  @Test func theLeastBusyIsTaken() throws {
    let routeTargets = try Routed.routeTargets(3)
    for (routeTarget, count) in zip(routeTargets, [2, 1, 1]) { routeTarget.health.withLock { $0.inFlight = count } }
    #expect(try path(.leastBusy, calls: 2, routeTargets: routeTargets) == "bb")
  }

  @Test func theQuickerOfTwoIsTaken() throws {
    let routeTargets = try Routed.routeTargets(3)
    for (routeTarget, latency) in zip(routeTargets, [300, 100, 200] as [Int64]) {
      routeTarget.health.withLock { $0.note(latency: .milliseconds(latency)) }
    }
    let path = try path(.lowestLatency, calls: 3000, routeTargets: routeTargets)
    let shares = ["a", "b", "c"].map { name in path.filter { String($0) == name }.count }
    // Of three pairs b wins two, c one, a none.
    #expect(shares[0] == 0)
    #expect(abs(shares[1] - 2000) < 100)
  }

  @Test func theMeanDecays() {
    var health = RouteTargetHealth()
    health.note(latency: 800)
    health.note(latency: 0)
    #expect(health.meanLatency == 700)
  }

  @Test func theCheapestIsTaken() throws {
    let routeTargets = [
      ("openai", "gpt-4o"), ("openai", "no-such-model"), ("openai", "gpt-4o-mini"),
    ].map { type, model -> RouteTarget? in
      try? RouteTarget(Target(endpoint(#""type":"\#(type)","api_key":"k","name":"\#(model)","model":"\#(model)""#)))
    }.compactMap { $0 }
    let router = Router(
      routeTargets.map {
        RouteMember(group: "x", routeTarget: $0, model: $0.target.endpoint.defaultModel ?? "")
      }, strategy: .lowestCost)
    #expect(
      router.order("x", now: 0, SplitMix(seed: 1)).map { $0.model } == ["gpt-4o-mini", "gpt-4o", "no-such-model"])
  }

  @Test func namesLeadToStrategies() {
    for row in Strategy.names { #expect(Strategy(name: row.name.text) == row.strategy) }
    #expect(Strategy(name: "best") == nil)
  }
}
