import LLMCatalog
import LLMCore
import LLMDialects
import LLMPolicy

extension Provider {
  /// More pages than any service has; a service that always names a next one is not followed for ever.
  private static let maximalPages = 100

  /// The models that the service lists.
  public func models() throws(LLMError) -> JSON {
    let list = JSON.object()
    list.set("object", "list")
    list.set("data", .array(try listedModels()))
    return list
  }

  private func listedModels() throws(LLMError) -> [JSON] {
    var models: [JSON] = []
    var cursor: String?
    for _ in 0..<Self.maximalPages {
      let page = try modelPage(cursor)
      models += page.elements("models")
      cursor = page.string("cursor")
      if cursor == nil { break }
    }
    return models
  }

  private func modelPage(_ cursor: String?) throws(LLMError) -> JSON {
    let request = JSON.object()
    request.set("model", "")
    request.set("cursor", cursor)
    let outcome = try run(CallRequest(.models, request, settings: endpoint.call))
    if let code = outcome.code { throw LLMError(code, from: outcome) }
    return outcome.document
  }

  /// What is known of one model; nil asks for the provider's own.
  public func modelInfo(_ name: String?) throws(LLMError) -> JSON {
    guard let id = name ?? endpoint.defaultModel ?? endpoint.profile.defaultModel else {
      throw LLMError(.invalidArgument, "no model is named, and the provider's configuration has none")
    }
    for model in try listedModels() where model.string("id") == id { return model }
    throw LLMError(.notFound, "\(endpoint.profile.label) lists no model \"\(id)\"")
  }

  /// Opens a connection and checks the credentials: by the list of models, which costs nothing.
  public func connect() throws(LLMError) -> JSON {
    let request = JSON.object()
    request.set("model", "")
    let outcome = try run(CallRequest(.models, request, settings: endpoint.call))
    if let code = outcome.code, !hasReached(code, outcome) { throw LLMError(code, from: outcome) }
    let document = JSON.object()
    document.set("provider", endpoint.name)
    document.set("state", "connected")
    let timing = JSON.object()
    timing.set("connect_ms", .real(outcome.timing.connected.inMilliseconds))
    timing.set("total_ms", .real(outcome.duration.inMilliseconds))
    document.set("timing", timing)
    return document
  }

  /// A service that has no list of models has answered all the same, and taken the key.
  private func hasReached(_ code: ErrorCode, _ outcome: CallOutcome) -> Bool {
    let status = outcome.document.int("error", "status")
    return (code == .notFound || code == .unsupported) && (status == 404 || status == 405 || status == 501)
  }

  /// `connect`, reported for a settings page.
  public func testConnection() -> JSON {
    let document = JSON.object()
    document.set("provider", endpoint.name)
    do throws(LLMError) {
      _ = try connect()
      document.set("success", true)
      document.set("error", .null)
    } catch {
      document.set("success", false)
      document.set("error", error.document)
    }
    return document
  }
}
