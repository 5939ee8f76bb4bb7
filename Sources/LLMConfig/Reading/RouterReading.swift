import LLMCore

/// Reads routers.
public struct RouterReading {
  /// The `type` of a router.
  public static let type = "router"

  /// How `llm_provider_types` lists it.
  public static var profile: ProviderProfile {
    ProviderProfile(
      type, "Router", "Several targets behind one handle: groups, strategies, fallbacks, hedging.", baseURL: "",
      auth: .none)
  }

  /// The keys that are not a router's alone.
  private static let shared: [StaticText] = ["type", "name", "model", "bypass_model", "timeout", "timeout.total_ms"]

  static func takes(_ path: StaticText) -> Bool { shared.contains { $0.matches(path.utf8) } }

  private let environment: any Environment
  private let catalog: any ProviderSource
  private(set) var problems = ConfigProblems(.invalidConfig)
  /// Of each endpoint: where its key is from, whose key is kept from it, and which of the models names it.
  private var sources: [(key: String?, unsent: String?, model: Int?)] = []

  private init(environment: any Environment, catalog: any ProviderSource) {
    self.environment = environment
    self.catalog = catalog
  }

  /// The router that a configuration describes; fails with the first of its problems.
  public static func plan(
    of json: JSON, environment: any Environment, catalog: any ProviderSource
  ) throws(LLMError) -> RouterPlan {
    var reading = RouterReading(environment: environment, catalog: catalog)
    let plan = reading.plan(of: json)
    if let problem = reading.problems.all.first { throw problem.error }
    return plan
  }

  /// The verdict on a router's configuration; `check` as for a provider's.
  public static func verdict(
    on json: JSON, environment: any Environment, catalog: any ProviderSource,
    check: (Endpoint) -> LLMError? = { _ in nil }
  ) -> ConfigVerdict {
    var reading = RouterReading(environment: environment, catalog: catalog)
    let plan = reading.plan(of: json)
    var warnings: [JSON] = []
    for (index, endpoint) in plan.endpoints.enumerated() {
      if let error = check(endpoint) { reading.problems.add(error, below: plan.places[index]) }
      warnings += ConfigurationReader.warnings(
        about: endpoint, at: plan.places[index], unsent: reading.sources[index].unsent)
    }
    return ConfigVerdict(reading.problems, warnings: warnings, resolved: reading.resolved(plan, json))
  }

  /// The answer of `llm_config_validate`.
  public static func validate(_ json: JSON, environment: any Environment, catalog: any ProviderSource) -> JSON {
    verdict(on: json, environment: environment, catalog: catalog).document
  }

  /// What would be used: the router's own keys with their defaults, and each provider's in its place.
  private func resolved(_ plan: RouterPlan, _ json: JSON) -> JSON {
    var problems = ConfigProblems(.invalidConfig)
    let outer = Interpolation.resolve(Self.outer(json), environment: environment, problems: &problems)
    let document = ConfigurationReader.redacted(outer)
    document.set("name", plan.name)
    ConfigurationReader.setDefaults(for: RouterReading.profile, in: document)
    for (index, endpoint) in plan.endpoints.enumerated() {
      let provider = ConfigurationReader.resolved(endpoint, keySource: sources[index].key)
      if let model = sources[index].model {
        document["models"]?[model]?.set("provider", provider)
      } else {
        document["providers"]?.set(named: endpoint.name, provider)
      }
    }
    return document
  }

  /// The paths of the plugins that a router's configuration names.
  public static func plugins(
    of json: JSON, environment: any Environment
  ) throws(LLMError) -> [String] {
    var problems = ConfigProblems(.invalidConfig)
    let outer = Interpolation.resolve(outer(json), environment: environment, problems: &problems)
    if let problem = problems.all.first { throw problem.error }
    return outer.elements("plugins").compactMap { $0.string }
  }

