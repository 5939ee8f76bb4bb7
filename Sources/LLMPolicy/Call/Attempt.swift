import LLMCore

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
