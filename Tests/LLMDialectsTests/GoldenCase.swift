import Foundation
import LLMConfig
import LLMCore
import LLMTestSupport
import LLMWire
import Testing

@testable import LLMDialects

/// A folder of Tests/Golden: what a service is configured as and asked, what is to be sent, what it answers, and what
/// the library is to understand. Tests/Golden/README.md describes the files.
struct GoldenCase: CustomTestStringConvertible, Sendable {
  let folder: URL
  let dialectName: String

  var testDescription: String { "\(dialectName)/\(folder.lastPathComponent)" }

  /// Every case, by name.
  static let all: [GoldenCase] = {
    let root = packageRoot.appending(path: "Tests/Golden")
    return subfolders(of: root).flatMap { dialect in
      subfolders(of: dialect).map { GoldenCase(folder: $0, dialectName: dialect.lastPathComponent) }
    }
  }()

  /// The turns of a conversation: `turn-1`, `turn-2`, …; the case itself where it has only one.
  var turns: [GoldenTurn] {
    let folders = GoldenCase.subfolders(of: folder)
    return (folders.isEmpty ? [folder] : folders).map { GoldenTurn(folder: $0, dialectName: dialectName) }
  }

  private static func subfolders(of folder: URL) -> [URL] {
    let files = FileManager.default
    let content = (try? files.contentsOfDirectory(at: folder, includingPropertiesForKeys: [.isDirectoryKey])) ?? []
    return content.filter(\.hasDirectoryPath).sorted { $0.path < $1.path }
  }
}

/// One exchange of a case.
struct GoldenTurn {
  let folder: URL
  let dialectName: String
  var name: String { folder.lastPathComponent }

  /// The file's content; nil where there is none.
  func data(_ file: String) -> Data? { try? Data(contentsOf: folder.appending(path: file)) }

  /// The file as text without the line end at its end.
  func text(_ file: String) -> String? { data(file).map { String(decoding: $0, as: UTF8.self).trimmed } }

  /// The file as JSON.
  func json(_ file: String) throws -> JSON? { try text(file).map { try JSON.parse($0) } }

  /// The status and header fields of the answer: a line with the status, then a line for each field.
  var head: HTTPHead {
    let lines = (text("head.txt") ?? "200").split(separator: "\n")
    let head = HTTPHead(status: lines.first.flatMap { Int($0) } ?? 200)
    for line in lines.dropFirst() {
      let field = String(line).pieces(separatedBy: UInt8(ascii: ":"))
      head.append(name: field[0], value: field.dropFirst().joined(separator: ":").trimmed)
    }
    return head
  }
}

/// What a turn's request.json says, ready to be encoded and decoded for.
struct GoldenExchange {
  enum Kind: String {
    case chat, embeddings, models, rerank
    case tokenCount = "token_count"
    case modelInfo = "model_info"
  }

  let kind: Kind
  let endpoint: TestEndpoint
  /// The request; nil where the case is only about decoding.
  let request: JSON?
  let isStreaming: Bool

  /// Reads request.json; `returned` are the messages of the turns before, by the turn's name.
  init(_ turn: GoldenTurn, returned: [String: JSON]) throws {
    let document = try turn.json("request.json") ?? JSON.object()
    let operation = document["operation"]?.string ?? "chat"
    guard let kind = Kind(rawValue: operation) else { throw UnknownName(name: operation) }
    self.kind = kind
    endpoint = try TestEndpoint(document["config"] ?? JSON.object(), defaultDialect: turn.dialectName)
    request = document["request"].map { GoldenExchange.inserting(returned, into: $0) }
    isStreaming = (document["request"]?["stream"] ?? document["stream"])?.bool ?? false
  }

