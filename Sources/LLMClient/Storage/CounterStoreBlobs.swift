import LLMCore
import LLMPolicy

/// Documents in a store that machines share. One that is lost holds none and takes none: the store's guard tells of it.
final class CounterStoreBlobs: BlobStore {
  let place = "the store"
  private let store: StoreGuard
  /// What one document may take.
  private let maxBytes: Int

  init(_ store: StoreGuard, maxBytes: Int) {
    self.store = store
    self.maxBytes = maxBytes
  }

  func names() -> [String] { [] }

  func read(_ name: String) -> ByteBuffer? {
    let operation = operation(.get, name)
    return store.perform(operation) ? operation.found : nil
  }

  func write(_ name: String, _ document: ByteBuffer, timeToLive: Microseconds) -> String? {
    guard document.count <= maxBytes else { return nil }
    let operation = operation(.set, name)
    operation.value = document
    operation.timeToLive = timeToLive
    _ = store.perform(operation)
    return nil
  }

  func remove(_ name: String) -> Bool { store.perform(operation(.delete, name)) }

  func fill(_ status: JSON) { store.fill(status) }

  private func operation(_ kind: StoreOperation.Kind, _ name: String) -> StoreOperation {
    StoreOperation(kind, "cache:" + name, unixNow: SystemClock.shared.unixNow)
  }
}
