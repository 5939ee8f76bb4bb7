import LLMConfig
import LLMCore

/// What a dialect is told of the call it encodes or decodes for, and where it leaves its warnings.
public final class RequestContext {
  /// Where the request goes.
  public let endpoint: Endpoint
  /// The model, as the service names it.
  public let model: String
  /// The model's row, where the catalogue knows it.
  public let modelProfile: ModelProfile?
  /// Whether the answer is wanted piece by piece.
  public let isStreaming: Bool
  /// The call's settings.
  public let settings: CallSettings
  /// For ids of the library's own making.
  public let random: any RandomSource
  /// The time of the request, for signatures and time stamps.
  public let unixSeconds: Int64
  /// What was dropped or changed, each `{code, message, param}`.
  public private(set) var warnings: [JSON] = []

  /// Puts a context together.
  public init(
    endpoint: Endpoint, model: String, isStreaming: Bool, settings: CallSettings, random: any RandomSource,
    unixSeconds: Int64
  ) {
    self.endpoint = endpoint
    self.model = model
    self.modelProfile = model.isEmpty ? nil : endpoint.models.model(model, of: endpoint.profile.name)
    self.isStreaming = isStreaming
    self.settings = settings
    self.random = random
    self.unixSeconds = unixSeconds
  }

  /// Takes the endpoint's and the call's secrets out of what is said.
  public var blotter: Blotter {
    settings.extraHeaders.isEmpty ? endpoint.blotter : endpoint.blotter.adding(settings.extraHeaders)
  }

  /// Departures of the service from its wire format.
  public var quirks: Quirks { endpoint.quirks }

  /// Notes what the service cannot take; with `strict` it is an error.
  public func warn(_ code: StaticText, _ message: Message, param: String? = nil) throws(LLMError) {
    try warn(code, text: message.text, param: param)
  }

  /// Notes what the service cannot take; with `strict` it is an error.
  @inline(never)
  public func warn(_ code: StaticText, text message: String, param: String? = nil) throws(LLMError) {
    if settings.strict {
      throw LLMError(.unsupported, "\(message) (a warning, were the request not strict)", param: param)
    }
    note(code, text: message, param: param)
  }

  /// Notes what the caller should know and cannot change.
  public func note(_ code: StaticText, _ message: Message, param: String? = nil) {
    note(code, text: message.text, param: param)
  }

  /// Notes what the caller should know and cannot change.
  @inline(never)
  public func note(_ code: StaticText, text message: String, param: String? = nil) {
    let warning = JSON.object()
    warning.set("code", code)
    warning.set("message", message)
    warning.set("param", param)
    if !warnings.contains(where: { $0.equals(warning) }) { warnings.append(warning) }
  }

  /// A model that ends soon, or has ended, is worth a word: its successor's name goes with it.
  public func noteEnd(of model: ModelProfile) {
    guard let end = model.deprecatedOn, let lastSecond = Timestamp.unixSeconds(end + "T23:59:59Z") else { return }
    guard unixSeconds > lastSecond - RequestContext.noticeOfEnd else { return }
    let verb = unixSeconds > lastSecond ? "ended" : "ends"
    note(
      "model_ending",
      text: "the model \(model.id) \(verb) on \(end)" + (model.successor.map { "; use " + $0 } ?? ""), param: "/model")
  }

  /// Sixty days.
  private static let noticeOfEnd: Int64 = 60 * 86_400

  /// The effort as the model knows it: the nearest one that it takes, which is a warning.
  public func effort(_ wanted: String) throws(LLMError) -> String {
    guard let taken = modelProfile?.efforts, let effort = ReasoningEffort(name: wanted) else { return wanted }
    let nearest = effort.nearest(among: taken)
    guard nearest != effort else { return wanted }
    try warn(
      "changed_parameter", "the model knows no effort \"\(wanted)\"; it was asked for \"\(nearest.name.text)\"",
      param: "/reasoning_effort")
    return nearest.name.text
  }

  /// The error for an operation that the service does not have.
  public func unsupported(_ what: String) -> LLMError {
    LLMError(.unsupported, "\(endpoint.profile.label) has no \(what) that this library can reach")
  }

  /// An id of the library's own making.
  public func makeID(_ prefix: StaticString) -> String { makeIdentifier(prefix, random) }

  /// A request to a path below the base URL, with the key as the service wants it and the configured headers. The body
  /// gets the model row's, the configuration's and the request's own extra members.
  public func makeRequest(method: StaticString = "POST", path: String, body: JSON? = nil) -> HTTPRequest {
    makeRequest(method: method, path: path, draft: body.map { JSONDraft($0) })
  }

  /// The same for a body that is an object with changes.
  public func makeRequest(method: StaticString = "POST", path: String, draft: JSONDraft?) -> HTTPRequest {
    var request = HTTPRequest(method: method, url: endpoint.address(of: path))
    let headers = endpoint.usualHeaders
    if let draft {
      request.body = text(of: draft)
      request.carry(isStreaming ? headers.stream : headers.post)
    } else {
      request.carry(headers.bare)
    }
    complete(&request)
    return request
  }

  private func text(of body: JSONDraft) -> ByteBuffer {
    if let extra = modelProfile?.extraParameters {
      for (key, value) in extra.members { body.setDefault(named: key, value) }
    }
    if let extra = endpoint.extraBody { body.merge(extra) }
    if let extra = settings.extraBody { body.merge(extra) }
    let buffer = ByteBuffer(capacity: 1024)
    body.write(into: buffer)
    return buffer
  }

  /// A request that was made elsewhere, with the key, unless it has brought one in the same header, and the configured
  /// headers.
  public func completed(_ request: HTTPRequest) -> HTTPRequest {
    var completed = request
    let own = CommonHeaders(endpoint.apiKey, endpoint.auth, request.headers, endpoint.profile.dialect)
    completed.carry(own.bare)
    completed.headers.set(endpoint.headers)
    complete(&completed)
    return completed
  }

  private func complete(_ request: inout HTTPRequest) {
    if case .query(let name) = endpoint.auth, let key = endpoint.apiKey { request.secretQuery = (name, key) }
    if !settings.extraHeaders.isEmpty { request.headers.set(settings.extraHeaders) }
  }

  /// A request for a page of a thousand models, by the service's names for its size and for what it comes after.
  func makeModelsRequest(path: String, size: StaticText, after: StaticText, _ cursor: String?) -> HTTPRequest {
    var path = (endpoint.paths.models ?? path) + "?" + size.text + "=1000"
    if let cursor { path += "&" + after.text + "=" + cursor.percentEncoded() }
    return makeRequest(method: "GET", path: path)
  }
}
