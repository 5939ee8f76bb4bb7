import CSystem
import LLMCore

/// Shared objects that bring provider types.
public enum Plugins {
  /// What a plugin exports.
  private static let entry = "llm_plugin_register"

  private static let lock = Lock()
  private struct Loaded: @unchecked Sendable { var handles: [UnsafeMutableRawPointer] = [] }
  private static let loaded = Locked(Loaded())

  /// Loads the shared object and has `register` call what it exports; nothing where it is loaded already.
  public static func load(
    _ path: String, _ register: (UnsafeMutableRawPointer) throws(LLMError) -> Void
  ) throws(LLMError) {
    guard path.startsWith("/") else {
      throw LLMError(.plugin, "a plugin is named by its absolute path, and \"\(path)\" is none")
    }
    // Two threads that load the same plugin: the second is to wait until the first has registered everything.
    lock.lock()
    defer { lock.unlock() }
    guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      throw LLMError(.plugin, "the plugin \(path) cannot be loaded: \(reason())")
    }
    if loaded.withLock({ $0.handles.contains(handle) }) { return }
    guard let symbol = dlsym(handle, entry) else {
      throw LLMError(.plugin, "\(path) is no plugin: it exports no \(entry)")
    }
    do throws(LLMError) {
      try register(symbol)
    } catch {
      throw LLMError(.plugin, "the plugin \(path) failed to register: \(error.message)")
    }
    loaded.withLock { $0.handles.append(handle) }
  }

  @inline(never)
  private static func reason() -> String { dlerror().map { String(cString: $0) } ?? "no reason given" }
}
