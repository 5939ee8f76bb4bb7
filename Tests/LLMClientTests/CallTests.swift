import LLMCore
import LLMDialects
import Testing

@testable import LLMClient

/// Calls pushed, pulled and decoded by the caller say the same.
struct CallTests {
  private func pull(_ call: PulledCall) -> [String] {
    var lines: [String] = []
    while case .event(let event) = call.next(timeoutMilliseconds: -1) { lines.append(line(event)) }
    return lines
  }

  private static let scripts = [
    "", #""responses":["several pieces of text"],"chunk_size":3"#,
    #""responses":[{"reasoning_content":"hm","content":"yes"}]"#,
    #""responses":[{"tool_calls":[{"name":"f","arguments":{"a":[1,2]}},{"name":"g"}]}]"#,
    #""responses":[{"refusal":"no"}]"#, #""responses":[{"content":"half","truncate_after":1}]"#,
    #""responses":[{"error":{"status":401,"message":"no"}}]"#, #""responses":[{"fail":"tls"}]"#,
  ]

  @Test(arguments: scripts) func pulledIsPushed(script: String) throws {
    let log = EventLog()
    let pushed = try mock(script).stream(try JSON.parse(hello), to: log)
    let call = try mock(script).start(try JSON.parse(hello))
    #expect(pull(call) == log.lines)
    #expect(log.terminals == 1)
    let pulled = try #require(call.outcome)
    #expect(pulled.code == pushed.code && stable(pulled.document) == stable(pushed.document))
  }

  @Test(arguments: scripts) func wholeIsStreamed(script: String) throws {
    guard !script.contains("truncate_after") else { return }
    let streamed = try mock(script).stream(try JSON.parse(hello), to: EventLog())
    let whole = try mock(script).chat(try JSON.parse(hello))
    #expect(whole.code == streamed.code && stable(whole.document) == stable(streamed.document))
  }

  @Test func pendingWhileTheServiceThinks() throws {
    let call = try mock(#""first_delay_ms":3600000"#).start(try JSON.parse(hello))
    guard case .event(let start) = call.next(timeoutMilliseconds: -1), start.kind == .start else {
      Issue.record("START does not wait for the service")
      return
    }
    for timeout in [0, 1, 20] {
      guard case .pending = call.next(timeoutMilliseconds: timeout) else {
        Issue.record("not pending")
        return
      }
    }
    #expect(call.outcome == nil)
    call.cancel()
    guard case .event(let last) = call.next(timeoutMilliseconds: 0) else {
      Issue.record("not cancelled")
      return
    }
    #expect(last.kind == .cancelled && call.outcome?.code == .cancelled)
    for _ in 0..<2 {
      guard case .done = call.next(timeoutMilliseconds: -1) else {
        Issue.record("not done")
        return
      }
    }
  }

  @Test func closingEndsWithoutAnEvent() throws {
    let call = try mock(#""delay_ms":3600000"#).start(try JSON.parse(hello))
    guard case .event = call.next(timeoutMilliseconds: -1) else {
      Issue.record("no event")
      return
    }
    call.close()
    #expect(pull(call).allSatisfy { !$0.hasPrefix("cancelled") })
    guard case .done = call.next(timeoutMilliseconds: -1) else {
      Issue.record("not done")
      return
    }
  }

  private static let body = """
    data: {"id":"r","choices":[{"index":0,"delta":{"content":"Zürich "}}]}

    data: {"choices":[{"index":0,"delta":{"content":"😀"}},{"index":1,"delta":{"content":"two"}}]}

    data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"},{"index":1,"delta":{},"finish_reason":"length"}]}

    data: [DONE]


    """

  /// With the mock, too: a decoder decodes what it is fed, and plays nothing.
  @Test(arguments: [1, 2, 3, 7, 50, 100_000]) func decodedInPieces(size: Int) throws {
    for config in [#"{"type":"mock"}"#, #"{"type":"openai","api":"chat","api_key":"k","model":"m"}"#] {
      let decoder = try provider(config).decoder(
        for: try JSON.parse(#"{"prompt":"x","stream":true}"#), status: 200)
      let log = EventLog()
      let bytes = Array(Self.body.utf8)
      for start in stride(from: 0, to: bytes.count, by: size) {
        _ = bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { decoder.feed($0, to: log) }
      }
      let outcome = try #require(decoder.finish(to: log))
      #expect(outcome.code == nil && log.terminals == 1)
      #expect(outcome.document["text"]?.string == "Zürich 😀")
      #expect(outcome.document["choices"]?[1]?["finish_reason"]?.string == "length")
      #expect(log.text == "Zürich 😀two")
      #expect(stable(try #require(decoder.finish(to: nil)).document) == stable(outcome.document))
    }
  }
}

struct ProviderTests {
  @Test func capabilitiesAndStatus() throws {
    let mock = try mock()
    #expect(mock.capabilities["type"]?.string == "mock" && mock.capabilities["streaming"]?.bool == true)
    #expect(mock.status["state"]?.string == "idle" && mock.isAvailable)
    _ = try mock.chat(try JSON.parse(hello))
    #expect(mock.status["state"]?.string == "connected")
    #expect(mock.status["counters"]?["succeeded"]?.int == 1)
    mock.disconnect()
    #expect(mock.status["state"]?.string == "idle")
  }

  @Test func statusRemembersTheLastError() throws {
    let mock = try mock(#""responses":[{"fail":"tls"},"fine"]"#)
    #expect(try mock.chat(try JSON.parse(hello)).code == .tls)
    #expect(mock.status["state"]?.string == "error" && !mock.isAvailable)
    #expect(mock.status["last_error"]?["code"]?.string == "tls")
    #expect(try mock.chat(try JSON.parse(hello)).code == nil)
    #expect(mock.isAvailable && mock.status["last_error"]?["code"]?.string == "tls")
  }

  @Test func modelsAndEmbeddings() throws {
    let mock = try mock()
    #expect(try mock.models()["data"]?.elements.map { $0["id"]?.string } == ["mock", "mock-small"])
    #expect(try mock.modelInfo("mock-small")["id"]?.string == "mock-small")
    let error = #expect(throws: LLMError.self) { try mock.modelInfo("none") }
    #expect(error?.code == .notFound)
    let outcome = try mock.embed(try JSON.parse(#"{"input":["a","b"],"dimensions":5}"#))
    #expect(outcome.document["data"]?.elements.map { $0["embedding"]?.count } == [5, 5])
    #expect(outcome.document["metadata"]?["provider"]?.string == "mock")
  }

  @Test func rendersWithoutSecrets() throws {
    let provider = try provider(
      #"{"type":"openai","api":"chat","api_key":"sk-4711","model":"m","headers":{"X-Token":"t-4711","X-Team":"a"}}"#)
    let document = try provider.render(try JSON.parse(hello))
    #expect(!document.text.contains("4711"))
    #expect(document["headers"]?["Authorization"]?.string == "Bearer [redacted]")
    #expect(document["headers"]?["X-Token"]?.string == "[redacted]" && document["headers"]?["X-Team"]?.string == "a")
  }

  @Test(arguments: [
    (#"{"type":"nonesuch"}"#, ErrorCode.unsupported), (#"{"type":"mock","x":1}"#, .invalidConfig),
    ("[]", .invalidConfig),
  ])
  func refusals(config: String, code: ErrorCode) throws {
    let error = #expect(throws: LLMError.self) { try provider(config) }
    #expect(error?.code == code)
  }
}
