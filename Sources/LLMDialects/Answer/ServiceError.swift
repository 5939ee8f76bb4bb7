import LLMCore

/// What a service said of an error, before it is given one of the library's codes.
public struct ServiceError {
  /// For people.
  public var message: String?
  /// The service's own words for the class of error, most telling first (`code`, `type`, `status`).
  public var kinds: [String]
  /// Which parameter it is about.
  public var param: String?
  /// A status within the body, where it is an HTTP status.
  public var status: Int?
  /// The pause it asks for.
  public var retryAfterMilliseconds: Int64?
  /// The library's code, where the dialect knows better than the tables.
  public var code: ErrorCode?
  /// The error as it was said.
  public var raw: JSON
  /// The service's id of the request, where it stands in the body.
  private let requestID: String?
  /// Whether the body calls it an error; else it is taken for one by where it stands.
  private let isCalledError: Bool

  /// Reads the common shapes: `{"error":{…}}`, `{"error":"…"}`, `[{"error":…}]`, `{"message":…}`, `{"detail":…}`.
  public init(_ body: JSON) {
    var subject = body.isArray ? (body[0] ?? body) : body
    requestID = subject.string("request_id")
    isCalledError = subject["error"] != nil
    if let error = subject["error"] {
      raw = error
      subject = error.isObject ? error : subject
      message = error.string
    } else {
      raw = subject
    }
    message = subject.string("message") ?? message ?? subject.string("detail") ?? subject.string("error_description")
    if message == nil, let nested = subject["message"] ?? subject["detail"] ?? subject["errors"] {
      message = nested.text
    }
    if subject.isString { message = subject.string }
    kinds = []
    for name in ["code", "type", "status", "__type"] {
      if let word = subject[named: name]?.string { kinds.append(word) }
    }
    param = subject.string("param")
    status = [subject["code"], subject["status"], subject["status_code"], subject["http_status"]]
      .compactMap { $0?.int ?? $0?.string?.asInteger }.first { (400...599).contains($0) }.map { Int($0) }
  }

  /// The error with the library's code for it.
  @inline(never)
  public func error(status httpStatus: Int?, stage: Stage) -> LLMError {
    let status = (httpStatus ?? 200) >= 400 ? httpStatus : (self.status ?? httpStatus)
    let code = self.code ?? ErrorTable.code(status: status, kinds: kinds, message: message ?? "")
    var error = LLMError(code, text: sentence(status), stage: stage, status: httpStatus, providerError: raw)
    error.retryAfterMilliseconds = retryAfterMilliseconds
    error.requestID = requestID
    return error
  }

  /// What stands in an answer's place under a status of success: the error that it tells, or that the answer lacks what
  /// makes it one.
  @inline(never)
  public func inPlaceOfAnswer(lacking what: StaticText) -> LLMError {
    if isCalledError || message != nil { return error(status: 200, stage: .decode) }
    return LLMError(.protocol, "the service's answer has no \(what)", stage: .decode, providerError: raw)
  }

  private func sentence(_ status: Int?) -> String {
    if let message, !message.isEmpty { return message }
    if let kind = kinds.first { return formatted("the service answered with the error \(kind)") }
    return formatted("the service answered with HTTP status \(status ?? 0)")
  }
}

/// Which words and statuses of services mean which code.
enum ErrorTable {
  /// The status decides; what the service says in words makes it precise, as far as the status leaves room for that.
  static func code(status: Int?, kinds: [String], message: String) -> ErrorCode {
    let said = code(kinds: kinds, message: message)
    guard let byStatus = status.flatMap({ code(status: $0) }) else { return said ?? .serverError }
    guard let said, refinements(of: byStatus).contains(said) else { return byStatus }
    return said
  }

  /// By words alone. General ones ("invalid_request_error") count only where nothing else says more.
  private static func code(kinds: [String], message: String) -> ErrorCode? {
    let codes = kinds.compactMap { lookUp($0, in: words) }
    let isGeneral = { (code: ErrorCode) in code == .invalidRequest || code == .serverError }
    return codes.first { !isGeneral($0) } ?? lookUp(message, in: phrases) ?? codes.first
  }

  static func code(status: Int) -> ErrorCode? {
    switch status {
    // 407 is a proxy's.
    case 401, 407: .authentication
    case 402: .quotaExceeded
    case 403: .permission
    case 404, 410: .notFound
    case 408: .timeout
    case 413: .tooLarge
    case 429: .rateLimited
    case 501: .unsupported
    case 503, 529: .overloaded
    case 500...: .serverError
    case 400...: .invalidRequest
    case 300..<400: .protocol
    default: nil
    }
  }

