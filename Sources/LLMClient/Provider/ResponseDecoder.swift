import LLMCore
import LLMDialects
import LLMPolicy

/// Decodes a response that the caller fetched.
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
  private let decoding: Decoding
  private let relay: Relay

  /// Renders the events of this response.
  public var renderer: EventRenderer { relay.renderer }

  /// All that can fail comes before the object: Embedded Swift leaks one whose initializer throws.
  convenience init(_ provider: Provider, _ document: JSON, status: Int) throws(LLMError) {
    let relay = Relay()
    let (request, target, model) = try provider.addressed(document, streams: nil)
    let decoding = try Decoding(
      request, from: target, model: model, status: status, sink: relay, random: provider.makeRandom(),
      unixSeconds: SystemClock.shared.unixSeconds)
    self.init(provider, decoding, relay)
  }

  private init(_ provider: Provider, _ decoding: Decoding, _ relay: Relay) {
    self.provider = provider
    self.decoding = decoding
    self.relay = relay
  }

  /// The next bytes of the body.
  public func feed(_ bytes: UnsafeRawBufferPointer, to sink: (any EventSink)?) -> CallOutcome? {
    deliver(to: sink) { decoding.receive(bytes) }
  }

  /// The body has ended.
  public func finish(to sink: (any EventSink)?) -> CallOutcome? {
    deliver(to: sink) { decoding.finish() }
  }

  private func deliver(to sink: (any EventSink)?, _ body: () -> Void) -> CallOutcome? {
    relay.sink = sink
    if renderer.hasRunOut { decoding.noteNoMemory() }
    body()
    if Memory.hasRunOut { decoding.noteNoMemory() }
    relay.sink = nil
    return decoding.outcome
  }
}
