import LLMCatalog
import LLMCore
import LLMDialects
import Synchronization

/// Who is told of what happens to calls: counters, observers, logs. Each call that begins ends.
public protocol CallObserver: EventListener {
  /// A call begins, with that model as far as is known.
  func callBegan(_ requestID: String, _ request: CallRequest, model: String?)
  /// An attempt is over: nil after success.
  func attemptEnded(_ attempt: Attempt)
  /// Another attempt follows after a pause.
  func willRetry(_ attempt: Attempt, after pause: Microseconds)
  /// The call is over.
  func callEnded(_ outcome: CallOutcome)
}

/// One request of a call and what became of it.
public struct Attempt: Sendable {
  /// Which of the call's attempts, from 1.
  public let number: Int
  /// The caller's id of the call.
  public let requestID: String
  /// Which provider.
  public let provider: String
  /// Which model.
  public let model: String
  /// Why it failed; nil for success.
  public var error: LLMError?
  /// How long it took.
  public var duration: Microseconds = 0
  /// How long until the first content; nil where none came.
  public var timeToFirstToken: Microseconds?

  var document: JSON {
    let document = JSON.object()
    document.set("provider", provider)
    document.set("model", model)
    if let error {
      document.set("code", error.code.name)
      document.set("status", error.status.map { .integer(Int64($0)) })
    }
    document.set("duration_ms", .real(duration.inMilliseconds))
    return document
  }
}

/// How a call ended: the document that its caller gets, and what a bookkeeper wants to know.
public struct CallOutcome {
  /// What went wrong, with all that is known of it; nil for success.
  public let error: LLMError?
  /// The result, or the error document.
  public let document: JSON
  /// From start to end.
  public let duration: Microseconds
  /// Tokens, as far as known.
  public let usage: Usage?
  /// How long the parts of the last exchange took.
  public let timing: HTTPTiming
  /// What else a bookkeeper wants to know.
  public let facts: CallFacts

  /// The error's code; nil for success.
  public var code: ErrorCode? { error?.code }
}

/// What a call was about and what came of it, beside the document that its caller gets.
public struct CallFacts {
  /// The caller's id of the call.
  public let requestID: String
  /// What was asked for.
  public let request: CallRequest
  /// The model of the last attempt.
  public var model: String?
  /// How many attempts were made.
  public var attempts = 0
  /// How long the last attempt took until its first content; nil where none came.
  public var timeToFirstToken: Microseconds?
  /// Whether the answer was played from the cache.
  public var isCached = false
  /// What it cost, as far as known.
  public var nanoDollars: Int64?
  /// Of a chat: where its answer was put together.
  public var builder: ResponseBuilder?
}

/// One call, from the caller's request to its result: attempts, pauses, time-outs, cancellation, and exactly one
/// terminal event. Pure: it is told the time and what happened, and says what to do next.
public final class Call: Machine {
  private enum Phase {
    case ready
    case pausing(until: Microseconds)
    case exchanging
    /// The exchange under way is to be closed before anything else.
    case aborting
    case finished
  }

  private let target: Target
  private let request: CallRequest
  private let settings: CallSettings
  private let sink: (any EventSink)?
  private let observer: (any CallObserver)?
  private let random: any RandomSource
  private let unixSeconds: Int64
  private let requestID: String
  private let retry: RetryPolicy
  /// Whether responses are the caller's to fetch, so that nothing is played that needs no network.
  private let isFetchedByCaller: Bool
  private let cancelled = Atomic<Bool>(false)
  private var phase = Phase.ready
  private var startedAt: Microseconds?
  private var attemptStartedAt: Microseconds = 0
  /// Whether the exchange under way has a connection.
  private var isConnected = false
  private var deadlines: Deadlines
  /// The first attempt, encoded before the call was started.
  private var prepared: Exchange?
  private var exchange: Exchange?
  private var local: (any LocalExchange)?
  /// The bound that was passed while an engine ran.
  private var engineExpiry: Deadlines.Expiry?
  private var attempts: [Attempt] = []
  private var timing = HTTPTiming()
  private var facts: CallFacts
  /// How it ended; nil before.
  public private(set) var outcome: CallOutcome?

