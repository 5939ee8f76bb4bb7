import LLMCore
import LLMDialects
import Synchronization

/// Leave for one attempt: asks the archive, then the gates, and gives back what it got exactly once, whatever becomes of
/// the attempt, its call's being dropped included.
final class Admission {
  /// What it may do.
  enum Answer {
    case send
    case play(any LocalExchange, isCached: Bool)
    case wait(until: Microseconds, reason: StaticText)
    case refused(LLMError)
  }

  private let routeTarget: RouteTarget
  private let query: ArchiveQuery?
  private let pass: GatePass?
  private var hasAnswerOfArchive: Bool
  private var isWaitingForArchive = false
  /// Takes down what comes back.
  private(set) var keeper: (any ExchangeKeeper)?
  /// One bit for each gate that was asked and has not got its pass back.
  private var held: UInt32 = 0
  private var isSent = false
  private var lastMoment: Microseconds = 0

  init(_ routeTarget: RouteTarget, _ query: ArchiveQuery?, _ pass: GatePass?) {
    self.routeTarget = routeTarget
    self.query = query
    self.pass = pass
    hasAnswerOfArchive = query == nil
  }

  deinit {
    let error = LLMError(.cancelled, "the call was dropped")
    end(error, .failed(error))
  }

  /// Since when a gate or the archive lets the attempt wait; nil where none does.
  private(set) var waitingSince: Microseconds?

  /// When the gates are next to hear that the attempt is under way; nil where none wants to.
  private(set) var renewsAt: Microseconds?

  /// Whether it is a gate that lets the attempt wait.
  var isWaitingForGate: Bool { waitingSince != nil && !isWaitingForArchive }

  /// Asks, again after `wait`.
  func ask(now: Microseconds) -> Answer {
    lastMoment = now
    let answer = askArchive(now: now) ?? askGates(now: now)
    switch answer {
    case .wait: waitingSince = waitingSince ?? now
    case .refused(let error): end(error, .notSent)
    case .send:
      isSent = true
      planRenewal(now: now)
    case .play: break
    }
    return answer
  }

  private func askArchive(now: Microseconds) -> Answer? {
    guard !hasAnswerOfArchive, let query, let archive = routeTarget.archive else { return nil }
    isWaitingForArchive = false
    switch archive.look(up: query, now: now) {
    case .wait(let moment):
      isWaitingForArchive = true
      return .wait(until: moment, reason: "single_flight")
    case .send(let keeper):
      hasAnswerOfArchive = true
      self.keeper = keeper
      return nil
    case .play(let exchange, let isCached): return .play(exchange, isCached: isCached)
    case .refused(let error): return .refused(error)
    }
  }

  private func askGates(now: Microseconds) -> Answer {
    guard let pass else { return .send }
    for (place, gate) in routeTarget.gates.enumerated() {
      held |= bit(place)
      switch gate.ask(pass, now: now) {
      case .open: continue
      case .wait(let moment, let reason):
        pass.waitingSince = pass.waitingSince ?? now
        // Those before are not to be held by one who waits, unless it costs others nothing.
        settle(.notSent, below: place) { !$0.isKeptWhileWaiting }
        pass.storeTime = 0
        return .wait(until: moment, reason: reason)
      case .refused(let error): return .refused(error)
      }
    }
    return .send
  }

  private func planRenewal(now: Microseconds) {
    renewsAt = nil
    guard pass != nil else { return }
    for gate in routeTarget.gates where gate.renewal > 0 {
      renewsAt = min(renewsAt ?? .max, now &+ gate.renewal)
    }
  }

  /// Tells the gates that the attempt is under way, if it is time to.
  func renew(now: Microseconds) {
    guard let renewsAt, now >= renewsAt else { return }
    for gate in routeTarget.gates where gate.renewal > 0 { gate.renew(now: now) }
    planRenewal(now: now)
  }

  private func bit(_ place: Int) -> UInt32 { 1 << UInt32(truncatingIfNeeded: place) }

  private func settle(_ end: AttemptEnd, below limit: Int, where isMeant: (any Gate) -> Bool = { _ in true }) {
    guard let pass else { return }
    for (place, gate) in routeTarget.gates.enumerated()
    where place < limit && held & bit(place) != 0 && isMeant(gate) {
      held &= ~bit(place)
      gate.settle(pass, end, now: lastMoment)
    }
  }

  /// The response's head.
  func received(_ head: HTTPHead, now: Microseconds) {
    keeper?.received(head, now: now)
    guard pass != nil, isSent else { return }
    for gate in routeTarget.gates { gate.note(head, now: now) }
  }

  /// The attempt is over.
  func end(_ error: LLMError?, _ end: AttemptEnd, now: Microseconds) {
    lastMoment = now
    self.end(error, end)
  }

  private func end(_ error: LLMError?, _ end: AttemptEnd) {
    if isWaitingForArchive, let query {
      isWaitingForArchive = false
      routeTarget.archive?.giveUp(query)
    }
    renewsAt = nil
    settle(isSent ? end : .notSent, below: routeTarget.gates.count)
    let keeper = keeper
    self.keeper = nil
    keeper?.ended(error, now: lastMoment)
  }
}

/// What gates and archives call when it is worth asking again: remembers it, and wakes the driver.
final class WakeFlag: Wakeable {
  private let hasRung = Atomic<Bool>(false)
  private let driver: (any Wakeable)?

  init(_ driver: (any Wakeable)?) { self.driver = driver }

  /// Whether it rang since this was last asked.
  func take() -> Bool { hasRung.exchange(false, ordering: .acquiringAndReleasing) }

  func wake() {
    hasRung.store(true, ordering: .releasing)
    driver?.wake()
  }
}
