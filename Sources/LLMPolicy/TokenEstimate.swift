import LLMCatalog
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
        tokens += part.isImage ? tokensPerImage : ((part.text ?? "").utf8.count + bytesPerToken - 1) / bytesPerToken
      }
      for call in message.toolCalls { tokens += (call.name.utf8.count + call.arguments.utf8.count) / bytesPerToken }
    }
    for tool in request.tools { tokens += tool.json.text.utf8.count / bytesPerToken }
    return Int64(tokens)
  }

  /// What an attempt may use: its prompt, and the most it may answer.
  static func tokens(in request: CallRequest, _ model: ModelProfile?) -> (prompt: Int64, answer: Int64) {
    guard let chat = request.chat else {
      let bytes = request.document["input"]?.text.utf8.count ?? 0
      return (Int64(bytes / bytesPerToken), 0)
    }
    let prompt = tokens(in: chat)
    guard request.operation == .chat else { return (prompt, 0) }
    let most = model.map { $0.maxOutput > 0 ? $0.maxOutput : usualAnswer } ?? usualAnswer
    let answers = min(max(request.document.int("n") ?? 1, 1), 128)
    let asked = min(max(chat.maxTokens ?? min(most, usualAnswer), 0), 1 << 32)
    return (prompt, asked &* answers)
  }
}
