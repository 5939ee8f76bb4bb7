import LLMCore

/// What a provider's observer and the log are told of: the one list of events. The header describes the members of each
/// (at `llm_observer_fn`).
public enum ObservedEvent: Sendable {
  case callStarted, callEnded, statusChanged, connected, disconnected, error, retry, fallback, hedge, rateLimited
  case queued, refused, breaker, modelChanged, cacheHit, budget, storeLost, storeRecovered

  /// The `event` member of its document.
  public var name: StaticText {
    switch self {
    case .callStarted: "call_started"
    case .callEnded: "call_ended"
    case .statusChanged: "status_changed"
    case .connected: "connected"
    case .disconnected: "disconnected"
    case .error: "error"
    case .retry: "retry"
    case .fallback: "fallback"
    case .hedge: "hedge"
    case .rateLimited: "rate_limited"
    case .queued: "queued"
    case .refused: "refused"
    case .breaker: "breaker"
    case .modelChanged: "model_changed"
    case .cacheHit: "cache_hit"
    case .budget: "budget"
    case .storeLost: "store_lost"
    case .storeRecovered: "store_recovered"
    }
  }

  /// How much it matters as a log line.
  public var level: Log.Level {
    switch self {
    case .callStarted: .debug
    case .error, .retry, .fallback, .rateLimited, .refused, .breaker, .budget, .storeLost: .warning
    default: .info
    }
  }
}

/// Whoever is told of events: called outside of all locks, on the thread on which it happened.
public protocol EventListener: AnyObject, Sendable {
  /// Something happened, because of a call or of none. The document is asked for its members only if somebody wants
  /// them.
  func hear(_ event: ObservedEvent, requestID: String?, _ fill: (JSON) -> Void)
}
