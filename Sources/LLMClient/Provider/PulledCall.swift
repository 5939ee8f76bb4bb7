import LLMConfig
import LLMCore
import LLMPolicy
import LLMTransport

/// A call that its caller drives: each `next` moves it on until there is an event to hand over.
///
/// Only `cancel` may come from another thread, also between two uses of the call, when nobody drives it: then it closes
/// the connection itself, and leaves what is to be told to the next `next`. The lock is held while somebody drives; the
/// queues belong to who calls `next`.
public final class PulledCall {
  /// What `next` has to say.
  public enum Step {
    /// An event, valid until the next use of the call.
    case event(Event)
    /// The time is up.
    case pending
    /// The terminal event was handed over.
    case done
  }

  /// Keeps the terminal event apart, which stands when all others are dropped.
  private final class Inbox: EventSink {
    let events = EventQueue()
    let end = EventQueue()
    /// Whether what arrives is dropped: nobody will ask.
    var isClosed = false

    var isEmpty: Bool { events.isEmpty && end.isEmpty }

    func receive(_ event: Event) -> Bool {
      guard !isClosed else { return false }
      return (event.kind.isTerminal ? end : events).receive(event)
    }
  }

  private let provider: Provider
  private let call: Call
  private let drive: Drive
  private let inbox: Inbox
  private let driving = Lock()
  private var isDriving = false
  private var hasToldStart = false
  private var hasToldEnd = false
  /// Renders the events of this call.
  public let renderer: EventRenderer

  convenience init(_ provider: Provider, _ request: CallRequest) throws(LLMError) {
    let inbox = Inbox()
    let call = try provider.makeCall(request, sink: inbox)
    try call.prepare()
    if Memory.hasRunOut { throw .noMemory }
    self.init(provider, call, inbox)
  }

  private init(_ provider: Provider, _ call: Call, _ inbox: Inbox) {
    self.provider = provider
    self.call = call
    self.inbox = inbox
    drive = Drive(call, pool: provider.pool)
    renderer = EventRenderer(created: SystemClock.shared.unixSeconds)
  }

  /// Waits for the next event; a negative time-out waits for as long as it takes.
  public func next(timeoutMilliseconds timeout: Int) -> Step {
    // Between two uses another call may have had the thread and its mark.
    defer { if Memory.hasRunOut { call.noteNoMemory() } }
    if renderer.hasRunOut { call.noteNoMemory() }
    let limit = timeout < 0 ? nil : SystemClock.shared.now &+ .milliseconds(Int64(timeout))
    while true {
      if call.isCancelled { dropEvents() }
      if let event = inbox.events.pop() ?? inbox.end.pop() { return handOver(event) }
      // From a callback of this very call there is nothing to be had.
      if hasToldEnd || isDriving { return hasToldEnd ? .done : .pending }
      let progress = step(until: limit)
      // Whoever cancelled while this drove has left the rest to it.
      if call.isCancelled, call.outcome == nil { continue }
      switch progress {
      case .timedOut where inbox.isEmpty: return .pending
      case .done where inbox.isEmpty: return .done
      default: continue
      }
    }
  }

  /// Whether its end could not be handed over for want of memory, and another was told in its place.
  public var hasLostEnd: Bool { inbox.end.hasLostEnd }

  private func handOver(_ event: Event) -> Step {
    if Memory.hasRunOut { call.noteNoMemory() }
    hasToldStart = true
    hasToldEnd = event.kind.isTerminal
    renderer.note(event)
    return .event(event)
  }

  private func step(until limit: Microseconds?) -> Drive.Progress {
    driving.lock()
    isDriving = true
    defer {
      isDriving = false
      driving.unlock()
    }
    return drive.step(until: limit, unless: { !inbox.isEmpty })
  }

  /// After a cancellation only the end is told, and before it START where that was not: unless the call had ended by
  /// itself.
  private func dropEvents() {
    guard !isDriving else { return }
    // A call that is cancelled waits for nothing.
    while step(until: nil) != .done {}
    guard call.outcome?.code == .cancelled, !inbox.events.isEmpty else { return }
    let first = hasToldStart ? nil : inbox.events.pop()
    let kept = EventQueue()
    if let first { _ = kept.receive(first) }
    inbox.events.removeAll()
    if let start = kept.pop() { _ = inbox.events.receive(start) }
  }

  /// How it ended, once the terminal event was handed over.
  public var outcome: CallOutcome? { hasToldEnd ? call.outcome : nil }

  /// Asks for the end, from any thread. The connection is closed by whoever drives the call, else here.
  public func cancel() {
    call.cancel()
    drive.wake()
    guard driving.tryLock() else { return }
    drive.closeExchanges()
    driving.unlock()
  }

  /// Ends the call without a further event.
  public func close() {
    guard !isDriving else { return }
    inbox.isClosed = true
    call.cancel()
    while step(until: nil) != .done {}
  }
}
