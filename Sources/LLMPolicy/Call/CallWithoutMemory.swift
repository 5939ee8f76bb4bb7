import LLMCore

// The end of a call in whose work memory ran out. What it has by then, an answer or another error, may lack a part that
// nobody has missed yet, so it ends with that and nothing else.

extension Call {
  /// Whether memory ran out in this call's work, on this thread now or on one that drove it before.
  var hasRunOut: Bool { hasLackedMemory || Memory.hasRunOut }

  /// Tells a call that memory ran out in the work for it, of which the thread's mark will not be there when it goes on.
  public func noteNoMemory() { hasLackedMemory = true }

  /// Ends the call.
  func endWithoutMemory(now: Microseconds) {
    let (error, result) = record.withoutMemory(last: last?.attempt, provider: candidate.provider)
    finish(.error, error, result, now: now)
  }
}

extension CallRecord {
  /// The end of a call that had no memory. Its document is written as text, which takes little and a known amount;
  /// `partial` is left out, since it may be large.
  func withoutMemory(last: Attempt?, provider: String) -> (LLMError, ResultDocument) {
    var error = LLMError.noMemory
    error.provider = last?.provider ?? provider
    error.model = last?.model
    error.requestID = requestID
    let buffer = ByteBuffer(capacity: 1024)
    let text = JSONText(buffer)
    text.openObject()
    text.openObject("error")
    text.add("code", error.code.name)
    text.add("message", error.message)
    text.add("provider", error.provider)
    text.add("model", error.model)
    text.add("retryable", error.isRetryable)
    text.add("request_id", error.requestID)
    text.closeObject()
    text.closeObject()
    return (error, ResultDocument(text: buffer))
  }
}
