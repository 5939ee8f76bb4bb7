import LLMCatalog
import LLMCore

/// What can be configured, and whether a configuration is right.
public enum Registry {
  /// Every type, as a settings page needs it.
  public static var types: JSON {
    let document = JSON.object()
    document.set("types", .array(Catalog.builtIn.providers.map { describe($0) }))
    return document
  }

  private static func describe(_ profile: ProviderProfile) -> JSON {
    let document = JSON.object()
    document.set("type", profile.name)
    document.set("label", profile.label)
    document.set("description", profile.summary)
    document.set("base_url", profile.baseURL)
    document.set("env", .array(profile.keyVariables))
    document.set("models", .array(Catalog.builtIn.models(of: profile.name).map { .string($0.id) }))
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
    let document = ConfigurationReader.validate(config, environment: environment, catalog: .builtIn)
    do throws(LLMError) {
      if config.string("type") != AutoDetection.type {
        _ = try ConfigurationReader.endpoint(from: config, environment: environment, catalog: .builtIn)
      }
      return (nil, document)
    } catch {
      document.set("error", error.document)
      return (error.code, document)
    }
  }
}
