import Foundation
import LLMCore
import LLMTestSupport
import LLMTransport
import Testing

/// Stepping, waiting, waking, and what callbacks may do.
@Suite struct DriveTests {
  let server: LoopbackServer

  init() throws { server = try LoopbackServer.shared.get() }

  @Test func machineWithoutExchangesNeedsNoServer() {
    let pool = ChannelPool()
    let machine = ScriptedMachine([.pause(1000), .pause(1000)])
    let drive = Drive(machine, pool: pool)
    drive.run()
    #expect(drive.step(until: nil) == .done)
    #expect(pool.statistics.opened == 0)
  }

  @Test func stepsReturnWhenSomethingWasTold() throws {
    let machine = ScriptedMachine([.exchange(.post(server.url("slow-tokens/v1/chat/completions")))])
    let drive = Drive(machine, pool: ChannelPool())
    var steps = 0
    var told = 0
    while drive.step(until: nil) == .progressed {
      steps += 1
      let bytes = machine.events.count + (machine.exchanges.first?.body.count ?? 0)
      #expect(bytes > told)
      told = bytes
    }
    #expect(machine.events.last == .ended)
    #expect(steps > 3)
  }

  @Test func stepEndsAtItsMoment() throws {
    let machine = ScriptedMachine([.exchange(.post(server.url("never/v1/chat/completions")))])
    let drive = Drive(machine, pool: ChannelPool())
    while machine.events.isEmpty { _ = drive.step(until: nil) }
    #expect(drive.step(until: SystemClock.shared.now) == .timedOut)
    let moment = SystemClock.shared.now + .milliseconds(30)
    #expect(drive.step(until: moment) == .timedOut)
    #expect(SystemClock.shared.now >= moment)
    #expect(machine.events == [.connected])
  }

  @Test func stepWithoutTimeStillGetsThere() throws {
    let machine = ScriptedMachine([.exchange(.post(server.url("ok-plain/v1/chat/completions")))])
    let drive = Drive(machine, pool: ChannelPool())
    while drive.step(until: 0) != .done {}
    #expect(machine.events == [.connected, .head(200), .bytes, .ended])
  }

  @Test func cancelFromAnotherThreadWhileWaiting() throws {
    let machine = ScriptedMachine([.exchange(.post(server.url("never/v1/chat/completions")))])
    let drive = Drive(machine, pool: ChannelPool())
    let isWaiting = DispatchSemaphore(value: 0)
    machine.onEvent = { event in if event == .connected { isWaiting.signal() } }
    let canceller = onThread {
      isWaiting.wait()
      machine.cancel()
      drive.wake()
    }
    drive.run()
    canceller.wait()
    #expect(machine.events == [.connected, .cancelled])
  }

  @Test func cancelWhilePausing() {
    let machine = ScriptedMachine([.pause(.milliseconds(3_600_000)), .exchange(.get("http://127.0.0.1:1/"))])
    let drive = Drive(machine, pool: ChannelPool())
    let canceller = onThread {
      machine.cancel()
      drive.wake()
    }
    drive.run()
    canceller.wait()
    #expect(machine.exchanges.isEmpty)
  }

  @Test func wakeBeforeTheStartIsNotLost() {
    let machine = ScriptedMachine([.pause(.milliseconds(3_600_000))])
    let drive = Drive(machine, pool: ChannelPool())
    #expect(drive.step(until: 0) == .timedOut)
    machine.cancel()
    drive.wake()
    #expect(drive.step(until: nil) == .done)
  }

  @Test func wakesOfADriveThatEndsHarmNobody() throws {
    let pool = ChannelPool()
    let url = server.url("ok-plain/v1/chat/completions")
    for _ in 0..<50 {
      let machine = ScriptedMachine([.exchange(.post(url))])
      let drive = Drive(machine, pool: pool)
      let isOver = Locked(false)
      let waker = onThread { while !isOver.withLock({ $0 }) { drive.wake() } }
      drive.run()
      isOver.withLock { $0 = true }
      waker.wait()
      #expect(machine.events == [.connected, .head(200), .bytes, .ended])
    }
  }

