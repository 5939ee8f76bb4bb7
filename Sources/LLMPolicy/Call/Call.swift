import LLMConfig
import LLMCore
import LLMDialects
import Synchronization

// The state machine of a call. Its state changes here and, where a lane is concerned, in CallAttempts; nowhere else.
// What the machine asks of others is beside it: CallPreparation puts attempts together, CallRecord writes the documents,
// CallEngine plays what needs no network, Itinerary knows whom to ask next, Admission asks archive and gates.
//
//            ┌────────────────────────── pausing(until) ◄─────────────────┐
//            ▼                                                            │ another attempt, after a pause
//          ready ──► running: one lane, or two that race                  │
//            ▲         asking(until) ──► sent ──► draining(until)         │
//            │           │  ▲  │           │            │                 │
//            │           └──┘  └► playing ─┤            │                 │
//            │          waits              ▼            ▼                 │
//            │                    the attempt is over: how? ──── failed ──┤
//            │                              │                             │ at once, or elsewhere
//            └──────────────────────────────┼─────────────────────────────┘
//                                           ▼
//                             answered · nothing helps · cancelled · out of time ──► finished
//
// - `asking`: archive and gates are asked for leave, again after each wait. An archive's answer is played.
// - `sent`: the driver has the exchange. `playing`: a recording, the cache, an engine answers instead.
// - `draining`: the answer's own end has come; the connection gets a moment to end as well, so as to be used again.
// - A hedge is a second lane beside one that has no content yet: the first content wins, the other lane is closed.
// - `finished` is reached once. START is told when a lane departs, and RETRY when a further attempt takes back content
//   or lets the program wait; exactly one of FINISH, ERROR and CANCELLED is the last. A refusal before anything was
//   sent is told with START before it, so that every ERROR has one; a call cancelled before it began has CANCELLED alone.

/// One call, from the caller's request to its result: attempts, pauses, time-outs, cancellation, and exactly one
/// terminal event. Pure: it is told the time and what happened, and says what to do next.
public final class Call: Machine {
  enum Phase {
    /// The next attempt is to be made.
    case ready
    case pausing(until: Microseconds)
    /// Attempts are under way.
    case running
    case finished
  }

  /// What became of a lane that was looked at.
  enum Progress {
    /// It waits.
    case nothing
    case changed
    case send(HTTPRequest, ExchangeOptions)
  }

  let request: CallRequest
  let sink: (any EventSink)?
  let observer: (any CallObserver)?
  let random: any RandomSource
  let unixSeconds: Int64
  /// What is added to a moment to make microseconds since 1970; nil where the call's start is taken for `unixSeconds`.
  let unixOffset: Microseconds?
  /// The way through a router; nil where there is one target and one model.
  let itinerary: Itinerary?
  private let cancelled = Atomic<Bool>(false)
  /// Whether memory ran out in its work; what it has is not to be relied on then.
  var hasLackedMemory = false
  var phase = Phase.ready
  /// The bound on the whole call.
  private var bounds: Deadlines
  /// What is asked next, of whom.
  var candidate: Candidate
  /// The first attempt, encoded before the call was started.
  var prepared: Exchange?
  /// The attempts under way.
  var lanes: [Lane] = []
  /// Attempts given up whose exchange the driver still has.
  var closing: [Lane] = []
  /// The attempt that ended last, for what it had received.
  var last: Lane?
  /// Whether a second target was asked since the first was slow.
  private var hasHedged = false
  /// Whether the program was told that anything was sent.
  var hasToldStart = false
  /// Of a router's attempts that were sent, the last failure: it tells more than a refusal of the library's own.
  var lastSent: LLMError?
  /// The bound that was passed while an engine ran.
  var engineExpiry: (error: LLMError, isTotal: Bool)?
  var record: CallRecord
  /// What a router's targets are told of their part in the call.
  var visits = TargetVisits()
  /// The same for all attempts; made where a service takes one.
  var idempotencyKey: String?
  /// What gates and archives call; made when the first is asked.
  private var wakeFlag: WakeFlag?
  /// The driver's.
  public var waker: (any Wakeable)?
  /// How it ended; nil before.
  public private(set) var outcome: CallOutcome?

