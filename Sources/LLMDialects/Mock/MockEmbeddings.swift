import LLMCore

/// Vectors that depend on the text and on nothing else.
enum MockEmbeddings {
  private static let dimensions: Int64 = 8

  static func response(to request: JSON, _ context: RequestContext) -> JSON {
    let input = request["input"] ?? .string("")
    let texts = input.isArray ? input.elements : [input]
    let length = request.int("dimensions") ?? dimensions
    let response = JSON.object()
    response.set("object", "list")
    response.set("model", context.model)
    response.set("data", .array(texts.enumerated().map { vector($1.string ?? $1.text, at: $0, length: length) }))
    let usage = JSON.object()
    let tokens = texts.reduce(0) { $0 + (($1.string ?? "").utf8.count + 3) / 4 }
    usage.set("prompt_tokens", tokens)
    usage.set("total_tokens", tokens)
    response.set("usage", usage)
    return response
  }

  private static func vector(_ text: String, at index: Int, length: Int64) -> JSON {
    let random = SplitMix(seed: fnv1a(text.utf8))
    let values = JSON.array()
    for _ in 0..<min(max(length, 1), 4096) { values.append(.real(random.fraction() * 2 - 1)) }
    let item = JSON.object()
    item.set("object", "embedding")
    item.set("index", index)
    item.set("embedding", values)
    return item
  }
}
