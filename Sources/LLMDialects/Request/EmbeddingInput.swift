import LLMConfig
import LLMCore

/// What the embeddings of services share that do not speak OpenAI's format.
enum EmbeddingInput {
  /// The texts of an OpenAI embeddings request: `input` is one or several.
  static func texts(of request: JSON) throws(LLMError) -> [String] {
    if let text = request.string("input") { return [text] }
    let texts = request.elements("input").compactMap { $0.string }
    guard !texts.isEmpty, texts.count == request["input"]?.count else {
      throw LLMError(.invalidRequest, "input is a text or an array of texts that is not empty", param: "/input")
    }
    return texts
  }

  /// Warns of every member that the dialect does not take over. Vectors come as numbers whatever `encoding_format` says.
  static func warn(of request: JSON, except known: [StaticText], _ context: RequestContext) throws(LLMError) {
    for (name, _) in request.members(except: known) {
      try context.warn(
        "unsupported_parameter", "\(context.endpoint.profile.label) has no counterpart of \"\(name)\"; it was left out",
        param: "/" + name)
    }
    guard let format = request.string("encoding_format"), format != "float" else { return }
    try context.warn(
      "changed_parameter", "the vectors come as numbers, not as \(format)", param: "/encoding_format")
  }

  /// An OpenAI embeddings response.
  static func response(_ vectors: [JSON], model: String?, tokens: Int64?, _ context: RequestContext) -> JSON {
    let data = JSON.array()
    for (index, vector) in vectors.enumerated() {
      data.append(.make(["object": .word("embedding"), "index": .integer(index), "embedding": vector]))
    }
    let response = JSON.make(["object": .word("list"), "data": data, "model": .string(model ?? context.model)])
    if let tokens {
      response.set("usage", .make(["prompt_tokens": .integer(tokens), "total_tokens": .integer(tokens)]))
    }
    return response
  }
}
