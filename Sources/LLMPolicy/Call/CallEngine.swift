import LLMConfig
import LLMCore
import LLMDialects

// Exchanges that need no network: played step by step on the call's clock, or run by an engine in one go. They tell the
// machine what a driver would.

extension Call {
  /// Pulls an exchange without a network until it waits or ends.
  func pump(_ lane: Lane, now: Microseconds) -> Progress {
    while case .playing(let exchange, _) = lane.work, !isCancelled {
      switch exchange.next(now: now) {
      case .wait(let moment):
        lane.work = .playing(exchange, until: moment)
        return .nothing
      case .head(let head): receive(head, lane, now: now)
      case .bytes(let buffer): _ = receive(buffer.bytes, lane, now: now)
      case .run(let engine): run(engine, lane, now: now)
      case .failed(let failure): end(lane, failure, HTTPTiming(), now: now)
      case .ended: end(lane, nil, HTTPTiming(), now: now)
      }
    }
    return .changed
  }

  /// Runs an engine to its end. Time goes on meanwhile, and it is the engine that tells it.
  private func run(_ engine: any LocalEngine, _ lane: Lane, now: Microseconds) {
    guard let builder = lane.exchange.builder else { return end(lane, nil, HTTPTiming(), now: now) }
    lane.exchange.expectWriting()
    engineExpiry = nil
    var failure: LLMError?
    do throws(LLMError) {
      try engine.run(for: EngineContext(self, lane, builder))
    } catch {
      failure = error
    }
    let moment = max(now, engine.now)
    if isCancelled { return stop(.callCancelled, now: moment) }
    if let (error, isTotal) = engineExpiry {
      return isTotal ? stop(error, now: moment) : fail(lane, error, now: moment)
    }
    if let failure { return fail(lane, failure, now: moment) }
    lane.noteProgress(now: moment)
    end(lane, nil, HTTPTiming(), now: moment)
  }

  /// Whether an engine is to go on: while it runs, the call's only chance to hear of its caller and of the time.
  fileprivate func engineMayGoOn(_ lane: Lane, now: Microseconds, hasWritten: Bool) -> Bool {
    if lane.exchange.builder?.isCancelled == true { cancel() }
    engineExpiry = engineExpiry ?? expiry(of: lane, now: now)
    guard !isCancelled, engineExpiry == nil else { return false }
    if hasWritten { lane.noteProgress(now: now) }
    return true
  }
}

/// What an engine sees of its call.
private final class EngineContext: EngineHost {
  let builder: ResponseBuilder
  private let call: Call
  private let lane: Lane

  init(_ call: Call, _ lane: Lane, _ builder: ResponseBuilder) {
    self.call = call
    self.lane = lane
    self.builder = builder
  }

  func wantsMore(now: Microseconds, hasWritten: Bool) -> Bool {
    call.engineMayGoOn(lane, now: now, hasWritten: hasWritten)
  }
}
