import LLMCore
import LLMPolicy
import LLMTransport

/// A store in a file that processes of one machine share. What is no table of this version is made anew; what a process
/// was writing when it died is forgotten.
final class FileStore: Store {
  private let file: SharedFile

  init(path: String) { file = SharedFile(path: path, size: StoreTable.Shape.file.size) }

  private func withTable<Result>(_ body: (StoreTable) -> Result) throws(LLMError) -> Result {
    try file.withBytes { memory in
      let table = StoreTable(memory, .file)
      if !table.isSound { table.format() }
      table.repair()
      return body(table)
    }
  }

  func get(_ key: String, unixNow: Microseconds) throws(LLMError) -> ByteBuffer? {
    try withTable { $0.get(key, unixNow: unixNow) }
  }

  func set(
    _ key: String, _ value: ByteBuffer, timeToLive: Microseconds, unixNow: Microseconds
  ) throws(LLMError) {
    guard try withTable({ $0.set(key, value, timeToLive: timeToLive, unixNow: unixNow) }) else {
      throw StoreTable.misfit
    }
  }

  func add(
    _ key: String, _ amount: Int64, timeToLive: Microseconds, unixNow: Microseconds
  ) throws(LLMError) -> Int64 {
    guard let sum = try withTable({ $0.add(key, amount, timeToLive: timeToLive, unixNow: unixNow) }) else {
      throw StoreTable.misfit
    }
    return sum
  }

  func compareAndSet(
    _ key: String, expected: ByteBuffer?, _ value: ByteBuffer, timeToLive: Microseconds, unixNow: Microseconds
  ) throws(LLMError) -> Bool {
    let swapped = try withTable {
      $0.compareAndSet(key, expected: expected, value, timeToLive: timeToLive, unixNow: unixNow)
    }
    guard let swapped else { throw StoreTable.misfit }
    return swapped
  }

  func delete(_ key: String, unixNow: Microseconds) throws(LLMError) {
    try withTable { $0.delete(key, unixNow: unixNow) }
  }
}
