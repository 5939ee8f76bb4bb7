import LLMCatalog
import LLMCore
import LLMDialects
import LLMPolicy
import LLMTransport

extension Provider {
  /// More pages than any service has; a service that always names a next one is not followed for ever.
  private static let maximalPages = 100

  /// The models that the service lists.
  public func models() throws(LLMError) -> JSON {
    let list = JSON.object()
    list.set("object", "list")
    if let routing {
      list.set("data", .array(routing.models()))
    } else {
      list.set("data", .array(try listedModels()))
    }
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
    if let error = outcome.error { throw error }
    return outcome.document
  }

  /// What is known of one model; nil asks for the provider's own. The catalogue is asked first, since it knows more than
  /// most services tell and needs no round trip.
  public func modelInfo(_ name: String?) throws(LLMError) -> JSON {
    if let routing {
      let target = try routing.target(for: name)
      return try target.provider.modelInfo(target.model)
    }
    guard let id = name ?? endpoint.defaultModel ?? endpoint.profile.defaultModel else {
      throw LLMError(.invalidArgument, "no model is named, and the provider's configuration has none")
    }
    if let known = endpoint.models.model(id, of: endpoint.profile.name) { return Catalog.builtIn.describe(known) }
    for model in try listedModels() where model.string("id") == id { return model }
    throw LLMError(.notFound, "\(endpoint.profile.label) lists no model \"\(id)\"")
  }

  /// Opens a connection and checks the credentials: by the list of models, which costs nothing. Where a service has
  /// none, that it answers must do.
  public func connect() throws(LLMError) -> JSON {
    if let routing { return try routing.connect() }
    let dialect = target.dialect
    if dialect.isLocal(.chat), !dialect.isLocal(.models) { return connected(HTTPTiming(), took: 0) }
    if !dialect.isLocal(.chat), dialect.isLocal(.models) { return try reach() }
    let request = JSON.object()
    request.set("model", "")
    let outcome: CallOutcome
    do throws(LLMError) {
      outcome = try run(CallRequest(.models, request, settings: endpoint.call))
    } catch {
      guard error.code == .unsupported else { throw error }
      return try reach()
    }
    if let error = outcome.error, !hasReached(error) { throw error }
    return connected(outcome.timing, took: outcome.duration)
  }

  private func connected(_ timing: HTTPTiming, took duration: Microseconds) -> JSON {
    let document = JSON.object()
    document.set("provider", endpoint.name)
    document.set("state", "connected")
    let times = JSON.object()
    times.set("connect_ms", .real(timing.connected.inMilliseconds))
    times.set("total_ms", .real(duration.inMilliseconds))
    document.set("timing", times)
    return document
  }

  /// Asks the base address for anything at all.
  private func reach() throws(LLMError) -> JSON {
    let isReplayed = endpoint.settings["replay"] != nil
    guard !endpoint.baseURL.isEmpty, !isReplayed else { return connected(HTTPTiming(), took: 0) }
    let timeout = endpoint.call.connectTimeout > 0 ? endpoint.call.connectTimeout : CallSettings().connectTimeout
    let probe = Probe(endpoint.baseURL + "/", endpoint.transport, timeout: timeout)
    Drive(probe, pool: pool).run()
    guard probe.status == 0 else { return connected(probe.timing, took: probe.timing.total) }
    let failure = probe.failure
    var error = LLMError(
      failure?.code ?? .timeout,
      text: failure?.message
        ?? "the service did not answer within \(timeout / 1000) ms; timeout.connect_ms sets the bound",
      stage: failure?.stage ?? .firstByte)
    error.provider = endpoint.name
    throw error
  }

  /// A service that has no list of models has answered all the same, and taken the key.
  private func hasReached(_ error: LLMError) -> Bool {
    (error.code == .notFound || error.code == .unsupported)
      && (error.status == 404 || error.status == 405 || error.status == 501)
  }

  /// `connect`, reported for a settings page.
  public func testConnection() -> JSON {
    let document = JSON.object()
    document.set("provider", routing?.name ?? endpoint.name)
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
