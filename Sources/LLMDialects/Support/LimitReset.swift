import LLMCore

/// When a service's rate limits are free again, as its heads tell: `x-ratelimit-reset-requests: 6m0s`,
/// `anthropic-ratelimit-tokens-reset: 2026-05-04T20:01:02Z`, `ratelimit-reset: 17`.
public enum LimitReset {
  /// How long it takes until what is used up is free; where nothing is said to be, the shortest of all.
  static func milliseconds(in head: HTTPHead) -> Int64? {
    var usedUp: Int64?
    var shortest: Int64?
    let now = head["Date"].flatMap { HTTPDate.unixSeconds($0) }.map { $0 &* 1000 }
    for field in head.fields {
      let name = field.name.asciiLowercased
      guard name.containsText("ratelimit"), name.containsText("reset"),
        let wait = milliseconds(field.value.trimmed, unixMilliseconds: now)
      else { continue }
      shortest = min(shortest ?? wait, wait)
      if head[name.replacingAll("reset", with: "remaining")]?.trimmed == "0" { usedUp = max(usedUp ?? wait, wait) }
    }
    return usedUp ?? shortest
  }

  /// How long it is until then: of a moment ("2026-05-04T20:01:02Z", seconds or milliseconds since 1970) or of a length
  /// of time ("6m0s", "120ms", "8.5", which is seconds). A moment needs the present one.
  public static func milliseconds(_ text: String, unixMilliseconds now: Int64?) -> Int64? {
    if let moment = Timestamp.unixSeconds(text) { return now.map { max(0, moment &* 1000 &- $0) } }
    if let number = text.asInteger, number >= shortestMoment {
      let moment = number >= firstInMilliseconds ? number : number &* 1000
      return now.map { max(0, moment &- $0) }
    }
    return length(text)
  }

  /// Ten years in seconds: no pause is that long.
  private static let shortestMoment: Int64 = 315_360_000
  /// As seconds it would be three thousand years away.
  private static let firstInMilliseconds: Int64 = 100_000_000_000

  /// A number of seconds, or numbers with units.
  private static func length(_ text: String) -> Int64? {
    if let seconds = RetryAfter.decimalMilliseconds(text, scale: 1000) { return seconds }
    var total: Int64 = 0
    var rest = Array(text.utf8)[...]
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let number = rest.prefix { $0.isASCIIDigit || $0 == UInt8(ascii: ".") }
      let unit = rest.dropFirst(number.count).prefix { !$0.isASCIIDigit }
      guard let scale = units.first(where: { $0.name.utf8.elementsEqual(unit) })?.milliseconds,
        let part = RetryAfter.decimalMilliseconds(String(decoding: number, as: UTF8.self), scale: scale)
      else { return nil }
      total &+= part
      rest = rest.dropFirst(number.count + unit.count)
    }
    return total
  }

  private static let units: [(name: StaticText, milliseconds: Int64)] = [
    ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000),
  ]
}
