import LLMConfig
import LLMCore

/// What a limiter remembers of a pass.
struct LimitTicket {
  /// The slice in which it is counted; nil before it was let through.
  var slice: Int64?
  /// The tokens it is counted with.
  var tokens: Int64 = 0
  var isQueued = false
  /// Since when it is in the queue.
  var since: Microseconds = 0
  /// When it was told to ask again; whoever does not come then is passed over.
  var due: Microseconds = 0
  /// How often in a row the store took none of its tries.
  var vainRounds = 0
}

/// Requests and tokens in any window, requests at the same time, and a queue before them. With a store the window is
/// shared by all who use it under the same name; while the store is lost, what is known counts for this handle alone.
public final class RateLimiter: Gate {
  fileprivate struct State: @unchecked Sendable {
    /// The own window, or the store's as it was last seen.
    var window = LimitWindow()
    /// What the store has not been told, since it was lost; nil where it knows all.
    var unsaved: LimitWindow?
    /// By priority, then arrival.
    var queue: [GatePass] = []
    var unixOffset: Microseconds
    var service = ServiceLimits()
  }

  /// What `ask` does after it has looked at queue and window.
  private enum Verdict {
    case open
    case behind
    case wait(Microseconds, reason: StaticText)
  }

  /// How long a waiter whose turn it is keeps its place without asking.
  private static let grace: Microseconds = .milliseconds(100)
  /// How often a slot that another process may free is looked for.
  private static let poll: Microseconds = .milliseconds(20)
  /// How often one that waits looks for itself.
  private static let longestWait: Microseconds = .milliseconds(1000)
  /// How often a store that does not decide is tried before the caller is let go for a moment, to look whether its call
  /// is still wanted; and after how many such rounds the store is taken for lost.
  private static let triesOfRound = 4
  private static let mostRounds = 8

  private let settings: LimitSettings
  private let seat: GateContext
  private let key: String
  private let owner: UInt64
  private let state: Locked<State>

  /// A limiter; `key` is where the window is in the store, `owner` tells this handle from others that use it.
  init(_ settings: LimitSettings, _ seat: GateContext, key: String = "", owner: UInt64 = 0) {
    self.settings = settings
    self.seat = seat
    self.key = key
    self.owner = owner
    state = Locked(State(unixOffset: seat.unixOffset))
  }

  // MARK: Gate

  /// Asks for leave.
  public func ask(_ pass: GatePass, now: Microseconds) -> GateAnswer {
    if pass.limitTicket.slice != nil { return .open }
    let tokens = settings.tokens > 0 ? min(max(0, pass.estimatedTokens), settings.tokens) : 0
    if seat.store != nil { return askShared(pass, tokens, now) }
    var next: GatePass?
    let answer = state.withLock { state in
      state.unixOffset = pass.unixOffset
      let verdict =
        isBehind(pass, state, now) ? .behind : takeOwn(pass, tokens, &state, now &+ pass.unixOffset)
      let answer = enter(pass, verdict, &state, now)
      if case .open = answer { next = wakeNext(&state, now) }
      return answer
    }
    next?.waker?.wake()
    return answer
  }

  /// The store is asked without the lock: it may take its time, and be the program's own.
  private func askShared(_ pass: GatePass, _ tokens: Int64, _ now: Microseconds) -> GateAnswer {
    let isBehind = state.withLock { state in
      state.unixOffset = pass.unixOffset
      return self.isBehind(pass, state, now)
    }
    let verdict = isBehind ? Verdict.behind : takeShared(pass, tokens, now &+ pass.unixOffset)
    var next: GatePass?
    let answer = state.withLock { state in
      let answer = enter(pass, verdict, &state, now)
      if case .open = answer { next = wakeNext(&state, now) }
      return answer
    }
    next?.waker?.wake()
    return answer
  }

  /// Takes the pass back.
  public func settle(_ pass: GatePass, _ end: AttemptEnd, now: Microseconds) {
    if let slice = pass.limitTicket.slice {
      pass.limitTicket.slice = nil
      let change = change(after: end, pass.limitTicket, slice)
      if change.isNothing { return }
      commit(change, pass, unixNow: now &+ pass.unixOffset)
    }
    let next = state.withLock { state in
      leaveQueue(pass, &state)
      return wakeNext(&state, now)
    }
    next?.waker?.wake()
  }

