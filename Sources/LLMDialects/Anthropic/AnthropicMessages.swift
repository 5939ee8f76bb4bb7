import LLMConfig
import LLMCore

/// Anthropic's Messages API (`/v1/messages`), also as Vertex AI and others offer it.
///
/// Settings: `anthropic_version` (default 2023-06-01), `beta` (a string or an array of strings for the `anthropic-beta`
/// header). Requests may carry the service's own members `thinking`, `output_config`, `context_management`,
/// `container`, `mcp_servers`, `betas`, `inference_geo`, `speed` and content blocks and tools of its own.
public final class AnthropicMessages: Dialect {
  /// Stateless.
  public init() {}

  // MARK: Requests

  /// The request in Anthropic's words.
  public func encodeChat(_ request: ChatRequest, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    var encoder = AnthropicRequest(request, context)
    let body = try encoder.makeBody()
    if context.isStreaming { body.set("stream", true) }
    let path = context.endpoint.paths.chat ?? AnthropicPaths.messages(context)
    if context.quirks.contains(.vertexPaths) { AnthropicPaths.moveModelToPath(body) }
    return makeRequest(path: path, body: body, betas: encoder.betas, context)
  }

  /// One decoder for events and whole answers.
  public func makeChatDecoder(_ context: RequestContext) -> any ChatDecoder { AnthropicDecoder() }

  // MARK: Counting and models

  /// `/v1/messages/count_tokens`, which takes what bears on the input.
  public func encodeTokenCount(_ request: ChatRequest, _ context: RequestContext) throws(LLMError) -> HTTPRequest? {
    var encoder = AnthropicRequest(request, context)
    let body = try encoder.makeBody()
    for name in AnthropicPaths.membersNotCounted { body.remove(name) }
    return makeRequest(path: AnthropicPaths.tokenCount(context), body: body, betas: encoder.betas, context)
  }

  /// `{"input_tokens":…}`
  public func decodeTokenCount(_ body: JSON, _ context: RequestContext) throws(LLMError) -> Int64 {
    if let count = body.tokens("input_tokens") { return count }
    throw serviceError(in: body).inPlaceOfAnswer(lacking: "\"input_tokens\"")
  }

  /// A page of `/v1/models`.
  public func encodeModels(cursor: String?, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    var path = context.endpoint.paths.models ?? AnthropicPaths.path("/models", context)
    path += "?limit=1000"
    if let cursor { path += "&after_id=" + cursor.percentEncoded() }
    return makeRequest(method: "GET", path: path, body: nil, betas: [], context)
  }

  /// The page, and the id to go on after.
  public func decodeModels(
    _ body: JSON, _ context: RequestContext
  ) throws(LLMError) -> (models: [JSON], cursor: String?) {
    guard let list = body["data"], list.isArray else {
      throw serviceError(in: body).inPlaceOfAnswer(lacking: "list of models")
    }
    let cursor = body.bool("has_more") ?? false ? body.string("last_id") : nil
    return (list.elements.filter { $0["id"] != nil }, cursor)
  }

  // MARK: Headers

  private func makeRequest(
    method: StaticString = "POST", path: String, body: JSON?, betas: [String], _ context: RequestContext
  ) -> HTTPRequest {
    var request = context.makeRequest(method: method, path: path, body: body)
    let configured = request.value(ofHeader: "anthropic-beta")
    let all = AnthropicMessages.joined(configured, betas)
    if !all.isEmpty { request.setHeader(HTTPHeader("anthropic-beta", all)) }
    if request.value(ofHeader: "anthropic-version") == nil, !context.quirks.contains(.vertexPaths) {
      let version = context.endpoint.settings.string("anthropic_version") ?? "2023-06-01"
      request.setHeader(HTTPHeader("anthropic-version", version))
    }
    return request
  }

  private static func joined(_ configured: String?, _ added: [String]) -> String {
    var names: [String] = []
    for piece in (configured ?? "").pieces(separatedBy: UInt8(ascii: ",")) + added {
      let name = piece.trimmed
      if !name.isEmpty, !names.contains(name) { names.append(name) }
    }
    return names.reduce("") { $0.isEmpty ? $1 : $0 + "," + $1 }
  }
}

extension HTTPRequest {
  /// The value of a field that holds no secret.
  fileprivate func value(ofHeader name: String) -> String? {
    headers.first { $0.name.equalsIgnoringCase(name) && $0.secret == nil }?.value
  }
}
