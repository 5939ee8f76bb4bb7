import LLMCore
import Testing

@testable import LLMPolicy

/// Calls to services, through gates and with cancellations that are drawn: whatever is torn, the events keep their order.
struct TornCallTests {
  private let random: SplitMix
  private let seed: UInt64

  init() {
    seed = 0
    random = SplitMix(seed: 0)
  }

  private init(seed: UInt64) {
    self.seed = seed
    random = SplitMix(seed: seed)
  }

  private func draw(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }

  /// A stream that is cut into pieces anywhere, with pauses, and torn off anywhere, or not.
  private func script() -> [ServiceStep] {
    switch draw(8) {
    case 0: return refusal([401, 408, 429, 500, 503][draw(5)])
    case 1: return [.fail(.connection, .connect)]
    case 2: return [.wait(milliseconds: Int64(draw(60))), .head(200), .silence]
    case 3: return [.head(200), .bytes("<html>no stream"), .end]
    default: break
    }
    let wire = [chunk("Hello"), chunk(" world"), lastChunk].map { step in
      if case .bytes(let text) = step { text } else { "" }
    }.joined()
    var steps: [ServiceStep] = [.head(200)]
    var rest = Substring(wire)
    while !rest.isEmpty {
      let piece = rest.prefix(1 + draw(90))
      rest = rest.dropFirst(piece.count)
      steps.append(.bytes(String(piece)))
      if draw(3) == 0 { steps.append(.wait(milliseconds: Int64(draw(40)))) }
      if draw(12) == 0 { return steps + [draw(2) == 0 ? .fail(.connection, .stream) : .end] }
    }
    return steps + [draw(5) == 0 ? .silence : .end]
  }

  private func gates() -> [any Gate] {
    let answers: [GateAnswer] = (0..<8).map { _ in
      switch draw(6) {
      case 0: .wait(until: 1_000_000 + .milliseconds(Int64(draw(200))), reason: "requests")
      case 1: .refused(LLMError(.overloaded, "the breaker is open"))
      default: .open
      }
    }
    return [AnyGate(answers)]
  }

  /// Answers as it was told to, then opens.
  private final class AnyGate: Gate, @unchecked Sendable {
    private var answers: [GateAnswer]
    private(set) var asked = 0
    private(set) var settled = 0

    init(_ answers: [GateAnswer]) { self.answers = answers }

    func ask(_ pass: GatePass, now: Microseconds) -> GateAnswer {
      asked += 1
      return answers.isEmpty ? .open : answers.removeFirst()
    }
    func settle(_ pass: GatePass, _ end: AttemptEnd, now: Microseconds) { settled += 1 }
    func note(_ head: HTTPHead, now: Microseconds) {}
    func fill(_ status: JSON, now: Microseconds) {}
  }

  private func run() throws {
    let config = #""retry":{"attempts":3,"delay_ms":30},"timeout":{"first_token_ms":90,"idle_ms":80}"#
    let kept = (0..<3).map { _ in Bookkeeper() }
    let targets = try Routed.routeTargets(3, config).map { $0.target }
    let routeTargets = zip(targets, kept).map { RouteTarget($0, gates: gates(), observer: $1) }
    let hedge = draw(2) == 0 ? HedgeSettings(delay: .milliseconds(20)) : nil
    let router = Routed.router(routeTargets, hedge: hedge)
    let driver = VirtualDriver { _ in script() }
    let events = EventLog(driver)
    let observer = ObserverLog()
    if draw(3) == 0 { driver.cancelsAt = Double(draw(200)) }
    if draw(5) == 0 { events.stopsAt = [.start, .response, .text, .retry, .finish][draw(5)] }
    let after = draw(2) == 0
    let call = try Routed.call(
      router, #"{"prompt":"x","llm":{"retry":{"after_content":\#(after)},"timeout":{"total_ms":900}}}"#, sink: events,
      observer, now: driver.now, seed: seed)
    try driver.run(call)
    let outcome = try #require(call.outcome)
    check(events, outcome, observer)
    for routeTarget in routeTargets { #expect(routeTarget.health.withLock { $0.inFlight } == 0) }
    for books in kept { #expect(books.came == (books.left == nil ? 0 : 1), "seed \(seed)") }
  }

  private func check(_ events: EventLog, _ outcome: CallOutcome, _ observer: ObserverLog) {
    let kinds = events.kinds
    #expect(events.terminals.count == 1 && kinds.last?.isTerminal == true, "seed \(seed)")
    #expect(observer.outcomes == 1, "seed \(seed)")
    let end: EventKind = outcome.error == nil ? .finish : outcome.code == .cancelled ? .cancelled : .error
    #expect(kinds.last == end, "seed \(seed)")
    // START first, once for each attempt that departs, and in their order where they do not race.
    #expect(kinds.first == .start || kinds == [.cancelled], "seed \(seed)")
    let starts = events.entries.filter { $0.kind == .start }.compactMap { $0.json?.int("attempt") }
    #expect(Set(starts).count == starts.count, "seed \(seed)")
    // Content that is not taken back is the result's.
    let last = events.entries.lastIndex { $0.kind == .retry && $0.json?.bool("discarded") == true } ?? 0
    let text = events.entries[last...].filter { $0.kind == .text }.map { $0.data }.joined()
    if outcome.error == nil { #expect(outcome.document.string("text") == text, "seed \(seed)") }
  }

  @Test(arguments: 1...300) func eventsKeepTheirOrder(seed: UInt64) throws { try TornCallTests(seed: seed).run() }
}
