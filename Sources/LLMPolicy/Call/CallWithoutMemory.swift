import LLMCore

// The end of a call in whose work memory ran out. What it has by then, an answer or another error, may lack a part that
// nobody has missed yet, so it ends with that and nothing else.

extension Call {
  /// Whether memory ran out in this call's work, on this thread now or on one that drove it before.
  var hasRunOut: Bool { hasLackedMemory || Memory.hasRunOut }

  /// Tells a call that memory ran out in the work for it, of which the thread's mark will not be there when it goes on.
  public func noteNoMemory() { hasLackedMemory = true }

  /// Ends the call. Its document is written as text, which takes little and a known amount; `partial` is left out, since
  /// it may be large.
  func endWithoutMemory(now: Microseconds) {
    var error = LLMError.noMemory
    error.provider = last?.attempt.provider ?? candidate.routeTarget.target.endpoint.name
    error.model = last?.attempt.model
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
    let result = ResultDocument(text: buffer)
    finish(error, result, last?.exchange.builder?.usage, now: now)
    tell(.error, result)
  }
}
