import LLMCore

/// One reading of one configuration: goes on after a problem where it can, so that all are found.
struct ConfigurationReading {
  private(set) var problems: ConfigProblems
  /// Where the key came from: "api_key", or the name of a variable.
  private(set) var keySource: String?

  private let environment: any Environment
  private var catalog: Catalog

  /// `root` is where the configuration stands in the program's document.
  init(environment: any Environment, catalog: Catalog, root: String = "") {
    problems = ConfigProblems(.invalidConfig, root: root)
    self.environment = environment
    self.catalog = catalog
  }

  /// The endpoint; nil where not even the provider is known. Of use only without problems.
  mutating func endpoint(from json: JSON) -> Endpoint? {
    let config = Interpolation.resolve(json, environment: environment, problems: &problems)
    ConfigChecker(place: .configuration, foreign: ForeignSchema(namedProfile(of: config)))
      .check(config, into: &problems)
    addUserCatalogs(of: config)
    guard config.isObject, let row = profile(of: config) else { return nil }
    checkScopes(of: config, for: row)
    let profile = row.copy()
    let fixedDialect = fixedDialect(of: config, profile: profile)
    let settings = settings(of: config, for: profile)
    let headers = headers(of: config, profile: profile)
    let auth = auth(of: config, profile: profile)
    let aws = awsCredentials(of: config, profile: profile)
    let isSigned = aws != nil || headers.contains { $0.name.namesSecret }
    let key = apiKey(of: config, profile: profile, auth: auth, isSigned: isSigned)
    let baseURL = baseURL(of: config, profile: profile, settings: settings)
    checkGates(of: config)
    checkTransport(of: config, baseURL: baseURL, hasSecret: key != nil || isSigned)
    checkArchives(of: config)
    let call = CallSettings()
    call.apply(config)
    call.extraBody = nil
    return Endpoint(
      profile: profile, name: config.string("name") ?? profile.name, baseURL: baseURL, apiKey: key, auth: auth,
      defaultModel: config.string("model") ?? profile.defaultModel,
      bypassesModel: config.bool("bypass_model") ?? false, headers: headers, extraBody: config["extra_body"],
      paths: paths(of: config, profile: profile), quirks: quirks(of: config, profile: profile), settings: settings,
      transport: transport(of: config), limits: limits(of: config), call: call, models: RecentModel(catalog),
      fixedDialect: fixedDialect, awsCredentials: aws,
      modelsTimeToLive: .milliseconds((config.int("models_ttl_s") ?? 3600) &* 1000), gates: GateSettings(config))
  }
}

// MARK: - The provider

extension ConfigurationReading {
  private mutating func addUserCatalogs(of config: JSON) {
    guard let member = config["catalog"] else { return }
    let files = member.isArray ? member.elements : [member]
    for (index, file) in files.enumerated() {
      guard let path = file.string else { continue }
      do throws(LLMError) {
        catalog = catalog.adding(try UserCatalog(contentsOf: path, over: catalog))
      } catch {
        problems.enter("catalog")
        if member.isArray { problems.enter(formatted("\(index)")) }
        problems.report("\(error.message)")
        if member.isArray { problems.leave() }
        problems.leave()
      }
    }
  }

  private func namedProfile(of config: JSON) -> ProviderProfile? {
    config.string("type").flatMap { catalog.provider($0) }
  }

  private mutating func profile(of config: JSON) -> ProviderProfile? {
    guard let type = config["type"] else {
      problems.report(
        at: "type", "\"type\" is missing; name a provider, such as \"openai\", or let \"auto\" choose one")
      return nil
    }
    guard let name = type.string else { return nil }
    if name == AutoDetection.type {
      return AutoDetection.provider(in: environment, catalog: catalog) ?? catalog.provider("mock")
    }
    if let profile = catalog.provider(name) { return profile }
    let nearest = nearestName(to: name.asciiLowercased, among: catalog.providerNames)
    let own = formatted("; use \"\(Catalog.customType)\" with \"base_url\" for a service of your own")
    let advice = nearest == nil ? own : ""
    problems.report(
      at: "type", "unknown type \"\(name)\" at /type\(didYouMean(nearest))\(advice)", suggestion: nearest,
      code: .unsupported)
    return nil
  }

