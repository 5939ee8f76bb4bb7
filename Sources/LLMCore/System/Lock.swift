import CSystem

/// A mutex. One home for pthread's, since Embedded Swift has no `Mutex`.
public final class Lock: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>

  /// Makes an unlocked mutex.
  public init() {
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Takes the mutex.
  public func lock() { pthread_mutex_lock(mutex) }
  /// Takes the mutex where nobody has it.
  public func tryLock() -> Bool { pthread_mutex_trylock(mutex) == 0 }
  /// Gives the mutex back.
  public func unlock() { pthread_mutex_unlock(mutex) }

  /// Runs the body with the mutex held.
  @inline(__always)
  public func withLock<Value>(_ body: () -> Value) -> Value {
    lock()
    defer { unlock() }
    return body()
  }
}

/// A value behind a mutex.
public final class Locked<Value>: @unchecked Sendable {
  private let lock = Lock()
  private var value: Value

  /// Wraps the value.
  public init(_ value: Value) { self.value = value }

  /// Runs the body with exclusive access.
  @inline(__always)
  public func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
    lock.lock()
    defer { lock.unlock() }
    return body(&value)
  }
}
