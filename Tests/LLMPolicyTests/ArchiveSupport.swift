import LLMCatalog
import LLMConfig
import LLMCore
import LLMDialects
import Synchronization
import Testing

@testable import LLMPolicy

/// Documents in memory, in place of a directory.
final class TestBlobStore: BlobStore {
  let place = "/blobs"
  /// What fails is told as the system would.
  let failure = Locked<String?>(nil)
  private let documents = Locked<[String: [UInt8]]>([:])

  func names() -> [String] { documents.withLock { $0.keys.sorted() } }

  func read(_ name: String) -> ByteBuffer? {
    documents.withLock { $0[name] }.map { bytes in
      let buffer = ByteBuffer()
      bytes.withUnsafeBytes { buffer.append($0) }
      return buffer
    }
  }

  func write(_ name: String, _ document: ByteBuffer, timeToLive: Microseconds) -> String? {
    if let failure = failure.withLock({ $0 }) { return failure }
    documents.withLock { $0[name] = Array(document.bytes) }
    return nil
  }

  func write(_ name: String, _ document: ByteBuffer) -> String? { write(name, document, timeToLive: 0) }

  func remove(_ name: String) -> Bool { documents.withLock { $0.removeValue(forKey: name) != nil } }

  func text(_ name: String) -> String { read(name)?.string ?? "" }
  var allText: String { names().reduce("") { $0 + text($1) } }
}

/// Counts how often it was called.
final class Bell: Wakeable {
  private let rings = Atomic<Int>(0)
  func wake() { rings.add(1, ordering: .relaxed) }
  var count: Int { rings.load(ordering: .relaxed) }
}

/// A request, as an archive is asked for it.
struct TestRequest {
  var url = "https://api.example.com/v1/chat/completions"
  var body: String? = #"{"model":"m","messages":[{"role":"user","content":"Hello"}]}"#
  var headers: [HTTPHeader] = []
  var secretQuery: (name: String, secret: Secret)?
  var method: StaticString = "POST"
  var llm = ""
  var provider = "p"
  var unixSeconds: Int64 = 1_700_000_000

  var http: HTTPRequest {
    let buffer = body.map { text in
      let buffer = ByteBuffer()
      buffer.append(text)
      return buffer
    }
    var request = HTTPRequest(method: method, url: url, headers: headers, body: buffer)
    request.secretQuery = secretQuery
    return request
  }

  func query(waker: (any Wakeable)? = nil) throws -> ArchiveQuery {
    var settings = CallSettings()
    if !llm.isEmpty { settings = try RequestSettings(JSON.parse(llm)).over(settings) }
    return ArchiveQuery(
      http, provider: provider, model: "m", settings: settings, unixSeconds: unixSeconds, waker: waker)
  }

  var canonicalText: String { RequestKey.canonicalText(of: RenderedRequest.document(http)).string }
}

/// A call as far as an archive knows it.
final class TestCall {
  let bell = Bell()
  let query: ArchiveQuery
  private(set) var keeper: (any ExchangeKeeper)?
  private let archives: ArchiveChain

  init(_ archives: ArchiveChain, _ request: TestRequest = TestRequest(), waits: Bool = true) throws {
    self.archives = archives
    query = try request.query(waker: waits ? bell : nil)
  }

  /// What the archive says: "send", "send unkept", "wait", "cached TEXT", "recorded TEXT", "refused CODE".
  @discardableResult
  func ask(_ now: Microseconds = 0) -> String {
    switch archives.look(up: query, now: now) {
    case .send(let keeper):
      self.keeper = keeper
      return keeper == nil ? "send unkept" : "send"
    case .wait: return "wait"
    case .refused(let error): return "refused " + error.code.name.text
    case .play(let exchange, let isCached): return (isCached ? "cached " : "recorded ") + Played(exchange).text
    }
  }

  /// The service answers at that moment.
  func answer(_ pieces: String..., status: Int = 200, at now: Microseconds = 0) {
    hear(pieces, status: status, at: now)
    end(nil, at: now)
  }

  func hear(_ pieces: [String], status: Int = 200, at now: Microseconds = 0) {
    keeper?.received(HTTPHead(status: status, fields: [("Content-Type", "text/plain")]), now: now)
    for piece in pieces {
      let buffer = ByteBuffer()
      buffer.append(piece)
      keeper?.received(buffer.bytes, now: now)
    }
  }

  func end(_ error: LLMError?, at now: Microseconds = 0) {
    keeper?.ended(error, now: now)
    keeper = nil
  }

  func giveUp() { archives.giveUp(query) }
}

/// A local exchange, played to its end on a clock of its own.
struct Played {
  var head: HTTPHead?
  var pieces: [[UInt8]] = []
  var failure: TransportFailure?
  /// When each piece came.
  var moments: [Microseconds] = []
  var end: Microseconds = 0

  init(_ exchange: any LocalExchange) {
    var now: Microseconds = 0
    while true {
      switch exchange.next(now: now) {
      case .wait(let moment): now = moment
      case .head(let head): self.head = head
      case .bytes(let buffer):
        pieces.append(Array(buffer.bytes))
        moments.append(now)
      case .failed(let failure):
        self.failure = failure
        end = now
        return
      case .ended, .run:
        end = now
        return
      }
    }
  }

  var text: String { pieces.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "|") }
}
