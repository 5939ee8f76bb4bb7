import LLMCore

/// Knows models by provider and id: the catalogue, with the user's own rows over it.
public protocol ModelSource: AnyObject, Sendable {
  /// The row of a model; nil for one it does not know.
  func model(_ id: String, of provider: String) -> ModelProfile?
  /// All models of a provider.
  func models(of provider: String) -> [ModelProfile]
}

/// What configurations are read against: the catalogue.
public protocol ProviderSource: ModelSource {
  /// The row of a provider, by its name or another by which it is known.
  func provider(_ name: String) -> ProviderProfile?
  /// Every name that `provider` takes, `auto` included: for "did you mean".
  var providerNames: [String] { get }
  /// The environment variables of a provider's key.
  func keyVariables(of name: String) -> [String]
  /// When the service of that name ended, and where it went; nil for one that goes on, or is not known.
  func notice(about name: String) -> String?
  /// The same with the rows of the user's file over it.
  func adding(contentsOf path: String) throws(LLMError) -> any ProviderSource
}
