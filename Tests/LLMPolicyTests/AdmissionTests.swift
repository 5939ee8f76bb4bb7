import LLMCatalog
import LLMConfig
import LLMCore
import LLMDialects
import Testing

@testable import LLMPolicy

/// A gate that does as it is told, and writes down what it is asked.
final class ScriptedGate: Gate, @unchecked Sendable {
  private var answers: [GateAnswer]
  private(set) var asked: [Double] = []
  private(set) var ends: [String] = []
  private(set) var passes: [GatePass] = []
  private(set) var heads: [Int] = []

  /// The answers in order; the last one stays.
  init(_ answers: GateAnswer...) { self.answers = answers }

  func ask(_ pass: GatePass, now: Microseconds) -> GateAnswer {
    asked.append((now - 1_000_000).inMilliseconds)
    passes.append(pass)
    return answers.count > 1 ? answers.removeFirst() : answers[0]
  }

  func settle(_ pass: GatePass, _ end: AttemptEnd, now: Microseconds) {
    switch end {
    case .notSent: ends.append("notSent")
    case .answered(let tokens, let nanoDollars): ends.append("answered \(tokens ?? -1) \(nanoDollars ?? -1)")
    case .failed(let error): ends.append("failed \(error.code.name.text)")
    }
  }

  func note(_ head: HTTPHead, now: Microseconds) { heads.append(head.status) }
  func fill(_ status: JSON, now: Microseconds) {}
}

/// An archive that does as it is told.
final class ScriptedArchive: Archive, ExchangeKeeper, @unchecked Sendable {
  private var answers: [ArchiveAnswer] = []
  private(set) var inquiries: [ArchiveQuery] = []
  private(set) var givenUp = 0
  private(set) var kept = ""
  private(set) var ends: [ErrorCode?] = []

  /// The answers in order; after them every request is sent and kept.
  init(_ answers: ArchiveAnswer...) { self.answers = answers }

  func look(up query: ArchiveQuery, now: Microseconds) -> ArchiveAnswer {
    inquiries.append(query)
    return answers.isEmpty ? .send(keeper: self) : answers.removeFirst()
  }

  func giveUp(_ query: ArchiveQuery) { givenUp += 1 }
  func received(_ head: HTTPHead, now: Microseconds) { kept += "\(head.status) " }
  func received(_ bytes: UnsafeRawBufferPointer, now: Microseconds) { kept += String(decoding: bytes, as: UTF8.self) }
  func ended(_ error: LLMError?, now: Microseconds) { ends.append(error?.code) }
}

private final class Recording: LocalExchange {
  private var steps: [LocalStep]

  init(_ body: String) {
    let bytes = ByteBuffer()
    bytes.append(body)
    steps = [.head(HTTPHead(status: 200)), .bytes(bytes), .ended]
  }

  func next(now: Microseconds) -> LocalStep { steps.removeFirst() }
}

private let usageChunk = ServiceStep.bytes(
  "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}],"
    + "\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":15}}\n\ndata: [DONE]\n\n")

private func moment(_ milliseconds: Int64) -> Microseconds { 1_000_000 + .milliseconds(milliseconds) }

