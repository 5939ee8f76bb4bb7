import LLMConfig
import LLMCore

/// What the services that rank documents have in common: nearly all take Cohere's request and answer in its shape, or in
/// one that calls the results `data`.
enum Rerank {
  /// The request's members, by the names that the service's quirks give them; what is not the library's own passes
  /// through. Documents come back by their places only, which costs least: their texts are in the request.
  static func encode(_ request: JSON, path: String, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    let body = request.copy()
    let texts = JSON.array()
    for (index, document) in request.elements("documents").enumerated() {
      guard let text = text(of: document) else {
        throw LLMError(
          .invalidRequest, "a document is a text, or an object with a \"text\"", param: formatted("/documents/\(index)")
        )
      }
      texts.append(text)
    }
    for name: StaticText in ["llm", "top_n", "documents", "return_documents"] { body.remove(name) }
    body.set("model", context.model)
    body.set(context.quirks.contains(.rerankInput) ? "input" : "documents", texts)
    body.set(context.quirks.contains(.rerankTopK) ? "top_k" : "top_n", request["top_n"])
    return context.makeRequest(path: path, body: body)
  }

  private static func text(of document: JSON) -> JSON? {
    guard let text = document.isString ? document : document["text"], text.isString else { return nil }
    return text
  }

  /// The results, best first and no more than asked for, with the documents where the request wants them back.
  static func decode(_ body: JSON, _ request: JSON, _ context: RequestContext) throws(LLMError) -> JSON {
    guard let list = body["results"] ?? body["data"], list.isArray, let listed = request["documents"] else {
      throw unreadable(body)
    }
    let documents = listed.elements
    guard list.count <= documents.count else { throw unreadable(body) }
    var results: [JSON] = []
    var scores: [Double] = []
    for entry in list.elements {
      guard let place = entry["index"], let index = place.int, documents.indices.contains(Int(clamping: index)),
        let score = entry["relevance_score"] ?? entry["score"], let value = score.double
      else { throw unreadable(body) }
      let result = JSON.object()
      result.set("index", place)
      result.set("relevance_score", score)
      if request.bool("return_documents") == true, let text = text(of: documents[Int(clamping: index)]) {
        let document = JSON.object()
        document.set("text", text)
        result.set("document", document)
      }
      results.append(result)
      scores.append(value)
    }
    let best = results.indices.sorted { scores[$0] == scores[$1] ? $0 < $1 : scores[$0] > scores[$1] }
    let most = request.int("top_n").map { Int(clamping: $0) } ?? best.count
    let response = JSON.object()
    response.set("object", "list")
    response.set("results", .array(best.prefix(max(0, most)).map { results[$0] }))
    response.set("model", body.string("model") ?? context.model)
    response.set("usage", usage(of: body))
    return response
  }

  /// Tokens by OpenAI's names; what is counted otherwise (`search_units`) under the service's.
  private static func usage(of body: JSON) -> JSON? {
    let usage = body["usage"]?.copy() ?? .object()
    for (name, value) in body["meta", "billed_units"]?.members ?? [] { usage.setDefault(named: name, value) }
    usage.setDefault("prompt_tokens", usage["total_tokens"] ?? body["meta", "tokens"]?["input_tokens"])
    usage.setDefault("total_tokens", usage["prompt_tokens"])
    return usage.count > 0 ? usage : nil
  }

  private static func unreadable(_ body: JSON) -> LLMError {
    LLMError(
      .protocol, "the service's answer has no ranking of the documents", stage: .decode, providerError: body)
  }
}
