import LLMCore

/// The addresses of a service's operations below its base URL; nil where it has none or keeps to the dialect's own.
public struct ServicePaths: Sendable {
  /// Generation.
  public var chat: String?
  /// Generation by Responses, where the service has that beside another interface.
  public var responses: String?
  /// Embeddings.
  public var embeddings: String?
  /// The list of models.
  public var models: String?
  /// Rankings of documents.
  public var rerank: String?

  /// Names what differs.
  public init(chat: String? = nil, embeddings: String? = nil, models: String? = nil, rerank: String? = nil) {
    self.chat = chat
    self.embeddings = embeddings
    self.models = models
    self.rerank = rerank
  }
}

/// One provider: a row of the catalogue. It is put together where it is made and not changed afterwards; who wants it
/// otherwise changes a copy.
public final class ProviderProfile: @unchecked Sendable {
  /// The type of a service that the catalogue does not know.
  public static let customType = "openai-compatible"

  /// The `type` of a configuration.
  public var name: String
  /// For people.
  public var label: String
  /// One sentence for people.
  public var summary: String
  /// The wire format.
  public var dialect: DialectKind
  /// Where the service is; empty where only the user knows.
  public var baseURL: String
  /// Environment variables that hold the key, the first that is set wins.
  public var keyVariables: [String]
  /// Environment variables that may hold another base URL, the first that is set wins.
  public var baseURLVariables: [String]
  /// What follows an address out of those variables, where its end does not say it: the makers' own programs add it
  /// themselves.
  public var baseURLPath = ""
  /// Environment variables that hold a bearer token, for a service that is shown its key in another way.
  public var tokenVariables: [String] = []
  /// How the key is shown.
  public var auth: AuthScheme
  /// Addresses that differ from the dialect's.
  public var paths: ServicePaths
  /// Departures from the wire format.
  public var quirks: Quirks
  /// What the service can do.
  public var capabilities: Capabilities
  /// The model where neither configuration nor request names one.
  public var defaultModel: String?
  /// Header fields sent always.
  public var headers: [HTTPHeader]
  /// What a type of the program's own says beyond a row; nil for the library's.
  public var foreign: ForeignProfile?

  /// Makes a row; what is left out is what most services are.
  @inline(never)
  public init(
    _ name: String, _ label: String, _ summary: String = "", dialect: DialectKind = .openAIChat, baseURL: String,
    keys: [String] = [], auth: AuthScheme = .bearer, paths: ServicePaths = ServicePaths(), quirks: Quirks = [],
    capabilities: Capabilities = .chatService, defaultModel: String? = nil, headers: [HTTPHeader] = [],
    baseURLVariables: [String] = []
  ) {
    self.name = name
    self.label = label
    self.summary = summary
    self.dialect = dialect
    self.baseURL = baseURL
    self.keyVariables = keys
    self.auth = auth
    self.paths = paths
    self.quirks = quirks
    self.capabilities = capabilities
    self.defaultModel = defaultModel
    self.headers = headers
    self.baseURLVariables = baseURLVariables
  }

  /// Another row that says the same.
  public func copy() -> ProviderProfile {
    let copy = ProviderProfile(
      name, label, summary, dialect: dialect, baseURL: baseURL, keys: keyVariables, auth: auth, paths: paths,
      quirks: quirks, capabilities: capabilities, defaultModel: defaultModel, headers: headers,
      baseURLVariables: baseURLVariables)
    copy.foreign = foreign
    copy.baseURLPath = baseURLPath
    copy.tokenVariables = tokenVariables
    return copy
  }
}

/// What a provider type of the program's own says of itself that no row of the catalogue has.
public final class ForeignProfile: Sendable {
  /// The implementation's name.
  public let name: String?
  /// The implementation's version.
  public let version: String?
  /// JSON Schema of the configuration keys that are its own.
  public let configSchema: JSON

  /// Puts it together.
  public init(name: String?, version: String?, configSchema: JSON) {
    self.name = name
    self.version = version
    self.configSchema = configSchema
  }
}
