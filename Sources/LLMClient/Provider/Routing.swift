import LLMCatalog
import LLMConfig
import LLMCore
import LLMPolicy

/// What makes a provider a router: its targets as providers of their own, and how to choose among them.
final class Routing: Sendable {
  let name: String
  let router: Router
  /// Who tells what happens to it and to its targets.
  let observation: Observation
  /// One for each endpoint, in the order of the configuration.
  let targets: [Provider]
  /// The bounds of whole calls.
  let call: CallSettings

  init(_ plan: RouterPlan, _ targets: [Provider], _ observation: Observation) {
    name = plan.name
    self.observation = observation
    call = plan.call
    self.targets = targets
    let routeTargets = targets.map { $0.routeTarget }
    router = Router(
      plan.members.map { member in
        let endpoint = routeTargets[member.place].target.endpoint
        return RouteMember(
          group: member.group, routeTarget: routeTargets[member.place],
          model: member.model ?? endpoint.defaultModel ?? member.group, weight: member.weight)
      },
      strategy: Strategy(name: plan.strategy) ?? .fallback,
      rules: plan.rules.map { RouteRule(group: $0.group, code: $0.code, to: $0.destination) },
      cooldown: plan.cooldown, hedge: plan.hedges ? HedgeSettings(delay: plan.hedgeDelay) : nil,
      usualGroup: plan.usualGroup, bypassesModel: plan.bypassesModel)
  }

  /// The first target behind a name as a provider, and what it is asked for.
  func first(for model: String?) throws(LLMError) -> (provider: Provider, model: String) {
    let first = try router.first(for: model)
    for provider in targets where provider.routeTarget === first.routeTarget { return (provider, first.model) }
    throw LLMError(.internal, "a target without a provider")
  }

  // MARK: Documents

  /// Groups, then what the targets list, each by a name that the router takes.
  func models() -> [JSON] {
    var models: [JSON] = []
    for group in router.groups {
      let model = JSON.object()
      model.set("id", group)
      model.set("object", "model")
      model.set("owned_by", name)
      model.set(
        "targets",
        .array(router.members(named: group).map { .string($0.routeTarget.target.endpoint.name + "/" + $0.model) }))
      models.append(model)
    }
    for target in targets {
      for listed in listedModels(of: target) {
        guard let id = listed.string("id") else { continue }
        let model = listed.copy()
        model.set("id", target.endpoint.name + "/" + id)
        models.append(model)
      }
    }
    return models
  }

  /// A target that cannot be asked just now adds nothing.
  private func listedModels(of target: Provider) -> [JSON] {
    do throws(LLMError) {
      return try target.models().elements("data")
    } catch {
      return []
    }
  }

  /// Connects all; an error only where none could be reached.
  func connect() throws(LLMError) -> JSON {
    var reports: [JSON] = []
    var hasConnected = false
    var failure: LLMError?
    for target in targets {
      let report = JSON.object()
      report.set("provider", target.endpoint.name)
      do throws(LLMError) {
        reports.append(try target.connect())
        hasConnected = true
      } catch {
        failure = error
        report.set("state", "error")
        report.set("error", error.document)
        reports.append(report)
      }
    }
    if !hasConnected, let failure { throw failure }
    let document = JSON.object()
    document.set("provider", name)
    document.set("state", "connected")
    document.set("targets", .array(reports))
    return document
  }

  /// A router is as well as its best target.
  func fillState(_ status: JSON) {
    var isAvailable = false
    for target in targets where target.isAvailable { isAvailable = true }
    status.set("available", .boolean(isAvailable))
    let states = status.elements("targets").compactMap { $0.string("state") }
    for state in ["connected", "idle", "error"] where states.contains(state) {
      status.set("state", state)
      return
    }
  }

  /// One entry for each target.
  func fill(_ status: JSON, now: Microseconds) {
    status.set("provider", name)
    status.set("type", .string(RouterReading.type))
    status.set("model", router.usualGroup)
    status.set(
      "targets",
      .array(
        targets.map { target in
          let document = target.status
          target.routeTarget.fillHealth(document, now: now)
          var groups: [String] = []
          for member in router.members where member.routeTarget === target.routeTarget && !groups.contains(member.group)
          {
            groups.append(member.group)
          }
          document.set("groups", .array(groups))
          return document
        }))
  }
}

// MARK: - Making one

extension Provider {
  /// A router of a configuration, or of the file that it names. Plugins are loaded first, since they bring types.
  static func routing(
    _ config: JSON, environment: any Environment, catalog: Catalog?, loadPlugin: Plugins.Loader?
  ) throws(LLMError) -> Routing {
    let config = try GatewayFile.resolve(config, environment: environment)
    for path in try RouterReading.plugins(of: config, environment: environment) {
      guard let loadPlugin else { throw LLMError(.plugin, "plugins are not loaded here", param: "/plugins") }
      try Plugins.load(path, loadPlugin)
    }
    let catalog = catalog ?? ForeignTypes.catalog
    let plan = try RouterReading.plan(
      of: try resolvingAuto(config, environment: environment, catalog: catalog), environment: environment,
      catalog: catalog)
    let observation = Observation(
      ObservedService(routerNamed: plan.name), Blotter.joining(plan.endpoints.map { $0.blotter }))
    let progress = ProgressHook()
    var targets: [Provider] = []
    for (index, endpoint) in plan.endpoints.enumerated() {
      do throws(LLMError) {
        let target = try ForeignTypes.target(endpoint)
        let own = Observation(ObservedService(target.endpoint), target.endpoint.blotter, of: observation)
        targets.append(try Provider(target, own, progress))
      } catch {
        // The target's own document is a part of the router's.
        var error = error
        error.param = error.param.map { plan.places[index] + $0 }
        throw error
      }
    }
    return Routing(plan, targets, observation)
  }

  private static func resolvingAuto(
    _ config: JSON, environment: any Environment, catalog: Catalog
  ) throws(LLMError) -> JSON {
    let resolved = config.deepCopy()
    for model in resolved.elements("models") {
      guard let provider = model["provider"], provider.isObject else { continue }
      model.set("provider", try AutoProvider.resolve(provider, environment: environment, catalog: catalog))
    }
    for (name, provider) in resolved.members("providers") where provider.isObject {
      resolved["providers"]?.set(
        named: name, try AutoProvider.resolve(provider, environment: environment, catalog: catalog))
    }
    return resolved
  }
}

/// A router's configuration in a file of its own.
enum GatewayFile {
  /// The configuration itself, or the one in the file that it names.
  static func resolve(_ config: JSON, environment: any Environment) throws(LLMError) -> JSON {
    guard let path = try RouterReading.file(of: config, environment: environment) else { return config }
    guard path.startsWith("/") else { throw refusal(path, "it is named by an absolute path only") }
    guard let bytes = readFile(path, atMost: 16 << 20) else { throw refusal(path, "it cannot be read") }
    let json: JSON
    do throws(JSONSyntaxError) {
      json = try JSON.parse(bytes.bytes)
    } catch {
      throw refusal(path, "it is no JSON: " + error.description)
    }
    guard json.isObject else { throw refusal(path, "it is no JSON object") }
    if json.has("file") { throw refusal(path, "it names another file") }
    json.setDefault("type", .string(RouterReading.type))
    guard json.string("type") == RouterReading.type else { throw refusal(path, "its \"type\" is not \"router\"") }
    if let name = config["name"] { json.set("name", name) }
    return json
  }

  private static func refusal(_ path: String, _ reason: String) -> LLMError {
    LLMError(.invalidConfig, "the gateway file \(path): \(reason)", param: "/file")
  }
}