  /// Prepares a call; nothing happens before a driver runs it.
  public init(
    _ request: CallRequest, to target: Target, sink: (any EventSink)?, observer: (any CallObserver)?,
    random: any RandomSource, unixSeconds: Int64, isFetchedByCaller: Bool = false
  ) {
    self.request = request
    self.target = target
    self.sink = sink
    self.observer = observer
    self.random = random
    self.unixSeconds = unixSeconds
    self.isFetchedByCaller = isFetchedByCaller
    settings = request.settings
    requestID = settings.requestID ?? makeIdentifier("llm-", random)
    facts = CallFacts(requestID: requestID, request: request)
    retry = RetryPolicy(settings)
    deadlines = Deadlines(settings, startedAt: 0)
  }

  /// Asks for the end, from any thread; the driver is to be woken then.
  public func cancel() { cancelled.store(true, ordering: .releasing) }

  /// Whether someone asked for the end.
  public var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

  /// The answer as far as it has come.
  public var builder: ResponseBuilder? { exchange?.builder }

  /// Encodes the first attempt ahead, so that a request which cannot be sent fails before anything is told.
  public func prepare() throws(LLMError) { prepared = try makeExchange(now: 0) }

  // MARK: Machine

  /// The next moment at which something is due.
  public var deadline: Microseconds? {
    if case .pausing(let end) = phase { return min(end, deadlines.next ?? end) }
    return deadlines.next
  }

  /// What to do now.
  public func demand(now: Microseconds) -> Demand {
    begin(now)
    if isCancelled { stop(LLMError(.cancelled, "the call was cancelled"), now: now) }
    if case .finished = phase { return .done }
    if let expiry = deadlines.expired(now: now) { expire(expiry, now: now) }
    switch phase {
    case .ready: return startAttempt(now: now)
    case .pausing(let end):
      guard now >= end else { return .wait(until: min(end, deadlines.next ?? end)) }
      phase = .ready
      return startAttempt(now: now)
    case .exchanging: return local == nil ? .wait(until: deadlines.next ?? .max) : pumpLocal(now: now)
    case .aborting:
      phase = outcome == nil ? nextPhase : .finished
      return .abort
    case .finished: return .done
    }
  }

  /// What follows once the exchange under way is closed.
  private var nextPhase = Phase.ready

  private func begin(_ now: Microseconds) {
    guard startedAt == nil else { return }
    startedAt = now
    deadlines = Deadlines(settings, startedAt: now)
    observer?.callBegan(requestID, request, model: prepared?.context.model)
  }

  /// Connecting is the driver's to bound; a call only tells of it.
  public func exchangeConnected(now: Microseconds) { isConnected = true }

  /// The response's head.
  public func exchangeReceivedHead(_ head: HTTPHead, now: Microseconds) {
    guard case .exchanging = phase else { return }
    exchange?.receive(head: head)
    deadlines.received(content: !request.isStreaming, now: now)
  }

  /// Bytes of the body.
  public func exchangeReceived(_ bytes: UnsafeRawBufferPointer, now: Microseconds) -> Bool {
    guard case .exchanging = phase, let exchange, !isCancelled else { return false }
    do throws(LLMError) {
      let goesOn = try exchange.receive(bytes)
      noteProgress(exchange, now: now)
      if exchange.isCancelled { cancel() }
      return goesOn && !isCancelled
    } catch {
      abandon(error, now: now)
      return false
    }
  }

  private func noteProgress(_ exchange: Exchange, now: Microseconds) {
    let hasContent = exchange.hasContent
    deadlines.received(content: hasContent, now: now)
    guard hasContent, let last = attempts.indices.last, attempts[last].timeToFirstToken == nil else { return }
    attempts[last].timeToFirstToken = now &- attemptStartedAt
  }

