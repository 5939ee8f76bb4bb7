import LLMCore
import LLMDialects

/// Who is told of what happens to calls: counters, observers, logs. Each call that begins ends.
public protocol CallObserver: EventListener {
  /// A call begins, with that model as far as is known.
  func callBegan(_ requestID: String, _ request: CallRequest, model: String?)
  /// An attempt has to wait for leave to be sent: for a rate limit, or for another call that asks the same. Told once.
  func attemptQueued(_ attempt: Attempt, reason: StaticText, wait: Microseconds)
  /// A gate or an archive refused an attempt: nothing was sent.
  func attemptRefused(_ attempt: Attempt)
  /// An attempt is answered out of an archive: nothing is sent.
  func attemptPlayed(_ attempt: Attempt, isCached: Bool)
  /// An attempt is over: nil after success.
  func attemptEnded(_ attempt: Attempt)
  /// Another attempt follows after a pause.
  func willRetry(_ attempt: Attempt, after pause: Microseconds)
  /// Another target is asked in place of the one that failed.
  func willFallBack(_ attempt: Attempt, to provider: String, model: String?)
  /// A second target is asked, since the first has not answered for so long.
  func willHedge(_ attempt: Attempt, to provider: String, model: String?, after delay: Microseconds)
  /// The call is over.
  func callEnded(_ outcome: CallOutcome)
}

/// One request of a call and what became of it.
public final class Attempt {
  /// Which of the call's attempts, from 1.
  public let number: Int
  /// The caller's id of the call.
  public let requestID: String
  /// Which provider.
  public let provider: String
  /// Which model.
  public let model: String
  /// Why it failed; nil for success.
  public var error: LLMError?
  /// When it was sent, or began to ask for leave; known at its end.
  public var startedAt: Microseconds = 0
  /// How long it took, from being sent.
  public var duration: Microseconds = 0
  /// How long it waited for leave to be sent.
  public var queued: Microseconds = 0
  /// How long until the first content; nil where none came.
  public var timeToFirstToken: Microseconds?
  /// Whether it was sent: neither refused nor answered out of an archive.
  public var wasSent = false
  /// Whether it is over.
  var hasEnded = false

  init(number: Int, requestID: String, provider: String, model: String) {
    self.number = number
    self.requestID = requestID
    self.provider = provider
    self.model = model
  }

  var document: JSON { .object { writeMembers(to: $0) } }

  func writeMembers(to text: JSONText) {
    text.add("provider", provider)
    text.add("model", model)
    if let error {
      text.add("code", error.code.name)
      text.add("status", error.status.map { Int64($0) })
    }
    if queued > 0 { text.add("queued_ms", milliseconds: queued) }
    text.add("duration_ms", milliseconds: duration)
  }
}

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
