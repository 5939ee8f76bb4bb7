import LLMCore
import LLMPolicy

/// The functions of a store of the program's own, as the C interface hands them in. They answer with a status; an `error`
/// is what the function had to say about its failure.
public protocol ForeignStoreCode: AnyObject, Sendable {
  /// An instance for a configuration; nil refuses it.
  func create(_ config: UnsafePointer<CChar>, error: inout ByteBuffer?) -> UnsafeMutableRawPointer?
  /// The end of an instance.
  func destroy(_ instance: UnsafeMutableRawPointer)
  /// Runs an operation.
  func run(_ operation: ForeignStoreOperation, _ instance: UnsafeMutableRawPointer, error: inout ByteBuffer?) -> Int32
}

/// One operation on a store of the program's own, and where its result goes.
public final class ForeignStoreOperation {
  /// Which.
  public enum Kind: Sendable { case get, set, add, compareAndSet, delete }

  /// Which.
  public let kind: Kind
  /// The key, as C wants it.
  public let key = ByteBuffer()
  /// When.
  public let unixNow: Microseconds
  /// The value to set.
  public var value: ByteBuffer?
  /// The value that must be there.
  public var expected: ByteBuffer?
  /// The amount to add.
  public var amount: Int64 = 0
  /// Milliseconds; 0 for ever.
  public var timeToLive: Int64 = 0
  /// The value that was found.
  public var found: ByteBuffer?
  /// The sum; or 1 where the value was swapped.
  public var result: Int64 = 0

  init(_ kind: Kind, _ key: String, _ unixNow: Microseconds) {
    self.kind = kind
    self.unixNow = unixNow
    self.key.append(key)
  }
}

/// One instance of a store of the program's own: made once, ended once.
final class ForeignStore: Store, @unchecked Sendable {
  private let code: any ForeignStoreCode
  private let pointer: UnsafeMutableRawPointer

  private init(_ code: any ForeignStoreCode, _ pointer: UnsafeMutableRawPointer) {
    self.code = code
    self.pointer = pointer
  }

  convenience init(_ type: String, _ code: any ForeignStoreCode, _ config: JSON) throws(LLMError) {
    let text = ByteBuffer(capacity: 4096)
    config.write(into: text)
    defer { text.wipe() }
    var error: ByteBuffer?
    guard let pointer = code.create(text.terminated(), error: &error) else {
      throw ForeignText.error(
        error, usual: .invalidConfig, unsaid: "the store type \"\(type)\" refused the configuration")
    }
    self.init(code, pointer)
  }

  deinit { code.destroy(pointer) }

  private func run(_ operation: ForeignStoreOperation, timeToLive: Microseconds = 0) throws(LLMError) {
    if timeToLive > 0 { operation.timeToLive = max(1, timeToLive / 1000) }
    var error: ByteBuffer?
    let status = code.run(operation, pointer, error: &error)
    guard status < 0 else { return }
    let code = ErrorCode(rawValue: status) ?? .plugin
    throw ForeignText.error(error, usual: code, unsaid: "the store failed and gave no reason: \(code.name)")
  }

  func get(_ key: String, unixNow: Microseconds) throws(LLMError) -> ByteBuffer? {
    let operation = ForeignStoreOperation(.get, key, unixNow)
    try run(operation)
    return operation.found
  }

  func set(
    _ key: String, _ value: ByteBuffer, timeToLive: Microseconds, unixNow: Microseconds
  ) throws(LLMError) {
    let operation = ForeignStoreOperation(.set, key, unixNow)
    operation.value = value
    try run(operation, timeToLive: timeToLive)
  }

  func add(
    _ key: String, _ amount: Int64, timeToLive: Microseconds, unixNow: Microseconds
  ) throws(LLMError) -> Int64 {
    let operation = ForeignStoreOperation(.add, key, unixNow)
    operation.amount = amount
    try run(operation, timeToLive: timeToLive)
    return operation.result
  }

  func compareAndSet(
    _ key: String, expected: ByteBuffer?, _ value: ByteBuffer, timeToLive: Microseconds, unixNow: Microseconds
  ) throws(LLMError) -> Bool {
    let operation = ForeignStoreOperation(.compareAndSet, key, unixNow)
    operation.expected = expected
    operation.value = value
    try run(operation, timeToLive: timeToLive)
    return operation.result == 1
  }

  func delete(_ key: String, unixNow: Microseconds) throws(LLMError) {
    try run(ForeignStoreOperation(.delete, key, unixNow))
  }
}
