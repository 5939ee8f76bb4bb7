import Foundation
import LLMCatalog
import LLMClient
import LLMCore
import LLMPolicy
import LLMTestSupport
import Testing

/// A dialect of the program's own gets all that the library's have: it is run here over a socket.
@Suite struct ShoutDialectTests {
  private final class Texts: EventSink {
    var pieces: [String] = []
    var kinds: [EventKind] = []

    func receive(_ event: Event) -> Bool {
      kinds.append(event.kind)
      if event.kind == .text { pieces.append(String(decoding: event.data, as: UTF8.self)) }
      return true
    }
  }

  private func provider(_ path: String, _ members: String = "") throws -> Provider {
    let server = try LoopbackServer.shared.get()
    let config = """
      {"type": "openai-compatible", "base_url": "\(server.url(path))", "api_key": "k", "model": "m"\(members)}
      """
    return try Provider(JSON.parse(config), dialect: ShoutDialect())
  }

  @Test func rendersItsRequest() throws {
    let rendered = try provider("shout").render(
      JSON.parse(#"{"prompt": "Hello", "max_tokens": 5, "seed": 1}"#))
    #expect(rendered["body"]?.text == #"{"shout":"Hello","limit":5}"#)
    #expect(rendered["url"]?.string?.hasSuffix("/shout/shout") == true)
    #expect(rendered["headers"]?["Authorization"]?.string == "Bearer [redacted]")
  }

  @Test func streams() throws {
    let texts = Texts()
    let outcome = try provider("shout").stream(JSON.parse(#"{"prompt": "Hello", "seed": 1}"#), to: texts)
    #expect(outcome.code == nil)
    #expect(texts.pieces == ["HEL", "LO!"])
    #expect(texts.kinds.filter(\.isTerminal) == [.finish])
    #expect(outcome.document["text"]?.string == "HELLO!")
    #expect(outcome.document["choices"]?[0]?["finish_reason"]?.string == "stop")
    #expect(outcome.document["metadata"]?["warnings"]?[0]?["param"]?.string == "/seed")
  }

  @Test func isAskedAgainAfterAFailureThatMayPass() throws {
    let outcome = try provider("shout-busy", #", "retry": {"delay_ms": 1}"#).chat(JSON.parse(#"{"prompt": "Hello"}"#))
    #expect(outcome.document["text"]?.string == "HELLO!")
    #expect(outcome.document["metadata"]?["attempts"]?.count == 2)
  }

  @Test func refusesWhatItCannotTakeIfStrict() throws {
    let request = try JSON.parse(#"{"prompt": "Hello", "seed": 1, "llm": {"strict": true}}"#)
    #expect { try provider("shout").chat(request) } throws: { ($0 as? LLMError)?.code == .unsupported }
  }
}

/// docs/adding-a-provider.md shows what is compiled here and what is in the catalogue.
@Suite struct PageTests {
  /// The page's blocks of code in a language, without the fences.
  private func blocks(_ language: String) throws -> [String] {
    let page = try String(contentsOf: packageRoot.appending(path: "docs/adding-a-provider.md"), encoding: .utf8)
    return page.components(separatedBy: "```\(language)\n").dropFirst().compactMap {
      $0.components(separatedBy: "\n```").first
    }
  }

  private func source(_ path: String) throws -> String {
    try String(contentsOf: packageRoot.appending(path: path), encoding: .utf8)
  }

  @Test func everyBlockOfSwiftStandsInTheSources() throws {
    let sources = try [
      "Sources/LLMCatalog/Providers/Providers.swift", "Sources/LLMDialects/Dialects.swift",
      "Tests/LLMExtensionTests/ShoutDialect.swift",
    ].map(source)
    let blocks = try blocks("swift").filter { !$0.contains("import LLMClient") }
    #expect(blocks.count >= 3)
    for block in blocks {
      #expect(sources.contains { $0.contains(block) }, "not in the sources:\n\(block)")
    }
  }

  /// Each configuration of the page, in its words, is one that the library takes.
  @Test func everyConfigurationIsValid() throws {
    let configurations = try blocks("json").map { try JSON.parse($0) }.filter { $0["type"] != nil }
    #expect(configurations.count >= 3)
    for configuration in configurations {
      let verdict = Registry.validate(configuration)
      #expect(verdict.code == nil, "\(verdict.document.text)")
    }
  }

  @Test func everyCatalogueIsRead() throws {
    let catalogues = try blocks("json").map { try JSON.parse($0) }.filter { $0["providers"] != nil }
    #expect(!catalogues.isEmpty)
    for catalogue in catalogues {
      let catalog = Catalog.builtIn.adding(try UserCatalog(catalogue, over: .builtIn))
      #expect(catalog.provider("example")?.defaultModel == "large")
      #expect(catalog.model("large", of: "example")?.contextWindow == 128_000)
    }
  }
}
