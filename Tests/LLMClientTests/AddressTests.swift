import LLMCatalog
import LLMConfig
import LLMCore
import LLMTestSupport
import Testing

@testable import LLMClient

/// A model's name never changes the path it stands in.
@Suite struct ModelAddressTests {
  private static let gemini = #"{"type":"gemini","api_key":"k"}"#
  private static let vertex = #"{"type":"vertex","api_key":"k","project":"p"}"#
  private static let anthropic = #"{"type":"vertex-anthropic","api_key":"k","project":"p"}"#
  private static let bedrock = #"{"type":"bedrock","api_key":"k","region":"r"}"#
  private static let azure = #"{"type":"azure","api_key":"k","resource":"r","api_version":"2024-10-21"}"#

  private func url(_ config: String, _ model: String) throws -> String {
    let provider = try Provider(JSON.parse(config), environment: FakeEnvironment())
    let request = JSON.object()
    request.set("model", model)
    request.set("prompt", "Hi")
    return try #require(try provider.render(request).string("url"))
  }

  @Test(arguments: [gemini, vertex, anthropic, bedrock, azure])
  func nobodyIsLedAstray(config: String) throws {
    for model in ["../../../admin/delete", "..", "a/../b", #"a\..\..\b"#, "models/../../x", "publishers/x/./y"] {
      let error = #expect(throws: LLMError.self) { try url(config, model) }
      #expect(error?.code == .invalidRequest && error?.param == "/model", "\(model)")
    }
  }

  @Test(arguments: [
    (gemini, "%2e%2e", "/models/%252e%252e:generateContent"), (gemini, "a?b#c", "/models/a%3Fb%23c:generateContent"),
    (gemini, "admin/delete", "/models/admin%2Fdelete:generateContent"),
    (gemini, #"a\b"#, "/models/a%5Cb:generateContent"),
    (gemini, "models/gemini-x", "/models/gemini-x:generateContent"),
    (gemini, "tunedModels/x", "/tunedModels/x:generateContent"),
    (
      vertex, "publishers/meta/models/llama@1",
      "/projects/p/locations/global/publishers/meta/models/llama@1:generateContent"
    ),
    (vertex, "projects/1/locations/l/endpoints/2", "/projects/1/locations/l/endpoints/2:generateContent"),
    (vertex, "admin/x", "/projects/p/locations/global/publishers/google/models/admin%2Fx:generateContent"),
    (
      bedrock, "arn:aws:bedrock:r:1:inference-profile/us.x",
      "/model/arn%3Aaws%3Abedrock%3Ar%3A1%3Ainference-profile%2Fus.x/converse"
    ),
    (azure, "a/b", "/openai/deployments/a%2Fb/chat/completions?api-version=2024-10-21"),
  ])
  func namesStayInTheirPlace(config: String, model: String, path: String) throws {
    let url = try url(config, model)
    #expect(url.hasSuffix(path), "\(url)")
  }

  @Test func slashesInBodiesAreFine() throws {
    let url = try url(#"{"type":"openrouter","api_key":"k"}"#, "openai/gpt-4o")
    #expect(url.hasSuffix("/chat/completions"))
  }
}

/// Tools that another interface would understand.
@Suite struct ToolCheckTests {
  @Test func aToolSaysWhatItIs() throws {
    let provider = try Provider(JSON.parse(#"{"type":"mock"}"#), environment: FakeEnvironment())
    let error = #expect(throws: LLMError.self) {
      try provider.chat(JSON.parse(#"{"prompt":"x","tools":[{"name":"f"}]}"#))
    }
    #expect(error?.param == "/tools/0" && error?.code == .invalidRequest)
  }
}
