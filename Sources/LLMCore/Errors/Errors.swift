/// What went wrong, in the library's own words. Raw values are the `LLM_E_…` codes of the header; codes are only added.
public enum ErrorCode: Int32, Sendable {
  case invalidArgument = -1
  case invalidConfig = -2
  case invalidRequest = -3
  case unsupported = -4
  case authentication = -5
  case permission = -6
  case notFound = -7
  case rateLimited = -8
  case quotaExceeded = -9
  case budgetExceeded = -10
  case overloaded = -11
  case serverError = -12
  case contextLength = -13
  case contentFilter = -14
  case timeout = -15
  case connection = -16
  case tls = -17
  case `protocol` = -18
  case streamTruncated = -19
  case tooLarge = -20
  case cancelled = -21
  case plugin = -22
  case noMemory = -23
  case `internal` = -24

  /// The name that stands in error documents and that `llm_status_name` gives.
  public var name: StaticText {
    switch self {
    case .invalidArgument: "invalid_argument"
    case .invalidConfig: "invalid_config"
    case .invalidRequest: "invalid_request"
    case .unsupported: "unsupported"
    case .authentication: "authentication"
    case .permission: "permission"
    case .notFound: "not_found"
    case .rateLimited: "rate_limited"
    case .quotaExceeded: "quota_exceeded"
    case .budgetExceeded: "budget_exceeded"
    case .overloaded: "overloaded"
    case .serverError: "server_error"
    case .contextLength: "context_length"
    case .contentFilter: "content_filter"
    case .timeout: "timeout"
    case .connection: "connection"
    case .tls: "tls"
    case .protocol: "protocol"
    case .streamTruncated: "stream_truncated"
    case .tooLarge: "too_large"
    case .cancelled: "cancelled"
    case .plugin: "plugin"
    case .noMemory: "no_memory"
    case .internal: "internal"
    }
  }

  /// Whether the same request, sent again unchanged, can succeed.
  public var isRetryable: Bool {
    switch self {
    case .rateLimited, .overloaded, .serverError, .timeout, .connection, .streamTruncated: true
    default: false
    }
  }

  /// The code with this name, for documents that name one (scripts of the mock, a provider of the user's own).
  public init?(name: String) {
    var raw: Int32 = -1
    while let code = ErrorCode(rawValue: raw) {
      if code.name.matches(name) {
        self = code
        return
      }
      raw -= 1
    }
    return nil
  }
}

/// How far a call had come when it failed.
public enum Stage: Sendable {
  case connect, tls, send, firstByte, firstToken, stream, decode

  /// All of them, in their order.
  public static var all: [Stage] { [.connect, .tls, .send, .firstByte, .firstToken, .stream, .decode] }

  /// The name that stands in error documents.
  public var name: StaticText {
    switch self {
    case .connect: "connect"
    case .tls: "tls"
    case .send: "send"
    case .firstByte: "first_byte"
    case .firstToken: "first_token"
    case .stream: "stream"
    case .decode: "decode"
    }
  }
}

/// The one error type of the library. What is not known when it is thrown (provider, model, attempts) is filled in by
/// the call on the way out.
///
/// It is a value, but one pointer wide: hundreds of functions throw it, and each would make room for a dozen fields.
public struct LLMError: Error, Sendable {
  private struct Fields: Sendable {
    var code: ErrorCode
    var message: String
    var status: Int?
    var stage: Stage?
    var retryable: Bool?
    var retryAfterMilliseconds: Int64?
    var param: String?
    var providerError: JSON?
    var requestID: String?
    var provider: String?
    var model: String?
    var attempts: JSON?
  }

  private final class Box: Sendable {
    let fields: Fields
    init(_ fields: Fields) { self.fields = fields }
  }

  private var box: Box

  private var fields: Fields {
    @inline(never) get { box.fields }
    @inline(never) set { box = Box(newValue) }
  }

  /// The class of failure.
  public var code: ErrorCode {
    @inline(never) get { box.fields.code }
    @inline(never) set { fields.code = newValue }
  }
  /// What was wrong, where, and what to do.
  public var message: String {
    @inline(never) get { box.fields.message }
    @inline(never) set { fields.message = newValue }
  }
  /// The HTTP status, where there was one.
  public var status: Int? {
    @inline(never) get { box.fields.status }
    @inline(never) set { fields.status = newValue }
  }
  /// How far the call had come.
  public var stage: Stage? {
    @inline(never) get { box.fields.stage }
    @inline(never) set { fields.stage = newValue }
  }
  /// Overrides the code's own answer, where the service said whether to try again.
  public var retryable: Bool? {
    @inline(never) get { box.fields.retryable }
    @inline(never) set { fields.retryable = newValue }
  }
  /// How long the service asks to be left alone.
  public var retryAfterMilliseconds: Int64? {
    @inline(never) get { box.fields.retryAfterMilliseconds }
    @inline(never) set { fields.retryAfterMilliseconds = newValue }
  }
  /// JSON pointer into the caller's own document.
  public var param: String? {
    @inline(never) get { box.fields.param }
    @inline(never) set { fields.param = newValue }
  }
  /// What the provider said, verbatim.
  public var providerError: JSON? {
    @inline(never) get { box.fields.providerError }
    @inline(never) set { fields.providerError = newValue }
  }
  /// The provider's id of the request, to quote to its support.
  public var requestID: String? {
    @inline(never) get { box.fields.requestID }
    @inline(never) set { fields.requestID = newValue }
  }
  /// Which provider was spoken to.
  public var provider: String? {
    @inline(never) get { box.fields.provider }
    @inline(never) set { fields.provider = newValue }
  }
  /// Which model was asked.
  public var model: String? {
    @inline(never) get { box.fields.model }
    @inline(never) set { fields.model = newValue }
  }
  /// What was tried, one document each.
  public var attempts: JSON? {
    @inline(never) get { box.fields.attempts }
    @inline(never) set { fields.attempts = newValue }
  }

  /// Makes an error of what is known where it is thrown.
  public init(
    _ code: ErrorCode, _ message: Message, stage: Stage? = nil, status: Int? = nil, param: String? = nil,
    providerError: JSON? = nil
  ) {
    self.init(code, text: message.text, stage: stage, status: status, param: param, providerError: providerError)
  }

  /// Makes an error whose message is made already.
  @inline(never)
  public init(
    _ code: ErrorCode, text message: String, stage: Stage? = nil, status: Int? = nil, param: String? = nil,
    providerError: JSON? = nil
  ) {
    box = Box(
      Fields(
        code: code, message: message, status: status, stage: stage, param: param, providerError: providerError))
  }

  /// Whether the same request, sent again unchanged, can succeed.
  public var isRetryable: Bool { retryable ?? code.isRetryable }

  /// The `error` member of the error document; the partial response is the call's to add.
  public var document: JSON {
    let error = JSON.object()
    error.set("code", code.name)
    error.set("message", message)
    error.set("status", status.map { .integer(Int64($0)) })
    error.set("provider", provider)
    error.set("model", model)
    error.set("stage", stage.map { .string($0.name) })
    error.set("retryable", .boolean(isRetryable))
    error.set("retry_after_ms", retryAfterMilliseconds.map { .integer($0) })
    error.set("request_id", requestID.map { .string($0) })
    error.set("param", param.map { .string($0) })
    error.set("attempts", attempts)
    error.set("provider_error", providerError)
    return error
  }
}
