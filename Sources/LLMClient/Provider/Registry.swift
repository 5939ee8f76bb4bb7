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
    let environment = SystemEnvironment.shared
    let catalog = ForeignTypes.catalog
    if config.string("type") == RouterReading.type { return validateRouter(config, environment, catalog) }
    let document = ConfigurationReader.validate(config, environment: environment, catalog: catalog)
    do throws(LLMError) {
      if config.string("type") != AutoDetection.type {
        _ = try ConfigurationReader.endpoint(from: config, environment: environment, catalog: catalog)
      }
      return (nil, document)
    } catch {
      document.set("error", error.document)
      return (error.code, document)
    }
  }

  private static func validateRouter(
    _ config: JSON, _ environment: any Environment, _ catalog: Catalog
  ) -> (code: ErrorCode?, document: JSON) {
    var document = JSON.object()
    do throws(LLMError) {
      let config = try GatewayFile.resolve(config, environment: environment)
      document = RouterReading.validate(config, environment: environment, catalog: catalog)
      _ = try RouterReading.plan(of: config, environment: environment, catalog: catalog)
      return (nil, document)
    } catch {
      document.setDefault("valid", .boolean(false))
      document.set("error", error.document)
      return (error.code, document)
    }
  }
}
