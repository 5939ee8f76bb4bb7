import LLMCore

/// An exchange without a network: the mock's, a replayed one, an engine's within the process. It is pulled by the call
/// on the call's own clock, so that delays are as virtual as the rest.
public protocol LocalExchange: AnyObject {
  /// What happens next.
  func next(now: Microseconds) -> LocalStep
}

/// Makes an answer within the process, in one go.
public protocol LocalEngine: AnyObject {
  /// Writes the answer into the host's builder; returns or throws when it is over.
  func run(for host: any EngineHost) throws(LLMError)
  /// The moment, on the call's clock: while the engine runs nobody else tells the time.
  var now: Microseconds { get }
}

/// What an engine writes its answer for.
public protocol EngineHost: AnyObject {
  /// Where the answer is put together.
  var builder: ResponseBuilder { get }
  /// Whether anybody still wants the answer. Told of something that was just written, it measures silence from there.
  func wantsMore(now: Microseconds, hasWritten: Bool) -> Bool
}

/// A step of a local exchange, in the order of a real one: a head, bytes with pauses between them, an end. Or an engine
/// in place of head and bytes.
public enum LocalStep {
  /// Nothing before that moment.
  case wait(until: Microseconds)
  /// The response's head.
  case head(HTTPHead)
  /// A piece of its body.
  case bytes(ByteBuffer)
  /// An answer that is made here and now.
  case run(any LocalEngine)
  /// It broke.
  case failed(TransportFailure)
  /// It is whole.
  case ended
}

/// What a provider is asked for.
public enum Operation: Sendable {
  case chat, embeddings, models, tokenCount, modelInfo, rerank

  /// Whether a model works for it, so that its result tells of the call.
  public var isGeneration: Bool { self == .chat || self == .embeddings || self == .rerank }

  /// Whether it asks about a model, so that one has to be named.
  public var asksModel: Bool { self != .models }

  /// The name that stands in events.
  public var name: StaticText {
    switch self {
    case .chat: "chat"
    case .embeddings: "embeddings"
    case .models: "models"
    case .tokenCount: "token_count"
    case .modelInfo: "model_info"
    case .rerank: "rerank"
    }
  }
}
