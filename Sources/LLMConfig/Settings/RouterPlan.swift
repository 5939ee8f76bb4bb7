import LLMCore

/// What a router's configuration says: its targets as endpoints, and how to choose among them.
public final class RouterPlan {
  /// One target of a group.
  public final class Member {
    /// The group.
    public let group: String
    /// Which of the endpoints.
    public let place: Int
    /// What it is asked for; nil for its own, or the group's name.
    public let model: String?
    /// Its share.
    public let weight: Int

    init(group: String, place: Int, model: String?, weight: Int) {
      self.group = group
      self.place = place
      self.model = model
      self.weight = weight
    }
  }

  /// Where a group's calls go on.
  public final class Rule {
    /// Of which group.
    public let group: String
    /// After which failure; nil after any.
    public let code: ErrorCode?
    /// A group, or a model.
    public let destination: String

    init(group: String, code: ErrorCode?, destination: String) {
      self.group = group
      self.code = code
      self.destination = destination
    }
  }

  /// What documents call the router.
  public var name = RouterReading.type
  /// Where the targets are; several groups may share one, with its limits.
  public var endpoints: [Endpoint] = []
  /// Where the configuration says so, as JSON pointers: one for each endpoint.
  public var places: [String] = []
  /// The targets.
  public var members: [Member] = []
  /// The fallbacks.
  public var rules: [Rule] = []
  /// The name of the strategy.
  public var strategy = "fallback"
  /// How long a target that failed is left alone.
  public var cooldown: Microseconds = 0
  /// Whether slow targets are hedged.
  public var hedges = false
  /// After how long; nil for what is usual.
  public var hedgeDelay: Microseconds?
  /// The group where a request names none.
  public var usualGroup: String?
  /// Whether that group is used whatever a request names.
  public var bypassesModel = false
  /// The bounds of whole calls.
  public let call = CallSettings()
}
