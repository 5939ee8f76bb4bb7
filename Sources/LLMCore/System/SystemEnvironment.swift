import CSystem

/// A view of the process environment that a test can replace.
public protocol Environment: AnyObject, Sendable {
  /// The variable's value; nil where it is not set.
  func value(of name: String) -> String?
}

/// The process environment.
public final class SystemEnvironment: Environment {
  /// The one there is.
  public static let shared = SystemEnvironment()
  private init() {}

  /// `getenv`.
  public func value(of name: String) -> String? {
    guard let text = getenv(name) else { return nil }
    return String(cString: text)
  }
}
