import LLMConfig
import LLMCore

/// OpenAI's chat completions (`/v1/chat/completions`), and what a hundred services made of it: where a service departs,
/// its row's quirks say so.
public final class OpenAIChat: Dialect {
  /// Stateless.
  public init() {}

  // MARK: Requests

  /// The caller's request, with what the service cannot take left out or renamed.
  public func encodeChat(_ request: ChatRequest, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    let body = request.draft
    body.set("model", context.model)
    try OpenAIRequest(context).adapt(body, request)
    return context.makeRequest(
      path: OpenAIPaths.path("/chat/completions", context.endpoint.paths.chat, context), draft: body)
  }

  /// One decoder for chunks and whole answers.
  public func makeChatDecoder(_ context: RequestContext) -> any ChatDecoder { OpenAIChatDecoder(context) }

  // MARK: Embeddings and models

  /// The caller's request as it is.
  public func encodeEmbeddings(_ request: JSON, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    let body = JSONDraft(request)
    body.remove("llm")
    body.set("model", context.model)
    return context.makeRequest(
      path: OpenAIPaths.path("/embeddings", context.endpoint.paths.embeddings, context), draft: body)
  }

  /// The service's answer as it is, once it is one.
  public func decodeEmbeddings(_ body: JSON, _ context: RequestContext) throws(LLMError) -> JSON {
    guard body["error"] == nil, body["data"]?.isArray ?? false else {
      throw serviceError(in: body).inPlaceOfAnswer(lacking: "embeddings (\"data\")")
    }
    let answer = body.copy()
    if context.quirks.contains(.byteEmbeddings) { ByteVectors.unpack(answer) }
    return answer
  }

  /// `/rerank`, which OpenAI has not and many of its neighbours have.
  public func encodeRerank(_ request: JSON, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    try Rerank.encode(request, path: OpenAIPaths.path("/rerank", context.endpoint.paths.rerank, context), context)
  }

  /// One page holds them all.
  public func encodeModels(cursor: String?, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    context.makeRequest(method: "GET", path: OpenAIPaths.path("/models", context.endpoint.paths.models, context))
  }

  /// `{"data":[…]}`, or the bare array that some services send.
  public func decodeModels(
    _ body: JSON, _ context: RequestContext
  ) throws(LLMError) -> (models: [JSON], cursor: String?) {
    guard body["error"] == nil, let list = body.isArray ? body : (body["data"] ?? body["models"]), list.isArray else {
      throw serviceError(in: body).inPlaceOfAnswer(lacking: "list of models")
    }
    return (list.elements.filter { $0["id"] != nil }, nil)
  }
}
