import LLMConfig
import LLMCore

/// What a breaker remembers of a pass.
struct BreakerTicket {
  /// How often the breaker had changed when the pass went through: what ends later says nothing of what is now.
  var change: Int
}

/// Refuses calls at once while the service fails, so that neither callers wait for nothing nor a service that is down is
/// hammered. Closed: all go. Open, after so many failures in a row: none go. Half-open, some time later: so many trials
/// go, and when all have succeeded it closes; one failure opens it again.
///
/// Each handle counts for itself. With a store, those that share it hear within a second that one has opened it.
public final class Breaker: Gate {
  private enum Phase {
    case closed, open, halfOpen

    var name: StaticText {
      switch self {
      case .closed: "closed"
      case .open: "open"
      case .halfOpen: "half_open"
      }
    }
  }

  private struct State {
    var phase = Phase.closed
    var changes = 0
    var failures: Int64 = 0
    var lastFailure: Microseconds = 0
    var lastCode: ErrorCode?
    var opensUntil: Microseconds = 0
    var trials: Int64 = 0
    var successes: Int64 = 0
    var nextLook: Microseconds = .min
    var unixOffset: Microseconds
  }

  /// A change of phase, to be told without the lock.
  private struct Change {
    let from: Phase
    let to: Phase
    let failures: Int64
    let code: ErrorCode?
  }

  private static let lookInterval: Microseconds = .milliseconds(1000)
  /// When to come again where trials are under way.
  private static let trialPause: Microseconds = .milliseconds(1000)

  private let settings: BreakerSettings
  private let seat: GateContext
  private let key: String
  private let state: Locked<State>

  /// A closed breaker; `key` is where those that share it look.
  init(_ settings: BreakerSettings, _ seat: GateContext, key: String = "") {
    self.settings = settings
    self.seat = seat
    self.key = key
    state = Locked(State(unixOffset: seat.unixOffset))
  }

  // MARK: Gate

  /// Asks for leave.
  public func ask(_ pass: GatePass, now: Microseconds) -> GateAnswer {
    if pass.breakerTicket != nil { return .open }
    if seat.store != nil { look(pass, now) }
    let (change, refused) = state.withLock { state -> (Change?, LLMError?) in
      state.unixOffset = pass.unixOffset
      var change: Change?
      if state.phase == .open, now >= state.opensUntil { change = move(&state, to: .halfOpen, now) }
      guard state.phase != .closed else {
        pass.breakerTicket = BreakerTicket(change: state.changes)
        return (change, nil)
      }
      guard state.phase == .halfOpen, state.trials &+ state.successes < settings.trials else {
        return (change, refusal(state, now))
      }
      state.trials += 1
      pass.breakerTicket = BreakerTicket(change: state.changes)
      return (change, nil)
    }
    if let change { tell(change) }
    return refused.map { .refused($0) } ?? .open
  }

  /// Takes the pass back.
  public func settle(_ pass: GatePass, _ end: AttemptEnd, now: Microseconds) {
    guard let ticket = pass.breakerTicket else { return }
    pass.breakerTicket = nil
    let change = state.withLock { state -> Change? in
      guard ticket.change == state.changes else { return nil }
      let isWell = Breaker.speaksWell(end)
      if state.phase == .halfOpen {
        state.trials -= 1
        guard let isWell else { return nil }
        guard isWell else { return fail(&state, end, now) }
        state.successes += 1
        return state.successes >= settings.trials ? move(&state, to: .closed, now) : nil
      }
      guard let isWell else { return nil }
      guard isWell else { return fail(&state, end, now) }
      state.failures = 0
      return nil
    }
    guard let change else { return }
    share(change, pass, now)
    tell(change)
  }

  /// Heads say nothing to a breaker.
  public func note(_ head: HTTPHead, now: Microseconds) {}

  /// Adds `breaker` to the status document.
  public func fill(_ status: JSON, now: Microseconds) {
    let document = JSON.object()
    state.withLock { state in
      document.set("state", state.phase.name)
      document.set("failures", state.failures)
      if state.phase == .open {
        document.set("retry_after_ms", .real(max(0, state.opensUntil &- now).inMilliseconds))
      }
    }
    status.set("breaker", document)
  }

