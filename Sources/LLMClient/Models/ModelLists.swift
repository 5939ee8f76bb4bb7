import LLMCatalog
import LLMConfig
import LLMCore
import LLMDialects
import LLMPolicy
import LLMTransport

/// Lists and descriptions of models as a service gave them, until they grow old.
final class ModelListCache: Sendable {
  /// More descriptions than anybody asks for; then all make room.
  private static let mostItems = 64
  /// What the list stands under among the descriptions.
  static let list = ""

  private let items = Locked(JSON.object())

  /// A copy of what is there, and whether it is not too old.
  func find(_ id: String, timeToLive: Microseconds) -> (document: JSON, isFresh: Bool)? {
    let now = SystemClock.shared.now
    return items.withLock { items in
      guard let item = items[named: id], let document = item["document"] else { return nil }
      return (document.deepCopy(), now &- (item.int("since") ?? 0) < timeToLive)
    }
  }

  /// Keeps a copy, and answers with what it replaces.
  func keep(_ id: String, _ document: JSON) -> JSON? {
    let item = JSON.object()
    item.set("document", document.deepCopy())
    item.set("since", SystemClock.shared.now)
    return items.withLock { items in
      let replaced = items[named: id]?["document"]
      if items.count > Self.mostItems {
        let list = items[named: Self.list]
        items = .object()
        items.set(named: Self.list, list)
      }
      items.set(named: id, item)
      return replaced
    }
  }
}

extension Provider {
  /// More pages than any service has; a service that always names a next one is not followed for ever.
  private static let maximalPages = 100

  /// The models that the service lists, each with what the catalogue knows of it. What was listed is kept for a while,
  /// and serves longer where the service cannot be reached; the catalogue serves where the service has no list.
  public func models() throws(LLMError) -> JSON {
    if let routing { return list(.array(routing.models()), isCached: false) }
    let kept = blobs.find(ModelListCache.list, timeToLive: endpoint.modelsTimeToLive)
    if let kept, kept.isFresh { return list(kept.document, isCached: true) }
    let hasList = endpoint.profile.capabilities.contains(.modelList) || endpoint.paths.models != nil
    if !hasList, let known = catalogued { return list(known, isCached: false) }
    do throws(LLMError) {
      let models = try listedModels()
      note(models)
      return list(models, isCached: false)
    } catch {
      if let kept, error.isRetryable {
        let stale = list(kept.document, isCached: true)
        stale.set("stale", true)
        return stale
      }
      guard error.code == .unsupported || hasReached(error), let known = catalogued else { throw error }
      return list(known, isCached: false)
    }
  }

  private func list(_ models: JSON, isCached: Bool) -> JSON {
    let list = JSON.object()
    list.set("object", "list")
    list.set("data", models)
    list.set("cached", isCached)
    return list
  }

  /// The catalogue's own models of this type; nil where it has none.
  private var catalogued: JSON? {
    let models = JSON.array()
    for row in endpoint.models.models(of: endpoint.profile.name) {
      if let model = known(row.id) { models.append(model) }
    }
    return models.count > 0 ? models : nil
  }

  /// What the catalogue knows of a model.
  @inline(never)
  private func known(_ id: String) -> JSON? {
    guard let row = endpoint.models.model(id, of: endpoint.profile.name) else { return nil }
    let model = Catalog.builtIn.describe(row)
    model.set("source", "catalog")
    return model
  }

  private func listedModels() throws(LLMError) -> JSON {
    let models = JSON.array()
    var cursor: String?
    for _ in 0..<Self.maximalPages {
      let page = try modelPage(cursor)
      for model in page.elements("models") { models.append(merged(model)) }
      cursor = page.string("cursor")
      if cursor == nil { break }
    }
    return models
  }

  private func modelPage(_ cursor: String?) throws(LLMError) -> JSON {
    let request = JSON.object()
    request.set("cursor", cursor)
    return try ask(.models, request)
  }

  @inline(never)
  private func ask(_ operation: Operation, _ request: JSON) throws(LLMError) -> JSON {
    let outcome = try run(CallRequest(operation, request, settings: endpoint.call))
    if let error = outcome.error { throw error }
    return outcome.document
  }

