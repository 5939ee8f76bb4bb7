import LLMCore

/// What a configuration says of leave: the limits, the breaker and the budget before a target, and the store behind them.
public final class GateSettings: @unchecked Sendable {
  /// `rate_limit`; nil where it is not given.
  public var limit: LimitSettings?
  /// `breaker`; nil where it is not given.
  public var breaker: BreakerSettings?
  /// `budget`; nil where it is not given.
  public var budget: BudgetSettings?
  /// `store`; nil where the state is the handle's own.
  public var store: JSON?

  /// No gates.
  public init() {}
}

/// `rate_limit`: bounds are 0 where there is none.
public struct LimitSettings: Sendable {
  /// Requests in any window.
  public var requests: Int64 = 0
  /// Tokens in any window.
  public var tokens: Int64 = 0
  /// Requests at the same time.
  public var concurrency: Int64 = 0
  /// How many calls may wait.
  public var queueLength: Int64 = 1000
  /// How long a call may wait; 0 for no bound. Longer than a window, so that a call can outlast one.
  public var queueTimeout: Microseconds = .milliseconds(120_000)
  /// The window.
  public var window: Microseconds = .milliseconds(60_000)
  /// After how long without a sign of life the slots of a process are free again.
  public var lease: Microseconds = .milliseconds(300_000)

  /// The defaults.
  public init() {}
}

/// `breaker`.
public struct BreakerSettings: Sendable {
  /// So many failures in a row open it.
  public var failures: Int64 = 5
  /// Failures that are further apart are not in a row.
  public var window: Microseconds = .milliseconds(60_000)
  /// How long it stays open.
  public var openTime: Microseconds = .milliseconds(30_000)
  /// So many trials are let through after that, and must succeed.
  public var trials: Int64 = 1

  /// The defaults.
  public init() {}
}

/// `budget`.
public struct BudgetSettings: Sendable {
  /// The time for which the money is meant.
  public enum Period: Sendable { case hour, day, month, total }

  /// The bound, in billionths of a dollar.
  public var nanoDollars: Int64
  /// The time for which it is meant.
  public var period = Period.month
  /// Whether all that use the same key share it, and not all that are called the same.
  public var isOfKey = false

  /// A bound for each month.
  public init(nanoDollars: Int64) { self.nanoDollars = nanoDollars }
}
