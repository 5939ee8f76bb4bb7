import LLMCore
import LLMPolicy
import LLMTransport

/// A store in a file that processes of one machine share. What is no table of this version is made anew; what a process
/// was writing when it died is forgotten.
final class FileCounterStore: CounterStore {
  private let file: SharedFile

  init(path: String) { file = SharedFile(path: path, size: StoreTable.Shape.file.size) }

  func perform(_ operation: StoreOperation) throws(LLMError) {
    var isDone = false
    try file.withBytes { memory in
      let table = StoreTable(memory, .file)
      if !table.isSound { table.format() }
      table.repair()
      isDone = table.perform(operation)
    }
    if !isDone { throw StoreTable.misfit }
  }
}
