import LLMConfig
import LLMCore

/// The dialects: one line each.
public enum Dialects {
  /// The dialect that an endpoint speaks. Each handle has its own, so that a dialect may keep what belongs to a handle.
  public static func make(_ kind: DialectKind) -> any Dialect {
    switch kind {
    case .openAIChat: OpenAIChat()
    case .openAIResponses: OpenAIResponses()
    case .openAICompletions: OpenAICompletions()
    case .anthropicMessages: AnthropicMessages()
    case .geminiGenerate: GeminiGenerate()
    case .ollamaChat: OllamaChat()
    case .cohereChat: CohereChat()
    case .bedrockConverse: BedrockConverse()
    case .mock: Mock()
    }
  }
}
