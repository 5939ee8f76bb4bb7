import LLMCatalog
import LLMConfig
import LLMCore
import LLMDialects
import Testing

@testable import LLMPolicy

/// What a service does with one request.
enum ServiceStep {
  case wait(milliseconds: Int64)
  case connected
  case head(Int, [(name: String, value: String)] = [])
  case bytes(String)
  case fail(ErrorCode, Stage)
  /// As the transport says it.
  case failure(TransportFailure)
  case end
  /// Nothing more, for ever.
  case silence
}

/// Runs a call without sockets and without time passing: the clock jumps to whatever comes next.
final class VirtualDriver {
  var now: Microseconds
  /// When requests were sent and exchanges closed, in milliseconds from the start.
  private(set) var sent: [Double] = []
  private(set) var aborted: [Double] = []
  /// What was sent.
  private(set) var requests: [HTTPRequest] = []
  /// Asks for a cancellation at that moment, in milliseconds from the start.
  var cancelsAt: Double?
  private let start: Microseconds
  /// What a service does with each request.
  private var serve: (HTTPRequest) throws -> [ServiceStep]
  private var exchanges: [Int: (steps: [ServiceStep], nextAt: Microseconds)] = [:]

  /// Each request gets the next of the scripts.
  convenience init(_ services: [[ServiceStep]]) {
    var services = services
    self.init { _ in
      try #require(!services.isEmpty, "a request more than the service expects")
      return services.removeFirst()
    }
  }

  /// Each request gets the script that is made for it.
  init(startingAt moment: Microseconds = 1_000_000, _ serve: @escaping (HTTPRequest) throws -> [ServiceStep]) {
    now = moment
    start = moment
    self.serve = serve
  }

  /// Milliseconds since the start.
  var elapsed: Double { (now - start).inMilliseconds }

  /// Runs the call to its end.
  func run(_ call: Call) throws {
    for _ in 0..<10_000 {
      guard let moment = try step(call) else { return }
      try #require(moment < .max, "nothing will ever happen")
      now = max(now, moment)
    }
    Issue.record("the call never ends")
  }

  /// Does all that is due now; when the next thing is, nil after the end.
  func step(_ call: Call) throws -> Microseconds? {
    while true {
      cancelIfDue(call)
      switch call.demand(now: now) {
      case .send(let request, _, let lane):
        sent.append(elapsed)
        requests.append(request)
        try #require(exchanges[lane] == nil, "a second exchange on a lane")
        exchanges[lane] = (try serve(request), now)
      case .abort(let lane):
        try #require(exchanges[lane] != nil, "closed what was not open")
        aborted.append(elapsed)
        exchanges[lane] = nil
      case .wait(let moment):
        let due = exchanges.filter { $0.value.nextAt <= now }.keys.min()
        if let due {
          takeStep(due, call)
          continue
        }
        var next = min(moment, call.deadline ?? .max)
        for exchange in exchanges.values { next = min(next, exchange.nextAt) }
        if let cancelsAt { next = min(next, start + Microseconds(cancelsAt * 1000)) }
        return next
      case .done:
        try #require(exchanges.isEmpty, "an exchange is left open")
        return nil
      }
    }
  }

  private func cancelIfDue(_ call: Call) {
    guard let cancelsAt, elapsed >= cancelsAt else { return }
    self.cancelsAt = nil
    call.cancel()
  }

  private func takeStep(_ lane: Int, _ call: Call) {
    guard var exchange = exchanges[lane], !exchange.steps.isEmpty else {
      exchanges[lane]?.nextAt = .max
      return
    }
    let step = exchange.steps.removeFirst()
    exchanges[lane] = exchange
    switch step {
    case .wait(let milliseconds): exchanges[lane]?.nextAt = now + .milliseconds(milliseconds)
    case .connected: call.exchangeConnected(lane: lane, now: now)
    case .head(let status, let fields):
      call.exchangeConnected(lane: lane, now: now)
      call.exchangeReceivedHead(HTTPHead(status: status, fields: fields), lane: lane, now: now)
    case .bytes(let text):
      let buffer = ByteBuffer()
      buffer.append(text)
      // Whoever wants no more is asked what to do instead.
      if !call.exchangeReceived(buffer.bytes, lane: lane, now: now) { exchanges[lane]?.steps = [.silence] }
    case .fail(let code, let stage):
      exchanges[lane] = nil
      call.exchangeEnded(
        TransportFailure(code, stage: stage, message: "as scripted", wasNotSent: false), timing: HTTPTiming(),
        lane: lane, now: now)
    case .failure(let failure):
      exchanges[lane] = nil
      call.exchangeEnded(failure, timing: HTTPTiming(), lane: lane, now: now)
    case .end:
      exchanges[lane] = nil
      call.exchangeEnded(nil, timing: HTTPTiming(), lane: lane, now: now)
    case .silence: exchanges[lane]?.nextAt = .max
    }
  }
}

/// Writes down what a call tells, and when.
final class EventLog: EventSink {
  struct Entry {
    let kind: EventKind
    let at: Double
    let data: String
    var json: JSON? { try? JSON.parse(data) }
  }

