import LLMCore

/// Leave that an attempt needs before it is sent: of a rate limit, a breaker, a budget. A gate stands before one target,
/// is shared by all calls to it, and locks itself.
public protocol Gate: AnyObject, Sendable {
  /// Asks for leave. While the answer is `wait`, the same pass asks again: at that moment, or when its waker is called.
  func ask(_ pass: GatePass, now: Microseconds) -> GateAnswer
  /// Takes the pass back, once for each that was ever asked with: its attempt is over, or it will not be made.
  func settle(_ pass: GatePass, _ end: AttemptEnd, now: Microseconds)
  /// Hears what a response's head says of limits.
  func note(_ head: HTTPHead, now: Microseconds)
  /// Whether an attempt that waits for a later gate keeps what it has here: what is shared is not asked for again and again.
  var isKeptWhileWaiting: Bool { get }
  /// After how long it wants a sign of life of an attempt that is under way; 0 where it wants none.
  var renewal: Microseconds { get }
  /// An attempt is still under way.
  func renew(now: Microseconds)
  /// Adds its members to the status document.
  func fill(_ status: JSON, now: Microseconds)
}

extension Gate {
  /// Most let others go first.
  public var isKeptWhileWaiting: Bool { false }
  /// Most know by themselves.
  public var renewal: Microseconds { 0 }
  /// Most do not mind.
  public func renew(now: Microseconds) {}
}

/// What a gate says.
public enum GateAnswer {
  /// The attempt may be made.
  case open
  /// Not before that moment; `reason` is the word for the `queued` and `rate_limited` events.
  case wait(until: Microseconds, reason: StaticText)
  /// The attempt is not to be made.
  case refused(LLMError)
}

/// How the attempt of a pass ended.
public enum AttemptEnd: Sendable {
  /// It was never sent: another gate refused it, or its caller gave up.
  case notSent
  /// It was answered; tokens and nano-dollars as far as known.
  case answered(tokens: Int64?, nanoDollars: Int64?)
  /// It failed.
  case failed(LLMError)
}

/// One attempt's way through the gates.
public final class GatePass: @unchecked Sendable {
  /// The caller's id of the call.
  public let requestID: String
  /// Higher goes first; 0 unless the request says otherwise.
  public let priority: Int
  /// Tokens that the attempt may use, estimated: its prompt, and the most it may answer.
  public let estimatedTokens: Int64
  /// What the attempt may cost, estimated; nil where the model's prices are not known.
  public let estimatedNanoDollars: Int64?
  /// What is added to a moment of the call to make microseconds since 1970, which processes and machines share.
  public let unixOffset: Microseconds
  /// Called when it is worth asking again; nil where the caller does not wait.
  public let waker: (any Wakeable)?
  /// Since when it waits; set by the call.
  public var waitingSince: Microseconds?
  /// What the gates it went through remember of it: it passes at most one of each kind.
  var limitTicket = LimitTicket()
  var breakerTicket: BreakerTicket?
  var budgetTicket: BudgetTicket?
  /// How long stores have held it up since it was made, or last had to wait for leave.
  var storeTime: Microseconds = 0

  /// Makes a pass for an attempt.
  public init(
    requestID: String, priority: Int = 0, estimatedTokens: Int64 = 0, estimatedNanoDollars: Int64? = nil,
    unixOffset: Microseconds = 0, waker: (any Wakeable)? = nil
  ) {
    self.requestID = requestID
    self.priority = priority
    self.estimatedTokens = estimatedTokens
    self.estimatedNanoDollars = estimatedNanoDollars
    self.unixOffset = unixOffset
    self.waker = waker
  }
}

/// What all gates before a target have.
final class GateContext: Sendable {
  /// What messages call the provider.
  let name: String
  /// Where the state is that others share; nil where nobody does.
  let store: StoreGuard?
  /// Who is told of changes.
  let listener: (any EventListener)?
  /// What is added to a moment to make microseconds since 1970, as long as no pass has said it.
  let unixOffset: Microseconds

  init(
    _ name: String, store: StoreGuard? = nil, listener: (any EventListener)? = nil, unixOffset: Microseconds = 0
  ) {
    self.name = name
    self.store = store
    self.listener = listener
    self.unixOffset = unixOffset
  }
}
