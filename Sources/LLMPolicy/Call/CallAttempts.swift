import LLMCatalog
import LLMConfig
import LLMCore
import LLMDialects

// The transitions of a lane: an attempt begins, asks for leave, is sent or played, is answered, ends. Call.swift has the
// states and their picture.

extension Call {
  // MARK: An attempt begins

  /// Makes the next attempt. It goes on its way when it has leave.
  func startAttempt(_ candidate: Candidate, heldSink: BufferedSink?, now: Microseconds) {
    candidate.attempts += 1
    if itinerary == nil ? record.attempts.isEmpty : candidate.attempts == 1 {
      candidate.routeTarget.retryBudget.earn(percent: candidate.settings.retryBudget)
    }
    phase = .running
    do throws(LLMError) {
      let exchange = try takeExchange(candidate, sink: heldSink ?? sink, now: now)
      let attempt = makeAttempt(candidate, exchange.context.model)
      record.attempts.append(attempt)
      let number = (lanes + closing).contains { $0.number == 0 } ? 1 : 0
      // What keys of a cache and estimates are made of is the request.
      let admission = Memory.granted(request.document.footprint) { makeAdmission(for: exchange, candidate) }
      let lane = Lane(number, candidate, exchange, admission ?? nil, attempt, heldSink: heldSink, now: now)
      if itinerary != nil { lane.occupy() }
      lanes.append(lane)
    } catch {
      noteUnsendable(candidate, error)
      guard lanes.isEmpty else { return }
      goOn(after: error, nil, candidate, now: now)
    }
  }

  private func takeExchange(
    _ candidate: Candidate, sink: (any EventSink)?, now: Microseconds
  ) throws(LLMError) -> Exchange {
    guard let exchange = prepared else { return try makeExchange(candidate, sink: sink, now: now) }
    prepared = nil
    return exchange
  }

  /// Asks for leave.
  func ask(_ lane: Lane, now: Microseconds) -> Progress {
    guard let admission = lane.admission else { return send(lane, now: now) }
    let hasWaited = admission.waitingSince != nil
    switch admission.ask(now: now) {
    case .send: return send(lane, now: now)
    case .play(let exchange, let isCached):
      lane.attempt.isCached = isCached
      // A recording stands for the service: what it answers is counted, and tried again, as if it had been sent.
      lane.attempt.wasSent = !isCached
      observer?.attemptPlayed(lane.attempt, isCached: isCached)
      play(exchange, lane, now: now)
      return .changed
    case .wait(let moment, let reason):
      if passOver(lane, until: moment, reason, now: now) { return .changed }
      lane.work = .asking(until: max(moment, now &+ 1))
      if !hasWaited { observer?.attemptQueued(lane.attempt, reason: reason, wait: max(0, moment &- now)) }
      return .nothing
    case .refused(let error):
      refuse(lane, error, now: now)
      return .changed
    }
  }

  /// A router goes on to another target before it waits for a limit of one.
  private func passOver(_ lane: Lane, until moment: Microseconds, _ reason: StaticText, now: Microseconds) -> Bool {
    guard let itinerary, lane.admission?.isWaitingForGate == true, itinerary.hasOthers, lanes.count == 1 else {
      return false
    }
    giveUp(lane, LLMError(.rateLimited, "a limit of its own (\(reason.text)) is used up for now"), now: now)
    last = lane
    guard let step = itinerary.passOver(lane.candidate, until: moment, now: now) else { return false }
    follow(step, lane, now: now)
    return true
  }

