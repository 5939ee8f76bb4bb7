import LLMCore

// What is told about configurations: the resolved one, warnings, and the JSON Schema of each type.

extension ConfigurationReader {
  /// What would be used: the configuration with defaults, without secrets.
  static func resolved(_ endpoint: Endpoint, keySource: String?) -> JSON {
    let resolved = redacted(endpoint.settings, foreign: ForeignSchema(endpoint.profile))
    let profile = endpoint.profile
    resolved.set("type", profile.name)
    resolved.set("name", endpoint.name)
    resolved.set("base_url", endpoint.baseURL.isEmpty ? nil : .string(withoutSecrets(endpoint.baseURL)))
    resolved.set("dialect", profile.foreign == nil ? .string(profile.dialect.name) : nil)
    resolved.set("model", endpoint.defaultModel)
    resolved.set("key_from", keySource)
    resolved.set("quirks", .array(endpoint.quirks.nameList))
    setDefaults(for: profile, in: resolved)
    return resolved
  }

  /// Fills in what counts where a key is missing.
  static func setDefaults(for profile: ProviderProfile, in document: JSON) {
    for key in ConfigSchema.keys where key.places.contains(.configuration) && key.applies(to: profile) {
      setDefault(of: key, in: document)
    }
  }

  private static func setDefault(of key: ConfigKey, in document: JSON) {
    guard let value = key.defaultValue else { return }
    let parts = key.path.text.pieces(separatedBy: UInt8(ascii: "."))
    guard parts.count > 1 else { return document.setDefault(named: parts[0], value) }
    if document[named: parts[0]]?.isArray == true { return }
    // A default within `auth` says nothing where `auth` is not an object; what is off unless given is not given here.
    if parts[0] == "auth" || (isOffUnlessGiven(parts[0]) && document[named: parts[0]] == nil) { return }
    let section = document[named: parts[0]] ?? .object()
    section.setDefault(named: parts[1], value)
    document.set(named: parts[0], section)
  }

  private static func isOffUnlessGiven(_ section: String) -> Bool {
    for name: StaticText in ["rate_limit", "breaker", "budget", "store", "hedge", "models"] where name.matches(section)
    { return true }
    return false
  }

  /// What is no mistake, but may surprise.
  static func warnings(about endpoint: Endpoint, at root: String = "", unsent: String? = nil) -> [JSON] {
    var warnings: [JSON] = []
    func warn(_ code: StaticText, _ place: StaticText, _ message: String) {
      let warning = JSON.object()
      warning.set("code", code)
      warning.set("message", message)
      warning.set("param", root + place.text)
      warnings.append(warning)
    }
    let secured = endpoint.apiKey != nil || endpoint.awsCredentials != nil
    if secured, endpoint.settings.bool("allow_http") == true, endpoint.baseURL.startsWith("http://") {
      warn("plain_http", "/allow_http", "the key travels unencrypted")
    }
    if let unsent {
      warn(
        "key_not_sent", "/base_url",
        formatted(
          "the key in \(unsent) is not for a server on this machine; \"api_key_env\":\"\(unsent)\" sends it all the same"
        ))
    }
    for place in UselessPlace.all(in: endpoint.settings) { warn("useless_path", place.pointer, place.message) }
    let provider = endpoint.profile.name
    if let id = endpoint.defaultModel {
      if let model = endpoint.models.model(id, of: provider) {
        if let day = model.deprecatedOn {
          let successor = model.successor.map { "; use " + $0 } ?? ""
          warn("deprecated_model", "/model", "\"\(id)\" is announced to end on \(day)\(successor)")
        }
      } else if endpoint.models.knowsModels(of: provider) {
        warn("unknown_model", "/model", "\"\(id)\" is not in the catalogue of \"\(provider)\"; it is sent as it is")
      }
    }
    return warnings
  }
}

extension ModelSource {
  fileprivate func knowsModels(of provider: String) -> Bool { !models(of: provider).isEmpty }
}
