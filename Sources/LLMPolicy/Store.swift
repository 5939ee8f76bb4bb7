import LLMCore

/// Where state is kept that several handles, processes or machines share: short texts to few bytes. What fails throws,
/// and whoever asks goes on without (`StoreGuard`). A store locks itself; it may block for a moment.
///
/// Moments are microseconds since 1970 and handed in, so that all who share a store agree. `timeToLive` is 0 for ever.
public protocol Store: AnyObject, Sendable {
  /// The value; nil where there is none.
  func get(_ key: String, unixNow: Microseconds) throws(LLMError) -> ByteBuffer?
  /// Sets the value.
  func set(
    _ key: String, _ value: ByteBuffer, timeToLive: Microseconds, unixNow: Microseconds
  ) throws(LLMError)
  /// Adds to a number, which is kept as decimal text and is 0 where there is none, and answers with the sum. The time to
  /// live counts from the first addition.
  func add(
    _ key: String, _ amount: Int64, timeToLive: Microseconds, unixNow: Microseconds
  ) throws(LLMError) -> Int64
  /// Sets the value if it is what is expected (nil: none). False where it is not.
  func compareAndSet(
    _ key: String, expected: ByteBuffer?, _ value: ByteBuffer, timeToLive: Microseconds, unixNow: Microseconds
  ) throws(LLMError) -> Bool
  /// Forgets the value.
  func delete(_ key: String, unixNow: Microseconds) throws(LLMError)
}

/// Who is told of what gates and their store do, for observers and logs.
public protocol GateListener: AnyObject, Sendable {
  /// Something changed: `breaker`, `budget`, `store_lost` or `store_recovered`, with what is to be known of it.
  func gateTold(_ event: Word, _ document: JSON)
}