  /// The exchange is over.
  public func exchangeEnded(_ failure: TransportFailure?, timing: HTTPTiming, now: Microseconds) {
    guard case .exchanging = phase else { return }
    self.timing = timing
    if isCancelled {
      phase = .ready
      return stop(LLMError(.cancelled, "the call was cancelled"), now: now)
    }
    phase = .ready
    if let failure {
      exchange?.abandon()
      return attemptFailed(error(of: failure), now: now)
    }
    finishExchange(now: now)
  }

  private func finishExchange(now: Microseconds) {
    guard let exchange else { return }
    do throws(LLMError) {
      let result = try exchange.finish()
      if exchange.isCancelled { return stop(LLMError(.cancelled, "the call was cancelled"), now: now) }
      succeed(result, exchange, now: now)
    } catch {
      attemptFailed(error, now: now)
    }
  }

  /// A stream that was cut is a truncated stream, whatever cut it.
  private func error(of failure: TransportFailure) -> LLMError {
    let broken = failure.stage == .stream && exchange?.hasContent == true && failure.code == .connection
    return LLMError(broken ? .streamTruncated : failure.code, text: failure.message, stage: failure.stage)
  }

  // MARK: Attempts

  private func startAttempt(now: Microseconds) -> Demand {
    do throws(LLMError) {
      let exchange = try takePrepared(now: now)
      self.exchange = exchange
      attempts.append(
        Attempt(
          number: attempts.count + 1, requestID: requestID, provider: target.endpoint.name,
          model: exchange.context.model))
      attemptStartedAt = now
      isConnected = false
      tellStart(exchange.context)
      if isCancelled { return demand(now: now) }
      deadlines.attemptStarted(now: now)
      phase = .exchanging
      return try send(exchange, now: now)
    } catch {
      end(error, now: now)
      return .done
    }
  }

  private func takePrepared(now: Microseconds) throws(LLMError) -> Exchange {
    guard let exchange = prepared else { return try makeExchange(now: now) }
    prepared = nil
    return exchange
  }

  private func makeExchange(now: Microseconds) throws(LLMError) -> Exchange {
    let elapsed = startedAt.map { (now &- $0) / 1_000_000 } ?? 0
    let context = RequestContext(
      endpoint: target.endpoint, model: try target.model(for: request.document), isStreaming: request.isStreaming,
      settings: settings, random: random, unixSeconds: unixSeconds &+ elapsed)
    return try Exchange(request, target, context, sink: sink)
  }

  private func send(_ exchange: Exchange, now: Microseconds) throws(LLMError) -> Demand {
    if !isFetchedByCaller, let local = exchange.makeLocalExchange() {
      isConnected = true
      self.local = local
      return pumpLocal(now: now)
    }
    return .send(
      try exchange.encode(),
      ExchangeOptions(transport: target.endpoint.transport, connectTimeout: settings.connectTimeout))
  }

  /// Pulls an exchange without a network until it waits or ends.
  private func pumpLocal(now: Microseconds) -> Demand {
    while case .exchanging = phase, let local {
      switch local.next(now: now) {
      case .wait(let moment):
        return .wait(until: min(moment, deadlines.next ?? moment))
      case .head(let head): exchangeReceivedHead(head, now: now)
      case .bytes(let buffer):
        if !exchangeReceived(buffer.bytes, now: now), isCancelled { return demand(now: now) }
      case .run(let engine): run(engine, now: now)
      case .failed(let failure): endLocal(failure, now: now)
      case .ended: endLocal(nil, now: now)
      }
    }
    return demand(now: now)
  }

  /// Runs an engine to its end. Time goes on meanwhile, and it is the engine that tells it.
  private func run(_ engine: any LocalEngine, now: Microseconds) {
    guard let exchange, let builder = exchange.builder else { return endLocal(nil, now: now) }
    exchange.expectWriting()
    engineExpiry = nil
    var failure: LLMError?
    do throws(LLMError) {
      try engine.run(for: EngineSeat(self, builder))
    } catch {
      failure = error
    }
    let end = max(now, engine.now)
    if isCancelled { return stop(LLMError(.cancelled, "the call was cancelled"), now: end) }
    if let engineExpiry { return expire(engineExpiry, now: end) }
    if let failure { return abandon(failure, now: end) }
    noteProgress(exchange, now: end)
    endLocal(nil, now: end)
  }

