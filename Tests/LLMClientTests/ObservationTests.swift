import LLMCatalog
import LLMConfig
import LLMCore
import LLMDialects
import Testing

@testable import LLMClient
@testable import LLMPolicy

/// Events, log lines, counters and metrics, without a network.
struct ObservationTests {
  private final class Heard {
    var events: [JSON] = []
  }

  /// The events that the body brings about.
  private func events(of provider: Provider, _ body: () throws -> Void) rethrows -> [JSON] {
    let heard = Heard()
    provider.setObserver(
      { text, userData in
        guard let text, let userData, let event = try? JSON.parse(String(cString: text)) else { return }
        Unmanaged<Heard>.fromOpaque(userData).takeUnretainedValue().events.append(event)
      }, userData: Unmanaged.passUnretained(heard).toOpaque())
    try body()
    provider.setObserver(nil, userData: nil)
    return heard.events
  }

  private func names(_ events: [JSON]) -> [String] { events.compactMap { $0.string("event") } }

  @Test func aCallAndItsEnd() throws {
    let provider = try mock(#""responses":["Hi"]"#)
    let events = try events(of: provider) { _ = try provider.chat(JSON.parse(hello)) }
    #expect(names(events) == ["call_started", "status_changed", "connected", "call_ended"])
    #expect(Set(events.compactMap { $0.string("request_id") }).count == 1)
    let end = try #require(events.last)
    #expect(end.string("code") == "ok")
    #expect(end["attributes"]?["gen_ai.response.finish_reasons"]?.text == #"["stop"]"#)
    #expect(end["attributes"]?["gen_ai.usage.input_tokens"]?.int == end.int("usage", "prompt_tokens"))
    #expect(end["attributes"]?["error.type"] == nil)
  }

  @Test func embeddingsAndRankingsAreCallsToo() throws {
    let provider = try mock()
    let events = try events(of: provider) {
      _ = try provider.embed(JSON.parse(#"{"input":"a text","dimensions":4}"#))
      _ = try provider.rerank(JSON.parse(#"{"query":"a","documents":["a"]}"#))
      _ = try provider.models()
    }
    let starts = events.filter { $0.string("event") == "call_started" }
    #expect(starts.compactMap { $0.string("operation") } == ["embeddings", "rerank", "models"])
    #expect(starts[0]["attributes"]?["gen_ai.embeddings.dimension.count"]?.int == 4)
    let ends = events.filter { $0.string("event") == "call_ended" }
    #expect(ends[0].int("usage", "prompt_tokens") == 2)
    #expect(provider.status["counters", "prompt_tokens"]?.int == 2)
    #expect(provider.status["counters", "calls"]?.int == 3)
  }

  @Test func whatStandsAroundCallsIsHeardTheSameWay() throws {
    let provider = try provider(#"{"type":"openai","api_key":"k","base_url":"https://example.org/v1","name":"mine"}"#)
    let events = events(of: provider) {
      provider.observation.hear(.storeLost, requestID: nil) { $0.set("store", "redis") }
      provider.observation.hear(.breaker, requestID: "r") { $0.set("to", "open") }
    }
    #expect(names(events) == ["store_lost", "breaker"])
    #expect(events[0].string("provider") == "mine")
    #expect(events[0].has("request_id") == false)
    #expect(events[1].string("request_id") == "r")
    #expect(events[1]["attributes"]?["server.address"]?.string == "example.org")
    #expect(events[1]["attributes"]?["server.port"]?.int == 443)
  }

  /// A store's server may quote the password that it refuses.
  @Test func whatAStoreSaysIsWithoutItsPassword() throws {
    let settings = #""store":{"type":"memory","url":"redis://:hunter2@db:6379"},"extra":{"password":"tiger"}"#
    let endpoint = try provider(#"{"type":"openai-compatible","auth":"none","base_url":"https://example.org/v1"}"#)
      .endpoint
    let observation = Observation(
      ObservedService(endpoint),
      Blotter(keys: [], fields: [], settings: try JSON.parse("{\(settings)}")))
    let provider = Provider(RouteTarget(Target(endpoint)), nil, observation)
    let error = LLMError(.connection, text: "AUTH: ERR invalid password hunter2, tiger")
    let events = events(of: provider) {
      observation.hear(.storeLost, requestID: nil) { $0.set("error", error.document) }
    }
    #expect(events[0]["error"]?.string("message") == "AUTH: ERR invalid password [redacted], [redacted]")
  }

  @Test func nobodyIsAskedForMembersWhereNobodyListens() throws {
    let provider = try mock()
    var wasAsked = false
    provider.observation.hear(.budget, requestID: nil) { _ in wasAsked = true }
    #expect(!wasAsked)
  }

  /// The names of OpenTelemetry's conventions where they differ from the library's.
  @Test(arguments: [
    ("bedrock", "aws.bedrock"), ("gemini", "gcp.gemini"), ("xai", "x_ai"), ("mistral", "mistral_ai"),
    ("anthropic", "anthropic"), ("groq", "groq"),
  ]) func providersHaveTheirWellKnownNames(type: String, name: String) throws {
    let region = type == "bedrock" ? #","region":"x""# : ""
    let provider = try provider(#"{"type":"\#(type)","api_key":"k"\#(region)}"#)
    let events = events(of: provider) { provider.disconnect() }
    #expect(events.first?["attributes"]?["gen_ai.provider.name"]?.string == name)
  }

  // MARK: Log lines

  @Test func linesAreKeysAndValues() throws {
    let document = try JSON.parse(
      #"{"event":"x","a":"plain","b":"two words","c":"q\"\\","d":1.5,"e":true,"f":null,"g":"","h":"a=b","i":{"no":1}}"#)
    #expect(
      LogLine(.warning, document).text
        == #"level=warn event=x a=plain b="two words" c="q\"\\" d=1.5 e=true f=null g="" h="a=b""#)
  }

  @Test func theWordsOfServicesStayOutOfLines() throws {
    for error in [
      #"{"code":"invalid_request","status":400,"message":"said","provider_error":{"message":"said"}}"#,
      #"{"code":"protocol","stage":"decode","message":"the service sent what is no JSON: said"}"#,
    ] {
      let document = try JSON.parse(#"{"event":"error","error":\#(error)}"#)
      #expect(!LogLine(.warning, document).text.contains("said"))
    }
    let own = try JSON.parse(#"{"error":{"code":"timeout","stage":"connect","message":"too long"}}"#)
    #expect(LogLine(.warning, own).text == #"level=warn code=timeout stage=connect message="too long""#)
  }

  // MARK: Metrics

  private final class CountingGate: Gate {
    func ask(_ pass: GatePass, now: Microseconds) -> GateAnswer { .open }
    func settle(_ pass: GatePass, _ end: AttemptEnd, now: Microseconds) {}
    func note(_ head: HTTPHead, now: Microseconds) {}
    func fill(_ status: JSON, now: Microseconds) {
      let limits = JSON.object()
      let requests = JSON.object()
      requests.set("left", 7)
      limits.set("requests", requests)
      limits.set("state", "open")
      limits.set("note", "a text")
      status.set("limits", limits)
    }
  }

  @Test func gatesFillTheStatusAndTheMetrics() throws {
    let target = try mock().target
    let provider = Provider(
      RouteTarget(target, gates: [CountingGate()]), nil,
      Observation(ObservedService(target.endpoint), target.endpoint.blotter))
    #expect(provider.status["limits"]?.int("requests", "left") == 7)
    let text = Metrics.text(of: provider).string
    #expect(
      text.contains(
        "# TYPE llm_limits_requests_left gauge\nllm_limits_requests_left{provider=\"mock\",type=\"mock\"} 7\n"))
    #expect(text.contains("\nllm_limits_state{provider=\"mock\",type=\"mock\",state=\"open\"} 1\n"))
    #expect(!text.contains("llm_limits_note"))
  }

  @Test func aFreedProviderIsNoSeries() throws {
    var freed: Provider? = try provider(#"{"type":"mock","name":"to be freed"}"#)
    #expect(Metrics.text(of: nil).string.contains("to be freed"))
    withExtendedLifetime(freed) {}
    freed = nil
    #expect(!Metrics.text(of: nil).string.contains("to be freed"))
  }

  // MARK: Estimates

  /// A service of each family that counts no tokens.
  static let silent: [(config: String, status: Int, body: String)] = [
    (
      #""type":"openai","api":"chat""#, 200, #"{"choices":[{"message":{"content":"12345678"},"finish_reason":"stop"}]}"#
    ),
    (#""type":"openai","api":"completions""#, 200, #"{"choices":[{"text":"12345678","finish_reason":"stop"}]}"#),
    (
      #""type":"openai","api":"responses""#, 200,
      #"{"status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"12345678"}]}]}"#
    ),
    (
      #""type":"anthropic""#, 200,
      #"{"type":"message","content":[{"type":"text","text":"12345678"}],"stop_reason":"end_turn"}"#
    ),
    (
      #""type":"gemini""#, 200,
      #"{"candidates":[{"content":{"parts":[{"text":"12345678"}]},"finishReason":"STOP"}]}"#
    ),
    (#""type":"ollama""#, 200, #"{"message":{"content":"12345678"},"done":true,"done_reason":"stop"}"#),
    (
      #""type":"cohere""#, 200,
      #"{"message":{"content":[{"type":"text","text":"12345678"}]},"finish_reason":"COMPLETE"}"#
    ),
    (
      #""type":"bedrock","region":"x""#, 200,
      #"{"output":{"message":{"content":[{"text":"12345678"}]}},"stopReason":"end_turn"}"#
    ),
  ]

  @Test(arguments: silent) func tokensAreEstimatedWhereTheRequestWantsIt(
    config: String, status: Int, body: String
  ) throws {
    let key = config.contains("ollama") ? "" : #","api_key":"k""#
    let provider = try provider("{\(config)\(key),\"model\":\"m\"}")
    for wants in [false, true] {
      let request = try JSON.parse(#"{"prompt":"1234","llm":{"estimate_usage":\#(wants)}}"#)
      let decoder = try provider.decoder(for: request, status: status)
      _ = Array(body.utf8).withUnsafeBytes { decoder.feed($0, to: nil) }
      let outcome = try #require(decoder.finish(to: nil))
      #expect(outcome.error == nil, "\(outcome.document.text)")
      let usage = outcome.document["usage"]
      guard wants else {
        #expect(usage == nil, "\(outcome.document.text)")
        continue
      }
      #expect(usage?.bool("estimated") == true)
      // Digits are tokens by threes.
      #expect(usage?.int("completion_tokens") == 3)
      #expect((usage?.int("prompt_tokens") ?? 0) > 0)
    }
  }

  @Test func whatTheServiceCountsIsLeftAlone() throws {
    let provider = try provider(#"{"type":"openai","api":"chat","api_key":"k","model":"m","estimate_usage":true}"#)
    let body =
      #"{"choices":[{"message":{"content":"12345678"},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"#
      + #""completion_tokens":6}}"#
    let decoder = try provider.decoder(for: JSON.parse(#"{"prompt":"1234"}"#), status: 200)
    _ = Array(body.utf8).withUnsafeBytes { decoder.feed($0, to: nil) }
    let usage = try #require(decoder.finish(to: nil)?.document["usage"])
    #expect(usage.int("prompt_tokens") == 5 && usage.int("completion_tokens") == 6)
    #expect(usage.bool("estimated") == nil)
  }
}

/// What is said of a service whose calls end in another order than they were sent.
struct ServiceStateTests {
  private func attempt(from start: Microseconds, to end: Microseconds, _ code: ErrorCode? = nil) -> Attempt {
    let attempt = Attempt(number: 1, requestID: "r", provider: "p", model: "m")
    (attempt.startedAt, attempt.duration) = (start, end - start)
    attempt.error = code.map { LLMError($0, "it failed") }
    return attempt
  }

  private let second: Microseconds = 1_000_000

  @Test func anAnswerThatWasOnItsWaySaysNothingNew() {
    let statistics = Statistics()
    #expect(statistics.count(attempt(from: 10 * second, to: 11 * second))?.to == .connected)
    #expect(statistics.count(attempt(from: 12 * second, to: 14 * second, .connection))?.to == .error)
    #expect(statistics.count(attempt(from: 12 * second, to: 14 * second + 10)) == nil)
    #expect(!statistics.isAvailable)
    #expect(statistics.count(attempt(from: 15 * second, to: 15 * second + 1))?.to == .connected)
  }

  @Test func aLongStreamThatOutlivesAFailureDoes() {
    let statistics = Statistics()
    #expect(statistics.count(attempt(from: 10 * second, to: 11 * second, .overloaded))?.to == .error)
    #expect(statistics.count(attempt(from: 5 * second, to: 20 * second))?.to == .connected)
  }
}
