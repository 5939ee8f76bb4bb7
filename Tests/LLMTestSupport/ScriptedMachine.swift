import LLMCore

/// A machine that does what a test says, and writes down what a driver tells it.
public final class ScriptedMachine: Machine, @unchecked Sendable {
  /// One thing to do.
  public enum Step {
    /// Send a request and wait for its end.
    case exchange(HTTPRequest)
    /// Let so much time pass.
    case pause(Microseconds)
  }

  /// What a driver told.
  public enum Event: Equatable, Sendable {
    case connected
    case head(Int)
    case bytes
    case ended
    case failed(ErrorCode, Stage)
    /// The deadline passed, which the machine noticed itself.
    case deadlinePassed
    /// The cancellation was noticed.
    case cancelled
  }

  /// One exchange as it was told.
  public struct Exchange: Sendable {
    public var head: (status: Int, fields: [(name: String, value: String)])?
    public var body: [UInt8] = []
    public var failure: TransportFailure?
    public var timing = HTTPTiming()
    public var text: String { String(decoding: body, as: UTF8.self) }
  }

  /// Everything in order; runs of bytes count once.
  public private(set) var events: [Event] = []
  /// Every exchange that began.
  public private(set) var exchanges: [Exchange] = []
  /// How long an exchange may take; nil for ever.
  public var patience: Microseconds?
  /// After how many bytes of a body to ask for a stop.
  public var stopsAfterBytes: Int?
  /// After how many bytes of a body its time is over.
  public var isOverAfterBytes: Int?
  /// Called for every piece of a body, inside the driver.
  public var onBytes: ((UnsafeRawBufferPointer) -> Void)?
  /// Called for every event, inside the driver.
  public var onEvent: ((Event) -> Void)?

  private let options: ExchangeOptions
  private var steps: [Step]
  private let isCancelled = Locked(false)
  private var isExchanging = false
  private var end: Microseconds?

  public init(
    _ steps: [Step], transport: TransportOptions = TransportOptions(), connectTimeout: Microseconds = 10_000_000,
    isStreaming: Bool = false
  ) {
    self.steps = steps
    options = ExchangeOptions(
      transport: transport, connectTimeout: connectTimeout, isStreaming: isStreaming)
  }

  /// Asks for the end; from any thread. The drive has to be woken.
  public func cancel() { isCancelled.withLock { $0 = true } }

  public var deadline: Microseconds? { end }

  public func demand(now: Microseconds) -> Demand {
    if isCancelled.withLock({ $0 }) { return stop(.cancelled) }
    if let end, now < end { return .wait(until: end) }
    if isExchanging { return end == nil ? .wait(until: .max) : stop(.deadlinePassed) }
    end = nil
    guard !steps.isEmpty else { return .done }
    switch steps.removeFirst() {
    case .pause(let time):
      end = now + time
      return .wait(until: now + time)
    case .exchange(let request):
      exchanges.append(Exchange())
      isExchanging = true
      end = patience.map { now + $0 }
      return .send(request, options, lane: 0)
    }
  }

  public func exchangeConnected(lane: Int, now: Microseconds) { note(.connected) }

  public func exchangeReceivedHead(_ head: HTTPHead, lane: Int, now: Microseconds) {
    change { $0.head = (head.status, head.fields) }
    note(.head(head.status))
  }

  public func exchangeReceived(_ bytes: UnsafeRawBufferPointer, lane: Int, now: Microseconds) -> Bool {
    change { $0.body.append(contentsOf: bytes) }
    if events.last != .bytes { note(.bytes) }
    onBytes?(bytes)
    guard let stopsAfterBytes, exchanges[exchanges.count - 1].body.count >= stopsAfterBytes else { return true }
    finishExchange()
    return false
  }

  public func isOver(now: Microseconds) -> Bool {
    guard let isOverAfterBytes, exchanges[exchanges.count - 1].body.count >= isOverAfterBytes else { return false }
    cancel()
    return true
  }

  public func exchangeEnded(_ failure: TransportFailure?, timing: HTTPTiming, lane: Int, now: Microseconds) {
    change {
      $0.failure = failure
      $0.timing = timing
    }
    finishExchange()
    note(failure.map { .failed($0.code, $0.stage) } ?? .ended)
  }

  /// Gives up what is under way and all that was to come.
  private func stop(_ event: Event) -> Demand {
    steps = []
    guard isExchanging else { return .done }
    finishExchange()
    note(event)
    return .abort(lane: 0)
  }

  private func finishExchange() {
    isExchanging = false
    end = nil
  }

  private func note(_ event: Event) {
    events.append(event)
    onEvent?(event)
  }

  private func change(_ body: (inout Exchange) -> Void) {
    guard !exchanges.isEmpty else { return }
    body(&exchanges[exchanges.count - 1])
  }
}
