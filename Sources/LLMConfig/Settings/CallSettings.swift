import LLMCore

/// What a configuration and a request's `llm` member say about the call and not about the model. Lengths of time are
/// microseconds, 0 for no bound. They are put together where they are read and not changed afterwards; who wants them
/// otherwise changes a copy.
public final class CallSettings: @unchecked Sendable {
  /// Name, TCP and TLS.
  public var connectTimeout: Microseconds = .milliseconds(10_000)
  /// From sending to the first content (or, without streaming, the response's head).
  public var firstTokenTimeout: Microseconds = .milliseconds(120_000)
  /// Between two pieces of a stream.
  public var idleTimeout: Microseconds = .milliseconds(60_000)
  /// The whole call, retries included.
  public var totalTimeout: Microseconds = 0
  /// How often a request is sent at most.
  public var attempts = 3
  /// The first pause before another attempt.
  public var retryDelay: Microseconds = .milliseconds(500)
  /// The longest pause.
  public var maxRetryDelay: Microseconds = .milliseconds(20_000)
  /// Whether pauses are drawn at random below the bound.
  public var jitter = true
  /// Whether the service's own wish for a pause is heard.
  public var respectsRetryAfter = true
  /// Retries at most, in percent of the calls.
  public var retryBudget = 20
  /// Whoever waits for a limit with a higher one goes first.
  public var priority = 0
  /// Whether a stream that broke off after content is tried again.
  public var retriesAfterContent = false
  /// Whether what a service cannot take is an error in place of a warning.
  public var strict = false
  /// Whether tokens are estimated where the service counts none.
  public var estimatesUsage = false
  /// Whether RAW events are wanted.
  public var raw = false
  /// Request body members of the caller's own, laid over what the dialect made.
  public var extraBody: JSON?
  /// Request header fields of the caller's own.
  public var extraHeaders: [HTTPHeader] = []
  /// The caller's id of the request.
  public var requestID: String?
  /// What is wished of the cache: the request's `llm.cache`, else the configuration's; nil where neither says anything.
  public var cache: JSON?

  /// The defaults.
  public init() {}

  /// Other settings that say the same.
  public init(copying other: CallSettings) {
    connectTimeout = other.connectTimeout
    firstTokenTimeout = other.firstTokenTimeout
    idleTimeout = other.idleTimeout
    totalTimeout = other.totalTimeout
    attempts = other.attempts
    retryDelay = other.retryDelay
    maxRetryDelay = other.maxRetryDelay
    jitter = other.jitter
    respectsRetryAfter = other.respectsRetryAfter
    retryBudget = other.retryBudget
    priority = other.priority
    retriesAfterContent = other.retriesAfterContent
    strict = other.strict
    estimatesUsage = other.estimatesUsage
    raw = other.raw
    extraBody = other.extraBody
    extraHeaders = other.extraHeaders
    requestID = other.requestID
    cache = other.cache
  }
}