  /// What words can make of a status: services say "bad request" of nearly everything, and "unauthorized" of one thing.
  private static func refinements(of code: ErrorCode) -> [ErrorCode] {
    switch code {
    case .invalidRequest:
      [
        .contextLength, .contentFilter, .unsupported, .authentication, .notFound, .permission, .quotaExceeded,
        .tooLarge,
      ]
    case .permission: [.authentication, .quotaExceeded, .contentFilter, .rateLimited]
    case .rateLimited: [.quotaExceeded]
    case .tooLarge: [.contextLength]
    case .serverError: [.overloaded, .rateLimited]
    default: []
    }
  }

  private static func lookUp(_ text: String, in table: [(words: StaticText, code: ErrorCode)]) -> ErrorCode? {
    for row in table where text.containsText(row.words.text, ignoringCase: true) { return row.code }
    return nil
  }

  /// Words in `code`, `type` and `status` fields; the first that occurs wins.
  private static let words: [(words: StaticText, code: ErrorCode)] = [
    ("context_length", .contextLength), ("context_window", .contextLength), ("string_above_max_length", .contextLength),
    ("insufficient_quota", .quotaExceeded), ("insufficient_balance", .quotaExceeded),
    ("billing", .quotaExceeded), ("quota_exceeded", .quotaExceeded), ("payment_required", .quotaExceeded),
    ("ServiceQuotaExceeded", .quotaExceeded),
    ("content_filter", .contentFilter), ("content_policy", .contentFilter), ("ResponsibleAIPolicy", .contentFilter),
    ("rate_limit", .rateLimited), ("RESOURCE_EXHAUSTED", .rateLimited), ("Throttling", .rateLimited),
    ("too_many_requests", .rateLimited), ("TooManyRequests", .rateLimited),
    ("overloaded", .overloaded), ("UNAVAILABLE", .overloaded), ("ServiceUnavailable", .overloaded),
    ("ModelNotReady", .overloaded), ("engine_overloaded", .overloaded),
    ("invalid_api_key", .authentication), ("authentication", .authentication), ("UNAUTHENTICATED", .authentication),
    ("UnrecognizedClient", .authentication), ("InvalidSignature", .authentication),
    ("SignatureDoesNotMatch", .authentication),
    ("ExpiredToken", .authentication), ("unauthorized", .authentication),
    ("permission", .permission), ("AccessDenied", .permission), ("forbidden", .permission),
    ("model_not_found", .notFound), ("not_found", .notFound), ("ResourceNotFound", .notFound),
    ("DeploymentNotFound", .notFound),
    ("request_too_large", .tooLarge),
    ("timeout", .timeout), ("DEADLINE_EXCEEDED", .timeout),
    ("INTERNAL", .serverError), ("server_error", .serverError), ("api_error", .serverError),
    ("ModelError", .serverError), ("ModelStreamError", .serverError),
    ("UNIMPLEMENTED", .unsupported),
    ("FAILED_PRECONDITION", .invalidRequest), ("INVALID_ARGUMENT", .invalidRequest),
    ("ValidationException", .invalidRequest), ("invalid_request", .invalidRequest), ("BadRequest", .invalidRequest),
    ("bad_request", .invalidRequest),
  ]

  /// Phrases in messages, where status and words say only that the request was bad.
  private static let phrases: [(words: StaticText, code: ErrorCode)] = [
    ("maximum context length", .contextLength), ("context length", .contextLength), ("context window", .contextLength),
    ("prompt is too long", .contextLength), ("input is too long", .contextLength), ("too many tokens", .contextLength),
    ("exceeds the maximum number of tokens", .contextLength), ("exceed context limit", .contextLength),
    ("token count exceeds", .contextLength), ("maximum number of input tokens", .contextLength),
    ("number of input tokens exceeds", .contextLength),
    ("reduce the length of", .contextLength), ("available context size", .contextLength),
    ("credit balance", .quotaExceeded), ("exceeded your current quota", .quotaExceeded),
    ("insufficient balance", .quotaExceeded), ("insufficient credits", .quotaExceeded), ("billing", .quotaExceeded),
    ("more credits", .quotaExceeded),
    ("API key not valid", .authentication), ("invalid api key", .authentication),
    ("incorrect api key", .authentication), ("api_key_invalid", .authentication),
    ("content management policy", .contentFilter), ("content filter", .contentFilter),
    ("safety system", .contentFilter),
    ("rate limit", .rateLimited),
    ("does not exist", .notFound), ("model not found", .notFound),
  ]
}
