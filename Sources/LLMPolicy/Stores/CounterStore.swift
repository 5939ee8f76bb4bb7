import LLMCore

/// Where state is kept that several handles, processes or machines share: short texts to few bytes. A store locks itself,
/// may block for a moment, and throws where it fails: whoever asks goes on without it (`StoreGuard`).
public protocol CounterStore: AnyObject, Sendable {
  /// Carries out one operation, as a whole or not at all. An error that `refuses` is about the operation; any other says
  /// that the store cannot be had.
  func perform(_ operation: StoreOperation) throws(LLMError)
  /// Whether it knows `update`. Who asks one that does not reads, decides, and sets what nobody else has changed.
  var updates: Bool { get }
}

extension CounterStore {
  /// Most know only of values.
  public var updates: Bool { false }
}

/// A change that depends on what is there. Both forms do the same: Swift where the store is in this process, Lua where it
/// is a server that runs scripts, so that a change costs one trip however many others make one.
public protocol StoreUpdate: AnyObject {
  /// What is to be there in place of the value; nil where it is to stay.
  func newValue(for current: ByteBuffer?) -> ByteBuffer?
  /// A script as Redis runs them: the key is KEYS[1]. It answers with a string.
  var script: StaticText { get }
  /// ARGV of the script.
  var arguments: [ByteBuffer] { get }
  /// Takes in what the script answered; false where that makes no sense.
  func take(answer: ByteBuffer) -> Bool
}

extension LLMError {
  /// Whether a store that threw it can be had, and only did not want this: a value is too large, or is no number.
  var refuses: Bool { code == .tooLarge || code == .invalidArgument }
}

/// One operation on a store, and what came of it.
public final class StoreOperation {
  /// What is to be done.
  public enum Kind: Sendable {
    /// Reads the value into `found`.
    case get
    /// Sets the value.
    case set
    /// Adds `amount` to a number, which is kept as decimal text and is 0 where there is none, or no such text; the time
    /// to live counts from the first addition. The sum, never below 0, is in `sum`.
    case add
    /// Sets the value if what is there is `expected` (nil: nothing); `isSwapped` says whether it was.
    case compareAndSet
    /// Forgets the value.
    case delete
    /// Puts what `update` makes of the value in its place.
    case update
  }

  /// What is to be done.
  public let kind: Kind
  /// Of what.
  public let key = ByteBuffer()
  /// The moment in microseconds since 1970: handed in, so that all who share a store agree.
  public let unixNow: Microseconds
  /// How long the value is kept; 0 for ever.
  public var timeToLive: Microseconds = 0
  /// The value to set.
  public var value: ByteBuffer?
  /// The value that must be there.
  public var expected: ByteBuffer?
  /// What is to become of the value.
  public var update: (any StoreUpdate)?
  /// What is to be added.
  public var amount: Int64 = 0
  /// The value that was there.
  public var found: ByteBuffer?
  /// The sum after an addition.
  public var sum: Int64 = 0
  /// Whether what was there was what is expected.
  public var isSwapped = false

  /// An operation on the value of a key.
  public init(_ kind: Kind, _ key: String, unixNow: Microseconds) {
    self.kind = kind
    self.unixNow = unixNow
    self.key.append(key)
  }
}
