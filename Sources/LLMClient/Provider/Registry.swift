import LLMCatalog
import LLMConfig
import LLMCore

/// What can be configured, and whether a configuration is right.
public enum Registry {
  /// Every type, as a settings page needs it.
  public static var types: JSON {
    let document = JSON.object()
    let catalog = ForeignTypes.catalog
    document.set("types", .array((catalog.providers + [RouterReading.profile]).map { describe($0, catalog) }))
    return document
  }

  private static func describe(_ profile: ProviderProfile, _ catalog: Catalog) -> JSON {
    let document = JSON.object()
    document.set("type", profile.name)
    document.set("label", profile.label)
    document.set("description", profile.summary)
    document.set("name", profile.foreign?.name)
    document.set("version", profile.foreign?.version)
    document.set("base_url", profile.baseURL)
    document.set("env", .array(profile.keyVariables))
    document.set("models", .array(catalog.models(of: profile.name).map { .string($0.id) }))
    let capabilities = JSON.object()
    for (name, flag) in Capabilities.names {
      capabilities.set(name, .boolean(profile.capabilities.contains(flag)))
    }
    document.set("capabilities", capabilities)
    document.set("config_schema", ConfigSchema.jsonSchema(for: profile))
    return document
  }

  /// The verdict on a configuration: every problem, and the first one's code.
  public static func validate(_ config: JSON) -> (code: ErrorCode?, document: JSON) {
    let verdict = verdict(on: config, SystemEnvironment.shared, ForeignTypes.catalog)
    return (verdict.error?.code, verdict.document)
  }

  private static func verdict(
    on config: JSON, _ environment: any Environment, _ catalog: Catalog
  ) -> ConfigVerdict {
    guard config.string("type") == RouterReading.type else {
      return ConfigurationReader.verdict(on: config, environment: environment, catalog: catalog) {
        StoreRegistry.mistake(in: $0.gates.store)
      }
    }
    do throws(LLMError) {
      let config = try GatewayFile.resolve(config, environment: environment)
      return RouterReading.verdict(on: config, environment: environment, catalog: catalog) {
        StoreRegistry.mistake(in: $0.gates.store)
      }
    } catch {
      return ConfigVerdict(error)
    }
  }
}
