import LLMConfig
import LLMCore

/// An OpenAI embeddings request in the words of the model's maker: Converse has none of its own, so it goes to
/// InvokeModel. Titan embeds one text a request, Cohere's models several.
struct BedrockEmbeddings {
  private let texts: [String]
  private let request: JSON
  private let isCohere: Bool

  private static let known: [StaticText] = ["model", "input", "dimensions", "encoding_format", "llm"]
  private static let knownToCohere: [StaticText] = known + ["input_type", "truncate"]
  private static let knownToTitan: [StaticText] = known + ["normalize"]

  init(_ request: JSON, _ context: RequestContext) throws(LLMError) {
    self.request = request
    isCohere = context.model.containsText("cohere.")
    texts = try EmbeddingInput.texts(of: request)
    guard isCohere || context.model.containsText("amazon.titan-embed") else {
      throw LLMError(
        .unsupported, "embeddings of \"\(context.model)\" are not known: ask Cohere's models, or Amazon's Titan",
        param: "/model")
    }
    guard isCohere || texts.count == 1 else {
      throw LLMError(
        .unsupported, "\"\(context.model)\" embeds one text a request; ask once for each", param: "/input")
    }
    try EmbeddingInput.warn(
      of: request, except: isCohere ? BedrockEmbeddings.knownToCohere : BedrockEmbeddings.knownToTitan, context)
  }

  func makeBody() -> JSON {
    guard isCohere else {
      return .make([
        "inputText": texts.first.map { .string($0) }, "dimensions": request["dimensions"],
        "normalize": request["normalize"],
      ])
    }
    return .make([
      "texts": .array(texts), "input_type": request["input_type"] ?? .word("search_document"),
      "embedding_types": .array(["float"]), "output_dimension": request["dimensions"], "truncate": request["truncate"],
    ])
  }

  static func read(_ body: JSON, _ context: RequestContext) throws(LLMError) -> JSON {
    let several = body["embeddings"].flatMap { $0["float"] ?? ($0.isArray ? $0 : nil) }
    let vectors = several?.elements ?? [body["embedding"] ?? body["embeddingsByType", "float"]].compactMap { $0 }
    guard !vectors.isEmpty else {
      throw LLMError(.protocol, "the service's answer has no embeddings", stage: .decode, providerError: body)
    }
    return EmbeddingInput.response(vectors, model: nil, tokens: body.tokens("inputTextTokenCount"), context)
  }
}
