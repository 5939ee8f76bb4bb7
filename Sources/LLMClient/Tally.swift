import LLMCore
import LLMPolicy

/// What is counted of one provider or, merged, of several of the same name.
struct Tally {
  /// Numbers that only grow, by their places in `counters`.
  enum Counter: Int {
    case retries, cacheHits, promptTokens, completionTokens, cachedTokens, cacheWriteTokens, reasoningTokens
  }

  /// Measurements, by their places in `histograms`.
  enum Measure: Int { case attempt, firstToken, call }

  /// The names in the status document and in the metrics.
  static let counters: [(name: Word, metric: Word, help: Word)] = [
    ("retries", "llm_retries_total", "Attempts after the first of a call."),
    ("cache_hits", "llm_cache_hits_total", "Calls answered from the cache."),
    ("prompt_tokens", "llm_prompt_tokens_total", "Tokens of requests, cached ones included."),
    ("completion_tokens", "llm_completion_tokens_total", "Tokens of answers, reasoning included."),
    ("cached_tokens", "llm_cached_tokens_total", "Tokens of requests read from the service's prompt cache."),
    ("cache_write_tokens", "llm_cache_write_tokens_total", "Tokens written to the service's prompt cache."),
    ("reasoning_tokens", "llm_reasoning_tokens_total", "Tokens of answers spent on reasoning."),
  ]

  /// The names in the status document and in the metrics.
  static let histograms: [(name: Word, metric: Word, help: Word)] = [
    ("latency_ms", "llm_attempt_duration_seconds", "How long attempts took that were answered."),
    ("first_token_ms", "llm_time_to_first_token_seconds", "From sending a request to the first content of a stream."),
    ("call_ms", "llm_call_duration_seconds", "How long successful calls took, with their retries and pauses."),
  ]

  /// By how they ended: at 0 success, at the others the error of that code without its sign.
  static let endings = 1 - Int(ErrorCode.internal.rawValue)

  private(set) var counts = [Int64](repeating: 0, count: counters.count)
  private(set) var measures = [Histogram](repeating: Histogram(), count: histograms.count)
  private(set) var calls = [Int64](repeating: 0, count: endings)
  private(set) var attempts = [Int64](repeating: 0, count: endings)
  var nanoDollars: Int64 = 0
  var inFlight: Int64 = 0

  mutating func count(_ counter: Counter, _ amount: Int64 = 1) { counts[counter.rawValue] &+= max(0, amount) }
  mutating func add(_ measure: Measure, _ time: Microseconds) { measures[measure.rawValue].add(time) }
  mutating func endCall(_ code: ErrorCode?) { calls[Tally.place(of: code)] &+= 1 }
  mutating func endAttempt(_ code: ErrorCode?) { attempts[Tally.place(of: code)] &+= 1 }

  private static func place(of code: ErrorCode?) -> Int { min(-Int(code?.rawValue ?? 0), endings - 1) }

  /// The name of an ending.
  static func name(ofEnding place: Int) -> Word {
    place == 0 ? "ok" : (ErrorCode(rawValue: -Int32(place))?.name ?? "internal")
  }

  mutating func merge(_ other: Tally) {
    for place in counts.indices { counts[place] &+= other.counts[place] }
    for place in measures.indices { measures[place].merge(other.measures[place]) }
    for place in calls.indices {
      calls[place] &+= other.calls[place]
      attempts[place] &+= other.attempts[place]
    }
    nanoDollars &+= other.nanoDollars
    inFlight &+= other.inFlight
  }

  /// The members of the status document.
  func fill(_ document: JSON) {
    let cancelled = calls[Tally.place(of: .cancelled)]
    let all = calls.reduce(0, &+)
    let counters = JSON.object()
    counters.set("calls", all)
    counters.set("succeeded", calls[0])
    counters.set("failed", all &- calls[0] &- cancelled)
    counters.set("cancelled", cancelled)
    counters.set("attempts", attempts.reduce(0, &+))
    for (place, row) in Tally.counters.enumerated() { counters.set(row.name, counts[place]) }
    document.set("in_flight", inFlight)
    document.set("counters", counters)
    document.set("failures", failures(calls))
    document.set("attempt_failures", failures(attempts))
    let cost = JSON.object()
    cost.set("total", .real(NanoDollars.dollars(nanoDollars)))
    cost.set("currency", "USD")
    document.set("cost", cost)
    for (place, row) in Tally.histograms.enumerated() { document.set(row.name, summary(measures[place])) }
  }

  private func failures(_ endings: [Int64]) -> JSON {
    let document = JSON.object()
    for place in endings.indices.dropFirst() where endings[place] > 0 {
      document.set(Tally.name(ofEnding: place), endings[place])
    }
    return document
  }

  private func summary(_ histogram: Histogram) -> JSON {
    let document = JSON.object()
    document.set("samples", histogram.count)
    guard histogram.count > 0 else { return document }
    document.set("mean", .real((histogram.sum / histogram.count).inMilliseconds))
    let percentiles: [(Word, Int64)] = [("p50", 50), ("p90", 90), ("p95", 95), ("p99", 99)]
    for (name, percent) in percentiles {
      document.set(name, histogram.percentile(percent).map { .real($0.inMilliseconds) })
    }
    document.set("max", .real(histogram.largest.inMilliseconds))
    return document
  }
}
