import LLMCatalog
import LLMConfig
import LLMCore
import LLMDialects
import LLMPolicy
import LLMTransport

/// A configured provider: the handle behind `llm_provider`. Shared by threads; everything in it is immutable or locked.
public final class Provider: @unchecked Sendable {
  /// A router's, of its first target.
  let routeTarget: RouteTarget
  /// Its targets, where it is a router.
  let routing: Routing?
  let pool = ChannelPool()
  let observation: Observation
  let meter: Meter
  let blobs = ModelListCache()
  private let random = Locked(SplitMix())

  /// Makes a provider of a configuration. `loadPlugin` calls what the plugins of a router's configuration export.
  public convenience init(
    _ config: JSON, environment: any Environment = SystemEnvironment.shared, catalog: Catalog? = nil,
    loadPlugin: Plugins.Loader? = nil
  ) throws(LLMError) {
    if config.string("type") == RouterReading.type {
      let routing = try Provider.routing(
        config, environment: environment, catalog: catalog, loadPlugin: loadPlugin)
      guard let first = routing.targets.first else { throw LLMError(.invalidConfig, "a router without targets") }
      self.init(
        first.routeTarget, routing,
        Observation(
          ObservedService(routerNamed: routing.name), Blotter.joining(routing.targets.map { $0.endpoint.blotter })))
      return
    }
    let catalog = catalog ?? ForeignTypes.catalog
    let resolved = try AutoProvider.resolve(config, environment: environment, catalog: catalog)
    try self.init(
      try ForeignTypes.target(
        try ConfigurationReader.endpoint(from: resolved, environment: environment, catalog: catalog)))
  }

  /// Makes a provider that speaks a dialect of the program's own; the configuration says all the rest.
  public convenience init(
    _ config: JSON, dialect: any Dialect, environment: any Environment = SystemEnvironment.shared
  ) throws(LLMError) {
    try self.init(
      Target(
        try ConfigurationReader.endpoint(from: config, environment: environment, catalog: ForeignTypes.catalog),
        dialect: dialect))
  }

  /// Makes a provider of a target.
  public convenience init(_ target: Target) throws(LLMError) {
    let observation = Observation(ObservedService(target.endpoint), target.endpoint.blotter)
    self.init(try Provider.routeTarget(for: target, observation), nil, observation)
  }

  init(_ routeTarget: RouteTarget, _ routing: Routing?, _ observation: Observation) {
    self.routeTarget = routeTarget
    self.routing = routing
    self.observation = observation
    meter = Meter(observation, pool, routing == nil ? routeTarget.gates : [])
  }

  deinit { meter.leave() }

  /// A target with the gates and the archive that its configuration asks for.
  private static func routeTarget(for target: Target, _ observation: Observation) throws(LLMError) -> RouteTarget {
    let store = try StoreRegistry.open(target.endpoint.gates.store, listener: observation)
    return RouteTarget(
      target,
      gates: GateFactory.make(
        for: target.endpoint, store: store, listener: observation, random: SplitMix(),
        unixOffset: SystemClock.shared.unixOffset),
      archive: ArchiveChain.make(for: target.endpoint, store: store, reporter: observation),
      observer: observation)
  }

  var target: Target { routeTarget.target }
  var endpoint: Endpoint { target.endpoint }

  // MARK: Calls

  /// Reads and checks a chat request; `streams` nil leaves it to the request's own `stream`.
  func chatRequest(_ document: JSON, streams: Bool?, attempts: Int? = nil) throws(LLMError) -> CallRequest {
    var settings = try self.settings(of: document)
    if let attempts {
      settings = CallSettings(copying: settings)
      settings.attempts = attempts
    }
    let chat = try Memory.granted(document.footprint) { () throws(LLMError) in try ChatRequest(document) }
    guard let chat else { throw .noMemory }
    return CallRequest(
      chat: chat, isStreaming: streams ?? (document.bool("stream") ?? false), settings: settings,
      llm: document["llm"])
  }

  func settings(of document: JSON) throws(LLMError) -> CallSettings {
    guard document.isObject else {
      throw LLMError(.invalidRequest, "a request is a JSON object", param: "")
    }
    let base = routing?.call ?? endpoint.call
    guard let own = document["llm"] else { return base }
    return try base.applying(llm: own)
  }