  /// Slots in a store are leased, so that those of a process that died come back.
  public var renewal: Microseconds { seat.store != nil && settings.concurrency > 0 ? max(settings.lease / 3, 1) : 0 }

  /// Any change of the store's window renews what this process holds, also one that changes nothing.
  public func renew(now: Microseconds) {
    commit(LimitWindow.Change(slice: 0), nil, unixNow: now &+ state.withLock { $0.unixOffset })
  }

  /// Hears what a response's head says of limits.
  public func note(_ head: HTTPHead, now: Microseconds) {
    let (closedUntil, unixNow) = state.withLock { state in
      let unixNow = now &+ state.unixOffset
      return (state.service.read(head, unixNow: unixNow), unixNow)
    }
    if let closedUntil {
      commit(LimitWindow.Change(slice: 0, closedUntil: closedUntil), nil, unixNow: unixNow)
    }
  }

  /// Adds `rate_limit` to the status document: what is used and left, and what the service says of its own limits.
  public func fill(_ status: JSON, now: Microseconds) {
    let document = JSON.object()
    state.withLock { state in
      let unixNow = now &+ state.unixOffset
      state.window.forget(settings, unixNow: unixNow)
      let used = state.window.used
      for (name, limit, amount) in [
        ("requests", settings.requests, used.requests), ("tokens", settings.tokens, used.tokens),
        ("concurrency", settings.concurrency, state.window.held),
      ] as [(StaticText, Int64, Int64)] where limit > 0 {
        let member = JSON.object()
        member.set("limit", limit)
        member.set("used", amount)
        member.set("left", max(0, limit &- amount))
        document.set(name, member)
      }
      document.set("queued", state.queue.count)
      let closed = state.window.closedUntil &- unixNow
      if closed > 0 { document.set("closed_ms", .real(closed.inMilliseconds)) }
      document.set("service", state.service.document(unixNow: unixNow))
    }
    status.set("rate_limit", document)
    seat.store?.fill(status)
  }

  // MARK: The queue

  /// Where the pass stands, or would.
  private func place(of pass: GatePass, _ state: borrowing State) -> Int {
    var place = 0
    while place < state.queue.count {
      let other = state.queue[place]
      if pass.limitTicket.isQueued ? other === pass : other.priority < pass.priority { break }
      place += 1
    }
    return place
  }

  /// Whether somebody's turn is first.
  private func isBehind(_ pass: GatePass, _ state: borrowing State, _ now: Microseconds) -> Bool {
    if state.queue.isEmpty { return false }
    for place in 0..<place(of: pass, state) where now <= state.queue[place].limitTicket.due &+ RateLimiter.grace {
      return true
    }
    return false
  }

  /// Puts the pass where the verdict sends it.
  private func enter(
    _ pass: GatePass, _ verdict: Verdict, _ state: inout State, _ now: Microseconds
  ) -> GateAnswer {
    let (until, reason): (Microseconds, StaticText)
    switch verdict {
    case .open:
      leaveQueue(pass, &state)
      return .open
    case .behind: (until, reason) = (.max, "queue")
    case .wait(let moment, let word): (until, reason) = (moment == .max ? .max : moment &- pass.unixOffset, word)
    }
    if !pass.limitTicket.isQueued {
      guard Int64(state.queue.count) < settings.queueLength else {
        return .refused(refusal(reason, until, now, hasWaited: false))
      }
      state.queue.insert(pass, at: place(of: pass, state))
      pass.limitTicket.isQueued = true
      pass.limitTicket.since = now
    }
    let since = pass.limitTicket.since
    let end = settings.queueTimeout > 0 ? since &+ settings.queueTimeout : .max
    guard now < end else {
      leaveQueue(pass, &state)
      return .refused(refusal(reason, until, now, hasWaited: true))
    }
    let isPolling = seat.store != nil && reason.cString.pointee == CChar(bitPattern: UInt8(ascii: "c"))
    // Those behind are woken when it is their turn; they look for themselves in case that somebody did not come, the
    // seldomer the more there are.
    let pause = RateLimiter.longestWait &* Int64(1 + state.queue.count / 256)
    let looksAgain = now &+ (isPolling ? RateLimiter.poll : pause)
    let next = max(now &+ 1, min(until, min(end, looksAgain)))
    pass.limitTicket.due = next
    return .wait(until: next, reason: reason)
  }

