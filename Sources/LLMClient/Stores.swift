import LLMCatalog
import LLMCore
import LLMDialects
import LLMPolicy

/// The stores of the process: handles whose configurations say the same share one, which lives as long as they do. So a
/// file is opened once, which its lock needs, and a server gets no more connections than it must.
public enum Stores {
  fileprivate struct Open {
    /// Tells configurations apart without keeping what is secret in them.
    let digest: String
    let store: any Store
    var users = 1
  }

  fileprivate struct State {
    var open: [Open] = []
    var types: [(name: String, code: any ForeignStoreCode)] = []
  }

  private static let state = Locked(State())
  /// Two handles that open the same store at once: the second is to find the first one's.
  private static let opening = Lock()

  /// Takes a type in. A name is given once.
  public static func register(_ name: String, _ code: any ForeignStoreCode) throws(LLMError) {
    try ForeignTypes.check(name, of: "a store type")
    let isNew = state.withLock { state in
      guard !isBuiltIn(name), !state.types.contains(where: { $0.name == name }) else { return false }
      state.types.append((name, code))
      return true
    }
    guard isNew else {
      throw LLMError(.plugin, "the store type \"\(name)\" is taken; register it under another name")
    }
  }

  private static func isBuiltIn(_ name: String) -> Bool { GateSettings.builtInStores.contains { $0.matches(name) } }

  /// The store that a configuration names, guarded; nil where the state is to be the handle's own.
  static func open(_ config: JSON?, listener: (any GateListener)?) throws(LLMError) -> StoreGuard? {
    guard let config else { return nil }
    let type = config.string("type") ?? "memory"
    if type == "memory", config["name"] == nil { return nil }
    let text = ByteBuffer()
    config.write(into: text)
    let digest = hexadecimal(SHA256.digest(text.bytes))
    text.wipe()
    opening.lock()
    defer { opening.unlock() }
    let store: any Store
    if let known = state.withLock({ $0.share(digest) }) {
      store = known
    } else {
      store = try make(type, config)
      state.withLock { $0.open.append(Open(digest: digest, store: store)) }
    }
    return StoreGuard(store, type: type, listener: listener, lease: StoreLease(digest))
  }

  private static func make(_ type: String, _ config: JSON) throws(LLMError) -> any Store {
    if type == "memory" { return MemoryStore() }
    if type == "file" { return FileStore(path: config.string("path") ?? "") }
    let types = state.withLock { $0.types }
    for other in types where other.name == type { return try ForeignStore(type, other.code, config) }
    let nearest = nearestName(to: type, among: GateSettings.builtInStores.map { $0.text } + types.map { $0.name })
    let advice = nearest.map { "; did you mean \"" + $0 + "\"?" } ?? "; register it, or load the plugin that brings it"
    throw LLMError(.invalidConfig, "unknown store \"\(type)\" at /store/type\(advice)", param: "/store/type")
  }

  /// One handle less uses the store.
  fileprivate static func close(_ digest: String) {
    // The last one ends outside the lock: that may be the program's own code.
    let last = state.withLock { $0.letGo(digest) }
    withExtendedLifetime(last) {}
  }
}

extension Stores.State {
  fileprivate mutating func share(_ digest: String) -> (any Store)? {
    for index in open.indices where open[index].digest == digest {
      open[index].users += 1
      return open[index].store
    }
    return nil
  }

  fileprivate mutating func letGo(_ digest: String) -> (any Store)? {
    for index in open.indices where open[index].digest == digest {
      open[index].users -= 1
      return open[index].users == 0 ? open.remove(at: index).store : nil
    }
    return nil
  }
}

/// A handle's use of a store.
private final class StoreLease: Sendable {
  private let digest: String

  init(_ digest: String) { self.digest = digest }

  deinit { Stores.close(digest) }
}
