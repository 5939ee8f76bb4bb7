import LLMConfig
import LLMCore

/// Ollama's own format: `/api/chat`, and `/api/generate` for a bare prompt.
///
/// A request goes to `/api/generate` when it has `prompt` in place of messages and no tools, or one of the members that
/// only that address takes: `suffix` (fill in the middle), `raw`, `template`, `context`; it may then hold one prompt
/// besides system messages. `keep_alive` and `options` are taken as they are. How long loading, reading and writing took comes back in `timings`, in milliseconds.
public final class OllamaChat: Dialect {
  /// Stateless.
  public init() {}

  /// A line of JSON each.
  public var framing: Framing { .ndjson }

  // MARK: Chats

  /// `/api/chat` or `/api/generate`.
  public func encodeChat(_ request: ChatRequest, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    let encoder = OllamaRequest(request, context)
    let path = context.endpoint.paths.chat ?? (encoder.isPrompt ? "/api/generate" : "/api/chat")
    return context.makeRequest(path: path, body: try encoder.makeBody())
  }

  /// One decoder for lines and whole answers of both addresses.
  public func makeChatDecoder(_ context: RequestContext) -> any ChatDecoder { OllamaDecoder(context) }

  // MARK: Embeddings

  /// `/api/embed`.
  public func encodeEmbeddings(_ request: JSON, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    let texts = try EmbeddingInput.texts(of: request)
    try EmbeddingInput.warn(
      of: request,
      except: ["model", "input", "dimensions", "encoding_format", "llm", "truncate", "keep_alive", "options"], context)
    let body = JSON.make([
      "model": .string(context.model), "input": .array(texts), "dimensions": request["dimensions"],
      "truncate": request["truncate"], "keep_alive": request["keep_alive"], "options": request["options"],
    ])
    return context.makeRequest(path: context.endpoint.paths.embeddings ?? "/api/embed", body: body)
  }

  /// The vectors in OpenAI's shape; the one vector of the older `/api/embeddings` too.
  public func decodeEmbeddings(_ body: JSON, _ context: RequestContext) throws(LLMError) -> JSON {
    guard body["error"] == nil, let vectors = body["embeddings"]?.elements ?? body["embedding"].map({ [$0] }) else {
      throw serviceError(in: body).inPlaceOfAnswer(lacking: "embeddings")
    }
    return EmbeddingInput.response(
      vectors, model: body.string("model"), tokens: body.tokens("prompt_eval_count"), context)
  }

  // MARK: Models

  /// The models that were pulled.
  public func encodeModels(cursor: String?, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    context.makeRequest(method: "GET", path: context.endpoint.paths.models ?? "/api/tags")
  }

  /// `models`, each with its file's size and family.
  public func decodeModels(
    _ body: JSON, _ context: RequestContext
  ) throws(LLMError) -> (models: [JSON], cursor: String?) {
    guard body["error"] == nil, let models = body["models"], models.isArray else {
      throw serviceError(in: body).inPlaceOfAnswer(lacking: "list of models")
    }
    return (
      models.elements.compactMap { entry in
        (entry["model"] ?? entry["name"])?.string.map { OllamaChat.model(entry, id: $0) }
      }, nil
    )
  }

  /// By the model's name.
  public func describesModels(_ quirks: Quirks) -> Bool { true }

  /// `/api/show`, which knows context windows and capabilities.
  public func encodeModelInfo(_ model: String, _ context: RequestContext) throws(LLMError) -> HTTPRequest? {
    context.makeRequest(path: "/api/show", body: .make(["model": .string(model)]))
  }

  /// The description without the licence and the weights' inventory, which are long.
  public func decodeModelInfo(_ body: JSON, _ model: String, _ context: RequestContext) throws(LLMError) -> JSON {
    if body["error"] != nil { throw serviceError(in: body).inPlaceOfAnswer(lacking: "description") }
    let description = OllamaChat.model(body, id: model)
    for name in ["license", "modelfile", "tensors"] { description.remove(named: name) }
    for (name, value) in body.members("model_info") {
      if name.endsWith(".context_length") { description.set("context_window", value) }
      if name.startsWith("tokenizer.") { description["model_info"]?.remove(named: name) }
    }
    return description
  }

  private static func model(_ entry: JSON, id: String) -> JSON {
    let model = entry.deepCopy()
    model.set("id", id)
    model.set("object", "model")
    model.set("created", Timestamp.unixSeconds(entry.string("modified_at")).map { .integer($0) })
    return model
  }

  // MARK: Errors

  /// `{"error":"…"}`; a model that is not there is explained.
  public func serviceError(in body: JSON) -> ServiceError { OllamaError.read(body) }
}
