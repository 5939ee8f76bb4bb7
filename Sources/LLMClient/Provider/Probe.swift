import LLMConfig
import LLMCore

/// One GET without a key, whose answer matters for being one.
final class Probe: Machine {
  private let url: String
  private let transport: TransportOptions
  private let timeout: Microseconds
  private var isSent = false
  private var isOver = false
  /// Whether it was ended before its answer.
  private(set) var isCancelled = false
  private(set) var deadline: Microseconds?
  /// The status of the answer; 0 where none came.
  private(set) var status = 0
  /// Why none came; nil where time ran out.
  private(set) var failure: TransportFailure?
  /// How long it took.
  private(set) var timing = HTTPTiming()

  init(_ url: String, _ transport: TransportOptions, timeout: Microseconds) {
    self.url = url
    self.transport = transport
    self.timeout = timeout
  }

  /// Ends it; its driver is to ask for its demand then.
  func cancel() {
    isCancelled = true
    isOver = true
  }

  func demand(now: Microseconds) -> Demand {
    if let deadline, now >= deadline { isOver = true }
    if isOver { return .done }
    guard !isSent else { return .wait(until: deadline ?? now) }
    isSent = true
    deadline = now &+ timeout
    return .send(
      HTTPRequest(method: "GET", url: url), ExchangeOptions(transport: transport, connectTimeout: timeout),
      lane: 0)
  }

  func exchangeConnected(lane: Int, now: Microseconds) {}
  func exchangeReceivedHead(_ head: HTTPHead, lane: Int, now: Microseconds) { status = head.status }
  func exchangeReceived(_ bytes: UnsafeRawBufferPointer, lane: Int, now: Microseconds) -> Bool { true }

  func exchangeEnded(_ failure: TransportFailure?, timing: HTTPTiming, lane: Int, now: Microseconds) {
    self.failure = failure
    self.timing = timing
    isOver = true
  }
}
