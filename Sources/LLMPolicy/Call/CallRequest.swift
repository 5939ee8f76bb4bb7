import LLMCatalog
import LLMConfig
import LLMCore
import LLMDialects

/// What a caller asks for, checked.
public final class CallRequest {
  /// Which operation.
  public let operation: Operation
  /// The caller's document; for a chat with its shorthands resolved. `llm` may be in it.
  public let document: JSON
  /// The typed view of a chat request.
  public let chat: ChatRequest?
  /// Whether the answer is wanted piece by piece.
  public let isStreaming: Bool
  /// The configuration's settings with the request's own over them.
  public let settings: CallSettings
  /// What the request's `llm` said, for targets with settings of their own; nil where it said nothing.
  public let own: RequestSettings?

  /// A chat, or what is asked about one.
  @inline(never)
  public init(
    _ operation: Operation = .chat, chat: ChatRequest, isStreaming: Bool, settings: CallSettings,
    own: RequestSettings? = nil
  ) {
    self.operation = operation
    document = chat.source
    self.chat = chat
    self.isStreaming = isStreaming
    self.settings = settings
    self.own = own
  }

  /// Anything else.
  @inline(never)
  public init(_ operation: Operation, _ document: JSON, settings: CallSettings, own: RequestSettings? = nil) {
    self.operation = operation
    self.document = document
    chat = nil
    isStreaming = false
    self.settings = settings
    self.own = own
  }

  /// The model that the request names.
  public var model: String? { document.string("model") }
}
