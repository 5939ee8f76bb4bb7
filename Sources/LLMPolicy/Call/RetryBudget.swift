import LLMCore

/// Bounds the retries of all calls to one target together, so that a fleet does not hammer a service that is down: each
/// call earns a share of a retry, and a small reserve lets a program that calls seldom try again too.
final class RetryBudget: Sendable {
  /// Retries that need no earning, in hundredths.
  private static let reserve: Int64 = 1000

  /// In hundredths of a retry.
  private let saved = Locked<Int64>(reserve)

  /// A call begins: it earns so many hundredths of a retry.
  func earn(percent: Int) {
    saved.withLock { $0 = min($0 &+ Int64(clamping: percent), RetryBudget.reserve) }
  }

  /// Whether there may be another retry, which is spent.
  func spend() -> Bool {
    saved.withLock { saved in
      guard saved >= 100 else { return false }
      saved -= 100
      return true
    }
  }
}
