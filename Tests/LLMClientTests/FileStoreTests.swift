import CSystem
import Foundation
import LLMCore
import LLMPolicy
import Testing

@testable import LLMClient

/// A directory that is gone afterwards.
final class TestDirectory {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  func write(_ text: String, to name: String) {
    _ = FileManager.default.createFile(atPath: file(name), contents: Data(text.utf8))
  }

  func text(_ name: String) -> String? {
    FileManager.default.contents(atPath: file(name)).map { String(decoding: $0, as: UTF8.self) }
  }

  var names: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted() }
}

private func add(_ store: any CounterStore, _ amount: Int64 = 1) throws -> Int64 {
  let operation = StoreOperation(.add, "n", unixNow: 1)
  operation.amount = amount
  try store.perform(operation)
  return operation.sum
}

/// A value that somebody has written on while it was changed.
private final class Increment: StoreUpdate {
  func newValue(for current: ByteBuffer?) -> ByteBuffer? {
    let value = ByteBuffer()
    value.append(integer: (current?.string.asInteger ?? 0) + 1)
    return value
  }
  var script: StaticText { "" }
  var arguments: [ByteBuffer] { [] }
  func take(answer: ByteBuffer) -> Bool { false }
}

struct FileStoreTests {
  private let directory: TestDirectory
  private var path: String { directory.file("store") }

  init() throws { directory = try TestDirectory() }

  @Test func aFileThatIsNoStoreIsLeftAlone() throws {
    for text in ["the only copy of a thesis", "LLMSTORE of another kind", String(repeating: "\0", count: 10_000)] {
      directory.write(text, to: "store")
      let store = FileCounterStore(path: path)
      #expect(throws: LLMError.self) { try add(store) }
      #expect(directory.text("store") == text)
      // Once it is out of the way, the store is made.
      #expect(unlink(path) == 0)
      #expect(try add(store) == 1)
      #expect(unlink(path) == 0)
    }
  }

  @Test func linksAndPipesAreNotFollowed() throws {
    directory.write("", to: "elsewhere")
    #expect(symlink(directory.file("elsewhere"), path) == 0)
    #expect(throws: LLMError.self) { try add(FileCounterStore(path: path)) }
    #expect(directory.text("elsewhere") == "")
    #expect(unlink(path) == 0 && mkfifo(path, 0o600) == 0)
    #expect(throws: LLMError.self) { try add(FileCounterStore(path: path)) }
  }

  /// As a file is that somebody cuts short, or has no room on its disk: an error at most.
  @Test func aFileThatIsCutShortIsNoCrash() throws {
    let store = FileCounterStore(path: path)
    #expect(try add(store) == 1)
    #expect(truncate(path, 64) == 0)
    #expect(try add(store) == 1)
    #expect(truncate(path, 30) == 0)
    #expect(try add(store) == 1)
    #expect(truncate(path, 0) == 0)
    #expect(try add(store) == 1)
    #expect(try add(store) == 2)
  }

  @Test func objectsOfOneFileExcludeEachOther() throws {
    let (path, stores) = (path, (0..<4).map { _ in FileCounterStore(path: directory.file("./store")) })
    DispatchQueue.concurrentPerform(iterations: 8) { thread in
      for _ in 0..<200 {
        let operation = StoreOperation(.update, "n", unixNow: 1)
        operation.update = Increment()
        while (try? stores[thread % 4].perform(operation)) == nil {}
        // Another descriptor of the file is closed: the locks of these stay.
        _ = readFile(path)
      }
    }
    #expect(try add(stores[0], 0) == 1600)
  }

  @Test func aFileThatIsReplacedIsOpenedAnew() throws {
    let (first, second) = (FileCounterStore(path: path), FileCounterStore(path: path))
    #expect(try add(first) == 1)
    #expect(rename(path, directory.file("moved")) == 0)
    #expect(try add(second) == 1)
    #expect(try add(first) == 2)
  }

  @Test func handlesShareAStoreHoweverTheirConfigurationIsWritten() throws {
    let one = try StoreRegistry.open(JSON.parse(#"{"type":"memory","name":"twin"}"#), listener: nil)
    let other = try StoreRegistry.open(JSON.parse(#"{"name":"twin","type":"memory"}"#), listener: nil)
    let operation = StoreOperation(.add, "n", unixNow: 1)
    operation.amount = 1
    #expect(one?.perform(operation) == true && other?.perform(operation) == true)
    #expect(operation.sum == 2)
  }
}
