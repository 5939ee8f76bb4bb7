/// How often libcurl sends a request by itself. It sends one again where the server says that it has not looked at it
/// (HTTP/2: REFUSED_STREAM, or HTTP/1.1 is required), up to five times, without a pause and with no option against it;
/// and where a connection that had served before turns out to be closed. One repetition is let pass, then the call
/// decides.
struct RequestRepetition {
  /// How often it was sent again.
  private(set) var count = 0
  /// Whether it was sent.
  private(set) var hasBegun = false
  private static let limit = 1

  /// Whether it may be sent now; asked each time, which counts.
  mutating func permits() -> Bool {
    guard hasBegun else {
      hasBegun = true
      return true
    }
    guard count < RequestRepetition.limit else { return false }
    count += 1
    return true
  }
}
