import LLMCatalog
import LLMConfig
import LLMCore
import LLMDialects
import LLMPolicy

/// The stores of the process: handles whose configurations say the same share one, which lives as long as they do. So a
/// file is opened once, which its lock needs, and a server gets no more connections than it must.
public enum StoreRegistry {
  fileprivate final class Open: Sendable {
    /// Tells configurations apart without keeping what is secret in them.
    let digest: String
    let store: any CounterStore

    init(_ digest: String, _ store: any CounterStore) {
      self.digest = digest
      self.store = store
    }
  }

  fileprivate struct State {
    /// One element for each handle.
    var uses: [Open] = []
    var types: [ForeignStoreType] = []
  }

  private static let state = Locked(State())
  /// Two handles that open the same store at once: the second is to find the first one's.
  private static let opening = Lock()

  /// Takes a type in. A name is given once.
  public static func register(_ name: String, _ code: any ForeignStoreCode) throws(LLMError) {
    try ForeignTypes.check(name, of: "a store type")
    let type = ForeignStoreType(name, code)
    guard state.withLock({ $0.add(type) }) else {
      throw LLMError(.plugin, "the store type \"\(name)\" is taken; register it under another name")
    }
  }

  /// The store that a configuration names, guarded; nil where the state is to be the handle's own.
  static func open(_ config: JSON?, listener: (any EventListener)?) throws(LLMError) -> StoreGuard? {
    guard let config else { return nil }
    let type = config.string("type") ?? "memory"
    if type == "memory", config["name"] == nil { return nil }
    let text = ByteBuffer(capacity: 4096)
    config.write(into: text)
    defer { text.wipe() }
    let digest = hexadecimal(SHA256.digest(text.bytes))
    opening.lock()
    defer { opening.unlock() }
    let known = state.withLock { $0.store(digest) }
    let store: any CounterStore
    if let known { store = known } else { store = try make(type, config, text) }
    let use = Open(digest, store)
    state.withLock { $0.uses.append(use) }
    return StoreGuard(store, type: type, listener: listener, lease: StoreLease(use))
  }

  private static func make(_ type: String, _ config: JSON, _ text: ByteBuffer) throws(LLMError) -> any CounterStore {
    if type == "memory" { return MemoryCounterStore() }
    if type == "file" { return FileCounterStore(path: config.string("path") ?? "") }
    guard let foreign = state.withLock({ $0.type(type) }) else {
      throw LLMError(
        .invalidConfig,
        "unknown store \"\(type)\" at /store/type: use memory or file, or register it, or load the plugin that brings it",
        param: "/store/type")
    }
    return try ForeignCounterStore(foreign, text)
  }

  /// One handle less uses the store. The last one ends it, outside the lock: that may be the program's own code.
  fileprivate static func close(_ use: Open) { state.withLock { state in state.uses.removeAll { $0 === use } } }
}

extension StoreRegistry.State {
  fileprivate mutating func add(_ type: ForeignStoreType) -> Bool {
    for name in GateSettings.builtInStores where name.matches(type.name) { return false }
    if self.type(type.name) != nil { return false }
    types.append(type)
    return true
  }

  fileprivate func type(_ name: String) -> ForeignStoreType? {
    for type in types where type.name == name { return type }
    return nil
  }

  fileprivate func store(_ digest: String) -> (any CounterStore)? {
    for use in uses where use.digest == digest { return use.store }
    return nil
  }
}

/// A handle's use of a store.
private final class StoreLease: Sendable {
  private let use: StoreRegistry.Open

  init(_ use: StoreRegistry.Open) { self.use = use }

  deinit { StoreRegistry.close(use) }
}
