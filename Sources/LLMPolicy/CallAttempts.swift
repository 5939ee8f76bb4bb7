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
  func startAttempt(now: Microseconds) {
    do throws(LLMError) {
      let exchange = try takePrepared(now: now)
      let attempt = Attempt(
        number: attempts.count + 1, requestID: requestID, provider: leg.station.target.endpoint.name,
        model: exchange.context.model)
      attempts.append(attempt)
      lanes.append(Lane(leg, exchange, makeClearance(for: exchange, leg), attempt, now: now))
      phase = .running
    } catch {
      end(error, now: now)
    }
  }

  private func takePrepared(now: Microseconds) throws(LLMError) -> Exchange {
    guard let exchange = prepared else { return try makeExchange(leg, now: now) }
    prepared = nil
    return exchange
  }

  func makeExchange(_ leg: Leg, now: Microseconds) throws(LLMError) -> Exchange {
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
      unixOffset: unixSeconds &* 1_000_000 &- (startedAt ?? 0), waker: makeAlarm())
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
      tellObservers(of: lane) { $0.attemptPlayed(lane.attempt, isCached: isCached) }
      play(exchange, lane, now: now)
      return .changed
    case .wait(let moment, let reason):
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

  private func send(_ lane: Lane, now: Microseconds) -> Progress {
    lane.attempt.wasSent = true
    if !isFetchedByCaller, let local = lane.exchange.makeLocalExchange() {
      play(local, lane, now: now)
      return .changed
    }
    do throws(LLMError) {
      let request = try lane.exchange.encode()
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
    close(lane, nil, now: now)
    remove(lane)
    last = lane
    let result = result(of: lane, document, now: now)
    finish(nil, result, lane.exchange.usage, now: now)
    tell(.finish, result)
  }

  /// The attempt failed: another follows, or the call is over.
  func fail(_ lane: Lane, _ failure: LLMError, now: Microseconds) {
    let error = lane.leg.station.target.endpoint.redacting(failure)
    giveUp(lane, error, now: now)
    last = lane
    let hadContent = lane.exchange.hasContent
    let pause = RetryPolicy(lane.leg.settings).pause(
      after: error, attempt: attempts.count, hadContent: hadContent, random)
    guard let pause, lane.leg.station.retryBudget.spend() else { return end(error, now: now) }
    tellObservers(of: lane) { $0.willRetry(lane.attempt, after: pause) }
    if hadContent { tellRetry(error, pause) }
    last = nil
    phase = .pausing(until: now &+ pause)
  }

  /// The attempt is not to be sent.
  private func refuse(_ lane: Lane, _ error: LLMError, now: Microseconds) {
    lane.attempt.error = error
    lane.attempt.wasSent = false
    tellObservers(of: lane) { $0.attemptRefused(lane.attempt) }
    lane.attempt.hasEnded = true
    giveUp(lane, error, now: now)
    last = lane
    end(error, now: now)
  }

  /// Ends an attempt that may be under way.
  func giveUp(_ lane: Lane, _ error: LLMError, now: Microseconds) {
    lane.exchange.abandon()
    close(lane, error, now: now)
    remove(lane)
  }

  private func close(_ lane: Lane, _ error: LLMError?, now: Microseconds) {
    if let clearance = lane.clearance { clearance.end(error, end(of: lane, error), now: now) }
    lane.attempt.duration = max(now &- lane.startedAt, 1)
    lane.attempt.error = error
    attempts[lane.place] = lane.attempt
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
    if let own = lane.leg.station.observer { tell(own) }
  }
}
