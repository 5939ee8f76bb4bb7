import LLMCore
import Synchronization

/// What a program wants called while a blocking function of a provider waits, so that it can end it. A router's targets
/// share the router's.
public final class ProgressHook: @unchecked Sendable {
  /// The program's function: anything but 0 ends the wait.
  public typealias Function = @convention(c) (UnsafeMutableRawPointer?) -> Int32

  /// How long between two calls.
  static let interval: Microseconds = .milliseconds(100)

  private struct Setting: @unchecked Sendable {
    var function: Function?
    var userData: UnsafeMutableRawPointer?
  }

  private let setting = Locked(Setting())
  private let hasFunction = Atomic<Bool>(false)

  /// Whether there is anything to call.
  var isSet: Bool { hasFunction.load(ordering: .acquiring) }

  func set(_ function: Function?, userData: UnsafeMutableRawPointer?) {
    setting.withLock { $0 = Setting(function: function, userData: userData) }
    hasFunction.store(function != nil, ordering: .releasing)
  }

  /// Calls the program, outside of the lock; whether it wants to go on.
  func goesOn() -> Bool {
    let current = setting.withLock { $0 }
    guard let function = current.function else { return true }
    return function(current.userData) == 0
  }
}
