import LLMCatalog
import LLMConfig
import LLMCore
import LLMDialects
import LLMPolicy

/// The stores of the process: handles whose configurations say the same share one, which lives as long as they do. So a
/// server gets no more connections than it must.
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
    config.writeCanonically(into: text)
    defer { text.wipe() }
    let digest = hexadecimal(SHA256.digest(text.bytes))
    let use: Open
    if let known = state.withLock({ $0.use(digest) }) {
      use = known
    } else {
      use = try make(type, config, text, digest)
    }
    return StoreGuard(use.store, type: type, listener: listener, lease: StoreLease(use), patience: patience(config))
  }

  /// Made without a lock: `create` of a foreign store is the program's own, and may make handles. Of two that are made at
  /// once one is ended again.
  private static func make(
    _ type: String, _ config: JSON, _ text: ByteBuffer, _ digest: String
  ) throws(LLMError) -> Open {
    let new = Open(digest, try make(type, config, text))
    return state.withLock { state in
      if let known = state.use(digest) { return known }
      state.uses.append(new)
      return new
    }
  }

  private static func patience(_ config: JSON) -> Microseconds {
    config.int("timeout_ms").map { .milliseconds(max(0, min($0, 1 << 32)) * 2) } ?? StoreGuard.usualPatience
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

  /// One more use of a store that is open.
  fileprivate mutating func use(_ digest: String) -> StoreRegistry.Open? {
    for known in uses where known.digest == digest {
      let use = StoreRegistry.Open(digest, known.store)
      uses.append(use)
      return use
    }
    return nil
  }
}

/// A handle's use of a store.
private final class StoreLease: Sendable {
  private let use: StoreRegistry.Open

  init(_ use: StoreRegistry.Open) { self.use = use }

  deinit { StoreRegistry.close(use) }
}
