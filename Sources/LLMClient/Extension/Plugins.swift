import CSystem
import LLMCore

/// Shared objects that bring provider types.
public enum Plugins {
  /// What a plugin exports.
  private static let entry = "llm_plugin_register"

  /// Calls what a plugin exports.
  public typealias Loader = (UnsafeMutableRawPointer) throws(LLMError) -> Void

  private struct Handles: @unchecked Sendable { var all: [UnsafeMutableRawPointer] = [] }
  private static let loaded = Locked(Handles())
  private static let lock = Lock()
  /// Who holds the lock: what it calls must not ask for it again.
  private static let isLoading = Locked<pthread_t?>(nil)

  /// Loads the shared object and has `register` call what it exports; nothing where it is loaded already.
  public static func load(
    _ path: String, _ register: Loader
  ) throws(LLMError) {
    guard path.startsWith("/") else { throw refusal(of: path, "it is named by an absolute path only") }
    guard isLoading.withLock({ $0 }) != pthread_self() else {
      throw refusal(of: path, "a plugin that is being loaded loads no other")
    }
    // Two threads that load the same plugin: the second is to wait until the first has registered everything.
    lock.lock()
    isLoading.withLock { $0 = pthread_self() }
    defer {
      isLoading.withLock { $0 = nil }
      lock.unlock()
    }
    guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      throw refusal(of: path, dlerror().map { String(cString: $0) } ?? "no reason is given")
    }
    if isLoaded(handle) { return }
    guard let symbol = dlsym(handle, entry) else { throw refusal(of: path, "it exports no " + entry) }
    guard llm_is_function(symbol) else { throw refusal(of: path, "its " + entry + " is no function") }
    do throws(LLMError) {
      try register(symbol)
    } catch {
      throw refusal(of: path, error.message)
    }
    loaded.withLock { $0.all.append(handle) }
  }

  @inline(never)
  private static func isLoaded(_ handle: UnsafeMutableRawPointer) -> Bool {
    loaded.withLock { $0.all.contains(handle) }
  }

  @inline(never)
  private static func refusal(of path: String, _ reason: String) -> LLMError {
    LLMError(.plugin, "the plugin \(path) cannot be loaded: \(reason)")
  }
}
