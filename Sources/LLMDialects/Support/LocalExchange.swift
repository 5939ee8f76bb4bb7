import LLMCore

/// An exchange without a network: the mock's, a replayed one, an engine's within the process. It is pulled by the call
/// on the call's own clock, so that delays are as virtual as the rest.
public protocol LocalExchange: AnyObject {
  /// What happens next.
  func next(now: Microseconds) -> LocalStep
}

/// A step of a local exchange, in the order of a real one: a head, bytes with pauses between them, an end.
public enum LocalStep {
  /// Nothing before that moment.
  case wait(until: Microseconds)
  /// The response's head.
  case head(HTTPHead)
  /// A piece of its body.
  case bytes(ByteBuffer)
  /// It broke.
  case failed(TransportFailure)
  /// It is whole.
  case ended
}

/// What a provider is asked for.
public enum Operation: Sendable {
  case chat, embeddings, models, tokenCount

  /// Whether a model works for it, so that its result tells of the call.
  public var isGeneration: Bool { self == .chat || self == .embeddings }
}
