/// Where requests go and how: a provider's row with the user's configuration laid over it. Immutable, shared by all
/// calls of a handle.
public final class Endpoint: Sendable {
  /// The row.
  public let profile: ProviderProfile
  /// The configuration's `name`, else its type: what documents call the provider.
  public let name: String
  /// The base URL without a slash at the end.
  public let baseURL: String
  /// The key; nil for none.
  public let apiKey: Secret?
  /// How the key is shown.
  public let auth: AuthScheme
  /// The model where a request names none.
  public let defaultModel: String?
  /// Whether the configuration's model is used whatever a request names.
  public let bypassesModel: Bool
  /// Header fields of the row and the configuration.
  public let headers: [HTTPHeader]
  /// Laid over every request's body.
  public let extraBody: JSON?
  /// Addresses.
  public let paths: ServicePaths
  /// Departures from the wire format.
  public let quirks: Quirks
  /// The configuration, variables filled in, keys removed: for what only one dialect knows (`region`, `api_version`, …).
  public let settings: JSON
  /// TLS, proxy, socket path.
  public let transport: TransportOptions
  /// Bounds on what the peer sends.
  public let limits: PeerLimits
  /// Time-outs, retries, strictness, unless a request says otherwise.
  public let call: CallSettings
  /// Limits, breaker and budget before it, and the store behind them.
  public let gates: GateSettings
  /// Finds a model's row.
  public let models: any ModelSource
  /// How long a service's list of models is kept.
  public let modelsTimeToLive: Microseconds
  /// The wire format the configuration insists on (`api`, `dialect`); nil where the model's row may choose.
  public let fixedDialect: DialectKind?
  /// What AWS requests are signed with; nil elsewhere and where a bearer key is used.
  public let awsCredentials: AWSCredentials?
  /// The header fields of every request: the key, `headers`, and what is said of bodies.
  public let usualHeaders: CommonHeaders

  /// Takes its secrets out of what is said of it.
  public let blotter: Blotter

  /// The path that was asked for last, and its address.
  private let lastAddress: Locked<(path: String, address: String)>

  /// Puts an endpoint together; done by the configuration.
  public init(
    profile: ProviderProfile, name: String, baseURL: String, apiKey: Secret?, auth: AuthScheme, defaultModel: String?,
    bypassesModel: Bool, headers: [HTTPHeader], extraBody: JSON?, paths: ServicePaths, quirks: Quirks, settings: JSON,
    transport: TransportOptions, limits: PeerLimits, call: CallSettings, models: any ModelSource,
    fixedDialect: DialectKind? = nil, awsCredentials: AWSCredentials? = nil,
    modelsTimeToLive: Microseconds = .milliseconds(3_600_000), gates: GateSettings = GateSettings()
  ) {
    self.profile = profile
    self.name = name
    self.baseURL = baseURL
    self.apiKey = apiKey
    self.auth = auth
    self.defaultModel = defaultModel
    self.bypassesModel = bypassesModel
    self.headers = headers
    self.extraBody = extraBody
    self.paths = paths
    self.quirks = quirks
    self.settings = settings
    self.transport = transport
    self.limits = limits
    self.call = call
    self.models = models
    self.modelsTimeToLive = modelsTimeToLive
    self.fixedDialect = fixedDialect
    self.awsCredentials = awsCredentials
    self.gates = gates
    usualHeaders = CommonHeaders(apiKey, auth, headers, profile.dialect)
    blotter = Blotter(
      keys: [apiKey, awsCredentials?.secretAccessKey, awsCredentials?.sessionToken], fields: headers,
      addresses: [transport.proxy, transport.secureProxy], settings: settings)
    lastAddress = Locked((path: "", address: baseURL))
  }

  /// The address of a path below the base URL.
  @inline(never)
  public func address(of path: String) -> String {
    lastAddress.withLock { last in
      if last.path != path { last = (path, baseURL + path) }
      return last.address
    }
  }

  /// The wire format for a model: the configuration's word, else the model's row, else the provider's row.
  public func dialect(for model: ModelProfile?) -> DialectKind { fixedDialect ?? model?.dialect ?? profile.dialect }
}

/// The header fields that the requests to a service have in common.
public final class CommonHeaders: Sendable {
  /// Of a request without a body.
  public let bare: StandingHeaders
  /// Of one with a body.
  public let post: StandingHeaders
  /// Of one that is answered piece by piece.
  public let stream: StandingHeaders

  /// The key as the service wants it, and what is configured, which counts for more.
  @inline(never)
  public init(_ key: Secret?, _ auth: AuthScheme, _ configured: [HTTPHeader], _ dialect: DialectKind) {
    var fields: [HTTPHeader] = []
    if let key, let field = auth.field { fields.set(HTTPHeader(field.name, prefix: field.prefix, secret: key)) }
    fields.set(configured)
    bare = StandingHeaders(fields)
    var first: [HTTPHeader] = []
    first.set(HTTPHeader("Content-Type", "application/json"))
    post = StandingHeaders(first, fields)
    let answersInEvents = dialect != .ollamaChat && dialect != .bedrockConverse
    if answersInEvents { first.set(HTTPHeader("Accept", "text/event-stream")) }
    stream = StandingHeaders(first, fields)
  }
}

