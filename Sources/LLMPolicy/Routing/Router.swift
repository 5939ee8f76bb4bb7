import LLMConfig
import LLMCore

/// One target of a group.
public final class RouteMember: Sendable {
  /// The group's name, which requests give as their model.
  public let group: String
  /// Where it is.
  public let routeTarget: RouteTarget
  /// What the target is asked for.
  public let model: String
  /// Its share of the calls, for `weighted`.
  public let weight: Int

  /// Makes a member.
  public init(group: String, routeTarget: RouteTarget, model: String, weight: Int = 1) {
    self.group = group
    self.routeTarget = routeTarget
    self.model = model
    self.weight = max(0, weight)
  }
}

/// Where a call goes on when a group has failed.
public final class RouteRule: Sendable {
  /// Of which group.
  public let group: String
  /// After which failure; nil after any that another target may not have.
  public let code: ErrorCode?
  /// A group, or a model.
  public let destination: String

  /// Makes a rule.
  public init(group: String, code: ErrorCode? = nil, to destination: String) {
    self.group = group
    self.code = code
    self.destination = destination
  }
}

/// When a second target is asked because the first is slow.
public struct HedgeSettings: Sendable {
  /// After how long without content; nil takes the target's own 95th percentile.
  public var delay: Microseconds?

  /// Makes settings.
  public init(delay: Microseconds? = nil) { self.delay = delay }
}

/// Targets in groups, and how to choose among them. Shared by all calls; pure.
public final class Router: Sendable {
  /// The targets, group by group as they were configured.
  public let members: [RouteMember]
  /// The names of the groups, in their order.
  public let groups: [String]
  /// The group where a request names none.
  public let usualGroup: String
  let rules: [RouteRule]
  let cooldown: Microseconds
  let hedge: HedgeSettings?
  private let strategy: Strategy
  private let bypassesModel: Bool
  /// Whether a name that nobody knows is a model of the only target.
  private let takesAnyModel: Bool
  /// How many calls each group has had.
  private let turns: Locked<[Int]>

  /// Makes a router.
  public convenience init(
    _ members: [RouteMember], strategy: Strategy = .fallback, rules: [RouteRule] = [],
    cooldown: Microseconds = .milliseconds(5000), hedge: HedgeSettings? = nil, usualGroup: String? = nil,
    bypassesModel: Bool = false
  ) {
    self.init(
      members, strategy, rules, cooldown, hedge, usualGroup: usualGroup, bypassesModel: bypassesModel,
      takesAnyModel: false)
  }

  /// The models of one target, for a plain provider's `llm.fallbacks`.
  public convenience init(modelsOf routeTarget: RouteTarget, first model: String) {
    self.init(
      [RouteMember(group: model, routeTarget: routeTarget, model: model)], .fallback, [], 0, nil, usualGroup: model,
      bypassesModel: true, takesAnyModel: true)
  }

  private init(
    _ members: [RouteMember], _ strategy: Strategy, _ rules: [RouteRule], _ cooldown: Microseconds,
    _ hedge: HedgeSettings?, usualGroup: String?, bypassesModel: Bool, takesAnyModel: Bool
  ) {
    self.members = members
    self.strategy = strategy
    self.rules = rules
    self.cooldown = cooldown
    self.hedge = hedge
    self.bypassesModel = bypassesModel
    self.takesAnyModel = takesAnyModel
    var groups: [String] = []
    for member in members where !groups.contains(member.group) { groups.append(member.group) }
    self.groups = groups
    self.usualGroup = usualGroup ?? groups.first ?? ""
    turns = Locked(groups.map { _ in 0 })
  }

  /// The targets behind a name: a group's; else those of `provider/model`; else those whose model it is.
  public func members(named name: String) -> [RouteMember] {
    let group = members.filter { $0.group == name }
    if !group.isEmpty { return group }
    if let slash = name.firstByteOffset(of: "/") {
      let (provider, model) = (name.keeping(bytes: slash), name.dropping(bytes: slash + 1))
      var own: [RouteMember] = []
      for member in members where member.routeTarget.target.endpoint.name == provider && !model.isEmpty {
        guard !own.contains(where: { $0.routeTarget === member.routeTarget }) else { continue }
        own.append(RouteMember(group: name, routeTarget: member.routeTarget, model: model, weight: member.weight))
      }
      if !own.isEmpty { return own }
    }
    if takesAnyModel, let only = members.first {
      return [RouteMember(group: name, routeTarget: only.routeTarget, model: name)]
    }
    return members.filter { $0.model == name }
  }

  /// The name that a request is for.
  public func name(for model: String?) throws(LLMError) -> String {
    guard !bypassesModel, let model, !model.isEmpty else { return usualGroup }
    guard members(named: model).isEmpty else { return model }
    let nearest = nearestName(to: model, among: groups).map { formatted("; did you mean \"\($0)\"?") } ?? ""
    throw LLMError(
      .notFound, "the router has no model \"\(model)\"\(nearest)", param: "/model")
  }

  /// The first target behind a request's model: for what is about a target, and is sent to none.
  public func first(for model: String?) throws(LLMError) -> RouteMember {
    let name = try name(for: model)
    guard let first = members(named: name).first else {
      throw LLMError(.notFound, "the router has no model \"\(name)\"", param: "/model")
    }
    return first
  }

  /// The targets behind a name in the order in which they are to be asked: those that failed lately come last.
  func order(_ name: String, now: Microseconds, _ random: any RandomSource) -> [RouteMember] {
    let members = members(named: name)
    let ordered = strategy.order(members, turn: takeTurn(of: name), random)
    return Strategy.sorted(ordered) { $0.routeTarget.health.withLock { $0.coolsUntil } > now ? 1 : 0 }
  }

  private func takeTurn(of name: String) -> Int {
    guard strategy == .roundRobin, let place = groups.firstIndex(of: name) else { return 0 }
    return turns.withLock { turns in
      defer { turns[place] &+= 1 }
      return turns[place] & .max
    }
  }

  /// Where a group's calls go on after a failure; nil for what counts after any.
  func destinations(from group: String, after code: ErrorCode?) -> [String] {
    rules.filter { $0.group == group && $0.code == code }.map { $0.destination }
  }
}
