import LLMCore
import LLMDialects

/// Tokens by the length of what there is to read: a token is about four bytes of English.
public enum TokenEstimate {
  private static let bytesPerToken = 4
  private static let tokensPerMessage = 4
  private static let tokensPerImage = 765

  /// Of a chat request.
  public static func tokens(in request: ChatRequest) -> Int64 {
    var tokens = 0
    for message in request.messages {
      tokens += tokensPerMessage
      for part in message.parts { tokens += part.isImage ? tokensPerImage : self.tokens(inBytes: (part.text ?? "").utf8.count) }
      for call in message.toolCalls { tokens += (call.name.utf8.count + call.arguments.utf8.count) / bytesPerToken }
    }
    for tool in request.tools { tokens += tool.json.text.utf8.count / bytesPerToken }
    return Int64(tokens)
  }

  /// Of what is embedded or ranked.
  static func tokens(inInputOf request: JSON) -> Int64 {
    var tokens = 0
    for name: Word in ["input", "query", "documents"] {
      guard let input = request[name] else { continue }
      for text in input.isArray ? input.elements : [input] {
        tokens += self.tokens(inBytes: (text.string ?? text.string("text") ?? "").utf8.count)
      }
    }
    return Int64(tokens)
  }

  /// Tells the builder what its service did not: the tokens of the request, those of the answer, or both.
  static func complete(_ builder: ResponseBuilder, _ request: ChatRequest?) {
    let told = builder.usage
    guard told.prompt == nil || told.completion == nil else { return }
    var usage = Usage()
    usage.prompt = told.prompt ?? request.map { tokens(in: $0) }
    usage.completion = told.completion ?? Int64(tokens(inBytes: builder.outputBytes))
    usage.isEstimated = true
    builder.report(usage)
  }

  private static func tokens(inBytes count: Int) -> Int { (count + bytesPerToken - 1) / bytesPerToken }
}
