import LLMCore
import LLMPolicy

/// What is counted of one provider or, merged, of several of the same name.
struct Counters {
  /// The numbers, by their places in `rows`.
  enum Number: Int {
    case retries, cacheHits, promptTokens, completionTokens, cachedTokens, cacheWriteTokens, reasoningTokens
    case nanoDollars, connectionsOpened, connectionsReused, connectionsIdle, inFlight, available
  }

  /// Measurements, by their places in `histograms`.
  enum Measure: Int { case attempt, firstToken, call }

  /// The names in the counters of the status document, empty where it tells them elsewhere, and in the metrics.
  static let rows: [(name: StaticText, metric: StaticText, isGauge: Bool, decimals: Int, help: StaticText)] = [
    ("retries", "llm_retries_total", false, 0, "Attempts that asked the same target again."),
    ("cache_hits", "llm_cache_hits_total", false, 0, "Calls answered from the cache."),
    ("prompt_tokens", "llm_prompt_tokens_total", false, 0, "Tokens of requests, cached ones included."),
    ("completion_tokens", "llm_completion_tokens_total", false, 0, "Tokens of answers, reasoning included."),
    ("cached_tokens", "llm_cached_tokens_total", false, 0, "Tokens read from the services' prompt caches."),
    ("cache_write_tokens", "llm_cache_write_tokens_total", false, 0, "Tokens written to the services' prompt caches."),
    ("reasoning_tokens", "llm_reasoning_tokens_total", false, 0, "Tokens of answers spent on reasoning."),
    ("", "llm_cost_usd_total", false, 9, "What answers cost, in US dollars, as far as prices are known."),
    ("", "llm_connections_opened_total", false, 0, "Connections opened."),
    ("", "llm_connections_reused_total", false, 0, "Requests sent on a connection that was open."),
    ("", "llm_connections_idle", true, 0, "Open connections without a request."),
    ("", "llm_calls_in_flight", true, 0, "Calls that have begun and not ended."),
    ("", "llm_available", true, 0, "Whether a call may be expected to be served; of several providers, how many."),
  ]

  /// The names in the status document and in the metrics.
  static let histograms: [(name: StaticText, metric: StaticText, help: StaticText)] = [
    ("latency_ms", "llm_attempt_duration_seconds", "How long attempts took that were answered."),
    ("first_token_ms", "llm_time_to_first_token_seconds", "From sending a request to the first content of a stream."),
    ("call_ms", "llm_call_duration_seconds", "How long successful calls took, with their retries and pauses."),
  ]

  /// Calls and attempts by how they ended: success first, then the errors' codes without their sign.
  static let endings = 1 - Int(ErrorCode.internal.rawValue)
  /// Where the numbers of calls stand in `counts`.
  static let calls = rows.count
  /// Where the numbers of attempts stand in `counts`.
  static let attempts = rows.count + endings

  private(set) var counts = [Int64](repeating: 0, count: rows.count + 2 * endings)
  private(set) var measures = [Histogram](repeating: Histogram(), count: histograms.count)

  subscript(number: Number) -> Int64 {
    get { counts[number.rawValue] }
    set { counts[number.rawValue] = newValue }
  }

  mutating func count(_ number: Number, _ amount: Int64?) {
    if let amount, amount > 0 { self[number] &+= amount }
  }

  mutating func add(_ measure: Measure, _ time: Microseconds) { measures[measure.rawValue].add(time) }

  /// Counts an ending of a call or of an attempt.
  mutating func end(_ kind: Int, _ code: ErrorCode?) { counts[kind - Int(code?.rawValue ?? 0)] &+= 1 }

  /// The name of an ending.
  static func name(ofEnding place: Int) -> StaticText { ErrorCode(rawValue: -Int32(place))?.name ?? "ok" }

  mutating func merge(_ other: Counters) {
    for place in counts.indices { counts[place] &+= other.counts[place] }
    for place in measures.indices { measures[place].merge(other.measures[place]) }
  }

  /// The members of the status document.
  func fill(_ document: JSON) {
    let (all, succeeded) = (sum(Counters.calls), counts[Counters.calls])
    let cancelled = counts[Counters.calls - Int(ErrorCode.cancelled.rawValue)]
    let counters = JSON.object()
    counters.set("calls", all)
    counters.set("succeeded", succeeded)
    counters.set("failed", all &- succeeded &- cancelled)
    counters.set("cancelled", cancelled)
    counters.set("attempts", sum(Counters.attempts))
    for (place, row) in Counters.rows.enumerated() where !row.name.isEmpty { counters.set(row.name, counts[place]) }
    document.set("in_flight", self[.inFlight])
    document.set("counters", counters)
    document.set("failures", failures(Counters.calls))
    document.set("attempt_failures", failures(Counters.attempts))
    let cost = JSON.object()
    cost.set("total", .real(Double(self[.nanoDollars]) / 1e9))
    cost.set("currency", "USD")
    document.set("cost", cost)
    for (place, row) in Counters.histograms.enumerated() { document.set(row.name, summary(measures[place])) }
  }

  private func sum(_ kind: Int) -> Int64 {
    var sum: Int64 = 0
    for place in kind..<kind + Counters.endings { sum &+= counts[place] }
    return sum
  }

  private func failures(_ kind: Int) -> JSON {
    let document = JSON.object()
    for ending in 1..<Counters.endings where counts[kind + ending] > 0 {
      document.set(Counters.name(ofEnding: ending), counts[kind + ending])
    }
    return document
  }

  private static let percentiles: [(name: StaticText, percent: Int64)] = [
    ("p50", 50), ("p90", 90), ("p95", 95), ("p99", 99),
  ]

  private func summary(_ histogram: Histogram) -> JSON {
    let document = JSON.object()
    document.set("samples", histogram.count)
    guard histogram.count > 0 else { return document }
    document.set("mean", .real((histogram.sum / histogram.count).inMilliseconds))
    for (name, percent) in Counters.percentiles {
      document.set(name, .real((histogram.percentile(percent) ?? 0).inMilliseconds))
    }
    document.set("max", .real(histogram.largest.inMilliseconds))
    return document
  }
}
