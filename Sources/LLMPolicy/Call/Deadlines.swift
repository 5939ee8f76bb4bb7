import LLMConfig
import LLMCore

/// The moments at which an attempt runs out of time: each bound its own, so that a healthy stream is never cut by a bound
/// meant for something else.
struct Deadlines {
  private let settings: CallSettings
  private var total: Microseconds?
  private var firstToken: Microseconds?
  private var idle: Microseconds?

  /// The bounds of what starts at that moment: a call, or an attempt, which cannot have more time than its call.
  init(_ settings: CallSettings, startedAt start: Microseconds) {
    self.settings = settings
    total = settings.totalTimeout > 0 ? start &+ settings.totalTimeout : nil
  }

  /// The request was sent.
  mutating func sent(now: Microseconds) {
    firstToken = settings.firstTokenTimeout > 0 ? now &+ settings.firstTokenTimeout : nil
    idle = nil
  }

  /// Something arrived; with the first content the bound for it is met, and from then on silence is measured.
  mutating func received(content: Bool, now: Microseconds) {
    if content { firstToken = nil }
    if firstToken == nil { idle = settings.idleTimeout > 0 ? now &+ settings.idleTimeout : nil }
  }

  /// Nothing is under way any more.
  mutating func lift() { (total, firstToken, idle) = (nil, nil, nil) }

  /// The next of them.
  var next: Microseconds? {
    var next: Microseconds?
    for moment in [total, firstToken, idle] {
      if let moment { next = min(next ?? moment, moment) }
    }
    return next
  }

  /// What to say of the bound that was passed, if one was.
  func expired(now: Microseconds) -> String? {
    if let total, now >= total { return sentence("the whole call", settings.totalTimeout, "timeout.total_ms") }
    if let firstToken, now >= firstToken {
      return sentence("the first token", settings.firstTokenTimeout, "timeout.first_token_ms")
    }
    if let idle, now >= idle {
      return sentence("the next piece of the answer", settings.idleTimeout, "timeout.idle_ms")
    }
    return nil
  }

  private func sentence(_ what: String, _ bound: Microseconds, _ key: String) -> String {
    formatted("\(what) took longer than \(bound / 1000) ms; \(key) sets the bound")
  }
}
