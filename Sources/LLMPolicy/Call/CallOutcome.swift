import LLMCore
import LLMDialects

/// How a call ended: the document that its caller gets, and what a bookkeeper wants to know.
public final class CallOutcome {
  /// What went wrong, with all that is known of it; nil for success.
  public let error: LLMError?
  /// The result, or the error document.
  public let result: ResultDocument
  /// From start to end.
  public let duration: Microseconds
  /// Tokens, as far as known.
  public let usage: Usage?
  /// How long the parts of the last exchange took.
  public let timing: HTTPTiming
  /// The caller's id of the call.
  public let requestID: String
  /// What was asked for.
  public let request: CallRequest
  /// The model of the last attempt.
  public let model: String?
  /// How many attempts were made.
  public let attempts: Int
  /// How long the last attempt took until its first content; nil where none came.
  public let timeToFirstToken: Microseconds?
  /// Whether the answer was played from the cache.
  public let isCached: Bool
  /// What it cost, as far as known.
  public let nanoDollars: Int64?
  /// Of a chat: where its answer was put together.
  public let builder: ResponseBuilder?

  /// What came of a call, seen at its end.
  init(_ call: Call, _ error: LLMError?, _ result: ResultDocument, _ usage: Usage?, now: Microseconds) {
    self.error = error
    self.result = result
    self.usage = usage
    duration = now &- (call.startedAt ?? now)
    timing = call.timing
    requestID = call.requestID
    request = call.request
    attempts = call.attempts.count
    let last = call.last
    model = last?.attempt.model
    timeToFirstToken = last?.attempt.timeToFirstToken
    isCached = last?.isCached ?? false
    nanoDollars = last?.nanoDollars
    builder = last?.exchange.builder
  }

  /// The error's code; nil for success.
  public var code: ErrorCode? { error?.code }
  /// The result, or the error document, as a tree.
  public var document: JSON { result.tree }
}
