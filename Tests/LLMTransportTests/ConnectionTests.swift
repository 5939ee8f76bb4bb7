import Foundation
import LLMCore
import LLMTestSupport
import LLMTransport
import Testing

/// Connections: kept, shared between threads, closed, configured.
@Suite struct ConnectionTests {
  let server: LoopbackServer

  init() throws { server = try LoopbackServer.shared.get() }

  @Test func connectionServesOneCallAfterAnother() throws {
    let pool = ChannelPool()
    for _ in 0..<10 {
      #expect(perform(.post(server.url("ok-plain/v1/chat/completions")), pool: pool).events.last == .ended)
    }
    #expect(pool.statistics.opened == 1)
    #expect(pool.statistics.reused == 9)
    #expect(pool.statistics.idle == 1)
  }

  @Test func connectionServesOneThreadAfterAnother() throws {
    let pool = ChannelPool()
    let url = server.url("ok-plain/v1/chat/completions")
    for _ in 0..<3 {
      let thread = onThread { _ = perform(.post(url), pool: pool) }
      thread.wait()
    }
    #expect(pool.statistics.opened == 1)
    #expect(pool.statistics.reused == 2)
  }

  @Test func connectionSurvivesAnErrorStatusAndADifferentRequest() throws {
    let pool = ChannelPool()
    _ = perform(.post(server.url("status-500/v1/chat/completions")), pool: pool)
    _ = perform(.get(server.url("__echo/v1/models")), pool: pool)
    #expect(pool.statistics.opened == 1)
  }

