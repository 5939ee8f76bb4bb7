import LLMCatalog
import LLMCore
import LLMDialects
import LLMPolicy
import LLMTransport

/// Lists and descriptions of models as a service gave them, until they grow old.
final class ModelShelf: Sendable {
  private struct Item {
    let id: String
    let document: JSON
    let since: Microseconds
  }

  /// More descriptions than anybody asks for; the oldest makes room.
  private static let mostItems = 64
  /// What the list stands under among the descriptions.
  static let list = ""

  private let items = Locked<[Item]>([])

  /// A copy of what is there, and whether it is not too old.
  func find(_ id: String, timeToLive: Microseconds, now: Microseconds) -> (document: JSON, isFresh: Bool)? {
    items.withLock { items in
      for item in items where item.id == id {
        return (item.document.deepCopy(), now &- item.since < timeToLive)
      }
      return nil
    }
  }

  /// Keeps a copy, and answers with what it replaces.
  func keep(_ id: String, _ document: JSON, now: Microseconds) -> JSON? {
    let item = Item(id: id, document: document.deepCopy(), since: now)
    return items.withLock { items in
      var replaced: JSON?
      for place in items.indices where items[place].id == id {
        replaced = items.remove(at: place).document
        break
      }
      if items.count >= Self.mostItems { items.removeFirst() }
      items.append(item)
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
    let kept = shelf.find(ModelShelf.list, timeToLive: endpoint.modelsTimeToLive, now: SystemClock.shared.now)
    if let kept, kept.isFresh { return list(kept.document.elements, isCached: true) }
    let hasList = endpoint.profile.capabilities.contains(.modelList) || endpoint.paths.models != nil
    let known = hasList ? [] : catalogued
    if !known.isEmpty { return list(known, isCached: false) }
    do throws(LLMError) {
      let models = try listedModels()
      note(.array(models))
      return list(models, isCached: false)
    } catch {
      if let kept, error.isRetryable {
        let stale = list(kept.document.elements, isCached: true)
        stale.set("stale", true)
        return stale
      }
      let known = isWithoutList(error) ? catalogued : []
      guard !known.isEmpty else { throw error }
      return list(known, isCached: false)
    }
  }

  private func list(_ models: [JSON], isCached: Bool) -> JSON {
    let list = JSON.object()
    list.set("object", "list")
    list.set("data", .array(models))
    list.set("cached", isCached)
    return list
  }

  /// The catalogue's own models of this type.
  private var catalogued: [JSON] {
    endpoint.models.models(of: endpoint.profile.name).map { row in
      let model = Catalog.builtIn.describe(row)
      model.set("source", "catalog")
      return model
    }
  }

  /// The service answered that there is no such thing.
  private func isWithoutList(_ error: LLMError) -> Bool {
    error.code == .unsupported || hasReached(error)
  }

  private func listedModels() throws(LLMError) -> [JSON] {
    var models: [JSON] = []
    var cursor: String?
    for _ in 0..<Self.maximalPages {
      let page = try modelPage(cursor)
      models += page.elements("models").map { merged($0) }
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

  /// What the service says of a model, and behind it what the catalogue knows.
  private func merged(_ said: JSON) -> JSON {
    let model = said.copy()
    guard let id = model.string("id"), let row = endpoint.models.model(id, of: endpoint.profile.name) else {
      model.set("source", "service")
      return model
    }
    for (name, value) in Catalog.builtIn.describe(row).members { model.setDefault(named: name, value) }
    model.set("source", "both")
    return model
  }

  /// Keeps a list, and tells how it differs from the one before.
  private func note(_ models: JSON) {
    guard let before = shelf.keep(ModelShelf.list, models, now: SystemClock.shared.now) else { return }
    let added = models.ids(notIn: before)
    let removed = before.ids(notIn: models)
    guard !added.isEmpty || !removed.isEmpty else { return }
    observation.hear(.modelChanged, requestID: nil) { document in
      document.set("added", .array(added))
      document.set("removed", .array(removed))
    }
  }

  /// What is known of one model; nil asks for the provider's own. The service is asked where it can tell about one; else
  /// the list that is kept, the catalogue, which needs no round trip, and at last the list.
  public func modelInfo(_ name: String?) throws(LLMError) -> JSON {
    guard let id = name ?? endpoint.defaultModel ?? endpoint.profile.defaultModel, !id.isEmpty else {
      throw LLMError(.invalidArgument, "no model is named, and the provider's configuration has none")
    }
    let now = SystemClock.shared.now
    let kept = shelf.find(id, timeToLive: endpoint.modelsTimeToLive, now: now)
    if let kept, kept.isFresh { return kept.document }
    do throws(LLMError) {
      if let told = try describedModel(id) {
        _ = shelf.keep(id, told, now: now)
        return told
      }
    } catch {
      guard error.isRetryable, let known = kept?.document ?? cataloguedModel(id) else { throw error }
      return known
    }
    let list = shelf.find(ModelShelf.list, timeToLive: endpoint.modelsTimeToLive, now: now)?.document
    if let model = list?.elements.first(where: { $0.string("id") == id }) ?? cataloguedModel(id) { return model }
    for model in try models().elements("data") where model.string("id") == id { return model }
    throw LLMError(.notFound, "\(endpoint.profile.label) lists no model \"\(id)\"")
  }

  private func cataloguedModel(_ id: String) -> JSON? {
    guard let row = endpoint.models.model(id, of: endpoint.profile.name) else { return nil }
    let model = Catalog.builtIn.describe(row)
    model.set("source", "catalog")
    return model
  }

  /// What the service tells about one model; nil where it has no way to.
  private func describedModel(_ id: String) throws(LLMError) -> JSON? {
    let request = JSON.object()
    request.set("model", id)
    let context = RequestContext(
      endpoint: endpoint, model: id, isStreaming: false, settings: endpoint.call, random: SplitMix(seed: 0),
      unixSeconds: SystemClock.shared.unixSeconds)
    guard try target.dialect(for: context.modelProfile).encodeModelInfo(id, context) != nil else { return nil }
    let outcome = try run(CallRequest(.modelInfo, request, settings: endpoint.call))
    if let error = outcome.error { throw error }
    return merged(outcome.document)
  }

  /// Opens a connection and checks the credentials: by the list of models, which costs nothing. Where a service has
  /// none, that it answers must do.
  public func connect() throws(LLMError) -> JSON {
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
    guard !endpoint.baseURL.isEmpty else { return connected(HTTPTiming(), took: 0) }
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

extension JSON {
  /// The ids of a list's models that another list has not.
  fileprivate func ids(notIn other: JSON) -> [String] {
    let others = JSON.object()
    for model in other.elements {
      if let id = model.string("id") { others.set(named: id, .boolean(true)) }
    }
    return elements.compactMap { model in model.string("id").flatMap { others.has(named: $0) ? nil : $0 } }
  }
}