  /// The file that stands for all the rest; an error where anything else is given beside it.
  public static func file(of json: JSON, environment: any Environment) throws(LLMError) -> String? {
    guard json.has("file") else { return nil }
    var problems = ConfigProblems(.invalidConfig)
    let outer = Interpolation.resolve(outer(json), environment: environment, problems: &problems)
    ConfigChecker(place: .configuration).check(outer, into: &problems)
    for (name, _) in outer.members where !["type", "file", "name"].contains(name) {
      problems.report(at: name, "\"\(name)\" beside \"file\": write it into the file")
    }
    if let problem = problems.all.first { throw problem.error }
    return outer.string("file")
  }

  /// All but the targets' own configurations, whose variables are filled in where they are read.
  private static func outer(_ json: JSON) -> JSON {
    let outer = json.copy()
    if let providers = json["providers"], providers.isObject {
      let names = JSON.object()
      for (name, provider) in providers.members { names.set(named: name, provider.isObject ? .object() : provider) }
      outer.set("providers", names)
    }
    guard json["models"]?.isArray == true else { return outer }
    let models = json.elements("models").map { model -> JSON in
      guard model["provider"]?.isObject == true else { return model }
      let own = model.copy()
      own.set("provider", .object())
      return own
    }
    outer.set("models", .array(models))
    return outer
  }

  private mutating func plan(of json: JSON) -> RouterPlan {
    let plan = RouterPlan()
    let outer = Interpolation.resolve(Self.outer(json), environment: environment, problems: &problems)
    ConfigChecker(place: .configuration).check(outer, into: &problems)
    checkKeys(of: outer)
    guard problems.all.isEmpty || outer["models"]?.isArray == true else { return plan }
    plan.name = outer.string("name") ?? plan.name
    plan.strategy = outer.string("strategy") ?? plan.strategy
    plan.cooldown = .milliseconds(outer.int("cooldown_ms") ?? 5000)
    plan.hedges = outer["hedge"] != nil
    plan.hedgeDelay = outer.int("hedge", "after_ms").map { .milliseconds($0) }
    plan.usualGroup = outer.string("model")
    plan.bypassesModel = outer.bool("bypass_model") ?? false
    plan.call.apply(outer)
    readProviders(of: outer, json, into: plan)
    readMembers(of: outer, json, into: plan)
    readRules(of: outer, into: plan)
    checkDestination(plan.usualGroup, plan, at: "model")
    return plan
  }

  private mutating func checkKeys(of outer: JSON) {
    let profile = RouterReading.profile
    for (name, _) in outer.members {
      guard let key = ConfigSchema.key(named: name, in: "", at: .configuration), !key.applies(to: profile) else {
        continue
      }
      problems.report(at: name, "\"\(name)\" is not for a router: give it to the providers in \"models\"")
    }
  }

  /// Those that models name; each is known by the name it is listed under.
  private mutating func readProviders(of outer: JSON, _ json: JSON, into plan: RouterPlan) {
    problems.enter("providers")
    for (name, _) in outer.members("providers") {
      guard let provider = json["providers"]?[named: name], provider.isObject else { continue }
      let own = provider.copy()
      own.set("name", name)
      problems.enter(name)
      _ = addEndpoint(own, ofModel: nil, to: plan)
      problems.leave()
    }
    problems.leave()
  }

  private mutating func addEndpoint(_ provider: JSON, ofModel model: Int?, to plan: RouterPlan) -> Int? {
    if provider.string("type") == RouterReading.type {
      problems.report(at: "type", "a router within a router: list its models here")
      return nil
    }
    var reading = ConfigurationReading(environment: environment, catalog: catalog, root: problems.pointer)
    let endpoint = reading.endpoint(from: provider)
    if let endpoint { reading.problems.blot(endpoint.blotter) }
    problems.add(reading.problems)
    guard let endpoint else { return nil }
    plan.endpoints.append(endpoint)
    plan.places.append(problems.pointer)
    sources.append((reading.keySource, reading.unsentVariable, model))
    return plan.endpoints.count - 1
  }

