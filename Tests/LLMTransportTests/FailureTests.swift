import LLMCore
import LLMTestSupport
import LLMTransport
import Testing

/// Every way in which an exchange ends early: the code, the stage, and whether the request was sent.
@Suite struct FailureTests {
  let server: LoopbackServer

  init() throws { server = try LoopbackServer.shared.get() }

  struct Fault: Sendable, CustomTestStringConvertible {
    var script: String
    var code: ErrorCode
    var stage: Stage
    var testDescription: String { script }

    init(_ script: String, _ code: ErrorCode, _ stage: Stage) {
      self.script = script
      self.code = code
      self.stage = stage
    }
  }

  static let faults = [
    Fault("reset-at-once", .connection, .firstByte),
    Fault("close-at-once", .connection, .firstByte),
    Fault("reset-mid-body", .connection, .stream),
    Fault("length-too-long", .connection, .stream),
    Fault("chunked-broken", .protocol, .stream),
    Fault("chunked-unterminated", .connection, .stream),
    Fault("stream-reset", .connection, .stream),
    Fault("garbage", .protocol, .firstByte),
  ]

  @Test(arguments: faults) func fault(_ fault: Fault) throws {
    let machine = perform(.post(server.url("\(fault.script)/v1/chat/completions")))
    #expect(machine.events.last == .failed(fault.code, fault.stage))
    #expect(try !machine.failure.wasNotSent)
    #expect(try !machine.failure.message.isEmpty)
  }

  /// The request was not answered: another attempt is worth it.
  @Test(arguments: [
    "", "H", "HTTP/1.1 20", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Type: a", "HTTP/1.1 200 OK\r\nA: b\r\n",
    "HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nA: b\r\n",
  ])
  func endWithinTheHead(_ beginning: String) throws {
    let server = try CannedServer([beginning])
    let machine = perform(.post("http://127.0.0.1:\(server.port)/"))
    #expect(machine.events.last == .failed(.connection, .firstByte))
    #expect(try !machine.failure.wasNotSent)
  }

  @Test(arguments: ["HTTP/1.1 000 None\r\nContent-Length: 2\r\n\r\n{}", "hello\r\n"])
  func noStatus(_ answer: String) throws {
    let server = try CannedServer([answer])
    let machine = perform(.post("http://127.0.0.1:\(server.port)/"))
    #expect(machine.events.last == .failed(.protocol, .firstByte))
  }

  @Test(arguments: [120 << 10, 250 << 10])
  func headThatIsTooLarge(_ size: Int) throws {
    // One line that is too long, and many that are too much together.
    let line = size > 200 << 10 ? "X: " + String(repeating: "x", count: 1000) + "\r\n" : ""
    let filling = line.isEmpty ? "X: " + String(repeating: "x", count: size) : String(repeating: line, count: 300)
    let server = try CannedServer(["HTTP/1.1 200 OK\r\n" + filling + "\r\n\r\n"])
    let machine = perform(.post("http://127.0.0.1:\(server.port)/"))
    #expect(machine.events.last == .failed(.tooLarge, .firstByte))
    #expect(try machine.failure.message.contains("head of the response"))
  }

  /// A proxy that does not let a request through is not a connection that broke.
  @Test(arguments: [
    (407, ErrorCode.authentication, "user and the password in proxy"), (403, .permission, "does not let requests"),
    (503, .connection, "status 503"), (429, .rateLimited, "status 429"),
  ])
  func proxyThatRefuses(status: Int, code: ErrorCode, part: String) throws {
    let server = try CannedServer(["HTTP/1.1 \(status) No\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n"])
    let machine = perform(
      .post("https://127.0.0.1:1/"), transport: TransportOptions(proxy: "http://127.0.0.1:\(server.port)"))
    #expect(machine.events == [.failed(code, .connect)])
    let failure = try machine.failure
    #expect(failure.wasNotSent && failure.message.contains(part))
    #expect(failure.proxyHead?["Retry-After"] == "7")
  }

  @Test func whatArrivedBeforeTheFailureWasTold() throws {
    let machine = perform(.post(server.url("reset-mid-body/v1/chat/completions")))
    #expect(try machine.exchange.text.hasPrefix(#"{"id":"chatcmpl-1""#))
  }

  @Test func bytesAfterTheLengthAreNotTold() throws {
    let machine = perform(.post(server.url("length-too-short/v1/chat/completions")))
    #expect(machine.events.last == .ended)
  }

