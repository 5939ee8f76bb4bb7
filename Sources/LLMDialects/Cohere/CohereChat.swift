import LLMConfig
import LLMCore

/// Cohere's chat in version 2 of its API, its embeddings, its rankings and its list of models.
///
/// Members of Cohere's own are taken in a request under their own names (`documents`, `citation_options`,
/// `safety_mode`, `thinking`, …). The plan that a model makes before it calls tools is reasoning; citations are
/// annotations of the type "citation".
public final class CohereChat: Dialect {
  /// Stateless.
  public init() {}

  // MARK: Chats

  /// `/v2/chat`.
  public func encodeChat(_ request: ChatRequest, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    context.makeRequest(
      path: context.endpoint.paths.chat ?? "/v2/chat", body: try CohereRequest(request, context).makeBody())
  }

  /// One decoder for events and whole answers.
  public func makeChatDecoder(_ context: RequestContext) -> any ChatDecoder { CohereDecoder() }

  // MARK: Embeddings

  private static let embeddingMembers: [StaticText] = [
    "model", "input", "dimensions", "encoding_format", "llm", "input_type", "truncate", "max_tokens",
  ]

  /// `/v2/embed`; what is embedded is to be searched, unless `input_type` says otherwise.
  public func encodeEmbeddings(_ request: JSON, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    let texts = try EmbeddingInput.texts(of: request)
    try EmbeddingInput.warn(of: request, except: Self.embeddingMembers, context)
    let body = JSON.make([
      "model": .string(context.model), "texts": .array(texts),
      "input_type": request["input_type"] ?? .word("search_document"), "embedding_types": .array(["float"]),
      "output_dimension": request["dimensions"], "truncate": request["truncate"],
      "max_tokens": request["max_tokens"],
    ])
    return context.makeRequest(path: context.endpoint.paths.embeddings ?? "/v2/embed", body: body)
  }

  /// The vectors in OpenAI's shape.
  public func decodeEmbeddings(_ body: JSON, _ context: RequestContext) throws(LLMError) -> JSON {
    guard let embeddings = body["embeddings"], let vectors = embeddings["float"] ?? embeddings.arrayOrNil else {
      throw serviceError(in: body).inPlaceOfAnswer(lacking: "embeddings")
    }
    let units = body["meta", "billed_units"]
    return EmbeddingInput.response(
      vectors.elements, model: nil, tokens: (units?["input_tokens"] ?? units?["image_tokens"])?.int, context)
  }

  /// `/v2/rerank`.
  public func encodeRerank(_ request: JSON, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    try Rerank.encode(request, path: context.endpoint.paths.rerank ?? "/v2/rerank", context)
  }

  // MARK: Models

  /// Pages of a thousand.
  public func encodeModels(cursor: String?, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    context.makeModelsRequest(path: "/v1/models", size: "page_size", after: "page_token", cursor)
  }

  /// `models`, each with what it can be asked for.
  public func decodeModels(
    _ body: JSON, _ context: RequestContext
  ) throws(LLMError) -> (models: [JSON], cursor: String?) {
    guard let models = body["models"], models.isArray else {
      throw serviceError(in: body).inPlaceOfAnswer(lacking: "list of models")
    }
    let cursor = body.string("next_page_token").flatMap { $0.isEmpty ? nil : $0 }
    return (models.elements.compactMap { CohereChat.model($0) }, cursor)
  }

  /// By the model's name.
  public func describesModels(_ quirks: Quirks) -> Bool { true }

  /// The model's own resource.
  public func encodeModelInfo(_ model: String, _ context: RequestContext) throws(LLMError) -> HTTPRequest? {
    context.makeRequest(method: "GET", path: "/v1/models/" + model.percentEncoded())
  }

  /// The resource, as in the list.
  public func decodeModelInfo(_ body: JSON, _ model: String, _ context: RequestContext) throws(LLMError) -> JSON {
    guard let model = CohereChat.model(body) else {
      throw serviceError(in: body).inPlaceOfAnswer(lacking: "\"name\"")
    }
    return model
  }

  private static func model(_ resource: JSON) -> JSON? {
    guard let name = resource["name"] else { return nil }
    let model = resource.copy()
    model.set("id", name)
    model.set("object", "model")
    model.set("context_window", resource["context_length"])
    return model
  }

  // MARK: Errors

  /// `{"message":…}`, with an `error_type` where the service has a word for it.
  public func serviceError(in body: JSON) -> ServiceError { CohereChat.read(error: body) }

  static func read(error body: JSON) -> ServiceError {
    var error = ServiceError(body)
    if let type = error.raw.string("error_type") { error.kinds.insert(type, at: 0) }
    if error.kinds.contains("TOO_MANY_TOKENS") { error.code = .contextLength }
    return error
  }
}

extension JSON {
  fileprivate var arrayOrNil: JSON? { isArray ? self : nil }
}
