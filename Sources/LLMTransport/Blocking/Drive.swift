import CSystem
import LLMCore

/// Runs a machine on the caller's thread: moves its bytes, tells it the time, waits when there is nothing to do.
///
/// One thread at a time steps a drive; `wake` may be called from any, also from the callbacks of the machine. The
/// callbacks may use the same pool: they get another channel. A drive that is let go before its end closes the exchange
/// under way.
public final class Drive: @unchecked Sendable {
  /// Why a step ended.
  public enum Progress: Sendable {
    /// The machine was told something, which may or may not be what the caller waits for.
    case progressed
    /// The moment came that was given.
    case timedOut
    /// The machine is done.
    case done
  }

  private enum NextAction {
    case round
    /// Wait for traffic or a call, or until that moment; nil for however long it takes.
    case wait(until: Microseconds?)
  }

  private let machine: any Machine
  private let pool: ChannelPool
  private let clock: any Clock
  private let waker = Waker()
  /// What the exchanges under way run on.
  private var channel: Channel?
  /// Whether an exchange on it came to its end: its connection is worth keeping.
  private var isSound = false
  private var next = NextAction.round
  private var isFinished = false
  private var isStepping = false

  /// Makes a drive; nothing happens until it is stepped.
  public init(_ machine: any Machine, pool: ChannelPool, clock: any Clock = SystemClock.shared) {
    self.machine = machine
    self.pool = pool
    self.clock = clock
    machine.waker = waker
  }

  deinit { abandon() }

  /// Runs the machine to its end.
  public func run() {
    while step(until: nil) == .progressed {}
  }

  /// The same with something done at every interval, whatever the machine waits for.
  public func run(every interval: Microseconds, _ tick: () -> Void) {
    var next = clock.now &+ interval
    while true {
      let progress = step(until: next)
      if progress == .done { return }
      let now = clock.now
      guard progress == .timedOut || now >= next else { continue }
      tick()
      next = now &+ interval
    }
  }

  /// Closes what is under way at once; the machine, which nobody may be stepping meanwhile, is told by other means.
  public func closeExchanges() { abandon() }

  /// Runs until the machine is told something or is done, until a moment on the drive's clock, or until the caller has
  /// what it waits for (a machine has things to say of itself, too). With a moment that has passed only what is ready is
  /// done. A step inside a step of the same drive, from a callback, does nothing.
  public func step(until limit: Microseconds?, unless isSatisfied: () -> Bool = { false }) -> Progress {
    if isFinished { return .done }
    if isStepping { return .timedOut }
    isStepping = true
    defer { isStepping = false }
    while true {
      wait(limit: limit)
      let now = clock.now
      // Before the machine is asked, so that bytes which have arrived count for more than a deadline that has passed:
      // it may have passed while the caller's own callback was running.
      var hasTold = advance(now: now)
      obey(machine.demand(now: now), now: now, &hasTold)
      if isFinished { return .done }
      if hasTold || isSatisfied() { return .progressed }
      if let limit, now >= limit { return .timedOut }
    }
  }

  /// Ends the wait of a step under way, or the next one, so that the machine is asked again; from any thread.
  public func wake() { waker.wake() }

  private func wait(limit: Microseconds?) {
    guard case .wait(let moment) = next, !waker.takePending() else { return }
    let end = earliest(earliest(moment, machine.deadline), limit)
    if let channel {
      channel.wait(atMost: timeLeft(until: end) ?? Drive.longestWait)
    } else {
      waker.sleep(atMost: timeLeft(until: end))
    }
  }

  private func timeLeft(until end: Microseconds?) -> Microseconds? {
    end.map { max(0, min($0 &- clock.now, Drive.longestWait)) }
  }

  /// An hour: so that lengths of time stay within what the system's calls take.
  private static let longestWait: Microseconds = 3_600_000_000

  /// Carries the exchanges on; whether the machine was told anything.
  private func advance(now: Microseconds) -> Bool {
    guard let channel else { return false }
    channel.advance(now: now)
    var hasTold = channel.takeHasTold()
    while let (lane, end) = channel.takeEnd() {
      hasTold = true
      switch end {
      case .stopped: release(ifIdle: channel, now: now)
      case .ended(let failure, let timing):
        isSound = failure == nil
        // Before the machine is told, since its callbacks may want a connection.
        release(ifIdle: channel, now: now)
        machine.exchangeEnded(failure, timing: timing, lane: lane, now: now)
      }
      if self.channel == nil { break }
    }
    return hasTold
  }

  private func obey(_ demand: Demand, now: Microseconds, _ hasTold: inout Bool) {
    next = .round
    switch demand {
    case .send(let request, let options, let lane):
      if let failure = start(request, options, lane: lane, now: now) {
        machine.exchangeEnded(failure, timing: HTTPTiming(), lane: lane, now: now)
        hasTold = true
      }
    case .wait(let moment):
      next = .wait(until: moment == .max ? nil : moment)
    case .abort(let lane):
      guard let channel else { return }
      channel.abort(lane: lane)
      release(ifIdle: channel, now: now)
    case .done:
      abandon()
      isFinished = true
    }
  }

  private func start(
    _ request: HTTPRequest, _ options: ExchangeOptions, lane: Int, now: Microseconds
  ) -> TransportFailure? {
    guard let channel = channel ?? pool.checkOut(now: now) else {
      return llm_lacks_descriptors() ? .noDescriptors : .outOfMemory
    }
    channel.abort(lane: lane)
    isSound = false
    if let failure = channel.start(request, options, for: machine, lane: lane, clock: clock, now: now) {
      release(ifIdle: channel, now: now)
      return failure
    }
    self.channel = channel
    waker.setMulti(channel.multi)
    return nil
  }

  /// Gives the channel back where nothing is under way on it. One whose last exchange broke is not used again.
  private func release(ifIdle channel: Channel, now: Microseconds) {
    guard !channel.isActive else { return }
    waker.setMulti(nil)
    self.channel = nil
    if isSound { pool.checkIn(channel, now: now) } else { pool.discard(channel) }
  }

  /// Closes the exchanges under way, and their connections.
  private func abandon() {
    guard let channel else { return }
    isSound = false
    channel.abort()
    release(ifIdle: channel, now: 0)
  }
}

private func earliest(_ first: Microseconds?, _ second: Microseconds?) -> Microseconds? {
  guard let first else { return second }
  return min(first, second ?? first)
}
