import LLMCore

/// What `{"type":"auto"}` stands for: the first provider whose key is in the environment, else a local server that
/// answers (which the client asks), else the mock.
public enum AutoDetection {
  /// The type's name.
  public static let type = "auto"

  /// Providers in the order in which their keys are looked for. Left out are those that need more than a key, and
  /// those whose variable is commonly set for other ends (GITHUB_TOKEN).
  public static let order: [StaticText] = [
    "openai", "anthropic", "gemini", "openrouter", "mistral", "groq", "deepseek", "xai", "together", "fireworks",
    "cerebras", "cohere", "perplexity", "moonshot", "zai", "alibaba", "minimax", "deepinfra", "novita", "sambanova",
    "nvidia", "nebius", "hyperbolic", "vercel", "huggingface",
  ]

  /// Local servers to ask, in order, when no key is found.
  public static let localCandidates: [LocalCandidate] = [
    LocalCandidate(type: "ollama", probePath: "/api/version"),
    LocalCandidate(type: "llamacpp", probePath: "/models"),
    LocalCandidate(type: "lmstudio", probePath: "/models"),
    LocalCandidate(type: "vllm", probePath: "/models"),
  ]

  /// The first provider whose key is in the environment.
  public static func provider(in environment: any Environment, catalog: any ProviderSource) -> ProviderProfile? {
    for name in order {
      for variable in catalog.keyVariables(of: name.text) {
        if let key = environment.value(of: variable), !key.trimmed.isEmpty { return catalog.provider(name.text) }
      }
    }
    return nil
  }
}

/// A server that may run on the user's machine.
public struct LocalCandidate: Sendable {
  /// The row it would be; its base URL is where to ask.
  public let type: StaticText
  /// What to GET below the row's base URL: any answer of status 200 counts.
  public let probePath: StaticText
}