  /// Whether an engine is to go on: while it runs, the call's only chance to hear of its caller and of the time.
  fileprivate func engineMayGoOn(now: Microseconds, hasWritten: Bool) -> Bool {
    if exchange?.isCancelled == true { cancel() }
    engineExpiry = engineExpiry ?? deadlines.expired(now: now)
    guard !isCancelled, engineExpiry == nil else { return false }
    if hasWritten, let exchange { noteProgress(exchange, now: now) }
    return true
  }

  private func endLocal(_ failure: TransportFailure?, now: Microseconds) {
    local = nil
    exchangeEnded(failure, timing: HTTPTiming(), now: now)
  }

  private func expire(_ expiry: Deadlines.Expiry, now: Microseconds) {
    let error = LLMError(.timeout, text: expiry.message, stage: exchangeStage ?? expiry.stage)
    if expiry.isTotal {
      stop(error, now: now)
    } else {
      abandon(error, now: now)
    }
  }

  private var exchangeStage: Stage? {
    guard let exchange, isConnected else { return .connect }
    if !exchange.hasHead { return .firstByte }
    return exchange.hasContent || !request.isStreaming ? .stream : .firstToken
  }

  /// Gives the attempt up while its exchange is under way.
  private func abandon(_ error: LLMError, now: Microseconds) {
    guard case .exchanging = phase else { return }
    exchange?.abandon()
    let wasLocal = local != nil
    local = nil
    phase = .ready
    attemptFailed(error, now: now)
    guard !wasLocal else { return }
    nextPhase = phase
    phase = .aborting
  }

  /// Ends the call while anything may be under way.
  private func stop(_ error: LLMError, now: Microseconds) {
    if case .finished = phase { return }
    var isUnderWay = false
    if case .exchanging = phase { isUnderWay = local == nil }
    if case .aborting = phase { isUnderWay = true }
    local = nil
    exchange?.abandon()
    if outcome == nil {
      closeAttempt(error, now: now)
      end(error, now: now)
    }
    if isUnderWay { phase = .aborting }
  }

  private func closeAttempt(_ error: LLMError?, now: Microseconds) {
    deadlines.attemptEnded()
    guard let last = attempts.indices.last, attempts[last].duration == 0 else { return }
    attempts[last].error = error
    attempts[last].duration = max(now &- attemptStartedAt, 1)
    observer?.attemptEnded(attempts[last])
  }

  private func attemptFailed(_ failure: LLMError, now: Microseconds) {
    let error = target.endpoint.redacting(failure)
    closeAttempt(error, now: now)
    let hadContent = exchange?.hasContent ?? false
    guard
      let pause = retry.pause(after: error, attempt: attempts.count, hadContent: hadContent, random)
    else { return end(error, now: now) }
    if let last = attempts.last { observer?.willRetry(last, after: pause) }
    if hadContent { tellRetry(error, pause) }
    exchange = nil
    phase = .pausing(until: now &+ pause)
  }

  // MARK: The end

  private func succeed(_ result: JSON, _ exchange: Exchange, now: Microseconds) {
    closeAttempt(nil, now: now)
    let usage = exchange.builder?.usage ?? result["usage"].map { Usage(openAI: $0) }
    if request.operation.isGeneration { result.set("metadata", metadata(exchange, usage, now: now)) }
    finish(nil, result, usage, now: now)
    tell(.finish, result)
  }

  private func end(_ error: LLMError, now: Microseconds) {
    var error = error
    error.provider = error.provider ?? target.endpoint.name
    error.model = error.model ?? attempts.last?.model
    error.requestID = error.requestID ?? requestID
    error.attempts = .array(attempts.map { $0.document })
    let document = JSON.object()
    document.set("error", error.document)
    if let builder = exchange?.builder, builder.hasContent || builder.responseID != nil {
      document.set("partial", builder.makeResponse())
    }
    finish(error, document, exchange?.builder?.usage, now: now)
    tell(error.code == .cancelled ? .cancelled : .error, document)
  }

