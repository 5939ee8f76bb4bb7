import LLMCore
import LLMPolicy
import LLMTransport

/// A call that its caller drives: each `next` moves it on until there is an event to hand over.
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

  private let provider: Provider
  private let call: Call
  private let drive: Drive
  private let queue: EventQueue
  private var hasToldEnd = false
  /// Renders the events of this call.
  public let renderer: EventRenderer

  init(_ provider: Provider, _ call: Call, _ queue: EventQueue) {
    self.provider = provider
    self.call = call
    self.queue = queue
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
      if let event = queue.pop() {
        if Memory.hasRunOut { call.noteNoMemory() }
        hasToldEnd = event.kind.isTerminal
        renderer.note(event)
        return .event(event)
      }
      if hasToldEnd { return .done }
      switch drive.step(until: limit, unless: { !queue.isEmpty }) {
      case .progressed: continue
      case .timedOut where queue.isEmpty: return .pending
      case .timedOut: continue
      case .done where queue.isEmpty: return .done
      case .done: continue
      }
    }
  }

  /// Whether its end could not be handed over for want of memory, and another was told in its place.
  public var hasLostEnd: Bool { queue.hasLostEnd }

  /// How it ended, once the terminal event was handed over.
  public var outcome: CallOutcome? { hasToldEnd ? call.outcome : nil }

  /// Asks for the end, from any thread.
  public func cancel() {
    call.cancel()
    drive.wake()
  }

  /// Ends the call without a further event.
  public func close() {
    queue.isClosed = true
    cancel()
    drive.run()
  }
}
