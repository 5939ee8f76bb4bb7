import LLMConfig
import LLMCore
import LLMDialects

/// One place that a call can be sent to.
public final class Target: Sendable {
  /// Where and how.
  public let endpoint: Endpoint
  /// The wire format it speaks.
  public let dialect: any Dialect

  /// Makes a target that speaks its profile's dialect.
  public convenience init(_ endpoint: Endpoint) {
    self.init(endpoint, dialect: Dialects.make(endpoint.dialect(for: nil)))
  }

  /// Makes a target that speaks a dialect of the user's own.
  public init(_ endpoint: Endpoint, dialect: any Dialect) {
    self.endpoint = endpoint
    self.dialect = dialect
  }

  /// The wire format for a request, once it was held against what the catalogue knows of the model.
  public func dialect(for request: CallRequest, _ context: RequestContext) throws(LLMError) -> any Dialect {
    guard let model = context.modelProfile else { return dialect }
    if let chat = request.chat { try Target.checkAbilities(of: model, chat) }
    context.noteEnd(of: model)
    return dialect(for: model, request)
  }

  /// What the model is known to lack is refused here, which costs no round trip. What is not known is the service's to
  /// say.
  private static func checkAbilities(of model: ModelProfile, _ chat: ChatRequest) throws(LLMError) {
    if model.refusals.contains(.prefill) { try chat.refusePrefill(model.id) }
    guard model.lacks.contains(.vision) else { return }
    for message in chat.messages {
      for part in message.parts where part.isImage {
        throw LLMError(.unsupported, "the model \(model.id) takes no images", param: part.pointer)
      }
    }
  }

  /// The model's row may know better than its provider's (a model that is reached by Responses only, or only where it
  /// thinks and may call functions). A dialect of the user's own serves all its models.
  private func dialect(for model: ModelProfile, _ request: CallRequest) -> any Dialect {
    guard endpoint.fixedDialect == nil else { return dialect }
    let kind = model.dialect ?? (needsResponses(model, request) ? .openAIResponses : nil)
    guard let kind, kind != endpoint.profile.dialect else { return dialect }
    return Dialects.make(kind)
  }

  /// Functions while the model thinks: the service refuses them in chat completions, those of its address that speak as
  /// it does may not know Responses. Tools with a grammar are for chat completions alone.
  private func needsResponses(_ model: ModelProfile, _ request: CallRequest) -> Bool {
    guard model.needsResponsesForTools, request.operation == .chat || request.operation == .tokenCount,
      let chat = request.chat, endpoint.profile.dialect == .openAIChat, endpoint.paths.chat == nil
    else { return false }
    let functions = chat.tools.filter { $0.isFunction }
    return !functions.isEmpty && functions.count == chat.tools.count && model.thinks(chat.reasoningEffort)
      && endpoint.isServiceItself
  }

  /// The model that is usual here: the configuration's, else the type's.
  public var usualModel: String? { endpoint.defaultModel ?? endpoint.profile.defaultModel }

  /// The one answer to which model is asked: the router's choice; else the usual one where the configuration bypasses
  /// requests; else the request's own; else the usual one. What asks no model, a list of them, does without.
  public func resolve(_ request: CallRequest, chosen: String? = nil) throws(LLMError) -> String {
    if let chosen { return try Target.checked(chosen) }
    if endpoint.bypassesModel, let usualModel { return usualModel }
    if let model = request.model, !model.isEmpty { return try Target.checked(model) }
    if let usualModel { return usualModel }
    if !request.operation.asksModel { return "" }
    throw LLMError(
      .invalidRequest, "no model is named: give \"model\" in the request, or in the provider's configuration",
      param: "/model")
  }

  /// The name itself, unless it would change the address that it becomes a part of: an error.
  static func checked(_ model: String) throws(LLMError) -> String {
    guard model.hasDotSegments else { return model }
    throw LLMError(
      .invalidRequest, "\"\(model)\" is no model's name: \".\" and \"..\" between slashes lead to another address",
      param: "/model")
  }

  /// What a dialect is told of a request that goes here.
  public func context(
    for request: CallRequest, model: String, settings: CallSettings, _ random: any RandomSource, unixSeconds: Int64
  ) -> RequestContext {
    RequestContext(
      endpoint: endpoint, model: model, isStreaming: request.isStreaming, settings: settings, random: random,
      unixSeconds: unixSeconds)
  }
}
