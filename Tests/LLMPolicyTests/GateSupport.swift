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
final class FlakyStore: Store, @unchecked Sendable {
  private let store = MemoryStore()
  var isDown = false
  private(set) var operations = 0

  private func check() throws(LLMError) {
    operations += 1
    if isDown { throw LLMError(.connection, "the store is gone") }
  }

  func get(_ key: String, unixNow: Microseconds) throws(LLMError) -> ByteBuffer? {
    try check()
    return try store.get(key, unixNow: unixNow)
  }

  func set(_ key: String, _ value: ByteBuffer, timeToLive: Microseconds, unixNow: Microseconds) throws(LLMError) {
    try check()
    try store.set(key, value, timeToLive: timeToLive, unixNow: unixNow)
  }

  func add(
    _ key: String, _ amount: Int64, timeToLive: Microseconds, unixNow: Microseconds
  ) throws(LLMError) -> Int64 {
    try check()
    return try store.add(key, amount, timeToLive: timeToLive, unixNow: unixNow)
  }

  func compareAndSet(
    _ key: String, expected: ByteBuffer?, _ value: ByteBuffer, timeToLive: Microseconds, unixNow: Microseconds
  ) throws(LLMError) -> Bool {
    try check()
    return try store.compareAndSet(key, expected: expected, value, timeToLive: timeToLive, unixNow: unixNow)
  }

  func delete(_ key: String, unixNow: Microseconds) throws(LLMError) {
    try check()
    try store.delete(key, unixNow: unixNow)
  }
}

/// Writes down what gates tell.
final class GateLog: GateListener, @unchecked Sendable {
  private(set) var told: [(event: String, document: JSON)] = []
  func gateTold(_ event: Word, _ document: JSON) { told.append((event.text, document)) }
  var events: [String] { told.map { $0.event } }
}

func bytes(_ text: String) -> ByteBuffer {
  let buffer = ByteBuffer()
  buffer.append(text)
  return buffer
}
