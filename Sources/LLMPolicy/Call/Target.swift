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

  /// The wire format for a model, whose row may know better than its provider's (a model that is reached by Responses
  /// only). A dialect of the user's own serves all its models.
  public func dialect(for model: ModelProfile?) -> any Dialect {
    guard let kind = model?.dialect, endpoint.fixedDialect == nil, kind != endpoint.profile.dialect else {
      return dialect
    }
    return Dialects.make(kind)
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