@Suite struct AdmissionTests {
  @Test func anAttemptGoesThroughAllGatesAndIsSettledOnce() throws {
    let gates = [ScriptedGate(.open), ScriptedGate(.open)]
    let run = try Run(
      [[.head(200), chunk("Hi"), usageChunk, .end]], #""model":"gpt-4o-mini""#,
      request: #"{"prompt":"Hello","max_tokens":100,"llm":{"metadata":{"request_id":"mine"}}}"#, gates: gates)
    #expect(run.outcome.code == nil)
    for gate in gates {
      #expect(gate.asked == [0])
      #expect(gate.ends == ["answered 15 4500"])
      #expect(gate.heads == [200])
      #expect(gate.passes[0].requestID == "mine")
      #expect(gate.passes[0].estimatedTokens == 105)
      #expect(gate.passes[0].estimatedNanoDollars == 60_750)
      #expect(gate.passes[0].unixOffset == 1_700_000_000_000_000 - 1_000_000)
    }
  }

  @Test func eachAttemptHasAPassOfItsOwn() throws {
    let gate = ScriptedGate(.open)
    let run = try Run([refusal(500), stream("Hi")], #""retry":{"jitter":false}"#, gates: [gate])
    #expect(run.outcome.code == nil)
    #expect(gate.ends == ["failed server_error", "answered -1 -1"])
    #expect(gate.passes[0] !== gate.passes[1])
  }

  @Test func aWaitingAttemptLetsTheGatesBeforeGo() throws {
    let first = ScriptedGate(.open)
    let second = ScriptedGate(.wait(until: moment(40), reason: "requests_per_minute"), .open)
    let run = try Run([stream("Hi")], gates: [first, second])
    #expect(run.driver.sent == [40])
    #expect(first.asked == [0, 40])
    #expect(second.asked == [0, 40])
    #expect(first.ends == ["notSent", "answered -1 -1"])
    #expect(second.ends == ["answered -1 -1"])
    #expect(run.observer.queued == ["requests_per_minute"])
    #expect(run.observer.attempts[0].queued == .milliseconds(40))
    #expect(run.outcome.document["metadata", "attempts"]?[0]?["queued_ms"]?.double == 40)
  }

  @Test func aRefusalEndsTheCallAndNothingIsSent() throws {
    let first = ScriptedGate(.open)
    let second = ScriptedGate(.refused(LLMError(.budgetExceeded, "no money left")))
    let third = ScriptedGate(.open)
    let archive = ScriptedArchive()
    let run = try Run([], gates: [first, second, third], archive: archive)
    #expect(run.outcome.code == .budgetExceeded)
    #expect(run.outcome.document["error", "attempts"]?[0]?.string("code") == "budget_exceeded")
    #expect(first.ends == ["notSent"])
    #expect(second.ends == ["notSent"])
    #expect(third.asked.isEmpty && third.ends.isEmpty)
    #expect(archive.ends == [.budgetExceeded])
    #expect(run.observer.refused == [.budgetExceeded])
    #expect(run.observer.attempts.isEmpty)
    #expect(run.events.kinds == [.start, .error])
  }

  @Test func theTotalTimeoutEndsAWait() throws {
    let gate = ScriptedGate(.wait(until: .max, reason: "concurrency"))
    let run = try Run([], #""timeout":{"total_ms":300}"#, gates: [gate])
    #expect(run.outcome.code == .timeout)
    #expect(run.outcome.document["error"]?.string("message")?.contains("timeout.total_ms") == true)
    #expect(run.driver.elapsed == 300)
    #expect(gate.ends == ["notSent"])
  }

  @Test func aCancellationEndsAWait() throws {
    let gate = ScriptedGate(.wait(until: .max, reason: "concurrency"))
    let run = try Run([], cancelsAt: 20, gates: [gate])
    #expect(run.outcome.code == .cancelled)
    #expect(gate.ends == ["notSent"])
    #expect(run.events.kinds == [.start, .cancelled])
  }

  @Test func aWakingMakesItAskAgain() throws {
    let gate = ScriptedGate(.wait(until: .max, reason: "concurrency"), .open)
    let call = try makeCall(gates: [gate])
    _ = call.demand(now: moment(0))
    _ = call.demand(now: moment(1))
    #expect(gate.asked == [0])
    gate.passes[0].waker?.wake()
    if case .send = call.demand(now: moment(2)) {} else { Issue.record("not sent") }
    #expect(gate.asked == [0, 2])
  }

  @Test(arguments: [false, true]) func aDroppedCallGivesEverythingBack(isSent: Bool) throws {
    let gates = [ScriptedGate(.open), isSent ? ScriptedGate(.open) : ScriptedGate(.wait(until: .max, reason: "x"))]
    let archive = ScriptedArchive()
    do {
      let call = try makeCall(gates: gates, archive: archive)
      _ = call.demand(now: moment(0))
    }
    #expect(gates[0].ends == [isSent ? "failed cancelled" : "notSent"])
    #expect(gates[1].ends == [isSent ? "failed cancelled" : "notSent"])
    #expect(archive.ends == [.cancelled])
  }

  @Test(arguments: [0, 1, 49, 50, 51, 99] as [Double]) func cancelledAtAnyMomentItIsSettledOnce(_ at: Double) throws {
    let gate = ScriptedGate(.open)
    let archive = ScriptedArchive()
    let run = try Run(
      [
        [
          .wait(milliseconds: 1), .head(200), .wait(milliseconds: 49), chunk("Hi"), .wait(milliseconds: 50), lastChunk,
          .end,
        ]
      ], cancelsAt: at, gates: [gate], archive: archive)
    #expect(run.outcome.code == .cancelled)
    #expect(gate.ends.count == gate.asked.count)
    #expect(archive.ends.count == archive.inquiries.count)
  }

  // MARK: The archive

  @Test func whatIsSentIsKept() throws {
    let archive = ScriptedArchive()
    let run = try Run([[.head(200), chunk("Hi"), lastChunk, .end]], archive: archive)
    #expect(run.outcome.code == nil)
    #expect(archive.kept.hasPrefix("200 data: {\"id\":\"r\""))
    #expect(archive.kept.hasSuffix("data: [DONE]\n\n"))
    #expect(archive.ends == [nil])
    #expect(archive.inquiries[0].provider == "openai")
    #expect(archive.inquiries[0].model == "m")
    #expect(archive.inquiries[0].request.url.hasSuffix("/chat/completions"))
  }

  @Test func whatIsCachedIsNotSentAndCostsNothing() throws {
    let body = "data: {\"id\":\"r\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Again\"}}]}\n\n"
    let last = "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
    let gate = ScriptedGate(.open)
    let archive = ScriptedArchive(.play(Recording(body + last), isCached: true))
    let run = try Run([], gates: [gate], archive: archive)
    #expect(run.outcome.code == nil)
    #expect(run.events.text == "Again")
    #expect(run.outcome.document["metadata", "cached"]?.bool == true)
    #expect(run.outcome.document["metadata", "cost"]?["total"]?.double == 0)
    #expect(gate.asked.isEmpty && gate.ends.isEmpty)
    #expect(run.observer.played == [true])
    #expect(run.observer.attempts.map { $0.wasSent } == [false])
  }

  @Test func oneWhoWaitsForAnotherGivesUpWithTheCall() throws {
    let archive = ScriptedArchive(.wait(until: .max))
    let run = try Run([], cancelsAt: 5, archive: archive)
    #expect(run.outcome.code == .cancelled)
    #expect(archive.givenUp == 1)
    #expect(archive.ends.isEmpty)
    #expect(run.observer.queued == ["single_flight"])
  }

  @Test func oneWhoWaitedForAnotherSendsInTheEnd() throws {
    let archive = ScriptedArchive(.wait(until: moment(30)))
    let run = try Run([stream("Hi")], archive: archive)
    #expect(run.driver.sent == [30])
    #expect(archive.givenUp == 0)
    #expect(archive.ends == [nil])
  }

  @Test func anArchiveMayRefuse() throws {
    let archive = ScriptedArchive(.refused(LLMError(.notFound, "not recorded")))
    let run = try Run([], archive: archive)
    #expect(run.outcome.code == .notFound)
    #expect(run.observer.refused == [.notFound])
  }

  private func makeCall(gates: [any Gate], archive: (any Archive)? = nil) throws -> Call {
    let target = Target(try endpoint(""))
    let request = CallRequest(
      chat: try .init(JSON.parse(#"{"prompt":"x"}"#)), isStreaming: true, settings: target.endpoint.call)
    return Call(
      request, to: RouteTarget(target, gates: gates, archive: archive), sink: nil, observer: nil,
      random: SplitMix(seed: 1), unixSeconds: 0)
  }
}