  /// Prepares a call to a target, or with an itinerary to whom that says; nothing happens before a driver runs it.
  public init(
    _ request: CallRequest, to routeTarget: RouteTarget, by itinerary: Itinerary? = nil, sink: (any EventSink)?,
    observer: (any CallObserver)?, random: any RandomSource, unixSeconds: Int64, unixOffset: Microseconds? = nil
  ) {
    self.request = request
    self.sink = sink
    self.observer = observer
    self.random = random
    self.unixSeconds = unixSeconds
    self.unixOffset = unixOffset
    self.itinerary = itinerary
    record = CallRecord(requestID: request.settings.requestID ?? makeIdentifier("llm-", random))
    candidate = itinerary?.first() ?? Candidate(routeTarget, nil, request.settings)
    bounds = Deadlines(request.settings, startedAt: 0)
  }

  /// Encodes the first attempt ahead, so that a request which cannot be sent fails before anything is told.
  public func prepare() throws(LLMError) {
    while true {
      do throws(LLMError) {
        prepared = try makeExchange(candidate, sink: sink, now: 0)
        return
      } catch {
        guard let step = itinerary?.next(after: error, from: candidate, wasSent: false, now: 0) else { throw error }
        noteUnsendable(candidate, error)
        candidate = step.candidate
      }
    }
  }

  /// Of a call that was prepared: whether it has anything to send. A service that cannot count tokens is not asked to.
  public var isToBeSent: Bool {
    if case .nowhere = prepared?.sending { return false }
    return true
  }

  /// Of a call that was prepared: the model that is asked first.
  public var model: String? { prepared?.context.model }

  /// Asks for the end, from any thread; the driver is to be woken then.
  public func cancel() { cancelled.store(true, ordering: .releasing) }

  /// Whether someone asked for the end.
  public var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

  // MARK: - The driver asks

  /// The next moment at which something is due.
  public var deadline: Microseconds? {
    var next = bounds.next
    if case .pausing(let end) = phase { next = min(next ?? end, end) }
    for lane in lanes {
      if let moment = lane.deadline { next = min(next ?? moment, moment) }
    }
    if let moment = hedgeMoment { next = min(next ?? moment, moment) }
    return next
  }

  /// What to do now.
  public func demand(now: Microseconds) -> Demand {
    begin(now)
    if wakeFlag?.take() == true {
      for lane in lanes { lane.hurry() }
    }
    while true {
      if isCancelled { stop(.callCancelled, now: now) }
      if hasRunOut { stop(.noMemory, now: now) }
      if let lane = closing.popLast() { return .abort(lane: lane.number) }
      if case .finished = phase { return .done }
      if let demand = proceed(now: now) { return demand }
    }
  }

  private func begin(_ now: Microseconds) {
    guard record.startedAt == nil else { return }
    record.startedAt = now
    bounds = Deadlines(request.settings, startedAt: now)
    observer?.callBegan(record.requestID, request, model: prepared?.context.model)
  }

  /// One thing that is due; nil once it is done.
  private func proceed(now: Microseconds) -> Demand? {
    // Before the bounds: what is whole is not thrown away.
    let isOutOfTime = bounds.expired(now: now) != nil
    for lane in lanes where lane.isAnswered(now: isOutOfTime ? .max : now) {
      conclude(lane, now: now)
      return nil
    }
    if let expiry = expiry(of: nil, now: now) {
      stop(expiry.error, now: now)
      return nil
    }
    switch phase {
    case .pausing(let end):
      guard now >= end else { return .wait(until: deadline ?? end) }
      phase = .ready
      return nil
    case .ready:
      startAttempt(candidate, heldSink: nil, now: now)
      return nil
    default: return attend(now: now)
    }
  }

