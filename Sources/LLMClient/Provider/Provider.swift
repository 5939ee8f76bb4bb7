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
  /// What the program wants called while it waits.
  let progress: ProgressHook
  let blobs = ModelListCache()
  private let random = Locked(SplitMix())

  /// Makes a provider of a configuration. `loadPlugin` calls what the plugins of a router's configuration export.
  public convenience init(
    _ config: JSON, environment: any Environment = SystemEnvironment.shared, catalog: Catalog? = nil,
    loadPlugin: Plugins.Loader? = nil
  ) throws(LLMError) {
    if config.string("type") == RouterReading.type {
      try self.init(
        routing: try Provider.routing(config, environment: environment, catalog: catalog, loadPlugin: loadPlugin))
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
    try self.init(target, observation, ProgressHook())
  }

  /// Makes a provider of a target, a router's where it is one of several.
  convenience init(_ target: Target, _ observation: Observation, _ progress: ProgressHook) throws(LLMError) {
    self.init(try Provider.routeTarget(for: target, observation), nil, observation, progress)
  }

  /// Makes a router.
  private convenience init(routing: Routing) throws(LLMError) {
    guard let first = routing.targets.first else { throw LLMError(.invalidConfig, "a router without targets") }
    self.init(first.routeTarget, routing, routing.observation, first.progress)
  }

  init(
    _ routeTarget: RouteTarget, _ routing: Routing?, _ observation: Observation,
    _ progress: ProgressHook = ProgressHook()
  ) {
    self.routeTarget = routeTarget
    self.routing = routing
    self.observation = observation
    self.progress = progress
    meter = Meter(
      observation, pool, routing == nil ? routeTarget.gates : [], routing?.targets.map { $0.observation } ?? [])
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

  // MARK: Requests

  /// Reads and checks a chat request; `streams` nil leaves it to the request's own `stream`.
  func chatRequest(
    _ document: JSON, streams: Bool?, _ operation: Operation = .chat
  ) throws(LLMError) -> CallRequest {
    let (settings, own) = try settings(of: document)
    let chat = try Memory.granted(document.footprint) { () throws(LLMError) in try ChatRequest(document) }
    guard let chat else { throw .noMemory }
    return CallRequest(
      operation, chat: chat, isStreaming: streams ?? (document.bool("stream") ?? false),
      settings: settings, own: own)
  }

  /// The configuration's settings with the request's own over them, and those alone.
  private func settings(of document: JSON) throws(LLMError) -> (all: CallSettings, own: RequestSettings?) {
    guard document.isObject else {
      throw LLMError(.invalidRequest, "a request is a JSON object", param: "")
    }
    let base = routing?.call ?? endpoint.call
    guard let llm = document["llm"] else { return (base, nil) }
    let own = try RequestSettings(llm)
    return (own.over(base), own)
  }

  /// A chat request and where it would go first, for what is said about it and not sent. A target's settings are its own.
  func addressed(
    _ document: JSON, streams: Bool?
  ) throws(LLMError) -> (request: CallRequest, target: Target, model: String?) {
    let request = try chatRequest(document, streams: streams)
    guard let routing, let chat = request.chat else { return (request, target, nil) }
    let first = try routing.router.first(for: request.model)
    let base = first.routeTarget.target.endpoint.call
    let there = CallRequest(
      chat: chat, isStreaming: request.isStreaming, settings: request.own?.over(base) ?? base, own: request.own)
    return (there, first.routeTarget.target, first.model)
  }

  // MARK: Calls

  func makeRandom() -> SplitMix { SplitMix(seed: random.withLock { $0.next() }) }

  func makeCall(_ request: CallRequest, sink: (any EventSink)?) throws(LLMError) -> Call {
    let random = makeRandom()
    return Call(
      request, to: routeTarget, by: try itinerary(of: request, random), sink: sink, observer: observation,
      random: random, unixSeconds: SystemClock.shared.unixSeconds, unixOffset: SystemClock.shared.unixOffset)
  }

  /// The way through a router, or through the other models that a request names; nil where neither is.
  private func itinerary(of request: CallRequest, _ random: SplitMix) throws(LLMError) -> Itinerary? {
    let now = SystemClock.shared.now
    if let routing {
      return try Itinerary(routing.router, model: request.model, own: request.own, now: now, random)
    }
    guard let fallbacks = request.own?.fallbacks, !fallbacks.isEmpty, request.operation.isGeneration else {
      return nil
    }
    return try Itinerary(
      Router(modelsOf: routeTarget, first: try target.resolve(request)), model: nil, own: request.own, now: now, random)
  }

  /// Runs a call on this thread to its end.
  @inline(never)
  func run(_ request: CallRequest, sink: (any EventSink)? = nil) throws(LLMError) -> CallOutcome {
    let call = try makeCall(request, sink: sink)
    try call.prepare()
    return try run(call)
  }

  private func run(_ call: Call) throws(LLMError) -> CallOutcome {
    if Memory.hasRunOut { call.noteNoMemory() }
    Memory.watching { run(call) { call.cancel() } }
    guard let outcome = call.outcome else { throw LLMError(.internal, "the call ended without an outcome") }
    return outcome
  }

  /// Runs a machine on this thread to its end, or until the program no longer wants to wait.
  func run(_ machine: any Machine, _ cancel: () -> Void) {
    let drive = Drive(machine, pool: pool)
    guard progress.isSet else { return drive.run() }
    var isWanted = true
    drive.run(every: ProgressHook.interval) {
      guard isWanted, !progress.goesOn() else { return }
      isWanted = false
      cancel()
    }
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
    try PulledCall(self, try chatRequest(request, streams: true))
  }

  /// Decodes a response that the caller fetches.
  public func decoder(for request: JSON, status: Int) throws(LLMError) -> ResponseDecoder {
    try ResponseDecoder(self, request, status: status)
  }

  /// Embeds texts.
  public func embed(_ request: JSON) throws(LLMError) -> CallOutcome {
    let (settings, own) = try settings(of: request)
    guard let input = request["input"], input.isString || (input.isArray && input.count > 0) else {
      throw LLMError(
        .invalidRequest, "an embeddings request needs \"input\": a string or an array that is not empty",
        param: "/input")
    }
    return try run(CallRequest(.embeddings, request, settings: settings, own: own))
  }

  /// Ranks documents by how well they answer a query.
  public func rerank(_ request: JSON) throws(LLMError) -> CallOutcome {
    let (settings, own) = try settings(of: request)
    if let problem = problem(ofRanking: request) {
      throw LLMError(.invalidRequest, "a ranking needs \(problem.wish)", param: "/" + problem.member.text)
    }
    let profile = endpoint.profile
    let mayRank = routing != nil || profile.capabilities.contains(.rerank) || profile.name == ProviderProfile.customType
    guard mayRank || profile.foreign != nil || endpoint.paths.rerank != nil else {
      throw LLMError(
        .unsupported, "\(profile.label) ranks no documents; paths.rerank says where it does, if it has learned to")
    }
    return try run(CallRequest(.rerank, request, settings: settings, own: own))
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
    let request = try chatRequest(document, streams: false, .tokenCount)
    let call = try makeCall(request, sink: nil)
    try call.prepare()
    let answer = JSON.object()
    guard call.isToBeSent else {
      answer.set("model", call.model)
      answer.set("prompt_tokens", request.chat.map { TokenEstimate.tokens(in: $0) })
      answer.set("estimated", true)
      return answer
    }
    let outcome = try run(call)
    if let error = outcome.error { throw error }
    answer.set("model", outcome.model)
    answer.set("prompt_tokens", outcome.document["input_tokens"])
    answer.set("estimated", false)
    return answer
  }

  /// The HTTP request that a chat request would send, secrets redacted.
  public func render(_ document: JSON) throws(LLMError) -> JSON {
    let (request, target, model) = try addressed(document, streams: nil)
    guard let chat = request.chat else { throw LLMError(.internal, "a chat request without a chat") }
    let context = target.context(
      for: request, model: try target.resolve(request, chosen: model), settings: request.settings, makeRandom(),
      unixSeconds: SystemClock.shared.unixSeconds)
    do throws(LLMError) {
      let encoded = try target.dialect(for: request, context).encodeChat(chat, context)
      return context.blotter.adding(encoded).blot(RenderedRequest.document(encoded))
    } catch { throw context.blotter.blot(error) }
  }

  // MARK: Observation

  /// Sets what the program wants called while it waits.
  public func setProgress(_ function: ProgressHook.Function?, userData: UnsafeMutableRawPointer?) {
    progress.set(function, userData: userData)
  }

  /// Sets the program's observer.
  public func setObserver(
    _ receiver: (@convention(c) (UnsafePointer<CChar>?, UnsafeMutableRawPointer?) -> Void)?,
    userData: UnsafeMutableRawPointer?
  ) {
    observation.set(receiver, userData: userData)
  }

  /// Whether a call made now may be expected to be served.
  public var isAvailable: Bool {
    meter.isAvailable
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
    document.set("model", target.usualModel.map { .string($0) })
    routing?.fill(document, now: SystemClock.shared.now)
    observation.statistics.fill(document)
    routing?.fillState(document)
    let connections = JSON.object()
    let counted = pool.statistics
    let routed = observation.statistics.routedConnections
    connections.set("opened", Int64(counted.opened) &+ routed.opened)
    connections.set("reused", Int64(counted.reused) &+ routed.reused)
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
