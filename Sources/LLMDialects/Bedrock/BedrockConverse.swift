import LLMConfig
import LLMCore

/// Amazon Bedrock's Converse and ConverseStream.
///
/// Settings: `region` (for the signature), `guardrail` (the service's `guardrailConfig`). Requests may carry the
/// service's own members `guardrailConfig`, `additionalModelRequestFields`, `additionalModelResponseFieldPaths`,
/// `performanceConfig`, `requestMetadata`, `promptVariables`, `serviceTier` and content blocks and tools of its own.
public final class BedrockConverse: Dialect {
  /// Stateless.
  public init() {}

  /// AWS's binary messages.
  public var framing: Framing { .eventStream }

  // MARK: Requests

  /// The request in Converse's words.
  public func encodeChat(_ request: ChatRequest, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    var encoder = BedrockRequest(request, context)
    let operation = context.isStreaming ? "/converse-stream" : "/converse"
    return try makeRequest(path: BedrockConverse.modelPath(context) + operation, body: try encoder.makeBody(), context)
  }

  /// One decoder for events and whole answers.
  public func makeChatDecoder(_ context: RequestContext) -> any ChatDecoder { BedrockDecoder(context) }

  // MARK: Embeddings

  /// InvokeModel, in the words of the model's maker.
  public func encodeEmbeddings(_ request: JSON, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    let embeddings = try BedrockEmbeddings(request, context)
    return try makeRequest(path: BedrockConverse.modelPath(context) + "/invoke", body: embeddings.makeBody(), context)
  }

  /// The vectors in OpenAI's shape.
  public func decodeEmbeddings(_ body: JSON, _ context: RequestContext) throws(LLMError) -> JSON {
    try BedrockEmbeddings.read(body, context)
  }

  // MARK: Counting and models

  /// The service counts for Claude; nil for other models.
  public func encodeTokenCount(_ request: ChatRequest, _ context: RequestContext) throws(LLMError) -> HTTPRequest? {
    guard context.model.containsText("anthropic.") else { return nil }
    var encoder = BedrockRequest(request, context)
    let whole = try encoder.makeBody()
    let counted = JSON.make([
      "messages": whole["messages"], "system": whole["system"], "toolConfig": whole["toolConfig"],
    ])
    let body = JSON.make(["input": .make(["converse": counted])])
    return try makeRequest(path: BedrockConverse.modelPath(context) + "/count-tokens", body: body, context)
  }

  /// `{"inputTokens":…}`
  public func decodeTokenCount(_ body: JSON, _ context: RequestContext) throws(LLMError) -> Int64 {
    if let count = body.tokens("inputTokens") { return count }
    throw serviceError(in: body).inPlaceOfAnswer(lacking: "\"inputTokens\"")
  }

  /// The list is the control plane's, at an address of its own.
  public func encodeModels(cursor: String?, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    let path = context.endpoint.paths.models ?? "/foundation-models"
    var request = context.makeRequest(method: "GET", path: path)
    let runtime = "://bedrock-runtime."
    if let place = request.url.firstByteOffset(of: runtime) {
      let rest = request.url.dropping(bytes: place + runtime.utf8.count)
      request.url = request.url.keeping(bytes: place) + "://bedrock." + rest
    }
    try authorize(&request, context)
    return request
  }

  /// One page holds them all.
  public func decodeModels(
    _ body: JSON, _ context: RequestContext
  ) throws(LLMError) -> (models: [JSON], cursor: String?) {
    guard let list = body["modelSummaries"], list.isArray else {
      throw serviceError(in: body).inPlaceOfAnswer(lacking: "list of models")
    }
    let models = list.elements.compactMap { summary -> JSON? in
      guard let id = summary["modelId"] else { return nil }
      let model = summary.copy()
      model.set("id", id)
      model.set("owned_by", summary["providerName"])
      return model
    }
    return (models, nil)
  }

  // MARK: Addresses and credentials

  /// Ids hold colons, ARNs slashes as well.
  private static func modelPath(_ context: RequestContext) -> String { "/model/" + context.model.percentEncoded() }

  private func makeRequest(path: String, body: JSON, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    var request = context.makeRequest(path: path, body: body)
    try authorize(&request, context)
    return request
  }

  /// A key of Bedrock's own where there is one, else a signature with AWS credentials.
  private func authorize(_ request: inout HTTPRequest, _ context: RequestContext) throws(LLMError) {
    guard case .sigV4(let service) = context.endpoint.auth else { return }
    if let key = context.endpoint.apiKey {
      return request.setHeader(HTTPHeader("Authorization", prefix: "Bearer ", secret: key))
    }
    guard let credentials = context.endpoint.awsCredentials else {
      // What is answered by recordings needs no signature.
      if context.endpoint.settings["replay"] != nil { return }
      throw LLMError(
        .authentication,
        "there is nothing to sign the request with: give \"access_key_id\" and \"secret_access_key\", or \"api_key\"")
    }
    let signer = SigV4(
      credentials: credentials, region: BedrockConverse.region(context), service: service,
      unixSeconds: context.unixSeconds)
    signer.sign(&request)
  }

  /// As configured, else as the address says ("bedrock-runtime.eu-west-1.amazonaws.com").
  private static func region(_ context: RequestContext) -> String {
    if let region = context.endpoint.settings.string("region") { return region }
    let labels = RequestAddress(context.endpoint.baseURL).host.pieces(separatedBy: UInt8(ascii: "."))
    return labels.count > 3 && labels[0].startsWith("bedrock") ? labels[1] : "us-east-1"
  }
}
