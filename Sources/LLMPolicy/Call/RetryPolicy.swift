import LLMConfig
import LLMCore

/// Whether a failed attempt is worth another, and after what pause.
struct RetryPolicy {
  private let settings: CallSettings

  init(_ settings: CallSettings) { self.settings = settings }

  /// The pause before the next attempt; nil when there is to be none.
  ///
  /// The service's own wish is obeyed to the letter or not at all: a service that asks for more patience than the
  /// configuration has is not asked again.
  func pause(
    after error: LLMError, attempt: Int, hadContent: Bool, _ random: any RandomSource
  ) -> Microseconds? {
    guard attempt < settings.attempts, FailureClass.remedy(for: error) == .again else { return nil }
    guard !hadContent || settings.retriesAfterContent else { return nil }
    if settings.respectsRetryAfter, let wish = error.retryAfterMilliseconds {
      let pause = Microseconds.milliseconds(wish)
      return pause <= settings.maxRetryDelay ? pause : nil
    }
    return backOff(attempt: attempt, random)
  }

  /// Exponential with full jitter: the bound doubles, the pause is drawn below it.
  private func backOff(attempt: Int, _ random: any RandomSource) -> Microseconds {
    let doublings = min(attempt - 1, 30)
    let (bound, overflow) = settings.retryDelay.multipliedReportingOverflow(by: 1 << Int64(doublings))
    let capped = overflow ? settings.maxRetryDelay : min(bound, settings.maxRetryDelay)
    return settings.jitter ? Microseconds(Double(capped) * random.fraction()) : capped
  }
}
