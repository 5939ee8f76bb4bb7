import LLMConfig
import LLMCore
import Testing

@testable import LLMPolicy

/// An hour of traffic on three providers with outages, rate limits and slowness.
@Suite struct SimulationTests {
  private static let minute: Microseconds = 60 * second
  private static let openFor: Microseconds = 30 * second

  /// In words: `a` is down from minute 10 to 15, `b` is slow from 20 to 25, `c` breaks off now and then, and from
  /// minute 40 to 45 `a` and `b` are both overloaded.
  private static func service(_ random: SplitMix) -> (Int, Microseconds) -> [ServiceStep] {
    { place, now in
      let minutes = Double(now) / Double(minute)
      let latency = Int64(200 + random.next() % 1800)
      let answer: [ServiceStep] = [
        .wait(milliseconds: latency), .head(200), chunk("Hello"), .wait(milliseconds: latency), lastChunk, .end,
      ]
      switch place {
      case 0 where (10..<15).contains(minutes): return [.fail(.connection, .connect)]
      case 1 where (20..<25).contains(minutes): return [.head(200), .silence]
      case 0, 1: return (40..<45).contains(minutes) ? refusal(503) : answer
      default:
        switch random.next() % 20 {
        case 0: return [.wait(milliseconds: latency), .head(200), .fail(.connection, .stream)]
        case 1: return [.wait(milliseconds: latency), .head(200), chunk("Half"), .fail(.connection, .stream)]
        case 2: return refusal(500)
        default: return answer
        }
      }
    }
  }

  private static let limits = [10, 7, 20]

  private func routeTargets() throws -> [RouteTarget] {
    try Self.limits.enumerated().map { place, limit in
      let name = Routed.names[place]
      let target = Target(
        try endpoint(
          """
          "type":"openai","api":"chat","api_key":"k","name":"\(name)","model":"m-\(name)",
          "base_url":"https://\(name).example/v1","timeout":{"first_token_ms":5000},
          "retry":{"attempts":3,"delay_ms":500},
          "rate_limit":{"requests_per_minute":\(limit),"queue_timeout_ms":120000},
          "breaker":{"failures":5,"open_ms":\(Self.openFor / 1000)}
          """))
      return RouteTarget(
        target,
        gates: GateFactory.make(for: target.endpoint, random: SplitMix(seed: 5), unixOffset: 1_700_000_000 * second))
    }
  }

  /// A call every third second, and a burst of thirty at the beginning of every tenth minute.
  private var traffic: [Microseconds] {
    (0..<1200).map { $0 * 3 * second } + (0..<6).flatMap { ten in (0..<30).map { ten * 600 * second + $0 } }
  }

  private func simulate() throws -> Simulation {
    let simulation = Simulation(try routeTargets(), .fallback, Self.service(SplitMix(seed: 42)))
    try simulation.run(callsAt: traffic)
    return simulation
  }

  @Test func anHourOfTraffic() throws {
    let simulation = try simulate()
    // No call is lost, and none ends twice. (That none is sent again after content, the service checks.)
    #expect(simulation.ended.count == 1380)
    #expect(simulation.ended.allSatisfy { $0.terminals == 1 })
    // Nothing fails but streams that broke off after content: also while two of three are down, calls wait for the third.
    #expect(simulation.outcomes == ["ok": 1343, "stream_truncated": 37])
    #expect(["a", "b", "c"].map { simulation.answered(by: $0) } == [481, 328, 534])
    #expect(simulation.sent.map { $0.count } == [508, 353, 622])
    // Limits are never exceeded, in no window.
    for (place, limit) in Self.limits.enumerated() {
      #expect(simulation.most(of: place, in: Self.minute) <= limit)
    }
    // While a is down it is asked by trials alone, and it serves again within one period of the breaker.
    let down = simulation.sent[0].filter { (10 * Self.minute..<15 * Self.minute).contains($0) }
    #expect(down.count <= 5 + Int(5 * Self.minute / Self.openFor))
    let back = try #require(simulation.sent[0].first { $0 >= 15 * Self.minute })
    #expect(back - 15 * Self.minute <= Self.openFor + 3 * second)
    #expect(
      simulation.ended.contains {
        $0.beganAt >= 15 * Self.minute && $0.beganAt <= 15 * Self.minute + Self.openFor + 3 * second
          && $0.call.outcome?.document["metadata"]?.string("provider") == "a"
      })
  }

  @Test func itIsTheSameEachTime() throws {
    let (first, second) = (try simulate(), try simulate())
    #expect(first.sent == second.sent)
    #expect(first.outcomes == second.outcomes)
  }
}
