import LLMConfig
import LLMCore
import Testing

@testable import LLMDialects

@Suite struct MockTests {
  /// A handle that is configured with a script.
  private struct Handle {
    let mock = Mock()
    let endpoint: TestEndpoint

    init(_ script: String) throws {
      let configuration = #"{"auth":"none","settings":{"mock":\#(script)}}"#
      endpoint = try TestEndpoint(JSON.parse(configuration), defaultDialect: "mock")
    }

    func ask(_ text: String = "Hi", isStreaming: Bool = false) throws -> (text: String?, took: Microseconds) {
      let request = try ChatRequest(JSON.parse(#"{"prompt":"\#(text)"}"#)).json
      let context = endpoint.context(isStreaming: isStreaming)
      let local = LocalResponse(try #require(mock.makeLocalExchange(.chat, request, context)))
      let answer = Recording(local.body, head: local.head, dialect: mock, context: context)
      return (answer.response?["text"]?.string, local.duration)
    }
  }

  @Test func scriptIsPlayedInOrderAndOverAgain() throws {
    let handle = try Handle(#"{"responses":["one","two"]}"#)
    #expect(try (0..<5).map { _ in try handle.ask().text } == ["one", "two", "one", "two", "one"])
  }

  @Test func scriptThatDoesNotLoopEndsInItsLastResponse() throws {
    let handle = try Handle(#"{"responses":["one","two"],"loop":false}"#)
    #expect(try (0..<4).map { _ in try handle.ask().text } == ["one", "two", "two", "two"])
  }

  @Test func delaysAreTheClocks() throws {
    let handle = try Handle(#"{"responses":["12345678"],"chunk_size":2,"delay_ms":50,"first_delay_ms":1000}"#)
    #expect(try handle.ask(isStreaming: true).took == 1_150_000)
    #expect(try handle.ask().took == 1_000_000)
  }

  @Test func echoSaysWhatWasAsked() throws {
    let handle = try Handle("{}")
    #expect(try handle.ask("What?").text == "What?")
  }

  @Test func embeddingsDependOnTheTextAlone() throws {
    let handle = try Handle("{}")
    let context = handle.endpoint.context(isStreaming: false)
    let vectors = try ["a", "b", "a"].map { text in
      let request = try JSON.parse(#"{"input":"\#(text)","dimensions":3}"#)
      let local = LocalResponse(try #require(handle.mock.makeLocalExchange(.embeddings, request, context)))
      let body = try local.body.withUnsafeBytes { try JSON.parse($0) }
      return try #require(try handle.mock.decodeEmbeddings(body, context)["data"]?[0]?["embedding"])
    }
    #expect(vectors[0].count == 3)
    #expect(vectors[0].equals(vectors[2]))
    #expect(!vectors[0].equals(vectors[1]))
  }
}