extension AuthScheme {
  /// The header field that a key is shown in, and what stands before it; nil for none.
  fileprivate var field: (name: String, prefix: String)? {
    switch self {
    case .bearer: ("Authorization", "Bearer ")
    case .header(let name): (name, "")
    case .prefixedHeader(let name, let prefix): (name, prefix)
    case .query, .sigV4, .none: nil
    }
  }
}

/// What AWS requests are signed with.
public struct AWSCredentials: Sendable {
  /// Names the key; no secret.
  public var accessKeyID: String
  /// The key.
  public var secretAccessKey: Secret
  /// Of temporary credentials.
  public var sessionToken: Secret?

  /// Puts them together.
  public init(accessKeyID: String, secretAccessKey: Secret, sessionToken: Secret? = nil) {
    self.accessKeyID = accessKeyID
    self.secretAccessKey = secretAccessKey
    self.sessionToken = sessionToken
  }
}

/// Knows models by provider and id: the catalogue, with the user's own rows over it.
public protocol ModelSource: AnyObject, Sendable {
  /// The row of a model; nil for one it does not know.
  func model(_ id: String, of provider: String) -> ModelProfile?
  /// All models of a provider.
  func models(of provider: String) -> [ModelProfile]
}

/// Bounds on what the peer sends.
public struct PeerLimits: Sendable {
  /// A whole response.
  public var responseBytes = 256 << 20
  /// One event of a stream.
  public var eventBytes = 16 << 20
  /// Tool calls in an answer.
  public var toolCalls = 1024

  /// The defaults.
  public init() {}
}

/// What a configuration and a request's `llm` member say about the call and not about the model. Lengths of time are
/// microseconds, 0 for no bound. They are put together where they are read and not changed afterwards; who wants them
/// otherwise changes a copy.
public final class CallSettings: @unchecked Sendable {
  /// Name, TCP and TLS.
  public var connectTimeout: Microseconds = .milliseconds(10_000)
  /// From sending to the first content (or, without streaming, the response's head).
  public var firstTokenTimeout: Microseconds = .milliseconds(120_000)
  /// Between two pieces of a stream.
  public var idleTimeout: Microseconds = .milliseconds(60_000)
  /// The whole call, retries included.
  public var totalTimeout: Microseconds = 0
  /// How often a request is sent at most.
  public var attempts = 3
  /// The first pause before another attempt.
  public var retryDelay: Microseconds = .milliseconds(500)
  /// The longest pause.
  public var maxRetryDelay: Microseconds = .milliseconds(20_000)
  /// Whether pauses are drawn at random below the bound.
  public var jitter = true
  /// Whether the service's own wish for a pause is heard.
  public var respectsRetryAfter = true
  /// Retries at most, in percent of the calls.
  public var retryBudget = 20
  /// Whoever waits for a limit with a higher one goes first.
  public var priority = 0
  /// Whether a stream that broke off after content is tried again.
  public var retriesAfterContent = false
  /// Whether what a service cannot take is an error in place of a warning.
  public var strict = false
  /// Whether tokens are estimated where the service counts none.
  public var estimatesUsage = false
  /// Whether RAW events are wanted.
  public var raw = false
  /// Request body members of the caller's own, laid over what the dialect made.
  public var extraBody: JSON?
  /// Request header fields of the caller's own.
  public var extraHeaders: [HTTPHeader] = []
  /// The caller's id of the request.
  public var requestID: String?
  /// What is wished of the cache: the request's `llm.cache`, else the configuration's; nil where neither says anything.
  public var cache: JSON?

  /// The defaults.
  public init() {}

  /// Other settings that say the same.
  public init(copying other: CallSettings) {
    connectTimeout = other.connectTimeout
    firstTokenTimeout = other.firstTokenTimeout
    idleTimeout = other.idleTimeout
    totalTimeout = other.totalTimeout
    attempts = other.attempts
    retryDelay = other.retryDelay
    maxRetryDelay = other.maxRetryDelay
    jitter = other.jitter
    respectsRetryAfter = other.respectsRetryAfter
    retryBudget = other.retryBudget
    priority = other.priority
    retriesAfterContent = other.retriesAfterContent
    strict = other.strict
    estimatesUsage = other.estimatesUsage
    raw = other.raw
    extraBody = other.extraBody
    extraHeaders = other.extraHeaders
    requestID = other.requestID
    cache = other.cache
  }
}

/// A view of the process environment that a test can replace.
public protocol Environment: AnyObject, Sendable {
  /// The variable's value; nil where it is not set.
  func value(of name: String) -> String?
}