  private mutating func readMembers(of outer: JSON, _ json: JSON, into plan: RouterPlan) {
    problems.enter("models")
    defer { problems.leave() }
    let models = outer.elements("models")
    if models.isEmpty { problems.report("\"models\" is missing or empty: a router needs targets") }
    for (index, model) in models.enumerated() where model.isObject {
      problems.enter(formatted("\(index)"))
      readMember(model, at: index, json["models"]?[index]?["provider"], into: plan)
      problems.leave()
    }
  }

  private mutating func readMember(_ model: JSON, at index: Int, _ provider: JSON?, into plan: RouterPlan) {
    let name = model.string("name") ?? ""
    if name.isEmpty { problems.report(at: "name", "\"name\" is missing: say what requests call it") }
    problems.enter("provider")
    var place: Int?
    if let listed = model.string("provider") {
      place = plan.endpoints.firstIndex { $0.name == listed }
      let nearest = nearestName(to: listed, among: plan.endpoints.map { $0.name })
      if place == nil {
        problems.report("\"providers\" has no \"\(listed)\"\(didYouMean(nearest))", suggestion: nearest)
      }
    } else if let provider, provider.isObject {
      place = addEndpoint(provider, ofModel: index, to: plan)
    } else {
      problems.report("\"provider\" is missing: give a configuration, or a name of \"providers\"")
    }
    problems.leave()
    guard let place else { return }
    plan.members.append(
      RouterPlan.Member(
        group: name, place: place, model: model.string("model") ?? ownModel(of: plan.endpoints[place], group: name),
        weight: Int(model.int("weight") ?? 1)))
  }

  /// The configuration's model; else the group's name, where that is one of the provider's; else what is usual there.
  private func ownModel(of endpoint: Endpoint, group: String) -> String? {
    if let model = endpoint.settings.string("model") { return model }
    if endpoint.models.model(group, of: endpoint.profile.name) != nil { return group }
    return endpoint.profile.defaultModel
  }

  private mutating func readRules(of outer: JSON, into plan: RouterPlan) {
    problems.enter("fallbacks")
    defer { problems.leave() }
    for (group, list) in outer.members("fallbacks") {
      problems.enter(group)
      if !plan.members.contains(where: { $0.group == group }) {
        let nearest = nearestName(to: group, among: plan.members.map { $0.group })
        problems.report("no group is called \"\(group)\"\(didYouMean(nearest))", suggestion: nearest)
      }
      for (index, entry) in list.elements.enumerated() {
        problems.enter(formatted("\(index)"))
        if let rule = rule(entry, of: group) {
          checkDestination(rule.destination, plan, at: entry.isObject ? "to" : nil)
          plan.rules.append(rule)
        }
        problems.leave()
      }
      problems.leave()
    }
  }

  private mutating func rule(_ entry: JSON, of group: String) -> RouterPlan.Rule? {
    if let name = entry.string { return RouterPlan.Rule(group: group, code: nil, destination: name) }
    for (key, _) in entry.members where key != "on" && key != "to" {
      problems.report(at: key, "unknown key \"\(key)\": a fallback is a name, or has \"on\" and \"to\"")
    }
    guard let word = entry.string("on"), let destination = entry.string("to") else {
      problems.report("a fallback is a name, or {\"on\": an error's code, \"to\": a name}")
      return nil
    }
    guard let code = ErrorCode(name: word), code != .cancelled else {
      problems.report(at: "on", "\"\(word)\" is no error's code, such as \"context_length\"")
      return nil
    }
    return RouterPlan.Rule(group: group, code: code, destination: destination)
  }

  /// A name must lead somewhere: to a group, to a target's model, or to `provider/model`.
  private mutating func checkDestination(_ name: String?, _ plan: RouterPlan, at key: String?) {
    guard let name else { return }
    let provider = name.firstByteOffset(of: "/").map { name.keeping(bytes: $0) }
    let leads =
      plan.members.contains { $0.group == name || $0.model == name } || plan.endpoints.contains { $0.name == provider }
    if leads { return }
    let nearest = nearestName(to: name, among: plan.members.map { $0.group })
    if let key { problems.enter(key) }
    problems.report("\"\(name)\" is no group and no target's model\(didYouMean(nearest))", suggestion: nearest)
    if key != nil { problems.leave() }
  }
}