  /// Looks after the lanes.
  private func attend(now: Microseconds) -> Demand? {
    if let moment = hedgeMoment, now >= moment {
      hedge(now: now)
      return nil
    }
    for lane in lanes {
      lane.admission?.renew(now: now)
      if let expiry = expiry(of: lane, now: now) {
        fail(lane, expiry.error, now: now)
        return nil
      }
      switch advance(lane, now: now) {
      case .nothing: continue
      case .changed: return nil
      case .send where hasRunOut: return nil
      case .send(let request, let options): return .send(request, options, lane: lane.number)
      }
    }
    return .wait(until: deadline ?? .max)
  }

  /// Does what is due with a lane.
  func advance(_ lane: Lane, now: Microseconds) -> Progress {
    switch lane.work {
    case .asking(let moment): return now >= moment ? ask(lane, now: now) : .nothing
    case .playing: return pump(lane, now: now)
    case .sent, .draining, .played, .over: return .nothing
    }
  }

  /// The bound that was passed, of the whole call's or of the attempt's.
  func expiry(of lane: Lane?, now: Microseconds) -> (error: LLMError, isTotal: Bool)? {
    let total = bounds.expired(now: now)
    guard let message = total ?? lane?.deadlines.expired(now: now) else { return nil }
    let stage = (lane ?? lanes.first)?.stage ?? .connect
    return (LLMError(.timeout, text: message, stage: stage), isTotal: total != nil)
  }

  /// What wakes this call where it waits for leave.
  func makeWakeFlag() -> WakeFlag {
    let wakeFlag = wakeFlag ?? WakeFlag(waker)
    self.wakeFlag = wakeFlag
    return wakeFlag
  }

  // MARK: - The driver tells

  /// Connecting is the driver's to bound; a call only tells of it.
  public func exchangeConnected(lane number: Int, now: Microseconds) { laneOfDriver(number)?.isConnected = true }

  /// The response's head.
  public func exchangeReceivedHead(_ head: HTTPHead, lane number: Int, now: Microseconds) {
    if let lane = laneOfDriver(number) { receive(head, lane, now: now) }
  }

  /// Bytes of the body.
  public func exchangeReceived(_ bytes: UnsafeRawBufferPointer, lane number: Int, now: Microseconds) -> Bool {
    guard let lane = laneOfDriver(number) else { return false }
    return receive(bytes, lane, now: now)
  }

  /// Whether the caller wants no more, or the bound on the whole call is passed.
  public func isOver(now: Microseconds) -> Bool { isCancelled || bounds.expired(now: now) != nil }

  /// The exchange is over.
  public func exchangeEnded(
    _ failure: TransportFailure?, timing: HTTPTiming, lane number: Int, now: Microseconds
  ) {
    guard let lane = laneOfDriver(number) else { return }
    if timing.connected > 0 || timing.reusedConnection { lane.attempt.reusedConnection = timing.reusedConnection }
    end(lane, failure, timing, now: now)
  }

  private func laneOfDriver(_ number: Int) -> Lane? {
    for lane in lanes where lane.number == number && lane.isWithDriver { return lane }
    return nil
  }

  // MARK: - Another attempt

  /// Goes on after an attempt that ended in an error, unless another is under way.
  func leave(_ lane: Lane, _ error: LLMError, now: Microseconds) {
    if itinerary != nil, lane.attempt.wasSent { lastSent = error }
    guard lanes.isEmpty else {
      itinerary?.note(error, from: lane.candidate, wasSent: lane.attempt.wasSent, now: now)
      return
    }
    last = lane
    if lane.exchange.hasContent, !lane.candidate.settings.retriesAfterContent { return end(error, now: now) }
    goOn(after: error, lane, lane.candidate, now: now)
  }