  /// What `dialect` and `api` fix; the profile takes it over.
  private func fixedDialect(of config: JSON, profile: ProviderProfile) -> DialectKind? {
    var kind: DialectKind?
    switch config.string("api") {
    case "chat": kind = .openAIChat
    case "responses": kind = .openAIResponses
    case "completions": kind = .openAICompletions
    default: kind = config.string("dialect").flatMap { DialectKind(name: $0) }
    }
    guard let kind else { return nil }
    profile.dialect = kind
    if kind == .bedrockConverse { profile.auth = .sigV4(service: "bedrock") }
    return kind
  }

  private mutating func checkScopes(of config: JSON, for profile: ProviderProfile) {
    let foreign = ForeignSchema(profile)
    for (name, value) in config.members where !value.isNull && foreign?.property(name) == nil {
      guard let key = ConfigSchema.key(named: name, in: "", at: .configuration), !key.applies(to: profile) else {
        continue
      }
      problems.report(at: name, "\"\(name)\" is for \(key.scope.text), not for type \"\(profile.name)\"")
    }
  }

  /// The configuration without secrets, with the variables and defaults of the keys that are the type's own.
  private func settings(of config: JSON, for profile: ProviderProfile) -> JSON {
    let settings = config.copy()
    let scope = ConfigScope(of: profile).union(.placeholder)
    let foreign = ForeignSchema(profile)
    foreign?.setDefaults(in: settings)
    for key in ConfigSchema.keys {
      if !key.applies(to: profile), foreign?.property(key.path.text) != nil { continue }
      if key.isSecret {
        settings.remove(key.path)
      } else if !key.scope.isDisjoint(with: scope), key.isMember(of: ""), key.applies(to: profile),
        config[key.path] == nil, let value = variable(of: key).map({ JSON.string($0) }) ?? key.defaultValue
      {
        settings.set(key.path, value)
      }
    }
    return settings
  }

  private func variable(of key: ConfigKey) -> String? { firstVariable(key.variableList)?.value }

  private func firstVariable(_ names: [String]) -> (name: String, value: String)? {
    for name in names {
      if let value = environment.value(of: name), !value.isEmpty { return (name, value) }
    }
    return nil
  }
}

// MARK: - Where

extension ConfigurationReading {
  private mutating func baseURL(of config: JSON, profile: ProviderProfile, settings: JSON) -> String {
    if profile.dialect == .mock { return "" }
    guard let (template, key) = baseURLTemplate(of: config, profile: profile) else { return "" }
    do throws(MissingPlaceholder) {
      let url = try fillPlaceholders(template, with: { value(of: $0, profile: profile, settings: settings) })
      let address = url.withoutTrailingSlashes
      return profile.quirks.contains(.azurePaths) ? Self.azureResource(address) : address
    } catch {
      reportMissing(error.name, key: key, profile: profile)
      return ""
    }
  }

  /// Azure's address is given as far as the resource, or with the path that the portal shows.
  private static func azureResource(_ address: String) -> String {
    for path in ["/openai/v1", "/openai"] where address.endsWith(path) {
      return address.keeping(bytes: address.utf8.count - path.utf8.count)
    }
    return address
  }

  /// What fills a placeholder. A host of the customer's own stands in the type's own variable, often as an address.
  private func value(of placeholder: String, profile: ProviderProfile, settings: JSON) -> String? {
    let variable = placeholder == "host" ? firstVariable(profile.baseURLVariables)?.value : nil
    guard let text = settings[named: placeholder]?.string ?? variable else { return nil }
    let start = text.firstByteOffset(of: "://").map { $0 + 3 } ?? 0
    return text.dropping(bytes: start).withoutTrailingSlashes
  }