  @Test func machineThatHasEnoughStopsTheReading() throws {
    let pool = ChannelPool()
    let machine = ScriptedMachine([
      .exchange(.post(server.url("slow-tokens/v1/chat/completions"))),
      .exchange(.post(server.url("ok-plain/v1/chat/completions"))),
    ])
    machine.stopsAfterBytes = 1
    Drive(machine, pool: pool).run()
    #expect(machine.events == [.connected, .head(200), .bytes, .connected, .head(200), .bytes])
    #expect(pool.statistics.idle == 0)
  }

  @Test func callbacksMayCallOnTheSamePool() throws {
    let pool = ChannelPool()
    let url = server.url("ok-plain/v1/chat/completions")
    let machine = ScriptedMachine([.exchange(.post(url))])
    var inner: [ScriptedMachine] = []
    machine.onBytes = { _ in inner.append(perform(.post(url), pool: pool)) }
    Drive(machine, pool: pool).run()
    #expect(machine.events.last == .ended)
    #expect(!inner.isEmpty)
    for machine in inner { #expect(machine.events.last == .ended) }
  }

  @Test func callbacksMayCancelAndStepTheirOwnDrive() throws {
    let machine = ScriptedMachine([.exchange(.post(server.url("slow-tokens/v1/chat/completions")))])
    let drive = Drive(machine, pool: ChannelPool())
    var nested: [Drive.Progress] = []
    machine.onBytes = { _ in
      nested.append(drive.step(until: nil))
      machine.cancel()
      drive.wake()
    }
    drive.run()
    machine.onBytes = nil
    #expect(machine.events == [.connected, .head(200), .bytes, .cancelled])
    #expect(nested == [.timedOut])
  }

  @Test func bytesThatArrivedCountForMoreThanADeadlineThatPassed() throws {
    // The callback is slower than the machine's patience; all of the answer has arrived meanwhile.
    let machine = ScriptedMachine([
      .exchange(.post(server.url("__gen/2/300/each/v1/chat/completions"), #"{"stream":true}"#))
    ])
    machine.patience = .milliseconds(500)
    machine.onBytes = { _ in
      let end = SystemClock.shared.now + .milliseconds(550)
      while SystemClock.shared.now < end {}
    }
    Drive(machine, pool: ChannelPool()).run()
    #expect(machine.exchanges.first?.text.hasSuffix("[DONE]\n\n") == true)
  }

  @Test func driveThatIsLetGoClosesItsExchange() throws {
    let pool = ChannelPool()
    let machine = ScriptedMachine([.exchange(.post(server.url("never/v1/chat/completions")))])
    do {
      let drive = Drive(machine, pool: pool)
      while machine.events.isEmpty { _ = drive.step(until: nil) }
    }
    #expect(machine.events == [.connected])
    #expect(pool.statistics.idle == 0)
    #expect(pool.statistics.opened == 1)
  }

  @Test func hostKeepsItsThreadsAndSignals() async throws {
    // In a process of its own, since the other tests start threads.
    await #expect(processExitsWith: .success) {
      let server = try LoopbackServer()
      let (threads, signals) = (threadCount(), signalDispositions())
      let pool = ChannelPool()
      let url = server.url("ok-plain/v1/chat/completions")
      var threadsInside = 0
      let machine = ScriptedMachine([.exchange(.post(url))])
      machine.onBytes = { _ in threadsInside = threadCount() }
      Drive(machine, pool: pool).run()
      let transport = TransportOptions(caFile: server.authorityFile)
      #expect(perform(.get(server.tlsURL("ok-plain/v1/models")), transport: transport).events.last == .ended)
      #expect(perform(.post(server.url("reset-at-once/x"))).events.last == .failed(.connection, .firstByte))
      pool.dropIdle()
      #expect(machine.events.last == .ended)
      #expect(threadsInside == threads)
      #expect(threadCount() == threads)
      #expect(signalDispositions() == signals)
    }
  }
}

/// The lines of the kernel's account of this process that begin so.
private func status(_ names: [String]) -> [String] {
  let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  return text.split(separator: "\n").map(String.init).filter { line in names.contains { line.hasPrefix($0 + ":") } }
}

private func threadCount() -> Int { Int(status(["Threads"]).first?.split(separator: "\t").last ?? "") ?? -1 }

private func signalDispositions() -> [String] { status(["SigBlk", "SigIgn", "SigCgt"]) }
