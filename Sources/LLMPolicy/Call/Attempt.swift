import LLMCore
import LLMDialects

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
  /// Whether the same was asked before in this call, of the same target.
  public let isRetry: Bool
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
  /// Whether the answer comes out of a cache.
  public var isCached = false
  /// Tokens, as far as known at its end.
  public var usage: Usage?
  /// What the answer cost, as far as known.
  public var nanoDollars: Int64?
  /// Whether it went over a connection that had served before; nil where it met none.
  public var reusedConnection: Bool?
  /// Whether it is over.
  var hasEnded = false

  init(number: Int, requestID: String, provider: String, model: String, isRetry: Bool = false) {
    self.number = number
    self.requestID = requestID
    self.provider = provider
    self.model = model
    self.isRetry = isRetry
  }

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

  var document: JSON { .object { writeMembers(to: $0) } }
}