  /// Makes another attempt where one can help; else the call is over.
  func goOn(after error: LLMError, _ lane: Lane?, _ candidate: Candidate, now: Microseconds) {
    let step = nextStep(after: error, candidate, wasSent: lane?.attempt.wasSent ?? false, now: now)
    guard let step else {
      return end(lane?.attempt.wasSent == true ? error : lastSent ?? error, now: now)
    }
    tellRetry(after: error, lane, pause: step.at &- now)
    follow(step, lane, now: now)
  }

  private func nextStep(
    after error: LLMError, _ candidate: Candidate, wasSent: Bool, now: Microseconds
  ) -> Itinerary.Step? {
    if let itinerary { return itinerary.next(after: error, from: candidate, wasSent: wasSent, now: now) }
    guard wasSent,
      let pause = RetryPolicy(candidate.settings).pause(
        after: error, attempt: candidate.sendings, hadContent: false, random),
      candidate.routeTarget.retryBudget.spend()
    else { return nil }
    return Itinerary.Step(candidate: candidate, at: now &+ pause, isRetry: true)
  }

  func follow(_ step: Itinerary.Step, _ lane: Lane?, now: Microseconds) {
    if let lane {
      if step.isRetry {
        observer?.willRetry(lane.attempt, after: step.at &- now)
      } else {
        observer?.willFallBack(lane.attempt, to: step.candidate.provider, model: step.candidate.model)
      }
    }
    last = nil
    candidate = step.candidate
    phase = step.at > now ? .pausing(until: step.at) : .ready
  }

  /// When a second target is to be asked; nil where none is.
  private var hedgeMoment: Microseconds? {
    guard !hasHedged, let hedge = itinerary?.hedge, lanes.count == 1, lanes[0].isUnderWay,
      !lanes[0].exchange.hasContent, request.operation.isGeneration
    else { return nil }
    let delay = hedge.delay ?? lanes[0].candidate.routeTarget.health.withLock { $0.usualBound }
    return delay.map { lanes[0].startedAt &+ $0 }
  }

  /// Asks a second target, if there is one.
  func hedge(now: Microseconds) {
    hasHedged = true
    guard let first = lanes.first, let candidate = itinerary?.spare(now: now) else { return }
    observer?.willHedge(
      first.attempt, to: candidate.provider, model: candidate.model, after: now &- first.startedAt)
    startAttempt(candidate, heldSink: sink.map { BufferedSink($0) }, now: now)
  }

  /// The first content of a race: the others are closed.
  func win(_ lane: Lane, now: Microseconds) {
    for other in lanes where other !== lane {
      giveUp(other, LLMError(.cancelled, "another target answered first"), now: now)
    }
  }

  // MARK: - The call ends

  /// Ends the call while anything may be under way.
  func stop(_ error: LLMError, now: Microseconds) {
    if case .finished = phase { return }
    last = lanes.first ?? last
    for lane in lanes { giveUp(lane, error, now: now) }
    end(error, now: now)
  }

  /// The call failed. Whoever refuses the START that was due has cancelled it.
  private func end(_ failure: LLMError, now: Microseconds) {
    if hasRunOut { return endWithoutMemory(now: now) }
    tellMissingStart()
    var error = isCancelled && failure.code != .cancelled ? .callCancelled : failure
    error = record.completed(error, last: last?.attempt, provider: candidate.provider)
    let result = record.failure(error, last?.exchange)
    if hasRunOut { return endWithoutMemory(now: now) }
    finish(error.code == .cancelled ? .cancelled : .error, error, result, now: now)
  }

  func finish(_ kind: EventKind, _ error: LLMError?, _ result: ResultDocument, now: Microseconds) {
    let outcome = CallOutcome(request, record, error, result, last: last?.attempt, last?.exchange, now: now)
    self.outcome = outcome
    bounds.lift()
    phase = .finished
    visits.leave(now: now)
    observer?.callEnded(outcome)
    _ = sink?.receive(kind, result)
  }
}

extension LLMError {
  /// What a call ends with that was cancelled.
  static var callCancelled: LLMError { LLMError(.cancelled, "the call was cancelled") }
}
