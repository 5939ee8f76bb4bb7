import LLMCatalog
import LLMConfig
import LLMCore
import LLMDialects

// The attempts of a call: asking for leave, sending, receiving, failing.

extension Call {
  /// What became of a lane that was looked at.
  enum Progress {
    /// It waits.
    case nothing
    case changed
    case send(HTTPRequest, ExchangeOptions)
  }

  /// Makes the next attempt. It goes on its way when it has leave.
  func startAttempt(_ candidate: Candidate, heldSink: BufferedSink?, now: Microseconds) {
    let isFirst = itinerary?.begin(candidate) ?? attempts.isEmpty
    if isFirst { candidate.routeTarget.retryBudget.earn(percent: candidate.settings.retryBudget) }
    phase = .running
    do throws(LLMError) {
      let exchange = try takePrepared(candidate, heldSink ?? sink, now: now)
      let attempt = makeAttempt(candidate, exchange.context.model)
      attempts.append(attempt)
      // What keys of a cache and estimates are made of is the request.
      let admission = Memory.granted(request.document.footprint) { makeAdmission(for: exchange, candidate) }
      let lane = Lane(freeLane, candidate, exchange, admission ?? nil, attempt, heldSink: heldSink, now: now)
      if itinerary != nil { lane.occupy() }
      lanes.append(lane)
    } catch {
      noteUnsendable(candidate, error)
      guard lanes.isEmpty else { return }
      goOn(after: error, nil, candidate, now: now)
    }
  }

  private func makeAttempt(_ candidate: Candidate, _ model: String) -> Attempt {
    Attempt(
      number: attempts.count + 1, requestID: requestID, provider: candidate.routeTarget.target.endpoint.name,
      model: model)
  }

  /// An attempt that could not even be put into words for its target.
  func noteUnsendable(_ candidate: Candidate, _ error: LLMError) {
    guard itinerary != nil else { return }
    let attempt = makeAttempt(candidate, candidate.model ?? "")
    attempt.error = error
    attempts.append(attempt)
  }

  /// A lane that the driver has nothing on.
  private var freeLane: Int { (lanes + closing).contains { $0.number == 0 } ? 1 : 0 }

  private func takePrepared(_ candidate: Candidate, _ sink: (any EventSink)?, now: Microseconds) throws(LLMError)
    -> Exchange
  {
    guard let exchange = prepared else { return try makeExchange(candidate, sink: sink, now: now) }
    prepared = nil
    return exchange
  }

  func makeExchange(_ candidate: Candidate, sink: (any EventSink)?, now: Microseconds) throws(LLMError) -> Exchange {
    let elapsed = startedAt.map { (now &- $0) / 1_000_000 } ?? 0
    let target = candidate.routeTarget.target
    let context = RequestContext(
      endpoint: target.endpoint, model: try model(of: candidate),
      isStreaming: request.isStreaming, settings: candidate.settings, random: random,
      unixSeconds: unixSeconds &+ elapsed)
    do throws(LLMError) {
      let exchange = try Memory.granted(request.document.footprint) { () throws(LLMError) in
        try Exchange(request, target, context, sink: sink)
      }
      guard let exchange else { throw LLMError.noMemory }
      return exchange
    } catch { throw context.blotter.blot(error) }
  }

  private func model(of candidate: Candidate) throws(LLMError) -> String {
    if let model = candidate.model { return try Target.checked(model) }
    // To list the models, none need be known.
    if case .models = request.operation { return candidate.routeTarget.target.endpoint.defaultModel ?? "" }
    return try candidate.routeTarget.target.model(for: request.document)
  }

  // MARK: Leave

  /// Nil where nobody is to be asked.
  private func makeAdmission(for exchange: Exchange, _ candidate: Candidate) -> Admission? {
    let routeTarget = candidate.routeTarget
    guard !isFetchedByCaller else { return nil }
    let query = routeTarget.archive == nil ? nil : makeArchiveQuery(for: exchange, candidate)
    let pass = routeTarget.gates.isEmpty || !request.operation.isGeneration ? nil : makePass(for: exchange, candidate)
    guard query != nil || pass != nil else { return nil }
    return Admission(routeTarget, query, pass)
  }

  private func makeArchiveQuery(for exchange: Exchange, _ candidate: Candidate) -> ArchiveQuery {
    ArchiveQuery(
      exchange.description(of: request), provider: candidate.routeTarget.target.endpoint.name,
      model: exchange.context.model,
      settings: candidate.settings, unixSeconds: exchange.context.unixSeconds, waker: makeWakeFlag(),
      blotter: exchange.blotter)
  }

