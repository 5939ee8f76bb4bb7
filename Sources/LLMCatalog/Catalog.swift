import LLMCore

/// What is known of providers and models: the rows built in, with a user's own over them. Immutable, so that calls in
/// flight keep the one they began with.
public final class Catalog: ModelSource {
  /// The rows built in.
  public static let builtIn = Catalog(users: [])

  /// The type of a service that the catalogue does not know.
  public static let customType = "openai-compatible"

  /// The user's files, the last one first.
  private let users: [UserCatalog]

  private init(users: [UserCatalog]) { self.users = users }

  /// A catalogue with the user's rows over this one's.
  public func adding(_ user: UserCatalog) -> Catalog { Catalog(users: [user] + users) }

  /// The row of a provider, by its name or another by which it is known.
  public func provider(_ name: String) -> ProviderProfile? {
    for user in users {
      for profile in user.providers where profile.name == name { return profile }
    }
    for profile in Providers.rows where profile.name == name { return profile }
    for (alias, provider) in Providers.aliases where alias.text == name { return self.provider(provider.text) }
    return nil
  }

  /// Every name that `provider` takes, `auto` included: for "did you mean".
  public var providerNames: [String] {
    var names = [AutoDetection.type]
    for user in users { names += user.providers.map { $0.name } }
    names += Providers.rows.map { $0.name }
    names += Providers.aliases.map { $0.alias.text }
    return names
  }

  /// All rows of providers, the user's own first, each name once.
  public var providers: [ProviderProfile] {
    var rows: [ProviderProfile] = []
    for profile in users.flatMap({ $0.providers }) where !rows.contains(where: { $0.name == profile.name }) {
      rows.append(profile)
    }
    let own = rows.map { $0.name }
    return rows + Providers.rows.filter { !own.contains($0.name) }
  }

  /// The row of a model.
  public func model(_ id: String, of provider: String) -> ModelProfile? {
    nil
  }

  /// All models of a provider.
  public func models(of provider: String) -> [ModelProfile] {
    []
  }
}
