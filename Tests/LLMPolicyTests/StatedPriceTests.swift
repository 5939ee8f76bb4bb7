import Foundation
import LLMConfig
import LLMCore
import LLMTestSupport
import Testing

@testable import LLMCatalog
@testable import LLMDialects
@testable import LLMPolicy

/// Recorded answers whose service states their price: that is the cost, to the last digit. The recordings are no part of
/// the project; without them the test says that it is skipped.
@Suite struct StatedPriceTests {
  static let folder =
    ProcessInfo.processInfo.environment["LLM_CORPUS"].map { URL(fileURLWithPath: $0) }
    ?? packageRoot.appending(path: "../shared/corpus").standardizedFileURL

  static var isThere: Bool { FileManager.default.fileExists(atPath: folder.appending(path: "index.jsonl").path) }

  /// Folders of recordings, and the configuration's type and wire format that read them.
  static let services: [(folder: String, api: String, type: String, dialect: String)] = [
    ("xai", "chat", "xai", "chat"), ("xai", "responses", "xai", "responses"),
    ("azure", "chat", "xai", "chat"), ("openrouter", "chat", "openrouter", "chat"),
    ("vercel-gateway", "chat", "vercel", "chat"), ("perplexity", "chat", "perplexity", "chat"),
    ("local-openai", "chat", "openrouter", "chat"),
  ]

  @Test(.enabled(if: isThere, "no recordings")) func whatIsStatedIsTheCost() throws {
    let index = try String(contentsOf: Self.folder.appending(path: "index.jsonl"), encoding: .utf8)
    var counts: [String: Int] = [:]
    for row in try index.split(separator: "\n").map({ try JSON.parse(String($0)) }) {
      let (id, api) = (row.string("id") ?? "", row.string("api") ?? "")
      guard let service = Self.services.first(where: { id.hasPrefix($0.folder + "/") && api == $0.api }),
        let body = try? Data(contentsOf: Self.folder.appending(path: id + "/response.body")),
        let stated = Self.stated(String(decoding: body, as: UTF8.self))
      else { continue }
      let exchange = try Self.exchange(service.type, service.dialect, isStreaming: row["stream"] != nil)
      let type = row["stream"] == nil ? "application/json" : "text/event-stream"
      exchange.receive(head: HTTPHead(status: 200, fields: [(name: "content-type", value: type)]))
      _ = try Array(body).withUnsafeBytes { try exchange.receive($0) }
      _ = try exchange.finish()
      #expect(exchange.cost?.stated == stated, "\(id)")
      #expect(exchange.cost?.total == stated, "\(id)")
      counts[service.folder, default: 0] += 1
    }
    print("prices stated and taken over:", counts.sorted { $0.key < $1.key })
    #expect((counts["openrouter"] ?? 0) >= 81 && (counts["vercel-gateway"] ?? 0) >= 40)
    #expect((counts["perplexity"] ?? 0) >= 16 && (counts["xai"] ?? 0) >= 68)
  }

  private static func exchange(_ type: String, _ dialect: String, isStreaming: Bool) throws -> Exchange {
    let endpoint = try LLMTestSupport.endpoint(#"{"type":"\#(type)","api":"\#(dialect)","api_key":"k","model":"m"}"#)
    let chat = try ChatRequest(JSON.parse(#"{"prompt":"hi"}"#))
    let request = CallRequest(chat: chat, isStreaming: isStreaming, settings: endpoint.call)
    let target = Target(endpoint)
    let context = target.context(
      for: request, model: "m", settings: endpoint.call, SplitMix(seed: 1), unixSeconds: 1_796_212_800)
    return try Exchange.make(request, target, context, sink: nil)
  }

  /// The last price that the body names, in picodollars, read as text.
  private static func stated(_ body: String) -> Int64? {
    if let ticks = body.matches(of: /"cost_in_usd_ticks":\s*(\d+)/).last {
      return Int64(ticks.output.1).map { $0 * 100 }
    }
    let whole = body.matches(of: /"total_cost":\s*([0-9.eE+-]+)/).last?.output.1
    let plain = body.matches(of: /"cost":\s*([0-9][0-9.eE+-]*)[,}]/).last?.output.1
    guard let number = whole ?? plain, let cost = Decimal(string: String(number)) else { return nil }
    var (scaled, rounded) = (cost * 1_000_000_000_000, Decimal())
    NSDecimalRound(&rounded, &scaled, 0, .plain)
    return (rounded as NSDecimalNumber).int64Value
  }
}