  private mutating func reportMissing(_ placeholder: String, key: String, profile: ProviderProfile) {
    guard let row = ConfigSchema.key(named: placeholder, in: "", at: .configuration) else {
      return problems.report(at: key, "nothing fills {\(placeholder)} at /\(key)")
    }
    let variables = row.variableList + (placeholder == "host" ? profile.baseURLVariables : [])
    let advice = variables.isEmpty ? "" : ", or set " + alternatives(variables)
    problems.report(at: placeholder, "\"\(placeholder)\" is missing: give it\(advice)")
  }

  /// The address before its placeholders are filled, and the key to blame for it.
  private mutating func baseURLTemplate(of config: JSON, profile: ProviderProfile) -> (String, key: String)? {
    if let url = config.string("base_url") { return (url, "base_url") }
    if let variable = config.string("base_url_env") {
      if let url = environment.value(of: variable), !url.isEmpty { return (url, "base_url_env") }
      problems.report(at: "base_url_env", "the environment variable \(variable) at /base_url_env is not set")
      return nil
    }
    if let (_, value) = firstVariable(profile.baseURLVariables), !profile.baseURL.containsText("{host}") {
      return (Self.address(fromHost: value, like: profile.baseURL), "base_url")
    }
    if !profile.baseURL.isEmpty { return (profile.baseURL, "base_url") }
    guard config["base_url"] == nil, profile.foreign == nil else { return nil }
    let advice = profile.baseURLVariables.isEmpty ? "" : ", or set " + alternatives(profile.baseURLVariables)
    problems.report(at: "base_url", "\"base_url\" is missing: say where the service is\(advice)")
    return nil
  }

  /// Variables such as OLLAMA_HOST hold a host, often the one a server listens on, where others hold an address.
  private static func address(fromHost value: String, like usual: String) -> String {
    if value.containsText("://") { return value }
    let parts = value.pieces(separatedBy: UInt8(ascii: ":"))
    let host = parts[0].isEmpty || parts[0] == "0.0.0.0" ? "127.0.0.1" : parts[0]
    let scheme = usual.startsWith("http://") ? "http" : "https"
    let usualPort = usual.pieces(separatedBy: UInt8(ascii: ":")).dropFirst(2).first ?? ""
    let port = parts.count > 1 ? parts[1] : usualPort
    return scheme + "://" + host + (port.isEmpty ? "" : ":" + port)
  }

  private mutating func checkTransport(of config: JSON, baseURL: String, hasSecret: Bool) {
    guard !baseURL.isEmpty else { return }
    do throws(ServiceAddress.Problem) {
      let address = try ServiceAddress(baseURL)
      let mayBePlain = address.isLoopback || config["unix_socket"] != nil || config.bool("allow_http") == true
      if !address.isEncrypted, hasSecret, !mayBePlain {
        problems.report(
          at: "base_url",
          "a key would travel unencrypted to \(address.host); use https, or set \"allow_http\" if the way is safe")
      }
    } catch {
      problems.report(at: "base_url", "the address \(error.reason.text); write it as https://host/path")
    }
  }

  private mutating func checkArchives(of config: JSON) {
    if config["cache"]?.says("type", "disk") == true { requireDirectory("path", in: "cache", of: config) }
    if config["cache"]?.says("type", "store") == true { requireStore(of: config) }
    if config["replay"]?.isObject == true { requireDirectory("dir", in: "replay", of: config) }
    // An empty path would be that of the root directory.
    for name: StaticText in ["record", "replay"] where config.says(name, "") {
      problems.report(at: name.text, "an empty path at /\(name): name the directory")
    }
    for (section, name) in [("cache", "path"), ("replay", "dir"), ("store", "path")] as [(StaticText, StaticText)]
    where config[section]?.says(name, "") == true {
      problems.report(at: section.text, "an empty path at /\(section)/\(name): name the file or directory")
    }
  }

  /// The built-in stores have small slots, and caches of their own beside them.
  private mutating func requireStore(of config: JSON) {
    let type = config.string("store", "type") ?? "memory"
    guard GateSettings.builtInStores.contains(where: { $0.matches(type) }) else { return }
    problems.enter("cache")
    problems.report(
      at: "type",
      """
      "store" at /cache/type wants a "store" of a registered type, such as llm-provider-redis; memory and disk are caches \
      without one
      """)
    problems.leave()
  }

