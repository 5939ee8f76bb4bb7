import LLMCore
import LLMPolicy

/// A store in a file that processes of one machine share. A file that is there and is no such table is left alone; what a
/// process was writing when it died is forgotten. The file's lock guards all of it.
final class FileCounterStore: CounterStore, @unchecked Sendable {
  private let file: SharedFile
  private let table: StoreTable

  init(path: String) {
    file = SharedFile(path: path)
    table = StoreTable(file, .file)
  }

  /// It decides under the file's lock.
  var updates: Bool { true }

  func perform(_ operation: StoreOperation) throws(LLMError) {
    try file.withLock { () throws(LLMError) in
      if try file.isBlank() { try table.format(isBlank: true) }
      guard try table.isSound() else {
        throw file.problem("is no store of this version of the library, and is left alone")
      }
      try table.repair()
      try table.perform(operation)
    }
  }
}
