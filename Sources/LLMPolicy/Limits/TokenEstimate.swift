import LLMCatalog
import LLMConfig
import LLMCore
import LLMDialects

/// Tokens by the length of what there is to read: a token is about four bytes of English.
public enum TokenEstimate {
  private static let bytesPerToken = 4
  private static let tokensPerMessage = 4
  private static let tokensPerImage = 765
  /// What an answer is taken to be at most where neither the request nor the model's row says less.
  private static let usualAnswer: Int64 = 4096

  /// Of a request's messages and tools.
  public static func tokens(in request: ChatRequest) -> Int64 {
    var tokens = 0
    for message in request.messages {
      tokens += tokensPerMessage
      for part in message.parts {
        tokens += part.isImage ? tokensPerImage : self.tokens(inBytes: part.textByteCount)
      }
      for call in message.toolCalls { tokens += (call.name.utf8.count + call.arguments.utf8.count) / bytesPerToken }
    }
    for tool in request.tools { tokens += tool.json.text.utf8.count / bytesPerToken }
    return Int64(tokens)
  }

  /// What an attempt may use: its prompt, and the most it may answer.
  static func tokens(in request: CallRequest, _ model: ModelProfile?) -> (prompt: Int64, answer: Int64) {
    guard let chat = request.chat else { return (tokens(inInputOf: request.document), 0) }
    let prompt = tokens(in: chat)
    guard request.operation == .chat else { return (prompt, 0) }
    let most = model.map { $0.maxOutput > 0 ? $0.maxOutput : usualAnswer } ?? usualAnswer
    let answers = min(max(request.document.int("n") ?? 1, 1), 128)
    let asked = min(max(chat.maxTokens ?? min(most, usualAnswer), 0), 1 << 32)
    return (prompt, asked &* answers)
  }

  /// Of what is embedded or ranked.
  static func tokens(inInputOf request: JSON) -> Int64 {
    var tokens = 0
    for name: StaticText in ["input", "query", "documents"] {
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
    let usage = Usage()
    usage.prompt = told.prompt ?? request.map { tokens(in: $0) }
    usage.completion = told.completion ?? Int64(tokens(inBytes: builder.outputBytes))
    usage.isEstimated = true
    builder.report(usage)
  }

  private static func tokens(inBytes count: Int) -> Int { (count + bytesPerToken - 1) / bytesPerToken }
}