  @Test func connectionClosedWhileIdleIsReplacedUnnoticed() throws {
    let pool = ChannelPool()
    let url = server.url("close-each/v1/chat/completions")
    for _ in 0..<3 { #expect(perform(.post(url), pool: pool).events.last == .ended) }
    #expect(pool.statistics.opened == 3)
  }

  @Test func connectionThatDiesUnderARequestIsReplacedUnnoticed() throws {
    // The server let go of a connection that was idle, just as the request came: nothing was read, so curl sends again.
    let answer = "HTTP/1.1 200 OK\n<<END\n{}\nEND\n"
    try server.define("stale", answer + "===\n@close\n===\n" + answer)
    let pool = ChannelPool()
    for _ in 0..<2 { #expect(perform(.post(server.url("stale/x")), pool: pool).events.last == .ended) }
    let connections = try server.requests("stale").map(\.connection)
    #expect(connections.count == 3)
    #expect(connections[0] == connections[1] && connections[1] != connections[2])
  }

  @Test func idleConnectionsAreDroppedOnRequest() throws {
    let pool = ChannelPool()
    let url = server.url("ok-plain/v1/chat/completions")
    _ = perform(.post(url), pool: pool)
    pool.dropIdle()
    #expect(pool.statistics.idle == 0)
    _ = perform(.post(url), pool: pool)
    #expect(pool.statistics.opened == 2)
  }

  @Test func idleConnectionsAreBoundedInNumber() throws {
    let pool = ChannelPool(maximalIdleCount: 2)
    let url = server.url("slow-first-byte/v1/chat/completions")
    let threads = (0..<5).map { _ in onThread { _ = perform(.post(url), pool: pool) } }
    for thread in threads { thread.wait() }
    #expect(pool.statistics.opened == 5)
    #expect(pool.statistics.idle == 2)
  }

  @Test func oldIdleConnectionsAreClosed() throws {
    let pool = ChannelPool(maximalIdleAge: 0)
    let url = server.url("ok-plain/v1/chat/completions")
    for _ in 0..<3 { _ = perform(.post(url), pool: pool) }
    #expect(pool.statistics.opened == 3)
    #expect(pool.statistics.reused == 0)
  }

  @Test func abortedConnectionIsNotUsedAgain() throws {
    let pool = ChannelPool()
    _ = perform(.post(server.url("never/v1/chat/completions")), pool: pool, patience: .milliseconds(20))
    #expect(pool.statistics.idle == 0)
    #expect(pool.statistics.opened == 1)
    #expect(perform(.post(server.url("ok-plain/v1/chat/completions")), pool: pool).events.last == .ended)
    #expect(pool.statistics.opened == 2)
  }

  @Test func ownAuthority() throws {
    let pool = ChannelPool()
    let transport = TransportOptions(caFile: server.authorityFile)
    for _ in 0..<2 {
      let machine = perform(.get(server.tlsURL("ok-plain/v1/models")), pool: pool, transport: transport)
      #expect(machine.events == [.connected, .head(200), .bytes, .ended])
    }
    #expect(pool.statistics.opened == 1)
  }

  @Test func ownFolderOfAuthorities() throws {
    // An empty one trusts nobody, and takes nothing away from a file beside it.
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    let request = HTTPRequest.get(server.tlsURL("ok-plain/v1/models"))
    let nobody = TransportOptions(caPath: folder.path)
    #expect(perform(request, transport: nobody).events == [.failed(.tls, .tls)])
    let both = TransportOptions(caFile: server.authorityFile, caPath: folder.path)
    #expect(perform(request, transport: both).events.last == .ended)
  }

  @Test func configurationsDoNotMixInOnePool() throws {
    let pool = ChannelPool()
    let trusting = TransportOptions(caFile: server.authorityFile)
    let request = HTTPRequest.get(server.tlsURL("ok-plain/v1/models"))
    #expect(perform(request, pool: pool, transport: trusting).events.last == .ended)
    #expect(perform(request, pool: pool, transport: TransportOptions()).events == [.failed(.tls, .tls)])
    #expect(perform(request, pool: pool, transport: trusting).events.last == .ended)
  }

  @Test func tlsSessionsAreShared() throws {
    let pool = ChannelPool()
    let transport = TransportOptions(caFile: server.authorityFile)
    let request = HTTPRequest.get(server.tlsURL("ok-plain~resumed/v1/models"))
    _ = perform(request, pool: pool, transport: transport)
    pool.dropIdle()
    _ = perform(request, pool: pool, transport: transport)
    #expect(try server.requests("ok-plain~resumed").map(\.isResumed) == [false, true])
  }

  @Test func unixSocket() throws {
    let machine = perform(
      .post("http://localhost/ok-plain/v1/chat/completions"),
      transport: TransportOptions(unixSocket: server.unixSocket))
    #expect(machine.events == [.connected, .head(200), .bytes, .ended])
  }

  @Test func proxyIsUsedUnlessEmpty() throws {
    let proxied = TransportOptions(proxy: "http://127.0.0.1:\(closedPort())")
    let machine = perform(.get(server.url("ok-plain/v1/models")), transport: proxied)
    #expect(machine.events == [.failed(.connection, .connect)])
    let direct = perform(.get(server.url("ok-plain/v1/models")), transport: TransportOptions(proxy: ""))
    #expect(direct.events.last == .ended)
  }

  @Test func eachSchemeHasItsProxy() throws {
    let nowhere = "http://127.0.0.1:\(closedPort())"
    let plain = HTTPRequest.get(server.url("ok-plain/v1/models"))
    let encrypted = HTTPRequest.get(server.tlsURL("ok-plain/v1/models"))
    let pool = ChannelPool()
    func ends(_ request: HTTPRequest, _ proxy: String, _ secureProxy: String, _ direct: String = "") -> Bool {
      let transport = TransportOptions(
        caFile: server.authorityFile, proxy: proxy, secureProxy: secureProxy, directHosts: direct)
      return perform(request, pool: pool, transport: transport).events.last == .ended
    }
    #expect(ends(plain, "", nowhere) && !ends(encrypted, "", nowhere))
    #expect(!ends(plain, nowhere, "") && ends(encrypted, nowhere, ""))
    #expect(ends(plain, nowhere, nowhere, "example.org,127.0.0.1") && !ends(plain, nowhere, nowhere, "example.org"))
    // The same configuration, first for one and then for the other.
    let transport = TransportOptions(caFile: server.authorityFile, proxy: "", secureProxy: nowhere)
    let outcomes = [plain, encrypted, plain].map { perform($0, pool: pool, transport: transport).events.last }
    #expect(outcomes == [.ended, .failed(.connection, .connect), .ended])
  }

  @Test(arguments: ["auto", "1.1"]) func httpVersion(_ version: String) throws {
    let machine = perform(
      .get(server.tlsURL("ok-plain/v1/models")),
      transport: TransportOptions(caFile: server.authorityFile, httpVersion: version))
    #expect(machine.events.last == .ended)
  }

  @Test func eightThreadsOnOnePool() throws {
    let pool = ChannelPool()
    let url = server.url("__echo/v1/chat/completions")
    let wrong = Locked(0)
    let threads = (0..<8).map { thread in
      onThread {
        for call in 0..<200 {
          let machine = perform(.post(url, echoBody("thread \(thread) call \(call)")), pool: pool)
          let isRight = machine.exchanges.first?.text.contains("thread \(thread) call \(call)") == true
          if machine.events.last != .ended || !isRight { wrong.withLock { $0 += 1 } }
        }
      }
    }
    for thread in threads { thread.wait() }
    #expect(wrong.withLock { $0 } == 0)
    #expect(pool.statistics.opened <= 8)
    #expect(pool.statistics.opened + pool.statistics.reused == 1600)
  }
}

/// A thread that is waited for.
func onThread(_ body: @escaping @Sendable () -> Void) -> RunningThread { RunningThread(body) }

final class RunningThread: Sendable {
  private let isDone = DispatchSemaphore(value: 0)

  init(_ body: @escaping @Sendable () -> Void) {
    Thread { [isDone] in
      body()
      isDone.signal()
    }.start()
  }

  func wait() { isDone.wait() }
}
