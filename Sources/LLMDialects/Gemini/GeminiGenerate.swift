import LLMConfig
import LLMCore

/// Gemini's `generateContent` and `streamGenerateContent`, at Google AI Studio and (quirk `vertex_paths`) Vertex AI.
///
/// Members of Google's own are taken in a request under their own names (`safetySettings`, `thinkingConfig`,
/// `generationConfig`, … or in snake case); a tool of Google's own is `{"type":"google_search"}`, its settings beside
/// the type. What only this service reads in its own messages (parts in their order, with thought signatures, and
/// grounding metadata) comes back in `extra_content.google`.
public final class GeminiGenerate: Dialect {
  /// Stateless.
  public init() {}

  // MARK: Chats

  /// A `GenerateContentRequest`.
  public func encodeChat(_ request: ChatRequest, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    let body = try GeminiRequest(request, context).makeBody()
    return context.makeRequest(path: GeminiPaths.generate(context), body: body)
  }

  /// One decoder for chunks, arrays of chunks and whole answers.
  public func makeChatDecoder(_ context: RequestContext) -> any ChatDecoder { GeminiDecoder(context) }

  // MARK: Counting

  private static let countedByVertex: [StaticText] = ["contents", "systemInstruction", "tools", "generationConfig"]

  /// `countTokens` of the whole request, tools and system instruction included.
  public func encodeTokenCount(_ request: ChatRequest, _ context: RequestContext) throws(LLMError) -> HTTPRequest? {
    let body = try GeminiRequest(request, context).makeBody()
    let path = GeminiPaths.model(context) + ":countTokens"
    if context.quirks.contains(.vertexPaths) {
      for (name, _) in body.members where !Self.countedByVertex.contains(where: { $0.matches(name) }) {
        body.remove(named: name)
      }
      return context.makeRequest(path: path, body: body)
    }
    body.set("model", GeminiPaths.resource(context))
    return context.makeRequest(path: path, body: .make(["generateContentRequest": body]))
  }

  /// `totalTokens`.
  public func decodeTokenCount(_ body: JSON, _ context: RequestContext) throws(LLMError) -> Int64 {
    guard let count = body.tokens("totalTokens") else {
      throw serviceError(in: body).inPlaceOfAnswer(lacking: "\"totalTokens\"")
    }
    return count
  }

  // MARK: Embeddings

  /// `embedContent` for one text, `batchEmbedContents` for several; Vertex AI has `predict` for both.
  public func encodeEmbeddings(_ request: JSON, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    let embeddings = try GeminiEmbeddings(request, context)
    return context.makeRequest(
      path: context.endpoint.paths.embeddings ?? embeddings.path, body: embeddings.makeBody())
  }

  /// The vectors in OpenAI's shape.
  public func decodeEmbeddings(_ body: JSON, _ context: RequestContext) throws(LLMError) -> JSON {
    return try GeminiEmbeddings.read(body, context)
  }

  // MARK: Models

  /// Pages of a thousand. Vertex AI lists no models below a project.
  public func encodeModels(cursor: String?, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    if context.quirks.contains(.vertexPaths), context.endpoint.paths.models == nil {
      throw context.unsupported("a list of models")
    }
    return context.makeModelsRequest(path: "/models", size: "pageSize", after: "pageToken", cursor)
  }

  /// `models` with their limits under the library's names too.
  public func decodeModels(
    _ body: JSON, _ context: RequestContext
  ) throws(LLMError) -> (models: [JSON], cursor: String?) {
    // A key without models gets `{}`.
    guard body["error"] == nil, body.isObject else {
      throw serviceError(in: body).inPlaceOfAnswer(lacking: "list of models")
    }
    let models = (body["models"] ?? body["publisherModels"])?.elements ?? []
    let cursor = body.string("nextPageToken").flatMap { $0.isEmpty ? nil : $0 }
    return (models.compactMap { GeminiGenerate.model($0) }, cursor)
  }

  /// By the model's name, except Vertex AI.
  public func describesModels(_ quirks: Quirks) -> Bool { !quirks.contains(.vertexPaths) }

  /// The model's own resource.
  public func encodeModelInfo(_ model: String, _ context: RequestContext) throws(LLMError) -> HTTPRequest? {
    context.quirks.contains(.vertexPaths)
      ? nil : context.makeRequest(method: "GET", path: GeminiPaths.model(named: model, context))
  }

  /// The resource, as in the list.
  public func decodeModelInfo(_ body: JSON, _ model: String, _ context: RequestContext) throws(LLMError) -> JSON {
    if let model = GeminiGenerate.model(body) { return model }
    throw serviceError(in: body).inPlaceOfAnswer(lacking: "\"name\"")
  }

  private static func model(_ resource: JSON) -> JSON? {
    guard let name = resource.string("name") else { return nil }
    let model = resource.copy()
    model.set("id", name.pieces(separatedBy: UInt8(ascii: "/")).last ?? name)
    model.set("object", "model")
    model.set("label", resource["displayName"])
    model.set("context_window", resource["inputTokenLimit"])
    model.set("max_output_tokens", resource["outputTokenLimit"])
    return model
  }

  // MARK: Errors

  /// Google's error model: the status word, and in `details` the reason, the pause and the quota.
  public func serviceError(in body: JSON) -> ServiceError { GeminiError.read(body) }
}