  /// What the service says of a model, and behind it what the catalogue knows.
  private func merged(_ said: JSON) -> JSON {
    let model = said.copy()
    let known = model.string("id").flatMap { self.known($0) }
    for (name, value) in known?.members ?? [] { model.setDefault(named: name, value) }
    model.set("source", known == nil ? "service" : "both")
    return model
  }

  /// Keeps a list, and tells how it differs from the one before.
  private func note(_ models: JSON) {
    guard let before = blobs.keep(ModelListCache.list, models) else { return }
    let (added, removed) = (models.ids(notIn: before), before.ids(notIn: models))
    guard added.count + removed.count > 0 else { return }
    observation.hear(.modelChanged, requestID: nil) { document in
      document.set("added", added)
      document.set("removed", removed)
    }
  }

  /// What is known of one model; nil asks for the provider's own. The service is asked where it can tell about one; else
  /// the list that is kept, the catalogue, which needs no round trip, and at last the list.
  public func modelInfo(_ name: String?) throws(LLMError) -> JSON {
    if let routing {
      let first = try routing.first(for: name)
      return try first.provider.modelInfo(first.model)
    }
    guard let id = name ?? target.usualModel, !id.isEmpty else {
      throw LLMError(.invalidArgument, "no model is named, and the provider's configuration has none")
    }
    let kept = blobs.find(id, timeToLive: endpoint.modelsTimeToLive)
    if let kept, kept.isFresh { return kept.document }
    do throws(LLMError) {
      if let told = try describedModel(id) { return told }
    } catch {
      guard error.isRetryable, let known = kept?.document ?? self.known(id) else { throw error }
      return known
    }
    let list = blobs.find(ModelListCache.list, timeToLive: endpoint.modelsTimeToLive)
    if let model = list?.document.model(id) ?? known(id) { return model }
    if let model = try models()["data"]?.model(id) { return model }
    throw LLMError(.notFound, "\(endpoint.profile.label) lists no model \"\(id)\"")
  }

  /// What the service tells about one model; nil where it has no way to.
  private func describedModel(_ id: String) throws(LLMError) -> JSON? {
    guard target.dialect.describesModels(endpoint.quirks) else { return nil }
    let document = JSON.object()
    document.set("model", id)
    let model = merged(try ask(.modelInfo, document))
    _ = blobs.keep(id, model)
    return model
  }

  /// Opens a connection and checks the credentials: by the list of models, which costs nothing. Where a service has
  /// none, that it answers must do.
  public func connect() throws(LLMError) -> JSON {
    if let routing { return try routing.connect() }
    let dialect = target.dialect
    if dialect.isLocal(.chat), !dialect.isLocal(.models) { return connected(HTTPTiming(), took: 0) }
    if !dialect.isLocal(.chat), dialect.isLocal(.models) { return try reach() }
    let outcome: CallOutcome
    do throws(LLMError) {
      outcome = try run(CallRequest(.models, .object(), settings: endpoint.call))
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
    run(probe) { probe.cancel() }
    if probe.isCancelled { throw LLMError(.cancelled, "the program did not want to wait") }
    guard probe.status == 0 else { return connected(probe.timing, took: probe.timing.total) }
    let failure = probe.failure
    var error = LLMError(
      failure?.code ?? .timeout,
      text: failure?.message
        ?? formatted("the service did not answer within \(timeout / 1000) ms; timeout.connect_ms sets the bound"),
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

extension JSON {
  /// The ids of a list's models that another list has not.
  fileprivate func ids(notIn other: JSON) -> JSON {
    let others = JSON.object()
    for model in other.elements { others.set(named: model.string("id") ?? "", .boolean(true)) }
    let ids = JSON.array()
    for model in elements {
      if let id = model.string("id"), !others.has(named: id) { ids.append(.string(id)) }
    }
    return ids
  }

  /// The model of that id in a list.
  fileprivate func model(_ id: String) -> JSON? {
    for model in elements where model.string("id") == id { return model }
    return nil
  }
}
