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
}
