import LLMCore

/// The dialects: one line each.
public enum Dialects {
  /// The dialect that an endpoint speaks. Each handle has its own, so that a dialect may keep what belongs to a handle.
  public static func make(_ kind: DialectKind) -> any Dialect {
    switch kind {
    case .openAIChat: OpenAIChat()
    case .anthropicMessages: AnthropicMessages()
    case .cohereChat: CohereChat()
    case .geminiGenerate: GeminiGenerate()
    case .ollamaChat: OllamaChat()
    case .mock: Mock()
    default: OpenAIChat()
    }
  }
}
