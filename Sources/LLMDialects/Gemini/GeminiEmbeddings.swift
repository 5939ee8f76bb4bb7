import LLMConfig
import LLMCore

/// An OpenAI embeddings request in Gemini's words.
struct GeminiEmbeddings {
  private let texts: [String]
  private let isSingle: Bool
  private let request: JSON
  private let context: RequestContext

  private static let known: [StaticText] = [
    "model", "input", "dimensions", "encoding_format", "llm", "task_type", "taskType", "title", "auto_truncate",
  ]

  init(_ request: JSON, _ context: RequestContext) throws(LLMError) {
    self.request = request
    self.context = context
    texts = try EmbeddingInput.texts(of: request)
    isSingle = request["input"]?.isString ?? false
    try EmbeddingInput.warn(of: request, except: GeminiEmbeddings.known, context)
  }

  var path: String {
    let method =
      context.quirks.contains(.vertexPaths) ? ":predict" : isSingle ? ":embedContent" : ":batchEmbedContents"
    return GeminiPaths.model(context) + method
  }

  func makeBody() -> JSON {
    if context.quirks.contains(.vertexPaths) { return makePrediction() }
    if isSingle { return makeRequest(texts.first ?? "") }
    return .make(["requests": .array(texts.map { makeRequest($0) })])
  }

  private var taskType: JSON? { request["task_type"] ?? request["taskType"] }

  private func makeRequest(_ text: String) -> JSON {
    .make([
      "model": .string(GeminiPaths.resource(context)),
      "content": .make(["parts": .array([.make(["text": .string(text)])])]),
      "taskType": taskType, "title": request["title"], "outputDimensionality": request["dimensions"],
    ])
  }

  private func makePrediction() -> JSON {
    let instances = texts.map { text in
      JSON.make(["content": .string(text), "task_type": taskType, "title": request["title"]])
    }
    let parameters = JSON.make([
      "outputDimensionality": request["dimensions"], "autoTruncate": request["auto_truncate"],
    ])
    return .make(["instances": .array(instances), "parameters": parameters.count > 0 ? parameters : nil])
  }

  static func read(_ body: JSON, _ context: RequestContext) throws(LLMError) -> JSON {
    let predictions = body.elements("predictions").compactMap { $0["embeddings"] }
    let embeddings = body["embedding"].map { [$0] } ?? body["embeddings"]?.elements ?? predictions
    let vectors = embeddings.compactMap { $0["values"] }
    guard body["error"] == nil, !vectors.isEmpty, vectors.count == embeddings.count else {
      throw GeminiError.read(body).inPlaceOfAnswer(lacking: "embeddings")
    }
    let counted = predictions.compactMap { $0.tokens("statistics", "token_count") }
    let sum = counted.isEmpty ? nil : counted.reduce(0) { $0 &+ $1 }
    return EmbeddingInput.response(
      vectors, model: nil, tokens: body.tokens("usageMetadata", "promptTokenCount") ?? sum, context)
  }
}
