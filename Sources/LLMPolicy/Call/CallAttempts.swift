import LLMCatalog
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
  func startAttempt(_ leg: Leg, heldSink: HeldSink?, now: Microseconds) {
    let isFirst = itinerary?.begin(leg) ?? attempts.isEmpty
    if isFirst { leg.station.retryBudget.earn(percent: leg.settings.retryBudget) }
    phase = .running
    do throws(LLMError) {
      let exchange = try takePrepared(leg, heldSink ?? sink, now: now)
      let attempt = makeAttempt(leg, exchange.context.model)
      attempts.append(attempt)
      let lane = Lane(
        freeLane, leg, exchange, makeClearance(for: exchange, leg), attempt, heldSink: heldSink, now: now)
      if itinerary != nil { lane.occupy() }
      lanes.append(lane)
    } catch {
      noteUnsendable(leg, error)
      guard lanes.isEmpty else { return }
      goOn(after: error, nil, leg, now: now)
    }
  }

  private func makeAttempt(_ leg: Leg, _ model: String) -> Attempt {
    Attempt(
      number: attempts.count + 1, requestID: requestID, provider: leg.station.target.endpoint.name, model: model)
  }

  /// An attempt that could not even be put into words for its target.
  func noteUnsendable(_ leg: Leg, _ error: LLMError) {
    guard itinerary != nil else { return }
    let attempt = makeAttempt(leg, leg.model ?? "")
    attempt.error = error
    attempts.append(attempt)
  }

  /// A lane that the driver has nothing on.
  private var freeLane: Int { (lanes + closing).contains { $0.number == 0 } ? 1 : 0 }

  private func takePrepared(_ leg: Leg, _ sink: (any EventSink)?, now: Microseconds) throws(LLMError) -> Exchange {
    guard let exchange = prepared else { return try makeExchange(leg, sink: sink, now: now) }
    prepared = nil
    return exchange
  }

  func makeExchange(_ leg: Leg, sink: (any EventSink)?, now: Microseconds) throws(LLMError) -> Exchange {
    let elapsed = startedAt.map { (now &- $0) / 1_000_000 } ?? 0
    let target = leg.station.target
    let context = RequestContext(
      endpoint: target.endpoint, model: try model(of: leg),
      isStreaming: request.isStreaming, settings: leg.settings, random: random, unixSeconds: unixSeconds &+ elapsed)
    return try Exchange(request, target, context, sink: sink)
  }

  private func model(of leg: Leg) throws(LLMError) -> String {
    if let model = leg.model { return model }
    return try leg.station.target.model(for: request.document)
  }

  // MARK: Leave

  /// Nil where nobody is to be asked.
  private func makeClearance(for exchange: Exchange, _ leg: Leg) -> Clearance? {
    let station = leg.station
    guard !isFetchedByCaller else { return nil }
    let inquiry = station.archive == nil ? nil : makeInquiry(for: exchange, leg)
    let pass = station.gates.isEmpty || !request.operation.isGeneration ? nil : makePass(for: exchange, leg)
    guard inquiry != nil || pass != nil else { return nil }
    return Clearance(station, inquiry, pass)
  }

  private func makeInquiry(for exchange: Exchange, _ leg: Leg) -> Inquiry {
    Inquiry(
      exchange.description(of: request), provider: leg.station.target.endpoint.name, model: exchange.context.model,
      settings: leg.settings, unixSeconds: exchange.context.unixSeconds, waker: makeAlarm())
  }

  private func makePass(for exchange: Exchange, _ leg: Leg) -> GatePass {
    let model = exchange.context.modelProfile
    let tokens = TokenEstimate.tokens(in: request, model)
    return GatePass(
      requestID: requestID, priority: leg.settings.priority, estimatedTokens: tokens.prompt &+ tokens.answer,
      estimatedNanoDollars: model.flatMap { model in
        Catalog.cost(of: PaidTokens(prompt: tokens.prompt, completion: tokens.answer), model: model)?.nanoDollars
      },
      unixOffset: unixOffset ?? (unixSeconds &* 1_000_000 &- (startedAt ?? 0)), waker: makeAlarm())
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
    guard let clearance = lane.clearance else { return send(lane, now: now) }
    let hasWaited = clearance.waitingSince != nil
    switch clearance.ask(now: now) {
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
  private func passOver(_ lane: Lane, until moment: Microseconds, _ reason: Word, now: Microseconds) -> Bool {
    guard let itinerary, lane.clearance?.isWaitingForGate == true, itinerary.hasOthers, lanes.count == 1 else {
      return false
    }
    giveUp(lane, LLMError(.rateLimited, "a limit of its own (\(reason.text)) is used up for now"), now: now)
    last = lane
    guard let step = itinerary.passOver(lane.leg, until: moment, now: now) else { return false }
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
          transport: lane.leg.station.target.endpoint.transport, connectTimeout: lane.leg.settings.connectTimeout,
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
    lane.clearance?.received(head, now: now)
    lane.exchange.receive(head: head)
    lane.deadlines.received(content: !request.isStreaming, now: now)
  }

  func receive(_ bytes: UnsafeRawBufferPointer, _ lane: Lane, now: Microseconds) -> Bool {
    guard !isCancelled else { return false }
    lane.clearance?.keeper?.received(bytes, now: now)
    do throws(LLMError) {
      let goesOn = try lane.exchange.receive(bytes)
      lane.noteProgress(now: now)
      if lanes.count > 1, lane.exchange.hasContent { win(lane, now: now) }
      if lane.exchange.isCancelled { cancel() }
      return goesOn && !isCancelled
    } catch {
      fail(lane, error, now: now)
      return false
    }
  }

  func end(_ lane: Lane, _ failure: TransportFailure?, _ timing: HTTPTiming, now: Microseconds) {
    self.timing = timing
    lane.work = .over
    if isCancelled { return stop(cancellation, now: now) }
    if let failure { return fail(lane, error(of: failure, lane), now: now) }
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
    win(lane, now: now)
    close(lane, nil, now: now)
    remove(lane)
    last = lane
    lane.heldSink?.release()
    let result = result(of: lane, document, now: now)
    finish(nil, result, lane.exchange.usage, now: now)
    tell(.finish, result)
  }

  /// The attempt failed: another follows, or the call is over.
  func fail(_ lane: Lane, _ failure: LLMError, now: Microseconds) {
    var error = lane.leg.station.target.endpoint.redacting(failure)
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
      itinerary?.note(error, from: lane.leg, wasSent: lane.attempt.wasSent, now: now)
      return
    }
    last = lane
    if lane.exchange.hasContent, !lane.leg.settings.retriesAfterContent { return end(error, now: now) }
    goOn(after: error, lane, lane.leg, now: now)
  }

  /// Makes another attempt where one can help; else the call is over.
  private func goOn(after error: LLMError, _ lane: Lane?, _ leg: Leg, now: Microseconds) {
    let step = nextStep(after: error, leg, wasSent: lane?.attempt.wasSent ?? false, now: now)
    guard let step else {
      return end(lane?.attempt.wasSent == true ? error : lastSent ?? error, now: now)
    }
    if let lane, lane.exchange.hasContent { tellRetry(error, step.at &- now) }
    follow(step, lane, now: now)
  }

  private func nextStep(
    after error: LLMError, _ leg: Leg, wasSent: Bool, now: Microseconds
  ) -> Itinerary.Step? {
    if let itinerary { return itinerary.next(after: error, from: leg, wasSent: wasSent, now: now) }
    guard wasSent,
      let pause = RetryPolicy(leg.settings).pause(after: error, attempt: attempts.count, hadContent: false, random),
      leg.station.retryBudget.spend()
    else { return nil }
    return Itinerary.Step(leg: leg, at: now &+ pause, isRetry: true)
  }

  private func follow(_ step: Itinerary.Step, _ lane: Lane?, now: Microseconds) {
    if let lane {
      tellObservers(of: lane) { observer in
        if step.isRetry {
          observer.willRetry(lane.attempt, after: step.at &- now)
        } else {
          observer.willFallBack(lane.attempt, to: step.leg.station.target.endpoint.name, model: step.leg.model)
        }
      }
    }
    last = nil
    leg = step.leg
    phase = step.at > now ? .pausing(until: step.at) : .ready
  }

  /// Ends an attempt that may be under way.
  func giveUp(_ lane: Lane, _ error: LLMError, now: Microseconds) {
    lane.exchange.abandon()
    close(lane, error, now: now)
    remove(lane)
  }

  private func close(_ lane: Lane, _ error: LLMError?, now: Microseconds) {
    if let clearance = lane.clearance { clearance.end(error, end(of: lane, error), now: now) }
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
    if let own = lane.leg.station.observer, own !== observer, !isFetchedByCaller { tell(own) }
  }
}
