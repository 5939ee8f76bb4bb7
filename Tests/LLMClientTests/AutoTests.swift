import LLMCatalog
import LLMConfig
import LLMCore
import LLMTestSupport
import Testing

@testable import LLMClient

/// `{"type":"auto"}` beside a local server that has no model by default.
@Suite struct AutoTests {
  private func provider(_ config: String, _ variables: [String: String] = [:]) throws -> Provider {
    let here = try LoopbackServer.shared.get().url("local-models~auto")
    let rows = try JSON.parse(
      """
      {"providers":[{"name":"ollama","base_url":"http://127.0.0.1:1"},{"name":"llamacpp","base_url":"http://127.0.0.1:1"},
        {"name":"lmstudio","base_url":"\(here)"}]}
      """)
    return try Provider(
      JSON.parse(config), environment: FakeEnvironment(variables),
      catalog: Catalog.builtIn.adding(UserCatalog(rows, over: .builtIn)))
  }

  @Test func takesTheFirstModelThatAnswersChats() throws {
    let found = try provider(#"{"type":"auto"}"#).endpoint
    #expect(found.profile.name == "lmstudio" && found.defaultModel == "qwen3-8b")
  }

  @Test func theProgramsWordCounts() throws {
    #expect(try provider(#"{"type":"auto","model":"mine"}"#).endpoint.defaultModel == "mine")
  }

  @Test func inRoutersToo() throws {
    let router = try provider(#"{"type":"router","models":[{"name":"a","provider":{"type":"auto"}}]}"#)
    #expect(router.endpoint.defaultModel == "qwen3-8b")
  }

  @Test func aKeyComesFirst() throws {
    #expect(try provider(#"{"type":"auto"}"#, ["GROQ_API_KEY": "k"]).endpoint.profile.name == "groq")
  }
}
