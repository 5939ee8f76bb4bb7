import LLMCore

/// Errors in Google's shape.
enum GeminiError {
  static func read(_ body: JSON) -> ServiceError {
    var error = ServiceError(body)
    for detail in error.raw.elements("details") {
      if detail.string("reason")?.startsWith("API_KEY_") ?? false { error.code = .authentication }
      if let delay = detail.string("retryDelay"), delay.endsWith("s") {
        error.retryAfterMilliseconds = RetryAfter.decimalMilliseconds(
          delay.keeping(bytes: delay.utf8.count - 1), scale: 1000)
      }
    }
    if error.raw.int("code") == 429 || error.kinds.contains("RESOURCE_EXHAUSTED") {
      error.code = isDailyQuota(error.raw) ? .quotaExceeded : rateCode(error)
    }
    return error
  }

  /// "You exceeded your current quota" is said of a minute's quota too; only one that names no pause is spent.
  private static func rateCode(_ error: ServiceError) -> ErrorCode? {
    error.retryAfterMilliseconds == nil ? nil : .rateLimited
  }

  private static func isDailyQuota(_ error: JSON) -> Bool {
    error.elements("details").contains { detail in
      detail.elements("violations").contains { $0.string("quotaId")?.containsText("PerDay") ?? false }
    }
  }
}
