import LLMConfig
import LLMCore

@testable import LLMDialects

/// An endpoint out of a small JSON configuration, without the catalogue: what a golden case says of its service.
///
/// Members: `dialect` (default: the one given), `type`, `label`, `base_url`, `api_key` (null for none), `auth`
/// (`"bearer"`, `"none"`, `"sigv4"`, `{"header":…}`, `{"query":…}`), `quirks` and `capabilities` (names), `paths`,
/// `aws` (`access_key_id`, `secret_access_key`, `session_token`), `headers`, `extra_body`, `settings`, `model`,
/// `model_row` (the catalogue's row of that model), and of `llm` `strict`, `extra_body`, `extra_headers`.
struct TestEndpoint {
  let endpoint: Endpoint
  let dialect: DialectKind

  init(_ config: JSON, defaultDialect: String) throws {
    let name = config["dialect"]?.string ?? defaultDialect
    guard let dialect = DialectKind(name: name) else { throw UnknownName(name: name) }
    self.dialect = dialect
    let type = config["type"]?.string ?? "test"
    let profile = ProviderProfile(
      type, config["label"]?.string ?? "The service", dialect: dialect, baseURL: "",
      capabilities: try TestEndpoint.capabilities(config["capabilities"]) ?? .chatService)
    endpoint = Endpoint(
      profile: profile, name: type, baseURL: config["base_url"]?.string ?? "https://service.test/v1",
      apiKey: config.has("api_key") ? config["api_key"]?.string.map { Secret($0) } : Secret("test-key"),
      auth: try TestEndpoint.auth(config["auth"]), defaultModel: config["model"]?.string, bypassesModel: false,
      headers: config["headers"]?.members.map { HTTPHeader($0.key, $0.value.string ?? "") } ?? [],
      extraBody: config["extra_body"],
      paths: ServicePaths(
        chat: config["paths"]?["chat"]?.string, embeddings: config["paths"]?["embeddings"]?.string,
        models: config["paths"]?["models"]?.string, rerank: config["paths"]?["rerank"]?.string),
      quirks: try set(config["quirks"], Quirks.names.map { ($0.name.text, $0.flag) }) ?? [],
      settings: config["settings"] ?? JSON.object(), transport: TransportOptions(), limits: PeerLimits(),
      call: TestEndpoint.call(config["llm"]),
      models: OneModel(config["model_row"].map { TestEndpoint.modelRow($0, of: type, config["model"]?.string ?? "m") }),
      awsCredentials: TestEndpoint.awsCredentials(config["aws"]))
  }

  /// A context for one request: ids come out of a fixed seed, and it is always the same moment.
  func context(model: String? = nil, isStreaming: Bool) -> RequestContext {
    RequestContext(
      endpoint: endpoint, model: model ?? endpoint.defaultModel ?? "m", isStreaming: isStreaming,
      settings: endpoint.call, random: SplitMix(seed: 7), unixSeconds: 1_700_000_000)
  }

  private static func awsCredentials(_ json: JSON?) -> AWSCredentials? {
    guard let id = json?["access_key_id"]?.string, let key = json?["secret_access_key"]?.string else { return nil }
    return AWSCredentials(
      accessKeyID: id, secretAccessKey: Secret(key), sessionToken: json?["session_token"]?.string.map { Secret($0) })
  }

  private static func auth(_ json: JSON?) throws -> AuthScheme {
    switch json?.string {
    case "bearer": return .bearer
    case "none": return .none
    case "sigv4": return .sigV4(service: "bedrock")
    case let word?: throw UnknownName(name: word)
    case nil: break
    }
    if let name = json?["header"]?.string { return .header(name) }
    if let name = json?["query"]?.string { return .query(name) }
    return .bearer
  }

  private static func call(_ json: JSON?) -> CallSettings {
    let settings = CallSettings()
    settings.strict = json?["strict"]?.bool ?? false
    settings.raw = json?["raw"]?.bool ?? false
    settings.extraBody = json?["extra_body"]
    settings.extraHeaders = json?["extra_headers"]?.members.map { HTTPHeader($0.key, $0.value.string ?? "") } ?? []
    return settings
  }

  private static func modelRow(_ json: JSON, of provider: String, _ id: String) -> ModelProfile {
    ModelProfile(
      provider: provider, id: id, contextWindow: json["context_window"]?.int ?? 0,
      maxOutput: json["max_output"]?.int ?? 0,
      capabilities: (try? capabilities(json["capabilities"])) ?? [], extraParameters: json["extra_parameters"])
  }

  private static func capabilities(_ names: JSON?) throws -> Capabilities? {
    try set(names, Capabilities.names.map { ($0.name.text, $0.flag) })
  }
}

/// A name that stands in no table.
struct UnknownName: Error { let name: String }

private func set<Flags: OptionSet>(_ names: JSON?, _ table: [(String, Flags)]) throws -> Flags?
where Flags.Element == Flags {
  guard let names else { return nil }
  var flags: Flags = []
  for name in names.elements.compactMap({ $0.string }) {
    guard let row = table.first(where: { $0.0 == name }) else { throw UnknownName(name: name) }
    flags.insert(row.1)
  }
  return flags
}

/// A catalogue of one row, which is every model's.
private final class OneModel: ModelSource {
  private let row: ModelProfile?
  init(_ row: ModelProfile?) { self.row = row }
  func model(_ id: String, of provider: String) -> ModelProfile? { row }
  func models(of provider: String) -> [ModelProfile] { row.map { [$0] } ?? [] }
}
