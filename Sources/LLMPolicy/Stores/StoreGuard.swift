import LLMCore

/// Stands before a store that may be lost: while it is, whoever asks is told so and goes on with what it has itself. The
/// store is tried again after a pause, by one caller at a time; a loss and a recovery are told, but not over and over. A
/// store that only refuses an operation is not lost. One that is slow is spared by an attempt that it has held up for long.
public final class StoreGuard: Sendable {
  private struct State {
    var isLost = false
    var retryAt: Microseconds = 0
    var toldAt: Microseconds?
    var hasTold = false
    var refusedAt: Microseconds?
  }

  /// How long a lost store is left alone.
  public static let pause: Microseconds = .milliseconds(1000)
  private static let quiet: Microseconds = .milliseconds(10_000)

  private let store: any CounterStore
  private let type: String
  private let listener: (any EventListener)?
  /// What keeps the store open.
  private let lease: (AnyObject & Sendable)?
  private let clock: any Clock
  /// How long all operations of one attempt may take: after that, it does without the store.
  private let patience: Microseconds
  private let state = Locked(State())

  /// The patience unless a configuration says otherwise.
  public static let usualPatience: Microseconds = .milliseconds(200)

  /// Guards a store; `type` is what documents call it.
  public init(
    _ store: any CounterStore, type: String, listener: (any EventListener)? = nil,
    lease: (AnyObject & Sendable)? = nil, clock: any Clock = SystemClock.shared,
    patience: Microseconds = StoreGuard.usualPatience
  ) {
    self.store = store
    self.type = type
    self.listener = listener
    self.lease = lease
    self.clock = clock
    self.patience = patience
  }

  /// Whether the store knows `update`.
  var updates: Bool { store.updates }

  /// Whether the store was lost when it was last used.
  public var isLost: Bool { state.withLock { $0.isLost } }

  /// Carries out an operation; false where the store is lost, refuses it, or has held up the attempt of the pass for
  /// long enough.
  public func perform(_ operation: StoreOperation, for pass: GatePass? = nil) -> Bool {
    let unixNow = operation.unixNow
    if let pass, pass.storeTime >= patience { return false }
    guard mayTry(unixNow) else { return false }
    let start = clock.now
    defer { pass?.storeTime &+= clock.now &- start }
    do throws(LLMError) {
      try store.perform(operation)
      worked()
      return true
    } catch {
      if error.refuses {
        worked()
        refused(error, unixNow)
      } else {
        failed(error, unixNow)
      }
      return false
    }
  }

  /// The store takes no change, since others make theirs all the time: as good as lost.
  func isTooBusy(unixNow: Microseconds) {
    failed(LLMError(.overloaded, "the store's value was changed by others under each of many tries"), unixNow)
  }

  /// Adds `store` to the status document.
  public func fill(_ status: JSON) {
    let document = JSON.object()
    document.set("type", type)
    document.set("state", isLost ? "lost" as StaticText : "connected")
    status.set("store", document)
  }

  // MARK: Losing and finding

  private func mayTry(_ unixNow: Microseconds) -> Bool {
    state.withLock { state in
      guard state.isLost else { return true }
      // A wall clock that was set back does not make the pause longer.
      guard unixNow >= state.retryAt || state.retryAt &- unixNow > StoreGuard.pause else { return false }
      state.retryAt = unixNow &+ StoreGuard.pause
      return true
    }
  }

  private func worked() {
    let tells = state.withLock { state in
      guard state.isLost else { return false }
      state.isLost = false
      defer { state.hasTold = false }
      return state.hasTold
    }
    if tells { tell(.storeRecovered, nil) }
  }

  private func failed(_ error: LLMError, _ unixNow: Microseconds) {
    let tells = state.withLock { state in
      state.retryAt = unixNow &+ StoreGuard.pause
      guard !state.isLost else { return false }
      state.isLost = true
      if let toldAt = state.toldAt, unixNow >= toldAt, unixNow &- toldAt < StoreGuard.quiet { return false }
      state.toldAt = unixNow
      state.hasTold = true
      return true
    }
    if tells { tell(.storeLost, error) }
  }

  /// The state that it is about is kept within the process, which somebody may want to know of.
  private func refused(_ error: LLMError, _ unixNow: Microseconds) {
    let tells = state.withLock { state in
      if let toldAt = state.refusedAt, unixNow >= toldAt, unixNow &- toldAt < StoreGuard.quiet { return false }
      state.refusedAt = unixNow
      return true
    }
    if tells { Log.write(.warning) { "store \(type): \(error.message)" } }
  }

  private func tell(_ event: ObservedEvent, _ error: LLMError?) {
    guard let listener else { return }
    let document = JSON.object()
    document.set("store", type)
    document.set("error", error?.document)
    listener.hear(event, requestID: nil) { $0.merge(document) }
  }
}
