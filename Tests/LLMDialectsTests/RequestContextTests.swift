import LLMConfig
import LLMCore
import Testing

@testable import LLMDialects

@Suite struct RequestContextTests {
  /// What is laid over a body must not change what it came from, which the next call uses again.
  @Test func extraMembersLeaveTheirSourcesAlone() throws {
    let configuration = #"{"extra_body":{"options":{"a":1}},"llm":{"extra_body":{"options":{"b":2}}}}"#
    let endpoint = try TestEndpoint(JSON.parse(configuration), defaultDialect: "openai-chat")
    let request = try JSON.parse(#"{"messages":[{"role":"user","content":"Hi"}],"options":{"c":3}}"#)
    let before = request.text
    let http = try OpenAIChat().encodeChat(ChatRequest(request), endpoint.context(isStreaming: false))
    let body = try JSON.parse(try #require(http.body).bytes)
    #expect(body["options"]?.canonicalText == (try JSON.parse(#"{"a":1,"b":2,"c":3}"#)).canonicalText)
    #expect(request.text == before)
    #expect(endpoint.endpoint.extraBody?.text == #"{"options":{"a":1}}"#)
    #expect(endpoint.endpoint.call.extraBody?.text == #"{"options":{"b":2}}"#)
  }

  /// Requests share their fields, which a driver knows them by, unless they have some of their own.
  @Test func usualFieldsAreShared() throws {
    let shared = try TestEndpoint(JSON.parse(#"{"headers":{"X-A":"1"}}"#), defaultDialect: "openai-chat")
    let usual = shared.endpoint.usualHeaders
    let plain = shared.context(isStreaming: false).makeRequest(path: "/a", body: .object())
    let again = shared.context(isStreaming: false).makeRequest(path: "/a", body: .object())
    let stream = shared.context(isStreaming: true).makeRequest(path: "/b", body: .object())
    let get = shared.context(isStreaming: false).makeRequest(method: "GET", path: "")
    #expect(plain.standing === usual.post && again.standing === usual.post && stream.standing === usual.stream)
    #expect(get.standing === usual.bare)
    #expect(
      [plain, again, stream, get].map(\.url) == ["/a", "/a", "/b", ""].map { "https://service.test/v1" + $0 })
    #expect(stream.headers.map(\.name) == ["Content-Type", "Accept", "Authorization", "X-A"])
    let own = try TestEndpoint(
      JSON.parse(#"{"headers":{"X-A":"1"},"llm":{"extra_headers":{"x-a":"2","X-B":"3"}}}"#),
      defaultDialect: "openai-chat")
    let request = own.context(isStreaming: false).makeRequest(path: "/a", body: .object())
    #expect(request.standing == nil)
    #expect(
      request.headers.map { $0.name + $0.value } == [
        "Content-Typeapplication/json", "AuthorizationBearer ", "x-a2", "X-B3",
      ])
    #expect(own.endpoint.usualHeaders.post.fields.map(\.name) == ["Content-Type", "Authorization", "X-A"])
  }
}