  @Test func connectionRefused() throws {
    let machine = perform(.get("http://127.0.0.1:\(closedPort())/"))
    #expect(machine.events == [.failed(.connection, .connect)])
    #expect(try machine.failure.wasNotSent)
    #expect(try machine.failure.message.contains("is the server running"))
  }

  @Test func unknownHost() throws {
    let machine = perform(.get("http://no-such-host.invalid/"))
    #expect(machine.events == [.failed(.connection, .connect)])
    #expect(try machine.failure.wasNotSent)
    #expect(try machine.failure.message.contains("no-such-host.invalid"))
    #expect(try machine.failure.message.contains("base_url"))
  }

  @Test func dropThenAnswer() throws {
    // On a fresh connection nothing is sent twice behind the machine's back: it sees the failure, and decides.
    let url = server.url("drop-then-ok~twice/v1/chat/completions")
    let machine = ScriptedMachine([.exchange(.post(url)), .exchange(.post(url))])
    Drive(machine, pool: ChannelPool()).run()
    #expect(machine.events.first == .connected)
    #expect(machine.events.contains(.failed(.connection, .firstByte)))
    #expect(machine.events.last == .ended)
    #expect(machine.exchanges.last?.text.contains("How can I help you today?") == true)
  }

  @Test func neverAnswering() throws {
    let machine = perform(.post(server.url("never/v1/chat/completions")), patience: .milliseconds(50))
    #expect(machine.events == [.connected, .deadlinePassed])
  }

  @Test func stalledTLSIsATimeoutOfConnecting() throws {
    let port = try #require(server.faultyTLSPorts["stall"])
    let machine = perform(
      .get("https://127.0.0.1:\(port)/"), transport: TransportOptions(caFile: server.authorityFile),
      connectTimeout: .milliseconds(100))
    #expect(machine.events == [.failed(.timeout, .tls)])
    #expect(try machine.failure.wasNotSent)
    #expect(try machine.failure.message.contains("timeout.connect_ms"))
  }

  @Test(arguments: ["garbage", "wrong-name", "expired"]) func faultyTLS(_ fault: String) throws {
    let port = try #require(server.faultyTLSPorts[fault])
    let machine = perform(
      .get("https://127.0.0.1:\(port)/"), transport: TransportOptions(caFile: server.authorityFile))
    #expect(machine.events == [.failed(.tls, .tls)])
    #expect(try machine.failure.wasNotSent)
  }

  @Test func unknownAuthority() throws {
    let machine = perform(.get(server.tlsURL("ok-plain/v1/models")))
    #expect(machine.events == [.failed(.tls, .tls)])
    #expect(try machine.failure.message.contains("tls.ca_file"))
  }

  @Test func authorityFileThatIsNotThere() throws {
    let machine = perform(
      .get(server.tlsURL("ok-plain/v1/models")), transport: TransportOptions(caFile: "/nowhere/authority.pem"))
    #expect(machine.events == [.failed(.tls, .tls)])
    #expect(try machine.failure.message.contains("tls.ca_file"))
  }

  @Test(arguments: ["ftp://127.0.0.1/", "file:///etc/hostname", "not an address", "http://a/\r\nX: y", "http://"])
  func addressesThatAreNoneOfHTTPs(_ url: String) throws {
    let machine = perform(.get(url))
    #expect(machine.exchanges.count == 1)
    #expect(try machine.failure.code == .internal)
    #expect(try machine.failure.wasNotSent)
    #expect(machine.events.count == 1)
  }

  @Test(arguments: [
    HTTPHeader("X-Name", "value\r\nX-Injected: yes"), HTTPHeader("X-Name", "value\nX-Injected: yes"),
    HTTPHeader("X-Name", "value\0rest"), HTTPHeader("X-Name: x\r\nX-Injected", "yes"), HTTPHeader("X Name", "value"),
    HTTPHeader("", "value"), HTTPHeader("Authorization", prefix: "Bearer ", secret: Secret("sk-1\r\nX-Injected: yes")),
  ])
  func headerInjectionIsRefused(_ header: HTTPHeader) throws {
    var request = HTTPRequest.get(server.url("ok-plain/v1/models"))
    request.headers.append(header)
    let machine = perform(request)
    #expect(machine.events == [.failed(.internal, .connect)])
    #expect(try machine.failure.wasNotSent)
    #expect(try !machine.failure.message.contains("sk-1"))
  }
}
