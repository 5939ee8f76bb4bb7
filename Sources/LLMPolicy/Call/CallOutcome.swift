import LLMConfig
import LLMCore
import LLMDialects

/// How a call ended: the document that its caller gets, and what a bookkeeper wants to know.
public final class CallOutcome {
  /// What went wrong, with all that is known of it; nil for success.
  public let error: LLMError?
  /// The result, or the error document.
  public let result: ResultDocument
  /// What was asked for.
  public let request: CallRequest
  /// From start to end.
  public let duration: Microseconds
  /// How long the parts of the last exchange took.
  public let timing: HTTPTiming
  /// The caller's id of the call.
  public let requestID: String
  /// How many attempts were made.
  public let attempts: Int
  /// Of the last attempt: its model, its tokens, its cost and its time to the first content; nil where there is none.
  public let last: Attempt?
  /// Tokens, as far as known.
  public let usage: Usage?
  /// Of a chat: where its answer was put together.
  public let builder: ResponseBuilder?

  /// What came of a call, seen at its end.
  init(
    _ request: CallRequest, _ record: CallRecord, _ error: LLMError?, _ result: ResultDocument, last: Attempt?,
    _ exchange: Exchange?, now: Microseconds
  ) {
    self.error = error
    self.result = result
    self.request = request
    self.last = last
    duration = now &- (record.startedAt ?? now)
    timing = record.timing
    requestID = record.requestID
    attempts = record.attempts.count
    usage = exchange?.usage
    builder = exchange?.builder
  }

  /// The model of the last attempt.
  public var model: String? { last?.model }
  /// How long the last attempt took until its first content; nil where none came.
  public var timeToFirstToken: Microseconds? { last?.timeToFirstToken }
  /// Whether the answer was played from the cache.
  public var isCached: Bool { last?.isCached ?? false }
  /// What it cost, as far as known.
  public var nanoDollars: Int64? { last?.nanoDollars }
  /// The error's code; nil for success.
  public var code: ErrorCode? { error?.code }
  /// The result, or the error document, as a tree.
  public var document: JSON { result.tree }
}
