import LLMConfig
import LLMCore

/// A user's own rows of providers and models, from a file in the project's format or in that of LiteLLM's price map
/// (docs/configuration.md describes both).
public struct UserCatalog: Sendable {
  /// Providers, over those built in.
  public let providers: [ProviderProfile]
  /// Models by provider, so that a lookup reads only the provider's own.
  private let groups: [(provider: String, models: [ModelProfile])]

  /// Reads a file. What a row does not say is what the other catalogue says of the provider or model.
  public init(contentsOf path: String, over base: Catalog) throws(LLMError) {
    guard let file = readFile(path) else {
      throw LLMError(.invalidConfig, "the catalogue \(path) cannot be read")
    }
    let json: JSON
    do throws(JSONSyntaxError) {
      json = try JSON.parse(file.bytes)
    } catch {
      throw LLMError(.invalidConfig, "the catalogue \(path) is no JSON: \(error.description)")
    }
    do throws(LLMError) {
      try self.init(json, over: base)
    } catch {
      throw LLMError(.invalidConfig, "in the catalogue \(path): \(error.message)")
    }
  }

  /// Rows that were read elsewhere.
  public init(providers: [ProviderProfile], models: [ModelProfile]) {
    self.providers = providers
    groups = Self.grouped(models)
  }

  /// Reads a document.
  public init(_ json: JSON, over base: Catalog) throws(LLMError) {
    guard json.isObject else {
      throw LLMError(.invalidConfig, "expected object, found \(json.kind.name.text)")
    }
    let models: [ModelProfile]
    if json["providers"]?.isArray == true || json["models"]?.isArray == true {
      var reading = CatalogReading(base: base)
      (providers, models) = reading.rows(of: json)
      if let problem = reading.problems.all.first { throw problem.error }
    } else {
      providers = []
      models = PriceMap.models(of: json, over: base)
      guard !models.isEmpty else {
        throw LLMError(
          .invalidConfig, "neither \"providers\" or \"models\" lists, nor rows of a price map with \"litellm_provider\""
        )
      }
    }
    groups = Self.grouped(models)
  }

  private static func grouped(_ models: [ModelProfile]) -> [(provider: String, models: [ModelProfile])] {
    var groups: [(provider: String, models: [ModelProfile])] = []
    for model in models {
      if let index = groups.firstIndex(where: { $0.provider == model.provider }) {
        groups[index].models.append(model)
      } else {
        groups.append((model.provider, [model]))
      }
    }
    return groups
  }

  /// The models of a provider.
  public func models(of provider: String) -> [ModelProfile] {
    for group in groups where group.provider == provider { return group.models }
    return []
  }

  /// The model of exactly that id.
  func model(_ id: String, of provider: String) -> ModelProfile? {
    for group in groups where group.provider == provider {
      // Where a file names a model twice, the later row counts.
      for model in group.models.reversed() where model.id == id { return model }
    }
    return nil
  }
}