  /// `{"returned":"turn-1"}` among the messages stands for the message that the first turn gave, verbatim.
  private static func inserting(_ returned: [String: JSON], into request: JSON) -> JSON {
    guard let messages = request["messages"], !returned.isEmpty else { return request }
    let complete = request.copy()
    complete.set("messages", .array(messages.elements.map { $0["returned"]?.string.flatMap { returned[$0] } ?? $0 }))
    return complete
  }

  /// A fresh context: ids begin anew.
  func makeContext() -> RequestContext {
    endpoint.context(model: request?["model"]?.string, isStreaming: kind == .chat && isStreaming)
  }

  /// A fresh dialect, which may keep what belongs to a handle.
  func makeDialect() -> any Dialect { Dialects.make(endpoint.dialect) }

  /// The HTTP request that the request becomes, as http.txt has it.
  func encode(_ context: RequestContext) throws(LLMError) -> HTTPRequest? {
    let dialect = makeDialect()
    switch kind {
    case .models: return try dialect.encodeModels(cursor: nil, context)
    case .embeddings: return try request.map { json throws(LLMError) in try dialect.encodeEmbeddings(json, context) }
    case .chat:
      return try request.map { json throws(LLMError) in try dialect.encodeChat(ChatRequest(json), context) }
    case .tokenCount:
      return try request.flatMap { json throws(LLMError) in try dialect.encodeTokenCount(ChatRequest(json), context) }
    case .modelInfo: return try dialect.encodeModelInfo(context.model, context)
    case .rerank: return try request.map { json throws(LLMError) in try dialect.encodeRerank(json, context) }
    }
  }

  /// The answer to what is no chat.
  func decodeDocument(_ body: JSON, _ context: RequestContext) throws(LLMError) -> JSON {
    let dialect = makeDialect()
    switch kind {
    case .models:
      let page = try dialect.decodeModels(body, context)
      let document = JSON.object()
      document.set("models", .array(page.models))
      document.set("cursor", page.cursor.map { .string($0) })
      return document
    case .embeddings: return try dialect.decodeEmbeddings(body, context)
    case .tokenCount: return .integer(try dialect.decodeTokenCount(body, context))
    case .modelInfo: return try dialect.decodeModelInfo(body, context.model, context)
    case .rerank: return try dialect.decodeRerank(body, request ?? .object(), context)
    case .chat: return body
    }
  }

  /// What an exchange without a network sends, where the dialect is of that kind: its bytes, at a virtual clock, and the
  /// failure that ends it.
  func localResponse() throws -> LocalResponse? {
    guard let request, kind == .chat else { return nil }
    let (dialect, context) = (makeDialect(), makeContext())
    guard let exchange = dialect.makeLocalExchange(.chat, try ChatRequest(request).json, context) else { return nil }
    return LocalResponse(exchange)
  }
}

/// A local exchange, played to its end.
struct LocalResponse {
  var head = HTTPHead(status: 200)
  var body: [UInt8] = []
  var failure: TransportFailure?
  var duration: Microseconds = 0

  init(_ exchange: any LocalExchange) {
    while true {
      switch exchange.next(now: duration) {
      case .wait(let moment):
        guard moment < .milliseconds(3_600_000) else { return }
        duration = moment
      case .head(let head): self.head = head
      case .bytes(let buffer): body += Array(buffer.bytes)
      case .failed(let failure):
        self.failure = failure
        return
      case .ended, .run: return
      }
    }
  }
}

extension HTTPRequest {
  /// How http.txt writes a request: the line, the fields, a blank line, the body as canonical JSON.
  var goldenText: String {
    var url = self.url
    if let (name, secret) = secretQuery {
      url += (url.containsText("?") ? "&" : "?") + name + "=" + secret.revealed
    }
    var text = "\(method) \(url)\n"
    for header in headers { text += "\(header.name): \(header.value)\(header.secret?.revealed ?? "")\n" }
    guard let body else { return text.trimmed }
    return text + "\n" + ((try? JSON.parse(body.bytes))?.canonicalText ?? body.string)
  }
}
