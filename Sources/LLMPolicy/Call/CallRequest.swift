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
  /// The request's `llm`, for targets with settings of their own.
  public let llm: JSON?

  /// A chat.
  @inline(never)
  public init(chat: ChatRequest, isStreaming: Bool, settings: CallSettings, llm: JSON? = nil) {
    operation = .chat
    self.llm = llm
    document = chat.source
    self.chat = chat
    self.isStreaming = isStreaming
    self.settings = settings
  }

  /// A count of a chat request's tokens, by the service.
  @inline(never)
  public init(tokenCountOf chat: ChatRequest, settings: CallSettings) {
    operation = .tokenCount
    llm = nil
    document = chat.source
    self.chat = chat
    isStreaming = false
    self.settings = settings
  }

  /// Anything else.
  @inline(never)
  public init(_ operation: Operation, _ document: JSON, settings: CallSettings, llm: JSON? = nil) {
    self.operation = operation
    self.llm = llm
    self.document = document
    chat = nil
    isStreaming = false
    self.settings = settings
  }
}
