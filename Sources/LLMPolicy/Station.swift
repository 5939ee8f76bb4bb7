import LLMCore

/// A target with what stands before it: a plain provider has one, a router several. Shared by all calls to it.
public final class Station: Sendable {
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

  /// Makes a station; without gates and archive every attempt is sent.
  public init(
    _ target: Target, gates: [any Gate] = [], archive: (any Archive)? = nil,
    observer: (any CallObserver & Sendable)? = nil
  ) {
    self.target = target
    self.gates = gates
    self.archive = archive
    self.observer = observer
  }
}
