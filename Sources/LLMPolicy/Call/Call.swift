import LLMConfig
import LLMCore
import LLMDialects
import Synchronization

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

  let request: CallRequest
  let sink: (any EventSink)?
  let observer: (any CallObserver)?
  let random: any RandomSource
  let unixSeconds: Int64
  let requestID: String
  /// Whether responses are the caller's to fetch, so that nothing is asked for leave and nothing is played.
  let isFetchedByCaller: Bool
  /// What is added to a moment to make microseconds since 1970; nil where the call's start is taken for `unixSeconds`.
  let unixOffset: Microseconds?
  private let cancelled = Atomic<Bool>(false)
  /// Whether memory ran out in its work; what it has is not to be relied on then.
  var hasLackedMemory = false
  var phase = Phase.ready
  var startedAt: Microseconds?
  /// The bound on the whole call.
  private var bounds: Deadlines
  /// What is asked next, of whom.
  var candidate: Candidate
  /// The way through a router; nil where there is one target and one model.
  let itinerary: Itinerary?
  /// Whether a second target was asked since the first was slow.
  var hasHedged = false
  /// Of a router's attempts that were sent, the last failure: it tells more than a refusal of the library's own.
  var lastSent: LLMError?
  /// The first attempt, encoded before the call was started.
  var prepared: Exchange?
  /// The attempts under way.
  var lanes: [Lane] = []
  /// Attempts given up whose exchange the driver still has.
  private(set) var closing: [Lane] = []
  /// The attempt that ended last, for what it had received.
  var last: Lane?
  /// The bound that was passed while an engine ran.
  var engineExpiry: (error: LLMError, isTotal: Bool)?
  var attempts: [Attempt] = []
  /// The same for all attempts; made where a service takes one.
  var idempotencyKey: String?
  var timing = HTTPTiming()
  /// What gates and archives call; made when the first is asked.
  private var wakeFlag: WakeFlag?
  /// The driver's.
  public var waker: (any Wakeable)?
  /// How it ended; nil before.
  public private(set) var outcome: CallOutcome?

  /// Prepares a call to a target, or with an itinerary to whom that says; nothing happens before a driver runs it.
  public init(
    _ request: CallRequest, to routeTarget: RouteTarget, by itinerary: Itinerary? = nil, sink: (any EventSink)?,
    observer: (any CallObserver)?, random: any RandomSource, unixSeconds: Int64, isFetchedByCaller: Bool = false,
    unixOffset: Microseconds? = nil
  ) {
    self.request = request
    self.sink = sink
    self.observer = observer
    self.random = random
    self.unixSeconds = unixSeconds
    self.isFetchedByCaller = isFetchedByCaller
    self.unixOffset = unixOffset
    requestID = request.settings.requestID ?? makeIdentifier("llm-", random)
    self.itinerary = itinerary
    candidate = itinerary?.first() ?? Candidate(routeTarget, nil, request.settings)
    bounds = Deadlines(request.settings, startedAt: 0)
  }

  /// Asks for the end, from any thread; the driver is to be woken then.
  public func cancel() { cancelled.store(true, ordering: .releasing) }

  /// Whether someone asked for the end.
  public var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

  /// The answer as far as it has come.
  public var builder: ResponseBuilder? { (lanes.first ?? last)?.exchange.builder }

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

  // MARK: Machine

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
      if isCancelled { stop(cancellation, now: now) }
      if hasRunOut { stop(.noMemory, now: now) }
      if let lane = closing.popLast() { return .abort(lane: lane.number) }
      if case .finished = phase { return .done }
      if let demand = proceed(now: now) { return demand }
    }
  }

  /// One thing that is due; nil once it is done.
  private func proceed(now: Microseconds) -> Demand? {
    for lane in lanes {
      guard let moment = lane.drainsUntil, now >= min(moment, bounds.next ?? moment) else { continue }
      closing.append(lane)
      end(lane, nil, HTTPTiming(), now: now)
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
    default:
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
  }

  /// The bound that was passed, of the whole call's or of the attempt's.
  func expiry(of lane: Lane?, now: Microseconds) -> (error: LLMError, isTotal: Bool)? {
    let total = bounds.expired(now: now)
    guard let message = total ?? lane?.deadlines.expired(now: now) else { return nil }
    let stage = (lane ?? lanes.first)?.stage ?? .connect
    return (LLMError(.timeout, text: message, stage: stage), isTotal: total != nil)
  }

  private func begin(_ now: Microseconds) {
    guard startedAt == nil else { return }
    startedAt = now
    bounds = Deadlines(request.settings, startedAt: now)
    observer?.callBegan(requestID, request, model: prepared?.context.model)
  }

  /// What wakes this call where it waits for leave.
  func makeWakeFlag() -> WakeFlag {
    let wakeFlag = wakeFlag ?? WakeFlag(waker)
    self.wakeFlag = wakeFlag
    return wakeFlag
  }

  /// Connecting is the driver's to bound; a call only tells of it.
  public func exchangeConnected(lane number: Int, now: Microseconds) { sentLane(number)?.isConnected = true }

  /// The response's head.
  public func exchangeReceivedHead(_ head: HTTPHead, lane number: Int, now: Microseconds) {
    if let lane = sentLane(number) { receive(head, lane, now: now) }
  }

  /// Bytes of the body.
  public func exchangeReceived(_ bytes: UnsafeRawBufferPointer, lane number: Int, now: Microseconds) -> Bool {
    guard let lane = sentLane(number) else { return false }
    return receive(bytes, lane, now: now)
  }

  /// The exchange is over.
  public func exchangeEnded(
    _ failure: TransportFailure?, timing: HTTPTiming, lane number: Int, now: Microseconds
  ) {
    if let lane = sentLane(number) { end(lane, failure, timing, now: now) }
  }

  private func sentLane(_ number: Int) -> Lane? {
    for lane in lanes where lane.number == number && lane.isSent { return lane }
    return nil
  }

  // MARK: The end

  var cancellation: LLMError { LLMError(.cancelled, "the call was cancelled") }

  /// Takes a lane out of those under way; the driver is to close its exchange where it has one.
  func remove(_ lane: Lane) {
    if lane.isSent { closing.append(lane) }
    lane.work = .over
    lanes.removeAll { $0 === lane }
  }

  /// Ends the call while anything may be under way.
  func stop(_ error: LLMError, now: Microseconds) {
    if case .finished = phase { return }
    last = lanes.first ?? last
    for lane in lanes { giveUp(lane, error, now: now) }
    end(error, now: now)
  }

  /// The call failed.
  func end(_ error: LLMError, now: Microseconds) {
    if hasRunOut { return endWithoutMemory(now: now) }
    var error = error
    error.provider = error.provider ?? last?.attempt.provider ?? candidate.routeTarget.target.endpoint.name
    error.model = error.model ?? last?.attempt.model ?? attempts.last?.model
    error.requestID = error.requestID ?? requestID
    error.attempts = .array(attempts.map { $0.document })
    let document = JSON.object()
    document.set("error", error.document)
    let builder = last?.exchange.builder
    if let builder, builder.hasContent || builder.responseID != nil {
      document.set("partial", builder.makeResponse())
    }
    let result = ResultDocument(document)
    if hasRunOut { return endWithoutMemory(now: now) }
    finish(error, result, builder?.usage, now: now)
    tell(error.code == .cancelled ? .cancelled : .error, result)
  }

  func finish(_ error: LLMError?, _ result: ResultDocument, _ usage: Usage?, now: Microseconds) {
    let outcome = CallOutcome(self, error, result, usage, now: now)
    self.outcome = outcome
    bounds.lift()
    phase = .finished
    observer?.callEnded(outcome)
  }
}
