import LLMConfig
import LLMCore

/// What is asked, of whom.
final class Candidate {
  let routeTarget: RouteTarget
  /// The model in place of the request's; nil leaves it to the request and the target.
  let model: String?
  /// The target's settings with the request's own over them.
  var settings: CallSettings
  /// Of a router's: the name by which the call came to it.
  let group: String
  /// How often it was asked.
  var attempts = 0
  /// How often libcurl sent it a request once more by itself: what a server refused unprocessed.
  var repetitions = 0
  /// When it may be asked again; nil for not.
  var resumesAt: Microseconds?
  /// Whether it was busy and not asked yet.
  var isPassedOver = false
  /// When a gate that refused it expects to be open again; nobody waits for that.
  var opensAt: Microseconds?
  /// Whether the request's header fields were meant for another, and are left out.
  var lacksHeaders = false

  init(_ routeTarget: RouteTarget, _ model: String?, _ settings: CallSettings, group: String = "") {
    self.routeTarget = routeTarget
    self.model = model
    self.settings = settings
    self.group = group
  }

  /// How often a request was sent to it: what retries are counted by.
  var sendings: Int { attempts &+ repetitions }

  /// The target's name.
  var provider: String { routeTarget.target.endpoint.name }
}
