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

extension ConfigurationReading {
  /// What a budget and a store cannot do without.
  mutating func checkGates(of config: JSON) {
    if let budget = config["budget"], budget.isObject, budget["usd"] == nil {
      problems.report(at: "budget", "\"usd\" is missing at /budget: say how much may be spent")
    }
    if let store = config["store"], store.says("type", "file"), store["path"] == nil {
      problems.report(at: "store", "\"path\" is missing at /store: name the file that the processes share")
    }
  }

  mutating func checkArchives(of config: JSON) {
    if config["cache"]?.says("type", "disk") == true { requireDirectory("path", in: "cache", of: config) }
    if config["cache"]?.says("type", "store") == true { requireStore(of: config) }
    if config["replay"]?.isObject == true { requireDirectory("dir", in: "replay", of: config) }
    // An empty path would be that of the root directory.
    for name: StaticText in ["record", "replay"] where config.says(name, "") {
      problems.report(at: name.text, "an empty path at /\(name): name the directory")
    }
    for (section, name) in [("cache", "path"), ("replay", "dir"), ("store", "path")] as [(StaticText, StaticText)]
    where config[section]?.says(name, "") == true {
      problems.report(at: section.text, "an empty path at /\(section)/\(name): name the file or directory")
    }
  }

  /// The built-in stores have small slots, and caches of their own beside them.
  mutating func requireStore(of config: JSON) {
    let type = config.string("store", "type") ?? "memory"
    guard GateSettings.builtInStores.contains(where: { $0.matches(type) }) else { return }
    problems.enter("cache")
    problems.report(
      at: "type",
      """
      "store" at /cache/type wants a "store" of a registered type, such as llm-provider-redis; memory and disk are caches \
      without one
      """)
    problems.leave()
  }

  mutating func requireDirectory(_ name: StaticText, in section: StaticText, of config: JSON) {
    guard config[section, name] == nil else { return }
    problems.report(at: section.text, "\"\(name.text)\" is missing at /\(section.text): name the directory")
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