  func makeCall(
    _ request: CallRequest, sink: (any EventSink)?, isFetchedByCaller: Bool = false
  ) throws(LLMError) -> Call {
    let random = SplitMix(seed: random.withLock { $0.next() })
    return Call(
      request, to: routeTarget, by: try itinerary(of: request, random), sink: sink,
      observer: isFetchedByCaller ? nil : observation, random: random, unixSeconds: SystemClock.shared.unixSeconds,
      isFetchedByCaller: isFetchedByCaller, unixOffset: SystemClock.shared.unixOffset)
  }

  /// The way through a router, or through the other models that a request names; nil where neither is.
  private func itinerary(of request: CallRequest, _ random: SplitMix) throws(LLMError) -> Itinerary? {
    let model = request.document.string("model")
    if let routing {
      return try Itinerary(routing.router, model: model, llm: request.llm, now: SystemClock.shared.now, random)
    }
    guard let fallbacks = request.llm?["fallbacks"], fallbacks.count > 0, request.operation.isGeneration else {
      return nil
    }
    return try Itinerary(
      Router(modelsOf: routeTarget, first: try target.model(for: request.document)), model: nil, llm: request.llm,
      now: SystemClock.shared.now, random)
  }

  /// Runs a call on this thread to its end.
  @inline(never)
  func run(_ request: CallRequest, sink: (any EventSink)? = nil) throws(LLMError) -> CallOutcome {
    let call = try makeCall(request, sink: sink)
    try call.prepare()
    if Memory.hasRunOut { call.noteNoMemory() }
    Memory.watching { Drive(call, pool: pool).run() }
    guard let outcome = call.outcome else { throw LLMError(.internal, "the call ended without an outcome") }
    return outcome
  }

  /// Asks and waits for the whole answer.
  public func chat(_ request: JSON) throws(LLMError) -> CallOutcome {
    try run(try chatRequest(request, streams: false))
  }

  /// Asks and hands events to the sink while the answer arrives. Throws only what kept the call from being started.
  public func stream(_ request: JSON, to sink: any EventSink) throws(LLMError) -> CallOutcome {
    try run(try chatRequest(request, streams: true), sink: sink)
  }

  /// Starts a call that the caller pulls.
  public func start(_ request: JSON) throws(LLMError) -> PulledCall {
    let queue = EventQueue()
    let call = try makeCall(try chatRequest(request, streams: true), sink: queue)
    try call.prepare()
    if Memory.hasRunOut { throw .noMemory }
    return PulledCall(self, call, queue)
  }

  /// Decodes a response that the caller fetches.
  public func decoder(for request: JSON, status: Int) throws(LLMError) -> ResponseDecoder {
    if let routing {
      let target = try routing.readdressed(request)
      return try target.provider.decoder(for: target.document, status: status)
    }
    guard !target.dialect.isLocal(.chat) else {
      throw LLMError(.unsupported, "\(endpoint.profile.label) makes its answers itself: there is no response to decode")
    }
    return try ResponseDecoder(self, request, status: status)
  }

  /// Embeds texts.
  public func embed(_ request: JSON) throws(LLMError) -> CallOutcome {
    let settings = try settings(of: request)
    guard let input = request["input"], input.isString || (input.isArray && input.count > 0) else {
      throw LLMError(
        .invalidRequest, "an embeddings request needs \"input\": a string or an array that is not empty",
        param: "/input")
    }
    return try run(CallRequest(.embeddings, request, settings: settings, llm: request["llm"]))
  }

  /// Ranks documents by how well they answer a query.
  public func rerank(_ request: JSON) throws(LLMError) -> CallOutcome {
    let settings = try settings(of: request)
    if let problem = problem(ofRanking: request) {
      throw LLMError(.invalidRequest, "a ranking needs \(problem.wish)", param: "/" + problem.member.text)
    }
    let profile = endpoint.profile
    let mayRank = routing != nil || profile.capabilities.contains(.rerank) || profile.name == ProviderProfile.customType
    guard mayRank || profile.foreign != nil || endpoint.paths.rerank != nil else {
      throw LLMError(
        .unsupported, "\(profile.label) ranks no documents; paths.rerank says where it does, if it has learned to")
    }
    return try run(CallRequest(.rerank, request, settings: settings, llm: request["llm"]))
  }

  private func problem(ofRanking request: JSON) -> (member: StaticText, wish: StaticText)? {
    if request.string("query")?.isEmpty != false { return ("query", "a \"query\", a text that is not empty") }
    let documents = request["documents"]
    if documents?.isArray != true || documents?.count == 0 {
      return ("documents", "\"documents\", an array that is not empty")
    }
    if let most = request["top_n"], (most.int ?? 0) < 1 { return ("top_n", "a \"top_n\" above 0, or none") }
    // The model that a type asks by default is none that ranks.
    let isNamed = request["model"] != nil || endpoint.defaultModel != endpoint.profile.defaultModel
    return isNamed || routing != nil || endpoint.profile.dialect == .mock
      ? nil : ("model", "a \"model\", in the request or in the provider's configuration")
  }

