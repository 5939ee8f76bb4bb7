import LLMCore

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
  /// Whether requests go to the service itself, and not to something that speaks as it does.
  public let isServiceItself: Bool

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
    isServiceItself = Endpoint.isOwn(baseURL, of: profile, quirks)
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

  private static func isOwn(_ address: String, of profile: ProviderProfile, _ quirks: Quirks) -> Bool {
    if quirks.contains(.azurePaths) { return true }
    let (own, asked) = (profile.baseURL.hostOfURL, address.hostOfURL)
    // What stands behind the last variable of an address is its own.
    let fixed = own.utf8.lastIndex(of: UInt8(ascii: "}")).map {
      String(decoding: own.utf8[$0...].dropFirst(), as: UTF8.self)
    }
    if let fixed { return !fixed.isEmpty && asked.endsWith(fixed) }
    return asked == own || asked.endsWith("." + own)
  }

  /// The wire format for a model: the configuration's word, else the model's row, else the provider's row.
  public func dialect(for model: ModelProfile?) -> DialectKind { fixedDialect ?? model?.dialect ?? profile.dialect }
}

extension String {
  /// The host of an address, in small letters.
  fileprivate var hostOfURL: String {
    let start = firstByteOffset(of: "://").map { $0 + 3 } ?? 0
    let rest = dropping(bytes: start)
    return rest.keeping(bytes: rest.utf8.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: ":") }.count)
      .asciiLowercased
  }
}
