import LLMConfig
import LLMCore

/// A dialect whose services share chat completions' embeddings, rankings and lists of models.
public protocol ChatCompletionsNeighbour: Dialect {
  /// Chat completions.
  var chat: OpenAIChat { get }
}

extension ChatCompletionsNeighbour {
  /// As for chat completions.
  public func encodeEmbeddings(_ request: JSON, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    try chat.encodeEmbeddings(request, context)
  }
  /// As for chat completions.
  public func decodeEmbeddings(_ body: JSON, _ context: RequestContext) throws(LLMError) -> JSON {
    try chat.decodeEmbeddings(body, context)
  }
  /// As for chat completions.
  public func encodeRerank(_ request: JSON, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    try chat.encodeRerank(request, context)
  }
  /// As for chat completions.
  public func encodeModels(cursor: String?, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    try chat.encodeModels(cursor: cursor, context)
  }
  /// As for chat completions.
  public func decodeModels(
    _ body: JSON, _ context: RequestContext
  ) throws(LLMError) -> (models: [JSON], cursor: String?) {
    try chat.decodeModels(body, context)
  }
}
