import LLMConfig
import LLMCore
import Synchronization

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