  private func leaveQueue(_ pass: GatePass, _ state: inout State) {
    guard pass.limitTicket.isQueued else { return }
    let place = place(of: pass, state)
    pass.limitTicket.isQueued = false
    if place < state.queue.count { state.queue.remove(at: place) }
  }

  /// Whose turn it may be, to be woken without the lock.
  private func wakeNext(_ state: inout State, _ now: Microseconds) -> GatePass? {
    for pass in state.queue where now <= pass.limitTicket.due &+ RateLimiter.grace {
      pass.limitTicket.due = now
      return pass
    }
    return nil
  }

  private func refusal(_ reason: StaticText, _ until: Microseconds, _ now: Microseconds, hasWaited: Bool) -> LLMError {
    let limit: StaticText =
      switch reason.cString.pointee {
      case CChar(bitPattern: UInt8(ascii: "r")): "rate_limit.requests_per_minute"
      case CChar(bitPattern: UInt8(ascii: "t")): "rate_limit.tokens_per_minute"
      case CChar(bitPattern: UInt8(ascii: "c")): "rate_limit.concurrency"
      case CChar(bitPattern: UInt8(ascii: "s")): "the service's own limits"
      default: "those that came first"
      }
    let end: StaticText =
      hasWaited
      ? "the call has waited as long as it may (rate_limit.queue_timeout_ms)"
      : "as many calls as may wait for it already (rate_limit.queue)"
    var error = LLMError(.rateLimited, "\"\(seat.name)\" is held back by \(limit), and \(end)")
    if until != .max { error.retryAfterMilliseconds = max(1, (until &- now &+ 999) / 1000) }
    return error
  }

  // MARK: The window

  private func takeOwn(_ pass: GatePass, _ tokens: Int64, _ state: inout State, _ unixNow: Microseconds) -> Verdict {
    switch state.window.leave(for: tokens, settings, unixNow: unixNow) {
    case .notBefore(let moment, let reason): return .wait(moment, reason: reason)
    case .granted(let change):
      count(change, &state, unixNow)
      pass.limitTicket.slice = change.slice
      pass.limitTicket.tokens = tokens
      return .open
    }
  }

  /// Counts without a store, and remembers what it is to be told where there is one.
  private func count(_ change: LimitWindow.Change, _ state: inout State, _ unixNow: Microseconds) {
    let expiry = seat.store == nil ? .max : unixNow &+ settings.lease
    state.window.apply(change, owner: owner, expiry: expiry)
    guard seat.store != nil else { return }
    var unsaved = state.unsaved ?? LimitWindow(isBacklog: true)
    unsaved.forget(settings, unixNow: unixNow)
    unsaved.apply(change, owner: owner, expiry: expiry)
    state.unsaved = unsaved
  }

  private func takeShared(_ pass: GatePass, _ tokens: Int64, _ unixNow: Microseconds) -> Verdict {
    let leave = LimitWindow.Change(of: tokens, settings, unixNow: unixNow)
    switch change(leave, asksForLeave: true, pass, unixNow) {
    case .made: break
    case .refused(let refusal):
      pass.limitTicket.vainRounds = 0
      guard case .notBefore(let moment, let reason) = refusal else { return .wait(unixNow, reason: "queue") }
      return .wait(moment, reason: reason)
    case .busy:
      pass.limitTicket.vainRounds += 1
      guard pass.limitTicket.vainRounds >= RateLimiter.mostRounds else {
        return .wait(unixNow &+ RateLimiter.poll / 4, reason: "queue")
      }
      seat.store?.isTooBusy(unixNow: unixNow)
      return state.withLock { state in takeOwn(pass, tokens, &state, unixNow) }
    case .lost: return state.withLock { state in takeOwn(pass, tokens, &state, unixNow) }
    }
    pass.limitTicket.slice = leave.slice
    pass.limitTicket.tokens = tokens
    return .open
  }

