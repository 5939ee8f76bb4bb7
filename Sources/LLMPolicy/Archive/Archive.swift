import LLMConfig
import LLMCore
import LLMDialects

/// Answers of before: a cache, or recordings. Asked before an attempt goes to the gates; given what came back to keep.
public protocol Archive: AnyObject, Sendable {
  /// What is known of a request.
  func look(up query: ArchiveQuery, now: Microseconds) -> ArchiveAnswer
  /// The call no longer waits for the answer of another.
  func giveUp(_ query: ArchiveQuery)
  /// Adds its members to the status document.
  func fill(_ status: JSON)
}

extension Archive {
  /// Most have nothing to tell.
  public func fill(_ status: JSON) {}
}

/// Who is told of what an archive could not keep: the call that it belonged to goes on.
public protocol ArchiveReporter: AnyObject, Sendable {
  /// Something was not written.
  func archiveFailed(_ error: LLMError)
}

/// What an archive says.
public enum ArchiveAnswer {
  /// It was asked before: this plays what the service sent, through the dialect as if it came from there.
  case play(any LocalExchange, isCached: Bool)
  /// Send it; what comes back goes to the keeper, if there is one.
  case send(keeper: (any ExchangeKeeper)?)
  /// Another call is asking the same: ask again at that moment, or when woken.
  case wait(until: Microseconds)
  /// It is not to be sent.
  case refused(LLMError)
}

/// Takes down an exchange as it happens.
public protocol ExchangeKeeper: AnyObject {
  /// The response's head.
  func received(_ head: HTTPHead, now: Microseconds)
  /// Bytes of its body, as they were cut.
  func received(_ bytes: UnsafeRawBufferPointer, now: Microseconds)
  /// It is over; called exactly once. What was understood is kept, and what failed only by who keeps failures.
  func ended(_ error: LLMError?, now: Microseconds)
}

/// One attempt's request, as an archive looks at it.
public final class ArchiveQuery {
  /// What would be sent.
  public let request: HTTPRequest
  /// The provider's name.
  public let provider: String
  /// The model.
  public let model: String
  /// The settings of the call.
  public let settings: CallSettings
  /// Seconds since 1970.
  public let unixSeconds: Int64
  /// Called when it is worth asking again.
  public let waker: (any Wakeable)?
  /// Takes secrets out of what is kept for people to read.
  let blotter: Blotter
  /// What it is found by, once somebody wanted to know.
  private var knownFacts: ArchiveQueryFacts?

  /// Describes an attempt.
  public init(
    _ request: HTTPRequest, provider: String, model: String, settings: CallSettings, unixSeconds: Int64,
    waker: (any Wakeable)?, blotter: Blotter = .none
  ) {
    self.request = request
    self.provider = provider
    self.model = model
    self.settings = settings
    self.unixSeconds = unixSeconds
    self.waker = waker
    self.blotter = blotter
  }

  /// What it is found by.
  var facts: ArchiveQueryFacts {
    if let knownFacts { return knownFacts }
    let facts = ArchiveQueryFacts(self)
    knownFacts = facts
    return facts
  }
}