  /// Counts a request's tokens: by the service where it can, else by an estimate.
  public func countTokens(_ document: JSON) throws(LLMError) -> JSON {
    if let routing {
      let target = try routing.readdressed(document)
      return try target.provider.countTokens(target.document)
    }
    let request = try chatRequest(document, streams: false)
    guard let chat = request.chat else { throw LLMError(.internal, "a chat request without a chat") }
    let answer = JSON.object()
    answer.set("model", try target.model(for: request.document))
    let context = try context(for: request)
    guard try target.dialect(for: context.modelProfile).encodeTokenCount(chat, context) != nil else {
      answer.set("prompt_tokens", TokenEstimate.tokens(in: chat))
      answer.set("estimated", true)
      return answer
    }
    let outcome = try run(CallRequest(tokenCountOf: chat, settings: request.settings))
    if let error = outcome.error { throw error }
    answer.set("prompt_tokens", outcome.document["input_tokens"])
    answer.set("estimated", false)
    return answer
  }

  private func context(for request: CallRequest) throws(LLMError) -> RequestContext {
    RequestContext(
      endpoint: endpoint, model: try target.model(for: request.document), isStreaming: request.isStreaming,
      settings: request.settings, random: SplitMix(seed: random.withLock { $0.next() }),
      unixSeconds: SystemClock.shared.unixSeconds)
  }

  /// The HTTP request that a chat request would send, secrets redacted.
  public func render(_ document: JSON) throws(LLMError) -> JSON {
    if let routing {
      let target = try routing.readdressed(document)
      return try target.provider.render(target.document)
    }
    let request = try chatRequest(document, streams: nil)
    guard let chat = request.chat else { throw LLMError(.internal, "a chat request without a chat") }
    let context = try context(for: request)
    do throws(LLMError) {
      let encoded = try target.dialect(for: context.modelProfile).encodeChat(chat, context)
      return context.blotter.adding(encoded).blot(RenderedRequest.document(encoded))
    } catch { throw context.blotter.blot(error) }
  }

  // MARK: Observation

  /// Sets the program's observer.
  public func setObserver(
    _ receiver: (@convention(c) (UnsafePointer<CChar>?, UnsafeMutableRawPointer?) -> Void)?,
    userData: UnsafeMutableRawPointer?
  ) {
    observation.set(receiver, userData: userData)
  }

  /// Whether a call made now may be expected to be served.
  public var isAvailable: Bool {
    guard let routing else { return observation.statistics.isAvailable }
    for target in routing.targets where target.isAvailable { return true }
    return false
  }

  /// Closes the connections that are not in use.
  public func disconnect() {
    pool.dropIdle()
    if let routing {
      for target in routing.targets { target.disconnect() }
    }
    observation.disconnected()
  }

  /// What the provider has been doing.
  public var status: JSON {
    let document = JSON.object()
    document.set("provider", endpoint.name)
    document.set("type", endpoint.profile.name)
    document.set("model", (endpoint.defaultModel ?? endpoint.profile.defaultModel).map { .string($0) })
    routing?.fill(document, now: SystemClock.shared.now)
    observation.statistics.fill(document)
    routing?.fillState(document)
    let connections = JSON.object()
    let counted = pool.statistics
    connections.set("opened", counted.opened)
    connections.set("reused", counted.reused)
    connections.set("idle", counted.idle)
    document.set("connections", connections)
    routeTarget.archive?.fill(document)
    let now = SystemClock.shared.now
    for gate in routeTarget.gates { gate.fill(document, now: now) }
    return observation.blotter.blot(document)
  }

  /// What the provider supports.
  public var capabilities: JSON {
    let document = JSON.object()
    document.set("provider", routing?.name ?? endpoint.name)
    document.set("type", routing == nil ? endpoint.profile.name : RouterReading.type)
    // What every target can do: a request may come to any of them.
    var common = endpoint.profile.capabilities
    for target in routing?.targets ?? [] { common.formIntersection(target.endpoint.profile.capabilities) }
    for (name, flag) in Capabilities.names { document.set(name, .boolean(common.contains(flag))) }
    return document
  }
}
