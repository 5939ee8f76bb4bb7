import LLMConfig
import LLMCore

/// How a router chooses among the targets of a group.
public enum Strategy: Sendable {
  case fallback, roundRobin, weighted, leastBusy, lowestLatency, lowestCost

  /// Names in a configuration.
  public static let names: [(name: StaticText, strategy: Strategy)] = [
    ("fallback", .fallback), ("round_robin", .roundRobin), ("weighted", .weighted), ("least_busy", .leastBusy),
    ("lowest_latency", .lowestLatency), ("lowest_cost", .lowestCost),
  ]

  /// The strategy of that name.
  public init?(name: String) {
    for row in Strategy.names where row.name.matches(name) {
      self = row.strategy
      return
    }
    return nil
  }

  /// The members in the order in which they are to be asked; `turn` counts the calls of the group.
  func order(_ members: [RouteMember], turn: Int, _ random: any RandomSource) -> [RouteMember] {
    guard members.count > 1 else { return members }
    switch self {
    case .fallback: return members
    case .roundRobin:
      let first = turn % members.count
      return Array(members[first...] + members[..<first])
    case .weighted: return Strategy.drawn(members, random)
    case .leastBusy: return Strategy.sorted(members) { Double($0.routeTarget.health.withLock { $0.inFlight }) }
    case .lowestLatency: return Strategy.betterOfTwo(Strategy.sorted(members) { $0.latency }, random)
    case .lowestCost: return Strategy.sorted(members) { $0.price }
    }
  }

  /// By a key, the lowest first; equal ones stay in their order.
  static func sorted(_ members: [RouteMember], by key: (RouteMember) -> Double) -> [RouteMember] {
    let keys = members.map { key($0) }
    let places = Array(members.indices).inOrder { keys[$0] < keys[$1] }
    return places.map { members[$0] }
  }

  /// Each drawn from those that are left, as often as its weight says.
  private static func drawn(_ members: [RouteMember], _ random: any RandomSource) -> [RouteMember] {
    var left = members
    var order: [RouteMember] = []
    while !left.isEmpty {
      let total = left.reduce(0) { $0 &+ $1.weight }
      var point = total > 0 ? Int(random.next() % UInt64(total)) : 0
      var place = 0
      while place < left.count - 1, point >= left[place].weight {
        point -= left[place].weight
        place += 1
      }
      order.append(left.remove(at: place))
    }
    return order
  }

  /// Puts the better of two that are drawn first: the best of all would get every call, and be the best no more.
  private static func betterOfTwo(_ sorted: [RouteMember], _ random: any RandomSource) -> [RouteMember] {
    let first = Int(random.next() % UInt64(sorted.count))
    let other = Int(random.next() % UInt64(sorted.count - 1))
    let place = min(first, other >= first ? other + 1 : other)
    var order = sorted
    order.insert(order.remove(at: place), at: 0)
    return order
  }
}

extension RouteMember {
  /// Who has not been asked yet is tried first.
  fileprivate var latency: Double { Double(routeTarget.health.withLock { $0.meanLatency ?? 0 }) }

  /// Of a token read and one written; what is not known is dearest, what runs here is free.
  fileprivate var price: Double {
    let endpoint = routeTarget.target.endpoint
    if let row = endpoint.models.model(model, of: endpoint.profile.name), row.inputPrice >= 0 {
      return row.inputPrice.dollarsPerMillion + max(0, row.outputPrice.dollarsPerMillion)
    }
    return endpoint.quirks.contains(.isLocal) ? 0 : .infinity
  }
}