  private(set) var entries: [Entry] = []
  /// Cancels at the first event of that kind.
  var stopsAt: EventKind?
  private let driver: VirtualDriver

  init(_ driver: VirtualDriver) { self.driver = driver }

  func receive(_ event: Event) -> Bool {
    entries.append(
      Entry(kind: event.kind, at: driver.elapsed, data: String(decoding: event.data, as: UTF8.self)))
    return event.kind != stopsAt
  }

  var kinds: [EventKind] { entries.map { $0.kind } }
  var terminals: [Entry] { entries.filter { $0.kind.isTerminal } }
  func first(_ kind: EventKind) -> Entry? { entries.first { $0.kind == kind } }
  var text: String { entries.filter { $0.kind == .text }.map { $0.data }.joined() }
}

/// Counts what an observer is told.
final class ObserverLog: CallObserver, @unchecked Sendable {
  private(set) var began: [String?] = []
  private(set) var attempts: [Attempt] = []
  private(set) var pauses: [Double] = []
  private(set) var outcomes = 0

  private(set) var queued: [String] = []
  private(set) var refused: [ErrorCode?] = []
  private(set) var played: [Bool] = []

  func hear(_ event: ObservedEvent, requestID: String?, _ fill: (JSON) -> Void) {}
  func callBegan(_ requestID: String, _ request: CallRequest, model: String?) { began.append(model) }
  func attemptQueued(_ attempt: Attempt, reason: StaticText, wait: Microseconds) { queued.append(reason.text) }
  func attemptRefused(_ attempt: Attempt) { refused.append(attempt.error?.code) }
  func attemptPlayed(_ attempt: Attempt, isCached: Bool) { played.append(isCached) }
  func attemptEnded(_ attempt: Attempt) { attempts.append(attempt) }
  func willRetry(_ attempt: Attempt, after pause: Microseconds) { pauses.append(pause.inMilliseconds) }
  private(set) var fallbacks: [String] = []
  private(set) var hedges: [Double] = []
  func willFallBack(_ attempt: Attempt, to provider: String, model: String?) {
    fallbacks.append("\(attempt.provider) \(attempt.error?.code.name.text ?? "-") \(provider)/\(model ?? "-")")
  }
  func willHedge(_ attempt: Attempt, to provider: String, model: String?, after delay: Microseconds) {
    hedges.append(delay.inMilliseconds)
  }
  func callEnded(_ outcome: CallOutcome) { outcomes += 1 }
}

/// A call, run to its end.
struct Run {
  let driver: VirtualDriver
  let events: EventLog
  let observer = ObserverLog()
  let outcome: CallOutcome

  /// Members of the configuration; `streams` whether the answer is wanted piece by piece.
  init(
    _ services: [[ServiceStep]], _ config: String = "", request: String = #"{"prompt":"Hello"}"#, streams: Bool = true,
    cancelsAt: Double? = nil, stopsAt: EventKind? = nil, seed: UInt64 = 7, gates: [any Gate] = [],
    archive: (any Archive)? = nil, routeTarget: RouteTarget? = nil
  ) throws {
    driver = VirtualDriver(services)
    driver.cancelsAt = cancelsAt
    events = EventLog(driver)
    events.stopsAt = stopsAt
    let routeTarget = try routeTarget ?? RouteTarget(Target(endpoint(config)), gates: gates, archive: archive)
    let document = try JSON.parse(request)
    var settings = routeTarget.target.endpoint.call
    settings.requestID = "the-call"
    if let own = document["llm"] { settings = try RequestSettings(own).over(settings) }
    let call = Call(
      CallRequest(chat: try ChatRequest(document), isStreaming: streams, settings: settings),
      to: routeTarget, sink: events,
      observer: observer, random: SplitMix(seed: seed), unixSeconds: 1_700_000_000)
    try driver.run(call)
    outcome = try #require(call.outcome)
  }
}

private final class NoEnvironment: Environment {
  func value(of name: String) -> String? { nil }
}

func endpoint(_ members: String) throws -> Endpoint {
  let usual = #""type":"openai","api":"chat","api_key":"k","model":"m""#
  let config = members.contains("\"type\"") ? members : usual + (members.isEmpty ? "" : "," + members)
  return try ConfigurationReader.endpoint(
    from: JSON.parse("{\(config)}"), environment: NoEnvironment(), catalog: Catalog.builtIn)
}

// MARK: - What services answer

func chunk(_ text: String) -> ServiceStep {
  .bytes("data: {\"id\":\"r\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\(text)\"}}]}\n\n")
}

let lastChunk = ServiceStep.bytes(
  "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n")

func stream(_ pieces: String...) -> [ServiceStep] { [.head(200)] + pieces.map { chunk($0) } + [lastChunk, .end] }

func refusal(_ status: Int, _ fields: [(name: String, value: String)] = []) -> [ServiceStep] {
  [.head(status, fields), .bytes(#"{"error":{"message":"no"}}"#), .end]
}