  private func finish(_ error: LLMError?, _ document: JSON, _ usage: Usage?, now: Microseconds) {
    facts.model = attempts.last?.model
    facts.attempts = attempts.count
    facts.timeToFirstToken = attempts.last?.timeToFirstToken
    facts.builder = exchange?.builder
    let outcome = CallOutcome(
      error: error, document: document, duration: now &- (startedAt ?? now), usage: usage, timing: timing,
      facts: facts)
    self.outcome = outcome
    deadlines = Deadlines(CallSettings(), startedAt: now)
    phase = .finished
    observer?.callEnded(outcome)
  }

  private func metadata(_ exchange: Exchange, _ usage: Usage?, now: Microseconds) -> JSON {
    let metadata = JSON.object()
    metadata.set("provider", target.endpoint.name)
    metadata.set("model", exchange.context.model)
    metadata.set("request_id", requestID)
    metadata.set("provider_request_id", exchange.providerRequestID)
    metadata.set("attempts", .array(attempts.map { $0.document }))
    metadata.set("warnings", .array(exchange.context.warnings))
    metadata.set("timing", timingDocument(now: now))
    metadata.set("cost", cost(of: usage, exchange.context.modelProfile))
    metadata.set("cached", false)
    metadata.set("finish_reason_raw", exchange.builder?.rawFinishReason)
    return metadata
  }

  /// In money, where the tokens are known and the catalogue knows the model's prices.
  private func cost(of usage: Usage?, _ model: ModelProfile?) -> JSON? {
    guard let model, let usage, !usage.isEmpty else { return nil }
    let cost = Catalog.builtIn.cost(usage: usage.document, model: model)
    facts.nanoDollars = cost.flatMap { Catalog.nanoDollars(of: $0) }
    return cost
  }

  private func timingDocument(now: Microseconds) -> JSON {
    let document = JSON.object()
    document.set("dns_ms", .real(timing.resolved.inMilliseconds))
    document.set("connect_ms", .real(max(0, timing.connected - timing.resolved).inMilliseconds))
    document.set("tls_ms", .real(max(0, timing.secured - timing.connected).inMilliseconds))
    document.set("first_byte_ms", .real(timing.firstByte.inMilliseconds))
    if let first = attempts.last?.timeToFirstToken { document.set("first_token_ms", .real(first.inMilliseconds)) }
    document.set("total_ms", .real((now &- (startedAt ?? now)).inMilliseconds))
    document.set("connection_reused", timing.reusedConnection)
    return document
  }

  // MARK: Events of the call's own

  private func tellStart(_ context: RequestContext) {
    guard sink != nil else { return }
    let document = JSON.object()
    document.set("provider", target.endpoint.name)
    document.set("model", context.model)
    document.set("attempt", attempts.count)
    document.set("warnings", .array(context.warnings))
    tell(.start, document)
  }

  private func tellRetry(_ error: LLMError, _ pause: Microseconds) {
    let document = JSON.object()
    document.set("attempt", attempts.count)
    document.set("delay_ms", .real(pause.inMilliseconds))
    document.set("discarded", true)
    document.set("error", error.document)
    tell(.retry, document)
  }

  private func tell(_ kind: EventKind, _ document: JSON) {
    guard let sink else { return }
    let buffer = ByteBuffer(capacity: 256)
    document.write(into: buffer)
    _ = buffer.terminated()
    if !sink.receive(Event(kind, data: buffer.bytes)), !kind.isTerminal { cancel() }
  }
}

/// What an engine sees of its call.
private final class EngineSeat: EngineHost {
  let builder: ResponseBuilder
  private let call: Call

  init(_ call: Call, _ builder: ResponseBuilder) {
    self.call = call
    self.builder = builder
  }

  func wantsMore(now: Microseconds, hasWritten: Bool) -> Bool { call.engineMayGoOn(now: now, hasWritten: hasWritten) }
}
