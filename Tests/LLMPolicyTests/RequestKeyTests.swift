import LLMCore
import LLMDialects
import Testing

@testable import LLMPolicy

/// What makes two requests the same, and what does not.
struct RequestKeyTests {
  private func request(_ body: String) -> TestRequest { TestRequest(body: body) }

  @Test(arguments: [
    (#"{"a":1,"b":[{"c":2,"d":3}]}"#, #"{ "b": [ {"d":3, "c":2} ], "a": 1 }"#),
    (#"{"t":1}"#, #"{"t":1.0}"#), (#"{"t":100}"#, #"{"t":1e2}"#), (#"{"t":0}"#, #"{"t":-0.0}"#),
    (#"{"t":0.7}"#, #"{"t":7e-1}"#), (#"{"t":"é"}"#, #"{"t":"\u00e9"}"#), (#"{"t":"/"}"#, #"{"t":"\/"}"#),
    (#"{"t":1,"metadata":{"request_id":"a"}}"#, #"{"t":1,"metadata":{"request_id":"b"}}"#),
    (#"{"t":1}"#, #"{"t":1,"user":"u","safety_identifier":"s","prompt_cache_key":"k"}"#),
    (#"{"t":1,"requestMetadata":{"a":"b"}}"#, #"{"t":1,"labels":{"team":"x"}}"#),
  ])
  func equalBodies(first: String, second: String) {
    #expect(request(first).canonicalText == request(second).canonicalText)
  }

  @Test(arguments: [
    (#"{"t":1}"#, #"{"t":2}"#), (#"{"t":1}"#, #"{"t":"1"}"#), (#"{"t":1}"#, #"{"t":true}"#),
    (#"{"t":0.7}"#, #"{"t":0.70000001}"#), (#"{"t":[1,2]}"#, #"{"t":[2,1]}"#), (#"{"t":1}"#, #"{"t":1,"n":null}"#),
    (#"{"t":"a b"}"#, #"{"t":"a  b"}"#), (#"{"t":{}}"#, #"{"t":[]}"#), (#"{"stream":true}"#, #"{"stream":false}"#),
    (#"{"m":{"metadata":1}}"#, #"{"m":{"metadata":2}}"#), (#"{"t":9007199254740993}"#, #"{"t":9007199254740992}"#),
    ("not json", "not json either"),
  ])
  func differentBodies(first: String, second: String) {
    #expect(request(first).canonicalText != request(second).canonicalText)
  }

  /// What stands in a header varies from call to call, or from machine to machine.
  @Test func headersThatDoNotCount() {
    var other = TestRequest()
    other.headers = [
      HTTPHeader("Authorization", prefix: "Bearer ", secret: Secret("sk-4711")), HTTPHeader("Idempotency-Key", "i"),
      HTTPHeader("User-Agent", "u"), HTTPHeader("X-Amz-Date", "20260101T000000Z"), HTTPHeader("X-Request-Id", "r"),
      HTTPHeader("Content-Type", "application/json"),
    ]
    #expect(other.canonicalText == TestRequest().canonicalText)
  }

  @Test func headersThatCount() {
    for name in ["Anthropic-Beta", "anthropic-version", "OpenAI-Beta"] {
      let other = TestRequest(headers: [HTTPHeader(name, "x")])
      #expect(other.canonicalText != TestRequest().canonicalText)
    }
  }

  @Test func addresses() {
    let base = "https://api.example.com/v1/models"
    func text(_ url: String, key: String? = nil) -> String {
      TestRequest(url: url, body: nil, secretQuery: key.map { ("key", Secret($0)) }).canonicalText
    }
    #expect(text(base + "?a=1&b=2") == text(base + "?b=2&a=1"))
    #expect(text(base) == text("http://localhost:8080/v1/models"), "the host is the cache's scope, not the key's")
    #expect(text(base, key: "sk-1") == text(base))
    #expect(text(base + "?key=sk-1&a=1") == text(base + "?a=1"))
    #expect(text(base + "?a=1") != text(base + "?a=2"))
    #expect(text(base) != text(base + "/m"))
    #expect(TestRequest(body: nil, method: "GET").canonicalText != TestRequest(body: nil).canonicalText)
  }

  @Test func keysAreDigestsWithinAScope() {
    let text = ByteBuffer()
    text.append("text")
    let key = RequestKey.make(scope: "a", text)
    #expect(key.utf8.count == 64)
    #expect(key == RequestKey.make(scope: "a", text))
    #expect(key != RequestKey.make(scope: "b", text))
  }
}
