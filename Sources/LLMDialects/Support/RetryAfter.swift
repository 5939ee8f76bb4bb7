import LLMCore

/// The pause that a response's head asks for.
public enum RetryAfter {
  /// What the head asks for in so many words; of a rate limit also when it will be free again.
  static func milliseconds(ofFailure head: HTTPHead) -> Int64? {
    milliseconds(in: head) ?? (head.status == 429 ? LimitReset.milliseconds(in: head) : nil)
  }

  /// `retry-after-ms`, else `Retry-After` in seconds or as a date (measured from the response's own `Date`).
  public static func milliseconds(in head: HTTPHead) -> Int64? {
    if let text = head["retry-after-ms"], let value = decimalMilliseconds(text.trimmed, scale: 1) { return value }
    guard let text = head["Retry-After"]?.trimmed else { return nil }
    if let value = decimalMilliseconds(text, scale: 1000) { return value }
    guard let then = HTTPDate.unixSeconds(text), let now = head["Date"].flatMap({ HTTPDate.unixSeconds($0) }) else {
      return nil
    }
    return max(0, then &- now) &* 1000
  }

  /// A decimal number of some unit, in milliseconds; nil where it is none or negative.
  public static func decimalMilliseconds(_ text: String, scale: Int64) -> Int64? {
    let parts = text.pieces(separatedBy: UInt8(ascii: "."))
    guard parts.count <= 2, let whole = parts[0].asInteger, whole >= 0, whole < 1 << 40 else { return nil }
    var fraction: Int64 = 0
    if parts.count == 2 {
      let digits = (parts[1] + "000").keeping(bytes: 3)
      guard let thousandths = digits.asInteger else { return nil }
      fraction = thousandths &* scale / 1000
    }
    return whole &* scale &+ fraction
  }
}

/// Dates of HTTP ("Sun, 06 Nov 1994 08:49:37 GMT").
public enum HTTPDate {
  private static let months: [Word] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// The moment; nil where it is none.
  public static func unixSeconds(_ text: String) -> Int64? {
    let words = text.trimmed.pieces(separatedBy: UInt8(ascii: " ")).filter { !$0.isEmpty }
    guard words.count >= 5, let day = words[1].asInteger, (1...31).contains(day),
      let month = months.firstIndex(where: { $0.text == words[2] }), let year = words[3].asInteger,
      (1970...9999).contains(year)
    else { return nil }
    let clock = words[4].pieces(separatedBy: UInt8(ascii: ":")).compactMap { $0.asInteger }
    guard clock.count == 3, clock.allSatisfy({ (0...60).contains($0) }) else { return nil }
    return daysSince1970(year: year, month: Int64(month) + 1, day: day) * 86_400 + clock[0] * 3600 + clock[1] * 60
      + clock[2]
  }

  /// The day's number. Counted in years that begin in March, so that the leap day comes last.
  public static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
    let shiftedYear = month <= 2 ? year - 1 : year
    let shiftedMonth = (month + 9) % 12
    let era = shiftedYear / 400
    let yearOfEra = shiftedYear % 400
    let dayOfYear = (153 * shiftedMonth + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}
