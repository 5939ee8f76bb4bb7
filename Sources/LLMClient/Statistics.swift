import LLMCore
import LLMDialects
import LLMPolicy

/// What a provider has been doing. Counted by every call, read by `llm_provider_status`.
public final class Statistics: @unchecked Sendable {
  /// What is known of the service by the calls made so far.
  public enum State: Sendable {
    case idle, connected, error

    var name: Word {
      switch self {
      case .idle: "idle"
      case .connected: "connected"
      case .error: "error"
      }
    }
  }

  /// The last so many measurements are what percentiles are taken of.
  private static let sampleCount = 256

  private let lock = Lock()
  private var state = State.idle
  private var calls: Int64 = 0
  private var succeeded: Int64 = 0
  private var failed: Int64 = 0
  private var cancelled: Int64 = 0
  private var attempts: Int64 = 0
  private var retries: Int64 = 0
  private var promptTokens: Int64 = 0
  private var completionTokens: Int64 = 0
  private var latencies = Samples(capacity: sampleCount)
  private var firstTokens = Samples(capacity: sampleCount)
  private var lastError: LLMError?

  /// Counts an attempt, and tells the state if it changed.
  func count(_ attempt: Attempt) -> (from: State, to: State)? {
    lock.withLock {
      attempts += 1
      if attempt.number > 1 { retries += 1 }
      if let first = attempt.timeToFirstToken { firstTokens.add(first) }
      let before = state
      if let error = attempt.error {
        guard error.code != .cancelled else { return nil }
        lastError = error
        // The caller gets the same value, and may change it.
        lastError?.providerError = error.providerError?.deepCopy()
        if Statistics.tellsOfService(error) { state = .error }
      } else {
        latencies.add(attempt.duration)
        state = .connected
      }
      return before == state ? nil : (before, state)
    }
  }

  /// A request that the service refused as such says nothing against the service.
  private static func tellsOfService(_ error: LLMError) -> Bool {
    switch error.code {
    case .invalidRequest, .unsupported, .contextLength, .contentFilter, .notFound, .invalidArgument, .tooLarge: false
    default: true
    }
  }

  /// Counts a call.
  func count(_ outcome: CallOutcome) {
    lock.withLock {
      calls += 1
      switch outcome.code {
      case nil: succeeded += 1
      case .cancelled: cancelled += 1
      default: failed += 1
      }
      promptTokens &+= outcome.usage?.prompt ?? 0
      completionTokens &+= outcome.usage?.completion ?? 0
    }
  }

  /// Connections were closed.
  func forgetConnection() { lock.withLock { if state == .connected { state = .idle } } }

  /// Whether a call made now may be expected to be served.
  var isAvailable: Bool { lock.withLock { state != .error } }

  /// The members of the status document that are counted here.
  func fill(_ document: JSON) {
    lock.withLock {
      document.set("state", state.name)
      let counters = JSON.object()
      for (name, value) in [
        ("calls", calls), ("succeeded", succeeded), ("failed", failed), ("cancelled", cancelled),
        ("attempts", attempts), ("retries", retries), ("prompt_tokens", promptTokens),
        ("completion_tokens", completionTokens),
      ] {
        counters.set(named: name, .integer(value))
      }
      document.set("counters", counters)
      document.set("latency_ms", latencies.document)
      document.set("first_token_ms", firstTokens.document)
      document.set("last_error", lastError?.document.deepCopy() ?? .null)
    }
  }
}

/// The last measurements of something.
private struct Samples {
  private var values: [Microseconds] = []
  private var next = 0
  private let capacity: Int

  init(capacity: Int) { self.capacity = capacity }

  mutating func add(_ value: Microseconds) {
    if values.count < capacity {
      values.append(value)
    } else {
      values[next] = value
    }
    next = (next + 1) % capacity
  }

  var document: JSON {
    let document = JSON.object()
    document.set("samples", values.count)
    let sorted = values.sorted()
    for (name, percent) in [("p50", 50), ("p95", 95), ("p99", 99)] where !sorted.isEmpty {
      document.set(named: name, .real(sorted[min(sorted.count - 1, sorted.count * percent / 100)].inMilliseconds))
    }
    return document
  }
}
