import LLMCore

/// A target with what stands before it: a plain provider has one, a router several. Shared by all calls to it.
public final class RouteTarget: Sendable {
  /// Where requests go.
  public let target: Target
  /// Who gives leave for an attempt, asked in this order.
  public let gates: [any Gate]
  /// Answers of before.
  public let archive: (any Archive)?
  /// Who counts what happens here; a router's calls are observed by the router as well.
  let observer: (any CallObserver & Sendable)?
  /// Bounds the retries.
  let retryBudget = RetryBudget()
  /// What a router knows of it.
  let health = Locked(RouteTargetHealth())

  /// Makes a routeTarget; without gates and archive every attempt is sent.
  public init(
    _ target: Target, gates: [any Gate] = [], archive: (any Archive)? = nil,
    observer: (any CallObserver & Sendable)? = nil
  ) {
    self.target = target
    self.gates = gates
    self.archive = archive
    self.observer = observer
  }

  /// Adds to a status document what a router knows of it.
  public func fillHealth(_ status: JSON, now: Microseconds) {
    let health = health.withLock { $0 }
    let document = JSON.object()
    document.set("in_flight", health.inFlight)
    document.set("first_token_ms", health.meanLatency.map { .real($0.inMilliseconds) })
    document.set("cooldown_ms", .real(max(0, health.coolsUntil &- now).inMilliseconds))
    status.set("routing", document)
  }
}

/// What is known of a target by the attempts of before.
struct RouteTargetHealth {
  /// The last so many times to the first content are what the 95th percentile is taken of.
  private static let sampleCount = 64

  /// Attempts under way.
  var inFlight = 0
  /// The decaying mean of the time to the first content; nil before the first.
  private(set) var meanLatency: Microseconds?
  /// Until when it is asked only where nobody else is left.
  var coolsUntil: Microseconds = .min
  private var samples: [Microseconds] = []
  private var nextSample = 0

  /// Takes a time to the first content down.
  mutating func note(latency: Microseconds) {
    meanLatency = meanLatency.map { $0 &+ (latency &- $0) / 8 } ?? latency
    if samples.count < RouteTargetHealth.sampleCount { samples.append(latency) } else { samples[nextSample] = latency }
    nextSample = (nextSample + 1) % RouteTargetHealth.sampleCount
  }

  /// The time that 95 of 100 first contents came within; nil before there are enough to tell.
  var usualBound: Microseconds? {
    guard samples.count >= 20 else { return nil }
    return samples.inOrder(<)[samples.count * 95 / 100]
  }
}
