import Foundation
import LLMCore
import LLMTestSupport
import LLMTransport
import Testing

/// Sends one request and hands back the machine with all that was told.
func perform(
  _ request: HTTPRequest, pool: ChannelPool = ChannelPool(), transport: TransportOptions = TransportOptions(),
  patience: Microseconds? = .milliseconds(30_000), connectTimeout: Microseconds = .milliseconds(10_000)
) -> ScriptedMachine {
  let machine = ScriptedMachine([.exchange(request)], transport: transport, connectTimeout: connectTimeout)
  machine.patience = patience
  Drive(machine, pool: pool).run()
  return machine
}

extension ScriptedMachine {
  /// The only exchange.
  var exchange: Exchange {
    get throws { try #require(exchanges.first) }
  }

  /// How it failed.
  var failure: TransportFailure {
    get throws { try #require(exchange.failure) }
  }
}

extension HTTPRequest {
  /// A POST of some JSON.
  static func post(_ url: String, _ body: String = "{}") -> HTTPRequest {
    let buffer = ByteBuffer()
    buffer.append(body)
    return HTTPRequest(url: url, headers: [HTTPHeader("Content-Type", "application/json")], body: buffer)
  }

  static func get(_ url: String) -> HTTPRequest { HTTPRequest(method: "GET", url: url) }
}

/// A chat request that the server's echo answers with the text.
func echoBody(_ text: String) -> String {
  #"{"model":"echo","messages":[{"role":"user","content":"\#(text)"}]}"#
}

/// A port of the loopback interface on which nobody listens.
func closedPort() -> Int {
  let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(descriptor) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
  var size = socklen_t(MemoryLayout<sockaddr_in>.size)
  withUnsafeMutablePointer(to: &address) { pointer in
    pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      _ = bind(descriptor, $0, size)
      _ = getsockname(descriptor, $0, &size)
    }
  }
  return Int(UInt16(bigEndian: address.sin_port))
}

extension LoopbackServer {
  /// Gives the server a script.
  func define(_ name: String, _ script: String) throws {
    var request = HTTPRequest.post(url("__scripts/\(name)"), script)
    request.method = "PUT"
    let exchange = try perform(request).exchange
    try #require(exchange.head?.status == 200, "\(exchange.text)")
  }

  /// The requests whose path begins with the segment.
  func requests(_ segment: String) throws -> [RecordedRequest] {
    let text = try perform(.get(url("__requests/\(segment)"))).exchange.body
    return try JSONDecoder().decode([RecordedRequest].self, from: Data(text))
  }

  /// The last of them.
  func lastRequest(_ segment: String) throws -> RecordedRequest { try #require(requests(segment).last) }
}

/// A request as the server wrote it down.
struct RecordedRequest: Decodable {
  var method: String
  var path: String
  var headers: [[String]]
  var body: String
  var connection: Int
  var isResumed: Bool

  enum CodingKeys: String, CodingKey {
    case method, path, headers, body, connection
    case isResumed = "tls_resumed"
  }

  func header(_ name: String) -> String? {
    headers.first { $0.first?.lowercased() == name }.flatMap { $0.last }
  }
}
