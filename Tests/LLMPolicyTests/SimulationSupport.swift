import LLMCatalog
import LLMCore
import LLMDialects
import Testing

@testable import LLMPolicy

/// Many calls on one virtual clock, through one router, to services that a test makes fail.
final class Simulation {
  /// One call of the traffic.
  final class Caller: EventSink, Wakeable, @unchecked Sendable {
    let call: Call
    let driver: VirtualDriver
    let beganAt: Microseconds
    var hasContent = false
    var terminals = 0
    /// When it is to be looked at again.
    var due: Microseconds

    init(_ call: Call, _ driver: VirtualDriver, now: Microseconds) {
      self.call = call
      self.driver = driver
      beganAt = now
      due = now
    }

    func receive(_ event: Event) -> Bool {
      if event.kind.isContent { hasContent = true }
      if event.kind.isTerminal { terminals += 1 }
      return true
    }

    func wake() { due = .min }
  }

  /// Hands a call's events to its caller, who is made after the call.
  private final class Relay: EventSink {
    var caller: Caller?
    func receive(_ event: Event) -> Bool { caller?.receive(event) ?? true }
  }

  private(set) var now: Microseconds = 0
  /// When each target was sent a request.
  private(set) var sent: [[Microseconds]]
  /// When requests reached each target.
  private(set) var reached: [[Microseconds]]
  private(set) var ended: [Caller] = []
  private let router: Router
  private let service: (Int, Microseconds) -> [ServiceStep]
  private var active: [Caller] = []

  /// `service` is what a target does with a request at a moment.
  init(_ routeTargets: [RouteTarget], _ strategy: Strategy, _ service: @escaping (Int, Microseconds) -> [ServiceStep]) {
    router = Routed.router(routeTargets, strategy: strategy)
    sent = routeTargets.map { _ in [] }
    reached = sent
    self.service = service
  }

  /// Lets calls begin at those moments, and runs until all have ended.
  func run(callsAt moments: [Microseconds]) throws {
    var waiting = moments.sorted()[...]
    while !waiting.isEmpty || !active.isEmpty {
      let next = active.map { $0.due }.min() ?? .max
      if let first = waiting.first, first <= next {
        now = max(now, first)
        waiting.removeFirst()
        try begin()
        continue
      }
      try #require(next < .max, "nothing will ever happen")
      now = max(now, next)
      for caller in active where caller.due <= now { try step(caller) }
      active.removeAll { $0.call.outcome != nil && $0.due == .max }
    }
  }

  private func begin() throws {
    let relay = Relay()
    let driver = VirtualDriver(startingAt: now) { [unowned self] request in
      let place = try #require(Routed.place(of: request))
      try #require(relay.caller?.hasContent == false, "sent again after content")
      sent[place].append(now)
      let steps = service(place, now)
      if case .fail(_, .connect) = steps.first { return steps }
      reached[place].append(now)
      return steps
    }
    let call = try Routed.call(
      router, #"{"prompt":"Hello"}"#, sink: relay, now: now, seed: UInt64(ended.count + active.count))
    let caller = Caller(call, driver, now: now)
    relay.caller = caller
    call.waker = caller
    active.append(caller)
    try step(caller)
  }

  private func step(_ caller: Caller) throws {
    caller.due = .max
    caller.driver.now = now
    if let next = try caller.driver.step(caller.call) {
      // A waking in the meantime counts for more.
      caller.due = min(caller.due, next)
    } else {
      caller.due = .max
      ended.append(caller)
    }
  }

  /// The most requests that reached a target in any window of that length.
  func most(of place: Int, in window: Microseconds) -> Int {
    let moments = reached[place]
    var (most, first) = (0, 0)
    for (last, moment) in moments.enumerated() {
      while moments[first] <= moment - window { first += 1 }
      most = max(most, last - first + 1)
    }
    return most
  }

  /// How many calls ended so; "ok" for success.
  var outcomes: [String: Int] {
    var counts: [String: Int] = [:]
    for caller in ended { counts[caller.call.outcome?.code?.name.text ?? "ok", default: 0] += 1 }
    return counts
  }

  /// How many calls a provider answered.
  func answered(by provider: String) -> Int {
    ended.filter { $0.call.outcome?.document["metadata"]?.string("provider") == provider }.count
  }
}
