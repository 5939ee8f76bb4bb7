import Foundation
import LLMCore
import LLMTestSupport
import LLMTransport
import Testing

/// What arrives, in the order in which it arrives.
@Suite struct ResponseTests {
  let server: LoopbackServer

  init() throws { server = try LoopbackServer.shared.get() }

  @Test func plainBody() throws {
    let machine = perform(.post(server.url("ok-plain/v1/chat/completions")))
    #expect(machine.events == [.connected, .head(200), .bytes, .ended])
    #expect(try machine.exchange.text.contains("How can I help you today?"))
    let fields = try #require(try machine.exchange.head).fields
    #expect(fields.contains { $0.name.equalsIgnoringCase("content-type") && $0.value == "application/json" })
  }

  /// What arrives at once is told in pieces, and between them the machine is asked whether its time is over.
  @Test func timeCountsWithinWhatArrives() throws {
    let body = String(repeating: "x", count: 4_000_000)
    let server = try CannedServer(["HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body])
    let machine = ScriptedMachine([.exchange(.get("http://127.0.0.1:\(server.port)/"))], isStreaming: true)
    var largest = 0
    machine.onBytes = { largest = max(largest, $0.count) }
    machine.isOverAfterBytes = 1
    Drive(machine, pool: ChannelPool()).run()
    #expect(machine.events.last == .cancelled)
    #expect(largest <= 16 << 10)
    #expect(try machine.exchange.body.count < body.utf8.count)
  }

  @Test func requestArrivesAsGiven() throws {
    var request = HTTPRequest.post(server.url("ok-plain~sent/v1/x?a=b"), #"{"question":"¿qué?"}"#)
    request.headers += [
      HTTPHeader("Authorization", prefix: "Bearer ", secret: Secret("sk-123")), HTTPHeader("X-Empty", ""),
    ]
    request.secretQuery = ("key", Secret("a b&c/ü"))
    #expect(perform(request).events.last == .ended)
    let record = try server.lastRequest("ok-plain~sent")
    #expect(record.method == "POST")
    #expect(record.path == "/ok-plain~sent/v1/x?a=b&key=a%20b%26c%2F%C3%BC")
    #expect(record.body == #"{"question":"¿qué?"}"#)
    #expect(record.header("authorization") == "Bearer sk-123")
    #expect(record.header("x-empty") == "")
    #expect(record.header("content-type") == "application/json")
    #expect(record.header("expect") == nil)
  }

  @Test(arguments: ["GET", "POST", "DELETE", "PUT"]) func method(_ name: String) throws {
    let methods: [String: StaticString] = ["GET": "GET", "POST": "POST", "DELETE": "DELETE", "PUT": "PUT"]
    let method = try #require(methods[name])
    let pool = ChannelPool()
    let url = server.url("ok-plain~method-\(name)/v1/x")
    #expect(perform(HTTPRequest(method: method, url: url), pool: pool).events.last == .ended)
    #expect(try server.lastRequest("ok-plain~method-\(name)").method == name)
    #expect(try server.lastRequest("ok-plain~method-\(name)").body == "")
    var withBody = HTTPRequest.post(url, "body")
    withBody.method = method
    #expect(perform(withBody, pool: pool).events.last == .ended)
    #expect(try server.lastRequest("ok-plain~method-\(name)").method == name)
    #expect(try server.lastRequest("ok-plain~method-\(name)").body == "body")
    // Nothing of the last request sticks to the next.
    #expect(perform(.get(url), pool: pool).events.last == .ended)
    #expect(try server.lastRequest("ok-plain~method-\(name)").method == "GET")
    #expect(try server.lastRequest("ok-plain~method-\(name)").header("content-type") == nil)
  }

  @Test func largeBodyIsSentWithoutWaitingForPermission() throws {
    let text = String(repeating: "0123456789", count: 1_000_000)
    let machine = perform(.post(server.url("__echo/v1/chat/completions"), echoBody(text)))
    #expect(machine.events.last == .ended)
    #expect(try machine.exchange.text.contains(text))
  }

  @Test func chunkedBody() throws {
    let machine = perform(.post(server.url("chunked-odd/v1/chat/completions")))
    #expect(machine.events == [.connected, .head(200), .bytes, .ended])
    let expected = perform(.post(server.url("ok-plain/v1/chat/completions")))
    #expect(try json(machine.exchange.body)["object"] as? String == json(expected.exchange.body)["object"] as? String)
  }

  @Test func gzippedBody() throws {
    let machine = perform(.post(server.url("gzip-plain/v1/chat/completions")))
    #expect(machine.events.last == .ended)
    #expect(try json(machine.exchange.body)["object"] as? String == "chat.completion")
  }

  @Test func bodyWithoutLengthEndsWithTheConnection() throws {
    let machine = perform(.post(server.url("length-none/v1/chat/completions")))
    #expect(machine.events.last == .ended)
    #expect(try json(machine.exchange.body)["object"] as? String == "chat.completion")
  }

  @Test func interimHeadsAreSkipped() throws {
    let machine = perform(.post(server.url("continue-unasked/v1/chat/completions")))
    #expect(machine.events == [.connected, .head(200), .bytes, .ended])
  }

  @Test func redirectIsAnAnswerLikeAnother() throws {
    let machine = perform(.post(server.url("redirect-elsewhere/v1/chat/completions")))
    #expect(machine.events.prefix(2) == [.connected, .head(307)])
    #expect(machine.events.last == .ended)
    #expect(machine.exchanges.count == 1)
  }

  @Test func statusOfAnErrorIsNoFailure() throws {
    let machine = perform(.post(server.url("status-429/v1/chat/completions")))
    #expect(machine.events == [.connected, .head(429), .bytes, .ended])
  }

  @Test func timingTellsTheParts() throws {
    let pool = ChannelPool()
    let request = HTTPRequest.get(server.tlsURL("ok-plain/v1/models"))
    let transport = TransportOptions(caFile: server.authorityFile)
    let first = try perform(request, pool: pool, transport: transport).exchange.timing
    #expect(!first.reusedConnection)
    #expect(first.connected > 0 && first.connected <= first.secured && first.secured <= first.total)
    #expect(first.firstByte > 0 && first.firstByte <= first.total)
    let second = try perform(request, pool: pool, transport: transport).exchange.timing
    #expect(second.reusedConnection)
    #expect(second.connected == 0 && second.secured == 0 && second.firstByte > 0)
  }

  @Test func compressionBombIsGivenUp() throws {
    try server.define("bomb", "HTTP/1.1 200 OK\n@gzip\n@fill 16777216 \\x20\\x20\\x20\\x20\n@repeat\n")
    let machine = perform(.get(server.url("bomb/x")))
    // 64 MiB from some 64 KiB: about a thousandfold.
    #expect(machine.events.last == .failed(.tooLarge, .stream))
    #expect(try machine.exchange.body.count < 64 << 20)
  }

  @Test func endlessHeadIsGivenUp() throws {
    let machine = perform(.get(server.url("header-huge/x")))
    guard case .failed(_, .firstByte) = machine.events.last else {
      Issue.record("\(machine.events)")
      return
    }
  }

  private func json(_ bytes: [UInt8]) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
  }
}
