import LLMCore
import LLMDialects

/// What the service's responses say of its own limits: `x-ratelimit-*`, `anthropic-ratelimit-*`, `retry-after`.
struct ServiceLimits {
  private struct Row {
    var limit: Int64?
    var remaining: Int64?
    /// Microseconds since 1970.
    var resetAt: Microseconds?
  }

  /// In the order of the rows; a name that holds none of them is of requests.
  private static let kinds: [StaticText] = ["requests", "tokens", "input-tokens", "output-tokens"]
  private var rows: [Row] = []

  /// Reads a head. Nil, or until when the service wants nothing more.
  mutating func read(_ head: HTTPHead, unixNow: Microseconds) -> Microseconds? {
    var closedUntil: Microseconds?
    // Most fields are none of these, which their first letter tells.
    for (name, value) in head.fields(beginningWith: { $0 == UInt8(ascii: "x") || $0 == UInt8(ascii: "a") }) {
      read(name, value, unixNow)
    }
    if head.status == 429 || head.status == 503, let pause = RetryAfter.milliseconds(in: head, now: unixNow / 1_000_000)
    {
      closedUntil = unixNow &+ .milliseconds(pause)
    }
    for row in rows where row.remaining == 0 {
      if let reset = row.resetAt, reset > unixNow { closedUntil = max(closedUntil ?? 0, reset) }
    }
    return closedUntil.map { min($0, unixNow &+ LimitWindow.longestClosure) }
  }

  private mutating func read(_ name: String, _ value: String, _ unixNow: Microseconds) {
    let name = name.asciiLowercased
    guard name.containsText("ratelimit-") else { return }
    var kind = 0
    for index in ServiceLimits.kinds.indices where name.containsText(ServiceLimits.kinds[index].text) { kind = index }
    while rows.count <= kind { rows.append(Row()) }
    let value = value.trimmed
    if name.containsText("reset") {
      rows[kind].resetAt = ServiceLimits.moment(value, unixNow)
    } else if name.containsText("remaining") {
      rows[kind].remaining = value.asInteger
    } else {
      rows[kind].limit = value.asInteger
    }
  }

  private static func moment(_ text: String, _ unixNow: Microseconds) -> Microseconds? {
    LimitReset.milliseconds(text, unixMilliseconds: unixNow / 1000).map { unixNow &+ .milliseconds($0) }
  }

  /// What the service last said, for the status document; nil where it said nothing.
  func document(unixNow: Microseconds) -> JSON? {
    guard !rows.isEmpty else { return nil }
    let document = JSON.object()
    for (kind, row) in rows.enumerated() where row.limit != nil || row.remaining != nil {
      let member = JSON.object()
      member.set("limit", row.limit)
      member.set("left", row.remaining)
      member.set("reset_ms", row.resetAt.map { .real(max(0, $0 &- unixNow).inMilliseconds) })
      document.set(ServiceLimits.kinds[kind], member)
    }
    return document
  }
}
