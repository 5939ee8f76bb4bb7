import LLMCore
import LLMDialects
import LLMPolicy

/// Decodes a response that the caller fetched. It plays the driver of a call whose exchange is the caller's.
public final class ResponseDecoder {
  /// Where events go: a callback comes with each call, not with the decoder.
  private final class Relay: EventSink {
    var sink: (any EventSink)?
    let renderer = EventRenderer(created: SystemClock.shared.unixSeconds)

    func receive(_ event: Event) -> Bool {
      renderer.note(event)
      return sink?.receive(event) ?? true
    }
  }

  private let provider: Provider
  private let call: Call
  private let relay: Relay
  private let status: Int
  private var isStarted = false

  /// Renders the events of this response.
  public var renderer: EventRenderer { relay.renderer }

  /// All that can fail comes before the object: Embedded Swift leaks one whose initializer throws.
  convenience init(_ provider: Provider, _ request: JSON, status: Int) throws(LLMError) {
    let relay = Relay()
    let call = try provider.makeCall(
      try provider.chatRequest(request, streams: nil, attempts: 1), sink: relay, isFetchedByCaller: true)
    try call.prepare()
    self.init(provider, call, relay, status: status)
  }

  private init(_ provider: Provider, _ call: Call, _ relay: Relay, status: Int) {
    self.provider = provider
    self.call = call
    self.relay = relay
    self.status = status
  }

  /// The next bytes of the body.
  public func feed(_ bytes: UnsafeRawBufferPointer, to sink: (any EventSink)?) -> CallOutcome? {
    deliver(to: sink) {
      start()
      guard call.outcome == nil, !bytes.isEmpty else { return }
      if !call.exchangeReceived(bytes, lane: 0, now: 0) { settle() }
    }
  }

  /// The body has ended.
  public func finish(to sink: (any EventSink)?) -> CallOutcome? {
    deliver(to: sink) {
      start()
      guard call.outcome == nil else { return }
      call.exchangeEnded(nil, timing: HTTPTiming(), lane: 0, now: 0)
      settle()
    }
  }

  private func deliver(to sink: (any EventSink)?, _ body: () -> Void) -> CallOutcome? {
    relay.sink = sink
    if renderer.hasRunOut { call.noteNoMemory() }
    body()
    if Memory.hasRunOut { call.noteNoMemory() }
    relay.sink = nil
    return call.outcome
  }

  private func start() {
    guard !isStarted else { return }
    isStarted = true
    _ = call.demand(now: 0)
    guard call.outcome == nil else { return }
    call.exchangeReceivedHead(HTTPHead(status: status), lane: 0, now: 0)
  }

  /// Lets the call say what it has to say; its demands are the caller's HTTP client's to ignore.
  private func settle() {
    for _ in 0..<3 {
      if call.outcome != nil { return }
      _ = call.demand(now: 0)
    }
  }
}
