import LLMCore

extension GateSettings {
  /// The types of stores that the library brings.
  public static let builtInStores: [Word] = ["memory", "file"]

  /// What the configuration says; the document was checked.
  init(_ config: JSON) {
    self.init()
    limit = config["rate_limit"].map { LimitSettings($0) }
    breaker = config["breaker"].map { BreakerSettings($0) }
    if let member = config["budget"], let usd = member["usd"]?.double, usd >= 0, usd <= 1e9 {
      var settings = BudgetSettings(nanoDollars: Int64(usd * 1e9 + 0.5))
      settings.apply(member)
      budget = settings
    }
    store = config["store"]
  }
}

extension LimitSettings {
  init(_ member: JSON) {
    self.init()
    requests = member.int("requests_per_minute") ?? requests
    tokens = member.int("tokens_per_minute") ?? tokens
    concurrency = member.int("concurrency") ?? concurrency
    queueLength = member.int("queue").map { Int($0) } ?? queueLength
    member.readMilliseconds("queue_timeout_ms", into: &queueTimeout)
    member.readMilliseconds("window_ms", into: &window)
    member.readMilliseconds("lease_ms", into: &lease)
  }
}

extension BreakerSettings {
  init(_ member: JSON) {
    self.init()
    failures = member.int("failures").map { Int($0) } ?? failures
    trials = member.int("half_open").map { Int($0) } ?? trials
    member.readMilliseconds("window_ms", into: &window)
    member.readMilliseconds("open_ms", into: &openTime)
  }
}

extension BudgetSettings {
  mutating func apply(_ member: JSON) {
    if member.says("per", "hour") { period = .hour }
    if member.says("per", "day") { period = .day }
    if member.says("per", "total") { period = .total }
    isOfKey = member.says("scope", "key")
  }
}
