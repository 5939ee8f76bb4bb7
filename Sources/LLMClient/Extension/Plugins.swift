import CSystem
import LLMCore

/// Shared objects that bring provider types.
public enum Plugins {
  /// What a plugin exports.
  private static let entry = "llm_plugin_register"

  /// Calls what a plugin exports.
  public typealias Loader = (UnsafeMutableRawPointer) throws(LLMError) -> Void

  /// Shared objects that are loaded, or on their way.
  fileprivate struct State: @unchecked Sendable {
    var loaded: [UnsafeMutableRawPointer] = []
    var entering: [(handle: UnsafeMutableRawPointer, thread: pthread_t)] = []
  }

  private static let state = Locked(State())

  fileprivate enum Turn { case ours, another, done }

  /// Loads the shared object and has `register` call what it exports; nothing where it is loaded already. That is the
  /// plugin's own code, and runs without a lock: another thread that loads the same plugin waits until it is done.
  public static func load(
    _ path: String, _ register: Loader
  ) throws(LLMError) {
    guard path.startsWith("/") else { throw refusal(of: path, "it is named by an absolute path only") }
    if state.withLock({ $0.isEntering(pthread_self()) }) {
      throw refusal(of: path, "another is being loaded by this thread")
    }
    guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      throw refusal(of: path, dlerror().map { String(cString: $0) } ?? "no reason is given")
    }
    var turn = state.withLock { $0.enter(handle) }
    while case .another = turn {
      usleep(1000)
      turn = state.withLock { $0.enter(handle) }
    }
    if case .done = turn { return }
    let problem = enter(handle, register)
    state.withLock { state in
      state.entering.removeAll { $0.handle == handle }
      if problem == nil { state.loaded.append(handle) }
    }
    if let problem { throw refusal(of: path, problem) }
  }

  /// Why it is not loaded, or nil.
  private static func enter(_ handle: UnsafeMutableRawPointer, _ register: Loader) -> String? {
    guard let symbol = dlsym(handle, entry) else { return "it exports no " + entry }
    do throws(LLMError) {
      try register(symbol)
      return nil
    } catch { return error.message }
  }

  @inline(never)
  private static func refusal(of path: String, _ reason: String) -> LLMError {
    LLMError(.plugin, "the plugin \(path) cannot be loaded: \(reason)")
  }
}

extension Plugins.State {
  fileprivate func isEntering(_ thread: pthread_t) -> Bool {
    entering.contains { pthread_equal($0.thread, thread) != 0 }
  }

  /// Whose turn it is to register what the plugin brings.
  fileprivate mutating func enter(_ handle: UnsafeMutableRawPointer) -> Plugins.Turn {
    if loaded.contains(handle) { return .done }
    if entering.contains(where: { $0.handle == handle }) { return .another }
    entering.append((handle, pthread_self()))
    return .ours
  }
}
