import CSystem
import LLMCore

/// What a driver waits with, so that any thread can end the wait. While an exchange is under way the wait is curl's,
/// else it is a condition variable, which costs no descriptor.
final class Waker: Wakeable, @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  /// Made for the first sleep: most calls never do.
  private var condition: UnsafeMutablePointer<pthread_cond_t>?
  private var isPending = false
  /// The `CURLM` that is to be woken. Set and used under the mutex alone, so that it is not used after its end.
  private var multi: UnsafeMutableRawPointer?

  init() {
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    if let condition { pthread_cond_destroy(condition) }
    condition?.deallocate()
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Ends the wait under way, else the next one.
  func wake() {
    pthread_mutex_lock(mutex)
    isPending = true
    if let multi { curl_multi_wakeup(multi) }
    if let condition { pthread_cond_signal(condition) }
    pthread_mutex_unlock(mutex)
  }

  /// Says where the next waits take place; nil for here.
  func setMulti(_ multi: UnsafeMutableRawPointer?) {
    pthread_mutex_lock(mutex)
    self.multi = multi
    pthread_mutex_unlock(mutex)
  }

  /// Whether somebody called; asking answers the call.
  func takePending() -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    defer { isPending = false }
    return isPending
  }

  /// Blocks until somebody calls, for at most so long; nil for however long it takes.
  func sleep(atMost time: Microseconds?) {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    let condition = condition ?? Waker.makeCondition()
    self.condition = condition
    var end = timespec()
    if let time { end = timespec(afterNow: time) }
    while !isPending {
      let code = time == nil ? pthread_cond_wait(condition, mutex) : pthread_cond_timedwait(condition, mutex, &end)
      if code != 0 { break }
    }
    isPending = false
  }

  private static func makeCondition() -> UnsafeMutablePointer<pthread_cond_t> {
    let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    condition.initialize(to: pthread_cond_t())
    llm_condition_init_monotonic(condition)
    return condition
  }
}

extension timespec {
  fileprivate init(afterNow time: Microseconds) {
    self.init()
    clock_gettime(CLOCK_MONOTONIC, &self)
    let nanoseconds = Int(time % 1_000_000) * 1000 + tv_nsec
    tv_sec += Int(time / 1_000_000) + nanoseconds / 1_000_000_000
    tv_nsec = nanoseconds % 1_000_000_000
  }
}
