import LLMCatalog
import LLMConfig
import LLMCore
import LLMDialects

/// Tokens, about, where a service is not asked or does not say: `TokenCounter` counts the texts.
public enum TokenEstimate {
  private static let tokensPerMessage = 4
  private static let tokensPerImage = 765
  /// What an answer is taken to be at most where neither the request nor the model's row says less.
  private static let usualAnswer: Int64 = 4096

  /// Of a request's messages and tools.
  public static func tokens(in request: ChatRequest) -> Int64 {
    var counter = TokenCounter()
    var others = 0
    for message in request.messages {
      others += tokensPerMessage
      for part in message.parts {
        if part.isImage { others += tokensPerImage } else if let text = part.textBytes { counter.add(text) }
      }
      for call in message.toolCalls {
        add(call.name, to: &counter)
        add(call.arguments, to: &counter)
      }
    }
    for tool in request.tools { add(tool.json.text, to: &counter) }
    return Int64(counter.tokens + others)
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
    var counter = TokenCounter()
    for name: StaticText in ["input", "query", "documents"] {
      guard let input = request[name] else { continue }
      for text in input.isArray ? input.elements : [input] {
        if let bytes = text.stringBytes ?? text["text"]?.stringBytes { counter.add(bytes) }
      }
    }
    return Int64(counter.tokens)
  }

  /// Tells the builder what its service did not: the tokens of the request, those of the answer, or both.
  static func complete(_ builder: ResponseBuilder, _ request: ChatRequest?) {
    let told = builder.usage
    guard told.prompt == nil || told.completion == nil else { return }
    let usage = Usage()
    usage.prompt = told.prompt ?? request.map { tokens(in: $0) }
    usage.completion = told.completion ?? tokens(inOutputOf: builder)
    usage.isEstimated = true
    builder.report(usage)
  }

  private static func tokens(inOutputOf builder: ResponseBuilder) -> Int64 {
    var counter = TokenCounter()
    builder.forEachOutput { counter.add($0) }
    return Int64(counter.tokens)
  }

  private static func add(_ text: String, to counter: inout TokenCounter) {
    var text = text
    text.withUTF8 { counter.add(UnsafeRawBufferPointer($0)) }
  }
}
