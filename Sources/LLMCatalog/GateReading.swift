import LLMCore

extension GateSettings {
  /// The types of stores that the library brings.
  public static let builtInStores: [StaticText] = ["memory", "file"]

  /// What the configuration says; the document was checked.
  convenience init(_ config: JSON) {
    self.init()
    limit = config["rate_limit"].map { LimitSettings($0) }
    breaker = config["breaker"].map { BreakerSettings($0) }
    budget = config["budget"].map { BudgetSettings($0) }
    store = config["store"]
  }
}

extension LimitSettings {
  init(_ member: JSON) {
    self.init()
    requests = member.number("requests_per_minute", requests)
    tokens = member.number("tokens_per_minute", tokens)
    concurrency = member.number("concurrency", concurrency)
    queueLength = member.number("queue", queueLength)
    queueTimeout = member.milliseconds("queue_timeout_ms", queueTimeout)
    window = member.milliseconds("window_ms", window)
    lease = member.milliseconds("lease_ms", lease)
  }
}

extension BreakerSettings {
  init(_ member: JSON) {
    self.init()
    failures = member.number("failures", failures)
    trials = member.number("half_open", trials)
    window = member.milliseconds("window_ms", window)
    openTime = member.milliseconds("open_ms", openTime)
  }
}

extension BudgetSettings {
  init(_ member: JSON) {
    self.init(nanoDollars: Int64(min(max(member["usd"]?.double ?? 0, 0), 1e9) * 1e9 + 0.5))
    if member.says("per", "hour") { period = .hour }
    if member.says("per", "day") { period = .day }
    if member.says("per", "total") { period = .total }
    isOfKey = member.says("scope", "key")
  }
}

extension JSON {
  @inline(never)
  fileprivate func number(_ key: StaticText, _ usual: Int64) -> Int64 { int(key) ?? usual }

  @inline(never)
  fileprivate func milliseconds(_ key: StaticText, _ usual: Microseconds) -> Microseconds {
    int(key).map { .milliseconds($0) } ?? usual
  }
}
