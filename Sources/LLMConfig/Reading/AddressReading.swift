import LLMCore

extension ConfigurationReading {
  mutating func baseURL(of config: JSON, profile: ProviderProfile, settings: JSON) -> String {
    if profile.dialect == .mock { return "" }
    guard let (template, key) = baseURLTemplate(of: config, profile: profile) else { return "" }
    do throws(MissingPlaceholder) {
      let url = try fillPlaceholders(template) { name in
        let text = value(of: name, profile: profile, settings: settings)
        if let text { checkPart(text, named: name) }
        return text
      }
      let address = url.withoutTrailingSlashes
      return profile.quirks.contains(.azurePaths) ? Self.azureResource(address) : address
    } catch {
      reportMissing(error.name, key: key, profile: profile)
      return ""
    }
  }

  /// Azure's address is given as far as the resource, or with the path that the portal shows.
  static func azureResource(_ address: String) -> String {
    for path in ["/openai/v1", "/openai"] where address.endsWith(path) {
      return address.keeping(bytes: address.utf8.count - path.utf8.count)
    }
    return address
  }

  /// What fills a placeholder. A host of the customer's own stands in the type's own variable, often as an address.
  func value(of placeholder: String, profile: ProviderProfile, settings: JSON) -> String? {
    let variable = placeholder == "host" ? firstVariable(profile.baseURLVariables)?.value : nil
    guard let text = settings[named: placeholder]?.string ?? variable else { return nil }
    let start = text.firstByteOffset(of: "://").map { $0 + 3 } ?? 0
    return text.dropping(bytes: start).withoutTrailingSlashes
  }

  /// What fills a placeholder is a part of the address, and never changes the rest of it.
  private mutating func checkPart(_ text: String, named name: String) {
    let marks = name == "host" ? "?#\\@" : "?#\\@/:%"
    let isPart = !text.utf8.contains { $0 <= 0x20 || $0 == 0x7F || marks.utf8.contains($0) } && !text.hasDotSegments
    if !isPart { problems.report(at: name, "the value at /\(name) is no part of an address") }
  }

  mutating func reportMissing(_ placeholder: String, key: String, profile: ProviderProfile) {
    guard let row = ConfigSchema.key(named: placeholder, in: "", at: .configuration) else {
      return problems.report(at: key, "nothing fills {\(placeholder)} at /\(key)")
    }
    let variables = row.variableList + (placeholder == "host" ? profile.baseURLVariables : [])
    let advice = variables.isEmpty ? "" : ", or set " + alternatives(variables)
    problems.report(at: placeholder, "\"\(placeholder)\" is missing: give it\(advice)")
  }

  /// The address before its placeholders are filled, and the key to blame for it.
  mutating func baseURLTemplate(of config: JSON, profile: ProviderProfile) -> (String, key: String)? {
    if let url = config.string("base_url") { return (url, "base_url") }
    if let variable = config.string("base_url_env") {
      if let url = environment.value(of: variable), !url.isEmpty { return (url, "base_url_env") }
      problems.report(at: "base_url_env", "the environment variable \(variable) at /base_url_env is not set")
      return nil
    }
    if let (_, value) = firstVariable(profile.baseURLVariables), !profile.baseURL.containsText("{host}") {
      let address = Self.address(fromHost: value, like: profile.baseURL).withoutTrailingSlashes
      return (address.endsWith(profile.baseURLPath) ? address : address + profile.baseURLPath, "base_url")
    }
    if !profile.baseURL.isEmpty { return (profile.baseURL, "base_url") }
    guard config["base_url"] == nil, profile.foreign == nil else { return nil }
    let advice = profile.baseURLVariables.isEmpty ? "" : ", or set " + alternatives(profile.baseURLVariables)
    problems.report(at: "base_url", "\"base_url\" is missing: say where the service is\(advice)")
    return nil
  }

  /// Variables such as OLLAMA_HOST hold a host, often the one a server listens on, where others hold an address.
  static func address(fromHost value: String, like usual: String) -> String {
    if value.containsText("://") { return value }
    let parts = value.pieces(separatedBy: UInt8(ascii: ":"))
    let host = parts[0].isEmpty || parts[0] == "0.0.0.0" ? "127.0.0.1" : parts[0]
    let scheme = usual.startsWith("http://") ? "http" : "https"
    let usualPort = usual.pieces(separatedBy: UInt8(ascii: ":")).dropFirst(2).first ?? ""
    let port = parts.count > 1 ? parts[1] : usualPort
    return scheme + "://" + host + (port.isEmpty ? "" : ":" + port)
  }

  mutating func paths(of config: JSON, profile: ProviderProfile) -> ServicePaths {
    var paths = profile.paths
    paths.chat = path("chat", of: config) ?? paths.chat
    paths.embeddings = path("embeddings", of: config) ?? paths.embeddings
    paths.models = path("models", of: config) ?? paths.models
    paths.rerank = path("rerank", of: config) ?? paths.rerank
    return paths
  }

  mutating func path(_ name: String, of config: JSON) -> String? {
    guard let path = config["paths"]?[named: name]?.string else { return nil }
    if path.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) {
      problems.enter("paths")
      problems.report(at: name, "blanks or control characters at /paths/\(name)")
      problems.leave()
    }
    return path.startsWith("/") ? path : "/" + path
  }

  /// Names that dialects put into addresses.
  mutating func checkNames(in settings: JSON) {
    for key: StaticText in ["model", "deployment", "project", "location"]
    where settings.string(key)?.hasDotSegments == true {
      problems.report(
        at: key.text, "\".\" and \"..\" between slashes lead to another address; give the name itself at /\(key)")
    }
  }

  /// Vertex AI's addresses name the project, but for the API keys of its "express mode", which no bearer token is.
  mutating func checkProject(in settings: JSON, baseURL: String, profile: ProviderProfile, auth: AuthScheme) {
    guard case .bearer = auth, profile.quirks.contains(.vertexPaths), settings["project"] == nil,
      !baseURL.containsText("/projects/"), !baseURL.isEmpty
    else { return }
    reportMissing("project", key: "project", profile: profile)
  }
}
