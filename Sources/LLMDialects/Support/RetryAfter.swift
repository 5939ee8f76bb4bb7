import LLMCore

/// The pause that a response's head asks for.
public enum RetryAfter {
  /// What the head asks for in so many words; of a rate limit also when it will be free again.
  static func milliseconds(ofFailure head: HTTPHead, now: Int64) -> Int64? {
    milliseconds(in: head, now: now) ?? (head.status == 429 ? LimitReset.milliseconds(in: head) : nil)
  }

  /// `retry-after-ms`, else `Retry-After` in seconds or as a date: measured from the response's own `Date`, and from the
  /// present second where it has none.
  public static func milliseconds(in head: HTTPHead, now: Int64? = nil) -> Int64? {
    if let text = head["retry-after-ms"], let value = decimalMilliseconds(text.trimmed, scale: 1) { return value }
    guard let text = head["Retry-After"]?.trimmed else { return nil }
    if let value = decimalMilliseconds(text, scale: 1000) { return value }
    guard let then = HTTPDate.unixSeconds(text),
      let now = head["Date"].flatMap({ HTTPDate.unixSeconds($0) }) ?? now
    else { return nil }
    return max(0, then &- now) &* 1000
  }

  /// A decimal number of some unit, in milliseconds; nil where it is none or negative. One that is out of all proportion
  /// is as long as can be.
  public static func decimalMilliseconds(_ text: String, scale: Int64) -> Int64? {
    let parts = text.pieces(separatedBy: UInt8(ascii: "."))
    guard parts.count <= 2, !parts[0].isEmpty, parts[0].utf8.allSatisfy({ $0.isASCIIDigit }) else { return nil }
    let whole = min(parts[0].asInteger ?? longest, longest)
    var fraction: Int64 = 0
    if parts.count == 2 {
      let digits = (parts[1] + "000").keeping(bytes: 3)
      guard let thousandths = digits.asInteger else { return nil }
      fraction = thousandths &* scale / 1000
    }
    return whole &* scale &+ fraction
  }

  /// In whatever unit.
  private static let longest: Int64 = 1 << 32
}
