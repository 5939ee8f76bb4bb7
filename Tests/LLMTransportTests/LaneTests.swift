import LLMCore
import LLMTestSupport
import LLMTransport
import Testing

/// Sends one request on each of two lanes, and does as told when one of them ends.
private final class TwoLanes: Machine {
  private var toSend: [(lane: Int, request: HTTPRequest)]
  private var toAbort: [Int] = []
  private var open: Set<Int> = []
  private let abortsOther: Bool
  private(set) var bodies: [Int: String] = [:]
  private(set) var ended: [Int] = []
  private(set) var failures: [Int: ErrorCode] = [:]

  init(_ requests: [HTTPRequest], abortsOther: Bool) {
    toSend = requests.enumerated().map { ($0.offset, $0.element) }
    self.abortsOther = abortsOther
  }

  var deadline: Microseconds? { nil }

  func demand(now: Microseconds) -> Demand {
    if let lane = toAbort.popLast() {
      open.remove(lane)
      return .abort(lane: lane)
    }
    if !toSend.isEmpty {
      let next = toSend.removeFirst()
      open.insert(next.lane)
      return .send(
        next.request, ExchangeOptions(transport: TransportOptions(), connectTimeout: .milliseconds(10_000)),
        lane: next.lane)
    }
    return open.isEmpty ? .done : .wait(until: .max)
  }

  func exchangeConnected(lane: Int, now: Microseconds) {}
  func exchangeReceivedHead(_ head: HTTPHead, lane: Int, now: Microseconds) {}

  func exchangeReceived(_ bytes: UnsafeRawBufferPointer, lane: Int, now: Microseconds) -> Bool {
    bodies[lane, default: ""] += String(decoding: bytes, as: UTF8.self)
    return true
  }

  func exchangeEnded(_ failure: TransportFailure?, timing: HTTPTiming, lane: Int, now: Microseconds) {
    open.remove(lane)
    ended.append(lane)
    failures[lane] = failure?.code
    if abortsOther { toAbort = Array(open) }
  }
}

/// Two exchanges of one machine at the same time.
@Suite struct LaneTests {
  let server: LoopbackServer

  init() throws { server = try LoopbackServer.shared.get() }

  private func request(_ path: String) -> HTTPRequest { .post(server.url("\(path)/v1/chat/completions")) }

  @Test func bothLanesGetTheirOwnAnswer() {
    let pool = ChannelPool()
    let machine = TwoLanes([request("slow-tokens"), request("ok-plain")], abortsOther: false)
    Drive(machine, pool: pool).run()
    #expect(machine.ended == [1, 0])
    #expect(machine.bodies[0]?.hasSuffix("[DONE]\n\n") == true)
    #expect(machine.bodies[1]?.hasPrefix("{") == true)
    #expect(pool.statistics.opened == 2)
    #expect(pool.statistics.idle == 1)
  }

  @Test func oneIsClosedAndTheOthersConnectionKept() {
    let pool = ChannelPool()
    let machine = TwoLanes([request("never"), request("ok-plain")], abortsOther: true)
    Drive(machine, pool: pool).run()
    #expect(machine.ended == [1])
    #expect(machine.bodies[0] == nil)
    #expect(pool.statistics.idle == 1)
    let again = ScriptedMachine([.exchange(request("ok-plain"))])
    Drive(again, pool: pool).run()
    #expect(again.exchanges.first?.timing.reusedConnection == true)
  }

  @Test func oneThatFailsLeavesTheOther() {
    let machine = TwoLanes([request("slow-tokens"), request("reset-at-once")], abortsOther: false)
    Drive(machine, pool: ChannelPool()).run()
    #expect(machine.failures[0] == nil)
    #expect(machine.failures[1] == .connection)
    #expect(machine.bodies[0]?.hasSuffix("[DONE]\n\n") == true)
  }

  @Test func aDriveThatIsLetGoClosesBoth() {
    let pool = ChannelPool()
    do {
      let machine = TwoLanes([request("never"), request("never")], abortsOther: false)
      let drive = Drive(machine, pool: pool)
      while pool.statistics.opened == 0, drive.step(until: SystemClock.shared.now + 1000) == .progressed {}
    }
    #expect(pool.statistics.idle == 0)
  }
}
