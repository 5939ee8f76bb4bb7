import LLMCore

@testable import LLMPolicy

let second: Microseconds = 1_000_000

/// A pass that counts how often it was woken.
final class TestPass: Wakeable, @unchecked Sendable {
  private(set) var wakes = 0
  private(set) var pass = GatePass(requestID: "")

  init(priority: Int = 0, tokens: Int64 = 0, nanoDollars: Int64? = nil, offset: Microseconds = 0) {
    pass = GatePass(
      requestID: "r", priority: priority, estimatedTokens: tokens, estimatedNanoDollars: nanoDollars,
      unixOffset: offset, waker: self)
  }

  func wake() { wakes += 1 }
}

extension GateAnswer {
  var isOpen: Bool {
    if case .open = self { return true }
    return false
  }

  var waitsUntil: Microseconds? {
    if case .wait(let moment, _) = self { return moment }
    return nil
  }

  var reason: String? {
    if case .wait(_, let reason) = self { return reason.text }
    return nil
  }

  var error: LLMError? {
    if case .refused(let error) = self { return error }
    return nil
  }
}

/// A store that can be taken away, and counts what it is asked.
final class FlakyStore: CounterStore, @unchecked Sendable {
  private let store = MemoryCounterStore()
  var isDown = false
  private(set) var operations = 0

  func perform(_ operation: StoreOperation) throws(LLMError) {
    operations += 1
    if isDown { throw LLMError(.connection, "the store is gone") }
    try store.perform(operation)
  }
}

extension CounterStore {
  private func run(
    _ kind: StoreOperation.Kind, _ key: String, _ unixNow: Microseconds, _ fill: (StoreOperation) -> Void = { _ in }
  ) throws -> StoreOperation {
    let operation = StoreOperation(kind, key, unixNow: unixNow)
    fill(operation)
    try perform(operation)
    return operation
  }

  func get(_ key: String, unixNow: Microseconds) throws -> ByteBuffer? { try run(.get, key, unixNow).found }

  func set(_ key: String, _ value: ByteBuffer, timeToLive: Microseconds, unixNow: Microseconds) throws {
    _ = try run(.set, key, unixNow) { ($0.value, $0.timeToLive) = (value, timeToLive) }
  }

  func add(_ key: String, _ amount: Int64, timeToLive: Microseconds, unixNow: Microseconds) throws -> Int64 {
    try run(.add, key, unixNow) { ($0.amount, $0.timeToLive) = (amount, timeToLive) }.sum
  }

  func compareAndSet(
    _ key: String, expected: ByteBuffer?, _ value: ByteBuffer, timeToLive: Microseconds, unixNow: Microseconds
  ) throws -> Bool {
    try run(.compareAndSet, key, unixNow) {
      ($0.expected, $0.value, $0.timeToLive) = (expected, value, timeToLive)
    }.isSwapped
  }

  func delete(_ key: String, unixNow: Microseconds) throws { _ = try run(.delete, key, unixNow) }
}

extension StoreGuard {
  /// Adds 1 to a number; nil where the store is lost.
  func count(unixNow: Microseconds) -> Int64? {
    let operation = StoreOperation(.add, "n", unixNow: unixNow)
    operation.amount = 1
    return perform(operation) ? operation.sum : nil
  }
}

/// Writes down what gates tell.
final class GateLog: EventListener, @unchecked Sendable {
  private(set) var told: [(event: String, document: JSON)] = []
  func hear(_ event: ObservedEvent, requestID: String?, _ fill: (JSON) -> Void) {
    let document = JSON.object()
    fill(document)
    told.append((event.name.text, document))
  }
  var events: [String] { told.map { $0.event } }
}

func bytes(_ text: String) -> ByteBuffer {
  let buffer = ByteBuffer()
  buffer.append(text)
  return buffer
}