  private mutating func requireDirectory(_ name: StaticText, in section: StaticText, of config: JSON) {
    guard config[section, name] == nil else { return }
    problems.report(at: section.text, "\"\(name.text)\" is missing at /\(section.text): name the directory")
  }

  private mutating func paths(of config: JSON, profile: ProviderProfile) -> ServicePaths {
    var paths = profile.paths
    paths.chat = path("chat", of: config) ?? paths.chat
    paths.embeddings = path("embeddings", of: config) ?? paths.embeddings
    paths.models = path("models", of: config) ?? paths.models
    paths.rerank = path("rerank", of: config) ?? paths.rerank
    return paths
  }

  private mutating func path(_ name: String, of config: JSON) -> String? {
    guard let path = config["paths"]?[named: name]?.string else { return nil }
    if path.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) {
      problems.enter("paths")
      problems.report(at: name, "blanks or control characters at /paths/\(name)")
      problems.leave()
    }
    return path.startsWith("/") ? path : "/" + path
  }

  /// What a budget and a store cannot do without.
  private mutating func checkGates(of config: JSON) {
    if let budget = config["budget"], budget.isObject, budget["usd"] == nil {
      problems.report(at: "budget", "\"usd\" is missing at /budget: say how much may be spent")
    }
    if let store = config["store"], store.says("type", "file"), store["path"] == nil {
      problems.report(at: "store", "\"path\" is missing at /store: name the file that the processes share")
    }
  }

  private func transport(of config: JSON) -> TransportOptions {
    let tls = config["tls"]
    let proxy = config.string("proxy")
    return TransportOptions(
      caFile: tls?.string("ca_file"), caPath: tls?.string("ca_path"),
      clientCertificate: tls?.string("client_cert"), clientKey: tls?.string("client_key"),
      proxy: proxy ?? variable("http_proxy all_proxy ALL_PROXY"),
      secureProxy: proxy ?? variable("https_proxy HTTPS_PROXY all_proxy ALL_PROXY"),
      directHosts: variable("no_proxy NO_PROXY"), unixSocket: config.string("unix_socket"),
      httpVersion: config.string("http_version") ?? "auto")
  }

  /// The value of the first of the variables that has one. (As curl reads them: HTTP_PROXY is what a CGI program is given
  /// of a client's header field.)
  @inline(never)
  private func variable(_ names: String) -> String {
    firstVariable(names.pieces(separatedBy: UInt8(ascii: " ")))?.value ?? ""
  }

  private func limits(of config: JSON) -> PeerLimits {
    var limits = PeerLimits()
    guard let given = config["limits"] else { return limits }
    limits.responseBytes = given.int("max_response_bytes").map { Int($0) } ?? limits.responseBytes
    limits.eventBytes = given.int("max_event_bytes").map { Int($0) } ?? limits.eventBytes
    limits.toolCalls = given.int("max_tool_calls").map { Int($0) } ?? limits.toolCalls
    return limits
  }

  private mutating func quirks(of config: JSON, profile: ProviderProfile) -> Quirks {
    var quirks = profile.quirks
    for (index, element) in config.elements("quirks").enumerated() {
      guard let word = element.string else { continue }
      let isTakenAway = word.startsWith("!")
      let name = isTakenAway ? word.dropping(bytes: 1) : word
      if let quirk = Quirks(name: name) {
        if isTakenAway { quirks.remove(quirk) } else { quirks.insert(quirk) }
        continue
      }
      let nearest = nearestName(to: name, among: Quirks.names.map { $0.name.text })
      problems.enter("quirks")
      problems.report(
        at: formatted("\(index)"), "unknown quirk \"\(name)\" at /quirks/\(index)\(didYouMean(nearest))",
        suggestion: nearest)
      problems.leave()
    }
    return quirks
  }
}

// MARK: - Who

