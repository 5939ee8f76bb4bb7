import LLMCore

/// What the services that rank documents have in common: nearly all take Cohere's request and answer in its shape, or in
/// one that calls the results `data`.
enum Rerank {
  /// The request's members, by the names that the service's quirks give them; what is not the library's own passes
  /// through. Documents come back by their places only, which costs least: their texts are in the request.
  static func encode(_ request: JSON, path: String, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    let body = request.copy()
    for name: Word in ["llm", "top_n", "documents", "return_documents", "encoding_format"] { body.remove(name) }
    body.set("model", context.model)
    body.set(
      context.quirks.contains(.rerankInput) ? "input" : "documents", .array(try texts(of: request).map { .string($0) }))
    body.set(context.quirks.contains(.rerankTopK) ? "top_k" : "top_n", request["top_n"])
    return context.makeRequest(path: path, body: body)
  }

  /// Documents are texts, or objects that hold one.
  static func texts(of request: JSON) throws(LLMError) -> [String] {
    var texts: [String] = []
    for (index, document) in request.elements("documents").enumerated() {
      guard let text = document.string ?? document.string("text") else {
        throw LLMError(
          .invalidRequest, "a document is a text, or an object with a \"text\"", param: formatted("/documents/\(index)"))
      }
      texts.append(text)
    }
    return texts
  }

  /// The results, best first and no more than asked for, with the documents where the request wants them back.
  static func decode(_ body: JSON, _ request: JSON, _ context: RequestContext) throws(LLMError) -> JSON {
    guard let list = body["results"] ?? body["data"], list.isArray else { throw unreadable(body) }
    let documents = request["documents"] ?? .array()
    let wantsDocuments = request.bool("return_documents") ?? false
    var ranking: [JSON] = []
    for entry in list.elements {
      guard let index = entry.int("index"), let document = documents[Int(clamping: index)],
        let score = entry["relevance_score"] ?? entry["score"], score.double != nil
      else { throw unreadable(body) }
      let result = JSON.make(["index": .integer(index), "relevance_score": score])
      if wantsDocuments { result.set("document", document.isString ? .make(["text": document]) : document) }
      insert(result, into: &ranking)
    }
    let most = request.int("top_n").map { Int(clamping: $0) } ?? ranking.count
    let response = JSON.make([
      "object": .word("list"), "results": .array(Array(ranking.prefix(max(0, most)))),
      "model": body["model"] ?? .string(context.model),
    ])
    response.set("usage", usage(of: body))
    return response
  }

  /// Services answer in order, so that this seldom moves anything.
  private static func insert(_ result: JSON, into ranking: inout [JSON]) {
    var place = ranking.count
    while place > 0, score(of: ranking[place - 1]) < score(of: result) { place -= 1 }
    ranking.insert(result, at: place)
  }

  private static func score(of result: JSON) -> Double { result["relevance_score"]?.double ?? 0 }

  /// Tokens by OpenAI's names; what is counted otherwise (`search_units`) under the service's.
  private static func usage(of body: JSON) -> JSON? {
    let usage = body["usage"]?.copy() ?? .object()
    for (name, value) in body["meta", "billed_units"]?.members ?? [] { usage.setDefault(named: name, value) }
    usage.setDefault("prompt_tokens", usage["total_tokens"] ?? usage["input_tokens"] ?? body["meta", "tokens"]?["input_tokens"])
    usage.setDefault("total_tokens", usage["prompt_tokens"])
    return usage.count > 0 ? usage : nil
  }

  private static func unreadable(_ body: JSON) -> LLMError {
    LLMError(
      .protocol, "the service's answer has no ranking of the documents", stage: .decode, providerError: body)
  }
}