  private func send(_ lane: Lane, now: Microseconds) -> Progress {
    if let local = lane.exchange.makeLocalExchange() {
      lane.attempt.wasSent = true
      play(local, lane, now: now)
      return .changed
    }
    guard case .http(var request) = lane.exchange.sending else {
      fail(lane, lane.exchange.context.unsupported("such an operation"), now: now)
      return .changed
    }
    identify(&request, lane)
    lane.attempt.wasSent = true
    lane.depart(.sent, now: now)
    tellStart(lane, now: now)
    if isCancelled {
      // Nobody has it yet, so that there is nothing to close.
      lane.work = .over
      lane.attempt.wasSent = false
      return .changed
    }
    return .send(
      request,
      ExchangeOptions(
        transport: lane.candidate.routeTarget.target.endpoint.transport,
        connectTimeout: lane.candidate.settings.connectTimeout, isStreaming: self.request.isStreaming))
  }

  /// A service that knows the key answers a request once, though it may have arrived twice.
  private func identify(_ request: inout HTTPRequest, _ lane: Lane) {
    guard lane.exchange.context.quirks.contains(.idempotencyKey), self.request.operation.isGeneration else { return }
    let key = idempotencyKey ?? makeIdentifier("llm-", random)
    idempotencyKey = key
    request.headers.append(HTTPHeader("Idempotency-Key", key))
  }

  private func play(_ exchange: any LocalExchange, _ lane: Lane, now: Microseconds) {
    lane.isConnected = true
    lane.depart(.playing(exchange, until: now), now: now)
    tellStart(lane, now: now)
  }

  // MARK: What comes back

  func receive(_ head: HTTPHead, _ lane: Lane, now: Microseconds) {
    // What is played out of an archive is shared, and was clean when it was kept.
    if lane.isWithDriver { lane.exchange.blotter.blot(head) }
    lane.admission?.received(head, now: now)
    lane.exchange.receive(head: head)
    lane.deadlines.received(content: !request.isStreaming, now: now)
  }

  /// Whether more is wanted.
  func receive(_ bytes: UnsafeRawBufferPointer, _ lane: Lane, now: Microseconds) -> Bool {
    guard !isCancelled else { return false }
    // What comes behind a stream's own end is no part of the answer.
    if case .draining = lane.work { return true }
    lane.admission?.keeper?.received(bytes, now: now)
    do throws(LLMError) {
      let state = try lane.exchange.receive(bytes)
      lane.noteProgress(now: now)
      if lanes.count > 1, lane.exchange.hasContent { win(lane, now: now) }
      switch state {
      case .goesOn: break
      case .ended: drain(lane, now: now)
      case .cancelled: cancel()
      }
      return !isCancelled
    } catch {
      fail(lane, error, now: now)
      return false
    }
  }

  /// The stream came to its own end. The exchange nearly always comes to its own in the same breath, and then its
  /// connection can be used again; a service that leaves it open is not waited for.
  private func drain(_ lane: Lane, now: Microseconds) {
    win(lane, now: now)
    lane.deadlines.lift()
    lane.work = lane.isWithDriver ? .draining(until: now &+ Lane.longestDrain) : .played
  }

  func end(_ lane: Lane, _ failure: TransportFailure?, _ timing: HTTPTiming, now: Microseconds) {
    record.timing = timing
    var failure = failure
    if case .draining = lane.work { failure = nil }
    lane.work = .over
    if isCancelled { return stop(.callCancelled, now: now) }
    if let failure {
      lane.candidate.repetitions &+= failure.repetitions
      return fail(lane, error(of: failure, lane), now: now)
    }
    conclude(lane, now: now)
  }

  /// A stream that was cut is a truncated stream, whatever cut it.
  private func error(of failure: TransportFailure, _ lane: Lane) -> LLMError {
    let broken = failure.stage == .stream && lane.exchange.hasContent && failure.code == .connection
    var error = LLMError(broken ? .streamTruncated : failure.code, text: failure.message, stage: failure.stage)
    if let head = failure.proxyHead {
      error.retryAfterMilliseconds = RetryAfter.milliseconds(in: head, now: lane.exchange.context.unixSeconds)
    }
    return error
  }

  // MARK: An attempt ends