extension ConfigurationReading {
  private mutating func auth(of config: JSON, profile: ProviderProfile) -> AuthScheme {
    guard let auth = config["auth"] else { return profile.auth }
    if let word = auth.string { return word == "none" ? .none : .bearer }
    switch (auth.string("header"), auth.string("query")) {
    case (let header?, nil):
      let prefix = auth.string("prefix") ?? ""
      if !header.isHeaderName || prefix.hasControlCharacters {
        problems.report(at: "auth", "\"header\" and \"prefix\" at /auth do not make a header field")
      }
      return prefix.isEmpty ? .header(header) : .prefixedHeader(header, prefix: prefix)
    case (nil, let query?): return .query(query)
    default:
      problems.report(at: "auth", "the object at /auth must hold either \"header\" or \"query\"")
      return profile.auth
    }
  }

  private mutating func headers(of config: JSON, profile: ProviderProfile) -> [HTTPHeader] {
    var headers = profile.headers
    if let organization = config.string("organization") {
      if organization.hasControlCharacters {
        problems.report(at: "organization", "control characters at /organization")
      }
      headers.append(HTTPHeader("OpenAI-Organization", organization))
    }
    for header in HeaderReading.headers(in: config, key: "headers", problems: &problems) {
      headers.removeAll { $0.name.equalsIgnoringCase(header.name) }
      headers.append(header)
    }
    return headers
  }

  private mutating func apiKey(
    of config: JSON, profile: ProviderProfile, auth: AuthScheme, isSigned: Bool
  ) -> Secret? {
    if case .none = auth { return nil }
    if let bytes = config["api_key"]?.stringBytes, let key = secret(bytes, at: "api_key") {
      keySource = "api_key"
      return key
    }
    if let variable = config.string("api_key_env") {
      if let key = secret(variable: variable, at: "api_key_env") { return key }
      if config["replay"] != nil { return nil }
      problems.report(at: "api_key_env", "the environment variable \(variable) at /api_key_env is not set")
      return nil
    }
    for variable in profile.keyVariables {
      if let key = secret(variable: variable, at: "api_key") { return key }
    }
    if isSigned || profile.quirks.contains(.keyOptional) || config.has("api_key") && config.string("api_key") == nil
      || config["replay"] != nil
    {
      return nil
    }
    reportMissingKey(of: profile)
    return nil
  }

  private mutating func reportMissingKey(of profile: ProviderProfile) {
    var advice = profile.keyVariables.isEmpty ? "" : formatted("set \(alternatives(profile.keyVariables)), or ")
    if case .sigV4 = profile.auth { advice += "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or " }
    advice += "give \"api_key\" or \"api_key_env\""
    problems.report(at: "api_key", "no key for \"\(profile.name)\": \(advice)", code: .authentication)
  }

  private mutating func secret(variable: String, at key: String) -> Secret? {
    guard var text = environment.value(of: variable) else { return nil }
    guard let secret = text.withUTF8({ secret(UnsafeRawBufferPointer($0), at: key) }) else { return nil }
    keySource = variable
    return secret
  }

  /// A key without blanks around it; nil where nothing is left.
  private mutating func secret(_ bytes: UnsafeRawBufferPointer, at key: String) -> Secret? {
    let secret = Secret(trimming: bytes)
    guard !secret.isEmpty else { return nil }
    if secret.bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
      problems.report(at: key, "control characters within the key at /\(key)")
    }
    return secret
  }

  private mutating func awsCredentials(of config: JSON, profile: ProviderProfile) -> AWSCredentials? {
    guard case .sigV4 = profile.auth else { return nil }
    guard let id = awsText("access_key_id", of: config), let key = awsText("secret_access_key", of: config) else {
      return nil
    }
    // A session's token belongs to the credentials it came with.
    let token = config["access_key_id"] == nil ? awsText("session_token", of: config) : config.string("session_token")
    return AWSCredentials(accessKeyID: id, secretAccessKey: Secret(key), sessionToken: token.map { Secret($0) })
  }

  private func awsText(_ name: String, of config: JSON) -> String? {
    if let text = config[named: name]?.string { return text.trimmed }
    return ConfigSchema.key(named: name, in: "", at: .configuration).flatMap { variable(of: $0) }?.trimmed
  }
}
