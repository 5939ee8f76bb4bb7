import LLMCore

/// The wire formats the library speaks.
public enum DialectKind: Sendable, CaseIterable {
  case openAIChat, openAIResponses, openAICompletions, anthropicMessages, geminiGenerate, ollamaChat, cohereChat
  case bedrockConverse, mock

  /// The name that stands in a configuration's `dialect` and in documents.
  public var name: StaticText {
    switch self {
    case .openAIChat: "openai-chat"
    case .openAIResponses: "openai-responses"
    case .openAICompletions: "openai-completions"
    case .anthropicMessages: "anthropic-messages"
    case .geminiGenerate: "gemini-generate"
    case .ollamaChat: "ollama-chat"
    case .cohereChat: "cohere-chat"
    case .bedrockConverse: "bedrock-converse"
    case .mock: "mock"
    }
  }

  /// The dialect of that name.
  public init?(name: String) {
    for kind in DialectKind.allCases where kind.name.matches(name) {
      self = kind
      return
    }
    return nil
  }
}
