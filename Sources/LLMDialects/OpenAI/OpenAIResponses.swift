import LLMConfig
import LLMCore

/// OpenAI's Responses (`/v1/responses`), which xAI, Azure and local servers speak as well. Requests stay chat requests:
/// messages become items, and items become messages again.
///
/// Nothing is left with the service: `store` is false unless the caller says otherwise, and thinking comes encrypted, to
/// be sent back. What is more than text and calls of functions travels in the message's `extra_content.openai`.
public final class OpenAIResponses: ChatCompletionsNeighbour {
  /// Whose other operations it shares.
  public let chat = OpenAIChat()

  /// Stateless.
  public init() {}

  /// A chat request as items.
  public func encodeChat(_ request: ChatRequest, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    let body = try ResponsesRequest(request, context).body()
    let paths = context.endpoint.paths
    return context.makeRequest(
      path: OpenAIPaths.path("/responses", paths.chat ?? paths.responses, context), body: body)
  }

  /// One decoder for events and whole answers.
  public func makeChatDecoder(_ context: RequestContext) -> any ChatDecoder { ResponsesDecoder() }

  /// The service's own count, where it has one.
  public func encodeTokenCount(_ request: ChatRequest, _ context: RequestContext) throws(LLMError) -> HTTPRequest? {
    guard context.endpoint.profile.capabilities.contains(.tokenCount) else { return nil }
    let body = try ResponsesRequest(request, context).body()
    for name in ["stream", "store", "include", "max_output_tokens", "temperature", "top_p"] { body.remove(named: name) }
    return context.makeRequest(path: "/responses/input_tokens", body: body)
  }

  /// `{"input_tokens":…}`.
  public func decodeTokenCount(_ body: JSON, _ context: RequestContext) throws(LLMError) -> Int64 {
    guard let count = body.tokens("input_tokens") else {
      throw serviceError(in: body).inPlaceOfAnswer(lacking: "\"input_tokens\"")
    }
    return count
  }
}
