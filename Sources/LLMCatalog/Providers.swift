import LLMCore

/// The providers built in.
public enum Providers {
  /// Other names by which people know them.
  public static let aliases: [(alias: StaticString, provider: StaticString)] = [
    ("google", "gemini")
  ]

  /// The rows, by name.
  public static let rows: [ProviderProfile] = [
    ProviderProfile("openai", "OpenAI", baseURL: "https://api.openai.com/v1", keys: ["OPENAI_API_KEY"]),
    ProviderProfile(
      "gemini", "Google Gemini", dialect: .geminiGenerate,
      baseURL: "https://generativelanguage.googleapis.com/v1beta", keys: ["GEMINI_API_KEY", "GOOGLE_API_KEY"],
      auth: .header("x-goog-api-key")),
    ProviderProfile("mock", "Mock", dialect: .mock, baseURL: "", auth: .none),
    ProviderProfile(
      "openai-compatible", "OpenAI-compatible", baseURL: "", keys: ["OPENAI_API_KEY"], quirks: .keyOptional,
      baseURLVariables: ["OPENAI_BASE_URL"]),
  ]
}