  // MARK: Changes

  /// Whether an end speaks for the service or against it; nil where it says nothing of it.
  private static func speaksWell(_ end: AttemptEnd) -> Bool? {
    switch end {
    case .notSent: return nil
    case .answered: return true
    case .failed(let error):
      switch error.code {
      case .overloaded, .serverError, .timeout, .connection, .tls, .streamTruncated, .protocol: return false
      case .rateLimited, .quotaExceeded, .cancelled: return nil
      default: return error.status == nil ? nil : true
      }
    }
  }

  private func fail(_ state: inout State, _ end: AttemptEnd, _ now: Microseconds) -> Change? {
    if case .failed(let error) = end { state.lastCode = error.code }
    if now &- state.lastFailure > settings.window { state.failures = 0 }
    state.failures += 1
    state.lastFailure = now
    guard state.phase == .halfOpen || state.failures >= settings.failures else { return nil }
    return move(&state, to: .open, now)
  }

  private func move(_ state: inout State, to phase: Phase, _ now: Microseconds) -> Change {
    let change = Change(from: state.phase, to: phase, failures: state.failures, code: state.lastCode)
    state.phase = phase
    state.changes &+= 1
    (state.trials, state.successes) = (0, 0)
    if phase == .open { state.opensUntil = now &+ settings.openTime }
    if phase == .closed { state.failures = 0 }
    return change
  }

  private func refusal(_ state: State, _ now: Microseconds) -> LLMError {
    let pause = state.phase == .open ? state.opensUntil &- now : min(settings.openTime, Breaker.trialPause)
    let milliseconds = max(1, (pause &+ 999) / 1000)
    let reason = state.lastCode.map { ", the last with " + $0.name.text } ?? ""
    let isOpen = state.phase == .open
    let verdict: StaticText = isOpen ? "open" : "half open: it waits for how its trial ends"
    var error = LLMError(
      .overloaded,
      "the breaker of \"\(seat.name)\" is \(verdict), after \(state.failures) failures in a row\(reason); it tries again in \(milliseconds) ms"
    )
    error.retryAfterMilliseconds = milliseconds
    return error
  }

  private func tell(_ change: Change) {
    guard let listener = seat.listener else { return }
    let document = JSON.object()
    document.set("from", change.from.name)
    document.set("to", change.to.name)
    document.set("failures", change.failures)
    document.set("code", change.code.map { .string($0.name) })
    if change.to == .open { document.set("open_ms", .real(settings.openTime.inMilliseconds)) }
    listener.hear(.breaker, requestID: nil) { $0.merge(document) }
  }

  // MARK: Those that share it

  /// Opens where another has: asked once in a while.
  private func look(_ pass: GatePass, _ now: Microseconds) {
    let isDue = state.withLock { state in
      guard state.phase == .closed, now >= state.nextLook else { return false }
      state.nextLook = now &+ Breaker.lookInterval
      return true
    }
    let mark = StoreOperation(.get, key, unixNow: now &+ pass.unixOffset)
    guard isDue, seat.store?.perform(mark, for: pass) == true, let until = mark.found?.string.asInteger,
      until > mark.unixNow
    else {
      return
    }
    let change = state.withLock { state -> Change? in
      guard state.phase == .closed else { return nil }
      let change = move(&state, to: .open, now)
      state.opensUntil = min(state.opensUntil, until &- pass.unixOffset)
      return change
    }
    if let change { tell(change) }
  }

  private func share(_ change: Change, _ pass: GatePass, _ now: Microseconds) {
    let isOpen = change.to == .open
    let mark = StoreOperation(isOpen ? .set : .delete, key, unixNow: now &+ pass.unixOffset)
    mark.timeToLive = settings.openTime
    let until = ByteBuffer()
    until.append(integer: mark.unixNow &+ settings.openTime)
    mark.value = until
    _ = seat.store?.perform(mark, for: pass)
  }
}
