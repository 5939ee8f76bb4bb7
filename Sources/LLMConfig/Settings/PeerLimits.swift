/// Bounds on what the peer sends.
public struct PeerLimits: Sendable {
  /// A whole response.
  public var responseBytes = 256 << 20
  /// One event of a stream.
  public var eventBytes = 16 << 20
  /// Tool calls in an answer.
  public var toolCalls = 1024

  /// The defaults.
  public init() {}
}
