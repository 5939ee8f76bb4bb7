import LLMCatalog
import LLMConfig
import LLMCore
import LLMDialects
import LLMPolicy

/// What events and metrics say of the service that they are about, by the names of OpenTelemetry's conventions for
/// generative AI.
final class ObservedService: Sendable {
  /// The provider's name in documents.
  let name: String
  /// Its type.
  let type: String
  /// Whether it is a router, which has targets that count for themselves.
  let isRouter: Bool
  private let baseURL: String
  private let unixSocket: String?

  init(_ endpoint: Endpoint) {
    name = endpoint.name
    type = endpoint.profile.name
    isRouter = false
    baseURL = endpoint.baseURL
    unixSocket = endpoint.transport.unixSocket
  }

  init(routerNamed name: String) {
    self.name = name
    type = RouterReading.type
    isRouter = true
    baseURL = ""
    unixSocket = nil
  }

  /// The conventions' own names of services, where they are not the library's.
  private static let wellKnown: [(type: StaticText, name: StaticText)] = [
    ("azure", "azure.ai.openai"), ("bedrock", "aws.bedrock"), ("gemini", "gcp.gemini"), ("mistral", "mistral_ai"),
    ("moonshot", "moonshot_ai"), ("moonshot-cn", "moonshot_ai"), ("vertex", "gcp.vertex_ai"),
    ("vertex-anthropic", "gcp.vertex_ai"), ("watsonx", "ibm.watsonx.ai"), ("xai", "x_ai"),
  ]

  private static let requestMembers: [(member: StaticText, attribute: StaticText)] = [
    ("temperature", "gen_ai.request.temperature"), ("top_p", "gen_ai.request.top_p"),
    ("top_k", "gen_ai.request.top_k"), ("max_tokens", "gen_ai.request.max_tokens"),
    ("max_completion_tokens", "gen_ai.request.max_tokens"),
    ("frequency_penalty", "gen_ai.request.frequency_penalty"),
    ("presence_penalty", "gen_ai.request.presence_penalty"), ("seed", "gen_ai.request.seed"),
    ("n", "gen_ai.request.choice.count"), ("dimensions", "gen_ai.embeddings.dimension.count"),
  ]

  /// The attributes of an event: of the service always, of the call's request and its end where the event is about them.
  func attributes(of event: JSON, _ request: CallRequest?, _ outcome: CallOutcome?) -> JSON {
    let attributes = JSON.object()
    attributes.set("gen_ai.provider.name", providerName)
    setServer(attributes)
    attributes.set("gen_ai.operation.name", event["operation"])
    attributes.set("gen_ai.request.model", event["model"])
    let code = event["code"] ?? event["error", "code"]
    if let code, code.string != "ok" { attributes.set("error.type", code) }
    if let request { fill(attributes, of: request) }
    if let outcome { fill(attributes, of: outcome) }
    return attributes
  }

  private var providerName: JSON {
    for row in Self.wellKnown where row.type.matches(type) { return .string(row.name) }
    return .string(type)
  }

  private func setServer(_ attributes: JSON) {
    if let unixSocket { return attributes.set("server.address", unixSocket) }
    do throws(ServiceAddress.Problem) {
      let address = try ServiceAddress(baseURL)
      attributes.set("server.address", address.bareHost)
      attributes.set("server.port", address.port ?? (address.isEncrypted ? 443 : 80))
    } catch {}
  }

  private func fill(_ attributes: JSON, of request: CallRequest) {
    for (member, attribute) in Self.requestMembers { attributes.set(attribute, request.document[member]) }
    if let stop = request.document["stop"] {
      attributes.set("gen_ai.request.stop_sequences", stop.isArray ? stop : .array([stop]))
    }
    if request.isStreaming { attributes.set("gen_ai.request.stream", true) }
  }

  private func fill(_ attributes: JSON, of outcome: CallOutcome) {
    if let builder = outcome.builder {
      attributes.set("gen_ai.response.id", builder.responseID)
      attributes.set("gen_ai.response.model", builder.responseModel)
      let reasons = builder.finishReasons
      if reasons.count > 0 { attributes.set("gen_ai.response.finish_reasons", reasons) }
    }
    if let first = outcome.timeToFirstToken {
      attributes.set("gen_ai.response.time_to_first_chunk", .real(Double(first) / 1e6))
    }
    guard let usage = outcome.usage else { return }
    attributes.set("gen_ai.usage.input_tokens", usage.prompt)
    attributes.set("gen_ai.usage.output_tokens", usage.completion)
    attributes.set("gen_ai.usage.cache_read.input_tokens", usage.cached)
    attributes.set("gen_ai.usage.cache_creation.input_tokens", usage.cacheWrite)
    attributes.set("gen_ai.usage.reasoning.output_tokens", usage.reasoning)
  }
}
