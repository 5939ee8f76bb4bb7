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
  public var name: Word {
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
  public var name: Word {
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
public struct LLMError: Error, Sendable {
  /// The class of failure.
  public var code: ErrorCode
  /// What was wrong, where, and what to do.
  public var message: String
  /// The HTTP status, where there was one.
  public var status: Int?
  /// How far the call had come.
  public var stage: Stage?
  /// Overrides the code's own answer, where the service said whether to try again.
  public var retryable: Bool?
  /// How long the service asks to be left alone.
  public var retryAfterMilliseconds: Int64?
  /// JSON pointer into the caller's own document.
  public var param: String?
  /// What the provider said, verbatim.
  public var providerError: JSON?
  /// The provider's id of the request, to quote to its support.
  public var requestID: String?
  /// Which provider was spoken to.
  public var provider: String?
  /// Which model was asked.
  public var model: String?
  /// What was tried, one document each.
  public var attempts: JSON?

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
    self.code = code
    self.message = message
    self.stage = stage
    self.status = status
    self.param = param
    self.providerError = providerError
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