  /// The response is over: it is an answer, or what it says of an error.
  func conclude(_ lane: Lane, now: Microseconds) {
    do throws(LLMError) {
      let (state, document) = try lane.exchange.finish()
      if state == .cancelled { return stop(.callCancelled, now: now) }
      succeed(document, lane, now: now)
    } catch {
      fail(lane, error, now: now)
    }
  }

  /// `document` is nil where the answer is in the builder.
  private func succeed(_ document: JSON?, _ lane: Lane, now: Microseconds) {
    if hasRunOut { return stop(.noMemory, now: now) }
    win(lane, now: now)
    close(lane, nil, now: now)
    remove(lane)
    last = lane
    lane.heldSink?.release()
    let result = record.result(of: request, lane.attempt, lane.exchange, document, now: now)
    if hasRunOut { return endWithoutMemory(now: now) }
    finish(.finish, nil, result, now: now)
  }

  /// The attempt failed: another follows, or the call is over.
  func fail(_ lane: Lane, _ failure: LLMError, now: Microseconds) {
    var error = lane.exchange.blotter.blot(failure)
    if itinerary != nil {
      error.provider = error.provider ?? lane.attempt.provider
      error.model = error.model ?? lane.attempt.model
    }
    giveUp(lane, error, now: now)
    leave(lane, error, now: now)
  }

  /// The attempt is not to be sent.
  private func refuse(_ lane: Lane, _ error: LLMError, now: Microseconds) {
    lane.attempt.error = error
    lane.attempt.wasSent = false
    noteVisit(of: lane, now: now)
    observer?.attemptRefused(lane.attempt)
    lane.attempt.hasEnded = true
    giveUp(lane, error, now: now)
    leave(lane, error, now: now)
  }

  /// Ends an attempt that may be under way.
  func giveUp(_ lane: Lane, _ error: LLMError, now: Microseconds) {
    lane.exchange.abandon()
    close(lane, error, now: now)
    remove(lane)
  }

  private func close(_ lane: Lane, _ error: LLMError?, now: Microseconds) {
    lane.close(error, cooldown: itinerary?.cooldown ?? 0, now: now)
    visits.end(lane.attempt, at: lane.candidate.routeTarget)
    guard !lane.attempt.hasEnded else { return }
    lane.attempt.hasEnded = true
    observer?.attemptEnded(lane.attempt)
  }

  /// Takes a lane out of those under way; the driver is to close its exchange where it has one.
  private func remove(_ lane: Lane) {
    if lane.isWithDriver { closing.append(lane) }
    lane.work = .over
    lanes.removeAll { $0 === lane }
  }

  // MARK: Events of its own

  private func tellStart(_ lane: Lane, now: Microseconds) {
    hasToldStart = true
    noteVisit(of: lane, now: now)
    guard let sink = lane.heldSink ?? sink else { return }
    if !sink.receive(.start, record.start(lane.attempt, lane.exchange), model: lane.attempt.model) { cancel() }
  }

  /// What was refused, or cancelled, before anything was sent begins all the same.
  func tellMissingStart() {
    guard !hasToldStart, let attempt = last?.attempt ?? record.attempts.last else { return }
    hasToldStart = true
    if sink?.receive(.start, record.start(attempt, last?.exchange), model: attempt.model) == false { cancel() }
  }

  /// A router's target keeps books of its own; a plain provider is observed as the call is.
  private func noteVisit(of lane: Lane, now: Microseconds) {
    guard lane.candidate.routeTarget.observer !== observer else { return }
    visits.begin(lane.candidate.routeTarget, lane.attempt, now: now)
  }

  /// Told where content is taken back, and where there is a pause: a further attempt at once needs no word.
  func tellRetry(after error: LLMError, _ lane: Lane?, pause: Microseconds) {
    let discards = lane?.exchange.hasContent ?? false
    guard discards || pause > 0, let sink else { return }
    let number = lane?.attempt.number ?? record.attempts.count
    let document = record.retry(after: error, of: number, pause: max(0, pause), discards: discards)
    if !sink.receive(.retry, document) { cancel() }
  }
}
