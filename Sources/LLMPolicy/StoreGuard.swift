import LLMCore

/// Stands before a store that may be lost: while it is, whoever asks is told so and goes on with what it has itself. The
/// store is tried again after a pause, by one caller at a time; a loss and a recovery are told, but not over and over.
public final class StoreGuard: Sendable {
  /// What came of reading.
  public enum Reading {
    /// The value.
    case value(ByteBuffer)
    /// There is none.
    case absent
    /// The store is lost.
    case lost
  }

  private struct State {
    var isLost = false
    var retryAt: Microseconds = 0
    var toldAt: Microseconds?
    var hasTold = false
  }

  /// How long a lost store is left alone.
  public static let pause: Microseconds = .milliseconds(1000)
  private static let quiet: Microseconds = .milliseconds(10_000)

  private let store: any Store
  private let type: String
  private let listener: (any GateListener)?
  /// What keeps the store open.
  private let lease: (AnyObject & Sendable)?
  private let state = Locked(State())

  /// Guards a store; `type` is what documents call it.
  public init(_ store: any Store, type: String, listener: (any GateListener)? = nil, lease: (AnyObject & Sendable)? = nil)
  {
    self.store = store
    self.type = type
    self.listener = listener
    self.lease = lease
  }

  /// Whether the store was lost when it was last used.
  public var isLost: Bool { state.withLock { $0.isLost } }

  /// The value.
  public func get(_ key: String, unixNow: Microseconds) -> Reading {
    guard mayTry(unixNow) else { return .lost }
    do throws(LLMError) {
      let value = try store.get(key, unixNow: unixNow)
      worked(unixNow)
      return value.map { .value($0) } ?? .absent
    } catch {
      failed(error, unixNow)
      return .lost
    }
  }

  /// Sets the value; nil where the store is lost.
  @discardableResult
  public func set(_ key: String, _ value: ByteBuffer, timeToLive: Microseconds, unixNow: Microseconds) -> Bool? {
    run(unixNow) { () throws(LLMError) in
      try store.set(key, value, timeToLive: timeToLive, unixNow: unixNow)
      return 1
    }.map { _ in true }
  }

  /// Adds to a number; nil where the store is lost.
  public func add(_ key: String, _ amount: Int64, timeToLive: Microseconds, unixNow: Microseconds) -> Int64? {
    run(unixNow) { () throws(LLMError) in try store.add(key, amount, timeToLive: timeToLive, unixNow: unixNow) }
  }

  /// Sets the value if it is what is expected; nil where the store is lost.
  public func compareAndSet(
    _ key: String, expected: ByteBuffer?, _ value: ByteBuffer, timeToLive: Microseconds, unixNow: Microseconds
  ) -> Bool? {
    run(unixNow) { () throws(LLMError) in
      try store.compareAndSet(key, expected: expected, value, timeToLive: timeToLive, unixNow: unixNow) ? 1 : 0
    }.map { $0 == 1 }
  }

  /// Forgets the value.
  public func delete(_ key: String, unixNow: Microseconds) {
    _ = run(unixNow) { () throws(LLMError) in
      try store.delete(key, unixNow: unixNow)
      return 1
    }
  }

  /// Adds `store` to the status document.
  public func fill(_ status: JSON) {
    let document = JSON.object()
    document.set("type", type)
    document.set("state", isLost ? "lost" as Word : "connected")
    status.set("store", document)
  }

  // MARK: Losing and finding

  private func run(_ unixNow: Microseconds, _ body: () throws(LLMError) -> Int64) -> Int64? {
    guard mayTry(unixNow) else { return nil }
    do throws(LLMError) {
      let result = try body()
      worked(unixNow)
      return result
    } catch {
      failed(error, unixNow)
      return nil
    }
  }

  private func mayTry(_ unixNow: Microseconds) -> Bool {
    state.withLock { state in
      guard state.isLost else { return true }
      // A wall clock that was set back does not make the pause longer.
      guard unixNow >= state.retryAt || state.retryAt &- unixNow > StoreGuard.pause else { return false }
      state.retryAt = unixNow &+ StoreGuard.pause
      return true
    }
  }

  private func worked(_ unixNow: Microseconds) {
    let tells = state.withLock { state in
      guard state.isLost else { return false }
      state.isLost = false
      defer { state.hasTold = false }
      return state.hasTold
    }
    if tells { tell("store_recovered", nil) }
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
    if tells { tell("store_lost", error) }
  }

  private func tell(_ event: Word, _ error: LLMError?) {
    Log.write(.warning) { "\(event): \(type)\(error.map { ": " + $0.message } ?? "")" }
    guard let listener else { return }
    let document = JSON.object()
    document.set("store", type)
    document.set("error", error?.document)
    listener.gateTold(event, document)
  }
}
