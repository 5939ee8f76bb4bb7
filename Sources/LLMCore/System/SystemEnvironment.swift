import CSystem

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
