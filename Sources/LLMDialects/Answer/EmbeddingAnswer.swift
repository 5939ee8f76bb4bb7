import LLMCore

/// Whether an embeddings response is one, whatever service it comes from: an index of vectors that holds the wrong ones
/// is found out much later, if at all.
public enum EmbeddingAnswer {
  /// The response, once it has a vector for each input: numbers (or Base64, where it was asked for), all of one length.
  public static func checked(_ response: JSON, for request: JSON) throws(LLMError) -> JSON {
    guard let data = response["data"], data.isArray else { throw unusable("it has no list of vectors", response) }
    let vectors = data.elements
    if let count = inputCount(of: request), count != vectors.count {
      throw unusable(formatted("it has \(vectors.count) vectors for \(count) inputs"), response)
    }
    var length: Int?
    for vector in vectors {
      guard let embedding = vector["embedding"], let size = size(of: embedding), size > 0, size == length ?? size else {
        throw unusable("its vectors are no lists of numbers of one length", response)
      }
      length = size
    }
    return response
  }

  /// A list of numbers is one input, which came as tokens.
  private static func inputCount(of request: JSON) -> Int? {
    guard let input = request["input"] else { return nil }
    guard input.isArray else { return 1 }
    return isNumber(input[0]) ? 1 : input.count
  }

  private static func size(of vector: JSON) -> Int? {
    if let text = vector.stringBytes { return text.count }
    guard vector.isArray, vector.elements.allSatisfy({ isNumber($0) }) else { return nil }
    return vector.count
  }

  private static func isNumber(_ value: JSON?) -> Bool { value?.kind == .integer || value?.kind == .real }

  private static func unusable(_ why: String, _ response: JSON) -> LLMError {
    let text = ByteBuffer()
    response.write(into: text)
    return LLMError(
      .protocol, "the service's answer cannot be used: \(why): \(excerpt(of: text.bytes))", stage: .decode)
  }
}
