import LLMCore

/// A user's own rows.
public struct UserCatalog: Sendable {
  /// Providers, over those built in.
  public let providers: [ProviderProfile]
  /// Models, over those built in.
  public let models: [ModelProfile]

  /// Reads a file.
  public init(contentsOf path: String) throws(LLMError) {
    throw LLMError(.invalidConfig, "the catalogue \(path) cannot be read")
  }
}