  private func makePass(for exchange: Exchange, _ candidate: Candidate) -> GatePass {
    let model = exchange.context.modelProfile
    let tokens = TokenEstimate.tokens(in: request, model)
    return GatePass(
      requestID: requestID, priority: candidate.settings.priority, estimatedTokens: tokens.prompt &+ tokens.answer,
      estimatedNanoDollars: model.flatMap { model in
        Catalog.cost(of: PaidTokens(prompt: tokens.prompt, completion: tokens.answer), model: model)?.nanoDollars
      },
      unixOffset: unixOffset ?? (unixSeconds &* 1_000_000 &- (startedAt ?? 0)), waker: makeWakeFlag())
  }

  /// Does what is due with a lane.
  func advance(_ lane: Lane, now: Microseconds) -> Progress {
    switch lane.work {
    case .asking(let moment): now >= moment ? ask(lane, now: now) : .nothing
    case .playing: pump(lane, now: now)
    case .sent, .over: .nothing
    }
  }

  private func ask(_ lane: Lane, now: Microseconds) -> Progress {
    guard let admission = lane.admission else { return send(lane, now: now) }
    let hasWaited = admission.waitingSince != nil
    switch admission.ask(now: now) {
    case .send: return send(lane, now: now)
    case .play(let exchange, let isCached):
      lane.isCached = isCached
      // A recording stands for the service: what it answers is counted, and tried again, as if it had been sent.
      lane.attempt.wasSent = !isCached
      tellObservers(of: lane) { $0.attemptPlayed(lane.attempt, isCached: isCached) }
      play(exchange, lane, now: now)
      return .changed
    case .wait(let moment, let reason):
      if passOver(lane, until: moment, reason, now: now) { return .changed }
      lane.work = .asking(until: max(moment, now &+ 1))
      if !hasWaited {
        tellObservers(of: lane) { $0.attemptQueued(lane.attempt, reason: reason, wait: max(0, moment &- now)) }
      }
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
    lane.attempt.wasSent = true
    if !isFetchedByCaller, let local = lane.exchange.makeLocalExchange() {
      play(local, lane, now: now)
      return .changed
    }
    do throws(LLMError) {
      var request = try lane.exchange.encode()
      identify(&request, lane)
      lane.depart(.sent, now: now)
      tellStart(lane)
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
          connectTimeout: lane.candidate.settings.connectTimeout,
          isStreaming: self.request.isStreaming))
    } catch {
      giveUp(lane, error, now: now)
      end(error, now: now)
      return .changed
    }
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
    tellStart(lane)
  }

  // MARK: What comes back

  func receive(_ head: HTTPHead, _ lane: Lane, now: Microseconds) {
    lane.exchange.blotter.blot(head)
    lane.admission?.received(head, now: now)
    lane.exchange.receive(head: head)
    lane.deadlines.received(content: !request.isStreaming, now: now)
  }

  func receive(_ bytes: UnsafeRawBufferPointer, _ lane: Lane, now: Microseconds) -> Bool {
    guard !isCancelled else { return false }
    // What comes behind a stream's own end is no part of the answer.
    guard lane.drainsUntil == nil else { return true }
    lane.admission?.keeper?.received(bytes, now: now)
    do throws(LLMError) {
      let state = try lane.exchange.receive(bytes)
      lane.noteProgress(now: now)
      if lanes.count > 1, lane.exchange.hasContent { win(lane, now: now) }
      switch state {
      case .goesOn: break
      case .ended: return drain(lane, now: now)
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
  private func drain(_ lane: Lane, now: Microseconds) -> Bool {
    guard lane.isSent, !isFetchedByCaller else {
      end(lane, nil, HTTPTiming(), now: now)
      return false
    }
    lane.drainsUntil = now &+ Lane.longestDrain
    lane.deadlines.lift()
    return true
  }

  func end(_ lane: Lane, _ failure: TransportFailure?, _ timing: HTTPTiming, now: Microseconds) {
    self.timing = timing
    lane.work = .over
    if isCancelled { return stop(cancellation, now: now) }
    if let failure, lane.drainsUntil == nil { return fail(lane, error(of: failure, lane), now: now) }
    do throws(LLMError) {
      let document = try lane.exchange.finish()
      if lane.exchange.isCancelled { return stop(cancellation, now: now) }
      succeed(document, lane, now: now)
    } catch {
      fail(lane, error, now: now)
    }
  }

  /// A stream that was cut is a truncated stream, whatever cut it.
  private func error(of failure: TransportFailure, _ lane: Lane) -> LLMError {
    let broken = failure.stage == .stream && lane.exchange.hasContent && failure.code == .connection
    return LLMError(broken ? .streamTruncated : failure.code, text: failure.message, stage: failure.stage)
  }

  // MARK: How it ends

  /// `document` is nil where the answer is in the builder.
  private func succeed(_ document: JSON?, _ lane: Lane, now: Microseconds) {
    if hasRunOut { return stop(.noMemory, now: now) }
    win(lane, now: now)
    close(lane, nil, now: now)
    remove(lane)
    last = lane
    lane.heldSink?.release()
    let result = result(of: lane, document, now: now)
    if hasRunOut { return endWithoutMemory(now: now) }
    finish(nil, result, lane.exchange.usage, now: now)
    tell(.finish, result)
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
    tellObservers(of: lane) { $0.attemptRefused(lane.attempt) }
    lane.attempt.hasEnded = true
    giveUp(lane, error, now: now)
    leave(lane, error, now: now)
  }

  /// Goes on after an attempt that ended in an error, unless another is under way.
  private func leave(_ lane: Lane, _ error: LLMError, now: Microseconds) {
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
  private func goOn(after error: LLMError, _ lane: Lane?, _ candidate: Candidate, now: Microseconds) {
    let step = nextStep(after: error, candidate, wasSent: lane?.attempt.wasSent ?? false, now: now)
    guard let step else {
      return end(lane?.attempt.wasSent == true ? error : lastSent ?? error, now: now)
    }
    if let lane, lane.exchange.hasContent { tellRetry(error, step.at &- now) }
    follow(step, lane, now: now)
  }

  private func nextStep(
    after error: LLMError, _ candidate: Candidate, wasSent: Bool, now: Microseconds
  ) -> Itinerary.Step? {
    if let itinerary { return itinerary.next(after: error, from: candidate, wasSent: wasSent, now: now) }
    guard wasSent,
      let pause = RetryPolicy(candidate.settings).pause(
        after: error, attempt: attempts.count, hadContent: false, random),
      candidate.routeTarget.retryBudget.spend()
    else { return nil }
    return Itinerary.Step(candidate: candidate, at: now &+ pause, isRetry: true)
  }

  private func follow(_ step: Itinerary.Step, _ lane: Lane?, now: Microseconds) {
    if let lane {
      tellObservers(of: lane) { observer in
        if step.isRetry {
          observer.willRetry(lane.attempt, after: step.at &- now)
        } else {
          observer.willFallBack(
            lane.attempt, to: step.candidate.routeTarget.target.endpoint.name, model: step.candidate.model)
        }
      }
    }
    last = nil
    candidate = step.candidate
    phase = step.at > now ? .pausing(until: step.at) : .ready
  }

  /// Ends an attempt that may be under way.
  func giveUp(_ lane: Lane, _ error: LLMError, now: Microseconds) {
    lane.exchange.abandon()
    close(lane, error, now: now)
    remove(lane)
  }

  private func close(_ lane: Lane, _ error: LLMError?, now: Microseconds) {
    if let admission = lane.admission { admission.end(error, end(of: lane, error), now: now) }
    lane.attempt.startedAt = lane.startedAt
    lane.attempt.duration = max(now &- lane.startedAt, 1)
    lane.attempt.error = error
    if let itinerary { lane.report(error, cooldown: itinerary.cooldown, now: now) }
    guard !lane.attempt.hasEnded else { return }
    lane.attempt.hasEnded = true
    tellObservers(of: lane) { $0.attemptEnded(lane.attempt) }
  }

  private func end(of lane: Lane, _ error: LLMError?) -> AttemptEnd {
    guard lane.attempt.wasSent else { return .notSent }
    if let error { return .failed(error) }
    let usage = lane.exchange.usage
    let tokens = usage.flatMap { usage in
      usage.prompt.map { max(0, $0) &+ max(0, usage.completion ?? 0) }
    }
    return .answered(tokens: tokens, nanoDollars: cost(of: lane)?.nanoDollars)
  }

  func tellObservers(of lane: Lane, _ tell: (any CallObserver) -> Void) {
    if let observer { tell(observer) }
    if let own = lane.candidate.routeTarget.observer, own !== observer, !isFetchedByCaller { tell(own) }
  }
}