  private enum Outcome {
    case made
    case refused(LimitWindow.Leave)
    /// Others have changed the window under every try.
    case busy
    case lost
  }

  /// Changes the store's window: in one step where the store decides, else by reading it, and writing it if nobody else has
  /// meanwhile.
  private func change(
    _ change: LimitWindow.Change, asksForLeave: Bool, _ pass: GatePass?, _ unixNow: Microseconds
  ) -> Outcome {
    guard let store = seat.store else { return .lost }
    let unsaved = takeUnsaved()
    let update = LimitUpdate(
      change, asksForLeave: asksForLeave, backlog: unsaved, settings, owner: owner, unixNow: unixNow)
    let outcome = store.updates ? decide(update, store, pass, unixNow) : swap(update, store, pass, unixNow)
    switch outcome {
    case .made, .refused: state.withLock { $0.window = update.window }
    case .busy, .lost: if let unsaved { giveBack(unsaved) }
    }
    return outcome
  }

  private func decide(
    _ update: LimitUpdate, _ store: StoreGuard, _ pass: GatePass?, _ unixNow: Microseconds
  ) -> Outcome {
    let operation = StoreOperation(.update, key, unixNow: unixNow)
    operation.update = update
    operation.timeToLive = LimitUpdate.timeToLive(settings)
    guard store.perform(operation, for: pass) else { return .lost }
    return update.isMade ? .made : .refused(update.refusal())
  }

  private func swap(
    _ update: LimitUpdate, _ store: StoreGuard, _ pass: GatePass?, _ unixNow: Microseconds
  ) -> Outcome {
    for _ in 0..<RateLimiter.triesOfRound {
      let reading = StoreOperation(.get, key, unixNow: unixNow)
      guard store.perform(reading, for: pass) else { return .lost }
      let value = update.newValue(for: reading.found)
      let outcome = update.isMade ? Outcome.made : .refused(update.refusal())
      guard let value else { return outcome }
      let writing = StoreOperation(.compareAndSet, key, unixNow: unixNow)
      writing.timeToLive = LimitUpdate.timeToLive(settings)
      writing.expected = reading.found
      writing.value = value
      guard store.perform(writing, for: pass) else { return .lost }
      if writing.isSwapped { return outcome }
    }
    return .busy
  }

  /// Whoever takes it writes it, or gives it back.
  private func takeUnsaved() -> LimitWindow? {
    state.withLock { state in
      defer { state.unsaved = nil }
      return state.unsaved
    }
  }

  private func giveBack(_ window: LimitWindow) {
    state.withLock { state in
      var merged = window
      if let unsaved = state.unsaved { merged.merge(unsaved) }
      state.unsaved = merged
    }
  }

  /// Counts in the store, or here until the store can be told.
  private func commit(_ change: LimitWindow.Change, _ pass: GatePass?, unixNow: Microseconds) {
    if seat.store != nil, case .made = self.change(change, asksForLeave: false, pass, unixNow) { return }
    state.withLock { state in count(change, &state, unixNow) }
  }

  /// What the end of an attempt gives back: all where nothing reached the service; the tokens where the service refused
  /// it; else what was not used.
  private func change(after end: AttemptEnd, _ ticket: LimitTicket, _ slice: Int64) -> LimitWindow.Change {
    var change = LimitWindow.Change(slice: slice, held: settings.concurrency > 0 ? -1 : 0)
    switch end {
    case .notSent: (change.requests, change.tokens) = (-1, -ticket.tokens)
    case .answered(let tokens, _):
      if let tokens, settings.tokens > 0 { change.tokens = min(max(0, tokens), 1 << 40) - ticket.tokens }
    case .failed(let error):
      if error.wasNotReceived {
        (change.requests, change.tokens) = (-1, -ticket.tokens)
      } else if error.status != nil {
        change.tokens = -ticket.tokens
      }
    }
    return change
  }
}

extension LLMError {
  /// Whether nothing of the request reached the service.
  var wasNotReceived: Bool { stage == .connect || stage == .tls }
}
