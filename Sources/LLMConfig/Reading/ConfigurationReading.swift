import LLMCore

/// One reading of one configuration: goes on after a problem where it can, so that all are found.
struct ConfigurationReading {
  var problems: ConfigProblems
  /// Where the key came from: "api_key", or the name of a variable.
  var keySource: String?

  /// The variable whose key is kept from a server that stands in for the service.
  var unsentVariable: String?

  let environment: any Environment
  private var catalog: any ProviderSource

  /// `root` is where the configuration stands in the program's document.
  init(environment: any Environment, catalog: any ProviderSource, root: String = "") {
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
    let baseURL = baseURL(of: config, profile: profile, settings: settings)
    let isStandIn = isStandIn(baseURL, config: config, profile: profile)
    let key = apiKey(of: config, profile: profile, auth: auth, isSigned: isSigned, isStandIn: isStandIn)
    checkNames(in: settings)
    checkProject(in: settings, baseURL: baseURL, profile: profile, auth: auth)
    checkGates(of: config)
    checkTransport(of: config, baseURL: baseURL, hasSecret: key != nil || isSigned)
    checkArchives(of: config)
    checkPaths(of: config)
    let call = CallSettings()
    call.apply(config)
    call.extraBody = nil
    return Endpoint(
      profile: profile, name: config.string("name") ?? profile.name, baseURL: baseURL, apiKey: key, auth: auth,
      defaultModel: config.string("model") ?? profile.defaultModel,
      bypassesModel: config.bool("bypass_model") ?? false, headers: headers, extraBody: config["extra_body"],
      paths: paths(of: config, profile: profile), quirks: quirks(of: config, profile: profile), settings: settings,
      transport: transport(of: config, baseURL: baseURL), limits: limits(of: config), call: call,
      models: RecentModel(catalog),
      fixedDialect: fixedDialect, awsCredentials: aws,
      modelsTimeToLive: .milliseconds((config.int("models_ttl_s") ?? 3600) &* 1000), gates: GateSettings(config))
  }
}

// MARK: - The provider

extension ConfigurationReading {
  mutating func addUserCatalogs(of config: JSON) {
    guard let member = config["catalog"] else { return }
    let files = member.isArray ? member.elements : [member]
    for (index, file) in files.enumerated() {
      guard let path = file.string else { continue }
      do throws(LLMError) {
        catalog = try catalog.adding(contentsOf: path)
      } catch {
        problems.enter("catalog")
        if member.isArray { problems.enter(formatted("\(index)")) }
        problems.report("\(error.message)")
        if member.isArray { problems.leave() }
        problems.leave()
      }
    }
  }

  /// What became of the service that the configuration names, where it is another now.
  func notice(about config: JSON) -> String? { config.string("type").flatMap { catalog.notice(about: $0) } }

  func namedProfile(of config: JSON) -> ProviderProfile? {
    config.string("type").flatMap { catalog.provider($0) }
  }

  mutating func profile(of config: JSON) -> ProviderProfile? {
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
    if let notice = catalog.notice(about: name) {
      problems.report(at: "type", "\"\(name)\" at /type is gone: \(notice)", code: .unsupported)
      return nil
    }
    let nearest = nearestName(to: name.asciiLowercased, among: catalog.providerNames)
    let own = formatted("; use \"\(ProviderProfile.customType)\" with \"base_url\" for a service of your own")
    let advice = nearest == nil ? own : ""
    problems.report(
      at: "type", "unknown type \"\(name)\" at /type\(didYouMean(nearest))\(advice)", suggestion: nearest,
      code: .unsupported)
    return nil
  }

  /// What `dialect` and `api` fix; the profile takes it over.
  func fixedDialect(of config: JSON, profile: ProviderProfile) -> DialectKind? {
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

  mutating func checkScopes(of config: JSON, for profile: ProviderProfile) {
    let foreign = ForeignSchema(profile)
    for (name, value) in config.members where !value.isNull && foreign?.property(name) == nil {
      guard let key = ConfigSchema.key(named: name, in: "", at: .configuration), !key.applies(to: profile) else {
        continue
      }
      problems.report(at: name, "\"\(name)\" is for \(key.scope.text), not for type \"\(profile.name)\"")
    }
  }

  /// The configuration without secrets, with the variables and defaults of the keys that are the type's own.
  func settings(of config: JSON, for profile: ProviderProfile) -> JSON {
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

  func variable(of key: ConfigKey) -> String? { firstVariable(key.variableList)?.value }

  func firstVariable(_ names: [String]) -> (name: String, value: String)? {
    for name in names {
      if let value = environment.value(of: name), !value.isEmpty { return (name, value) }
    }
    return nil
  }

  mutating func quirks(of config: JSON, profile: ProviderProfile) -> Quirks {
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
