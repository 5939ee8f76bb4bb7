import LLMCore
import LLMTestSupport
import Testing

@testable import LLMCatalog
@testable import LLMConfig

@Suite struct ProviderTests {
  private static let rows = Catalog.builtIn.providers

  /// The lines of the table, apart from what reads them in the library.
  private static let lines = Providers.rows.description.split(separator: "\n").map(String.init)

  @Test func thereAreAHundredAndMore() {
    #expect(Self.rows.count == Self.lines.count)
    #expect(Self.rows.count >= 100)
  }

  @Test func rowsStandByName() {
    let names = Self.rows.map { $0.name }
    #expect(names == names.sorted())
    #expect(Set(names).count == names.count)
  }

  @Test(arguments: rows) func rowsAreSane(row: ProviderProfile) throws {
    #expect(row.name.utf8.allSatisfy { $0.isASCIIDigit || $0 == 0x2D || ($0 >= 0x61 && $0 <= 0x7A) })
    #expect(!row.label.isEmpty)
    #expect(row.summary.isEmpty || row.summary.hasSuffix("."))
    #expect(!row.capabilities.isEmpty)
    for variable in row.keyVariables + row.baseURLVariables {
      #expect(variable.utf8.allSatisfy { $0.isASCIIDigit || $0 == 0x5F || ($0 >= 0x41 && $0 <= 0x5A) })
      #expect(variable.utf8.first?.isASCIIDigit == false)
    }
    #expect(!row.needsKey || !row.keyVariables.isEmpty)
    #expect(row.quirks.isDisjoint(with: .maxTokens) || !row.quirks.contains(.maxCompletionTokens))
    guard !row.baseURL.isEmpty else { return }
    let url = try fillPlaceholders(row.baseURL) { _ in "x" }
    let address = try ServiceAddress(url)
    #expect(!url.hasSuffix("/"))
    #expect(address.isEncrypted != row.quirks.contains(.isLocal))
    #expect(address.isLoopback == row.quirks.contains(.isLocal))
    #expect(!row.quirks.contains(.isLocal) || row.quirks.contains(.keyOptional))
  }

  @Test(arguments: lines) func everyWordIsKnown(line: String) throws {
    let columns = line.split(separator: "|").map { $0.trimmingSpaces }
    #expect((5...6).contains(columns.count))
    let name = columns[0]
    let row = try #require(Catalog.builtIn.provider(name))
    for option in columns.count > 5 ? columns[5].split(separator: " ") : [] {
      let parts = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      switch parts[0] {
      case "quirks":
        let words = parts[1].split(separator: ",").map(String.init)
        #expect(words.allSatisfy { $0 == "usual" || Quirks(name: $0) != nil }, "\(words)")
      case "can":
        let words = parts[1].split { $0 == "+" || $0 == "-" }.map(String.init)
        let isKnown = words.allSatisfy { ProviderTable.group($0) != nil || Capabilities(name: $0) != nil }
        #expect(isKnown, "\(words)")
      case "dialect": #expect(row.dialect.name.description == parts[1])
      case "auth":
        let isHeader = parts[1].hasPrefix("header:") || parts[1].hasPrefix("bearer:")
        #expect(isHeader || ["none", "aws:bedrock"].contains(parts[1]))
      case "headers": #expect(row.headers.map { $0.name + ":" + $0.value }.joined(separator: ",") == parts[1])
      case "url_path": #expect(row.baseURLPath == parts[1] && row.baseURL.hasSuffix(parts[1]))
      case "token_env": #expect(row.tokenVariables.joined(separator: ",") == parts[1])
      case "model": #expect(row.defaultModel == parts[1])
      case "url_env": #expect(row.baseURLVariables.joined(separator: ",") == parts[1])
      case "chat": #expect(row.paths.chat == parts[1] && parts[1].hasPrefix("/"))
      case "responses": #expect(row.paths.responses == parts[1] && parts[1].hasPrefix("/"))
      case "embeddings": #expect(row.paths.embeddings == parts[1] && parts[1].hasPrefix("/"))
      case "models": #expect(row.paths.models == parts[1] && parts[1].hasPrefix("/"))
      case "rerank": #expect(row.paths.rerank == parts[1] && parts[1].hasPrefix("/"))
      default: Issue.record("unknown option \(parts[0])")
      }
    }
  }

  @Test func aRowIsReadInFull() throws {
    let groq = try #require(Catalog.builtIn.provider("groq"))
    #expect(groq.label == "Groq")
    #expect(groq.summary == "Open models on Groq's own chips.")
    #expect(groq.baseURL == "https://api.groq.com/openai/v1")
    #expect(groq.keyVariables == ["GROQ_API_KEY"])
    #expect(groq.quirks == [.maxCompletionTokens, .noDeveloperRole, .noLogprobs, .singleChoice])
    #expect(groq.capabilities.isSuperset(of: [.streaming, .tools, .vision, .reasoning]))
    #expect(!groq.capabilities.contains(.embeddings))
    #expect(groq.defaultModel == "openai/gpt-oss-20b")
    let crof = try #require(Catalog.builtIn.provider("crof"))
    #expect(crof.quirks == [.maxTokens, .noDeveloperRole])
    #expect(crof.capabilities == .chatService)
    let cerebras = try #require(Catalog.builtIn.provider("cerebras"))
    #expect(!cerebras.capabilities.contains(.vision))
  }

  @Test(arguments: [
    ("anthropic", DialectKind.anthropicMessages), ("gemini", .geminiGenerate), ("vertex", .geminiGenerate),
    ("ollama", .ollamaChat), ("cohere", .cohereChat), ("bedrock", .bedrockConverse), ("mock", .mock),
    ("openai", .openAIChat), ("azure", .openAIChat), ("openrouter", .openAIChat),
  ])
  func dialects(name: String, dialect: DialectKind) {
    #expect(Catalog.builtIn.provider(name)?.dialect == dialect)
  }

  @Test func aliasesLeadToRows() {
    let names = Self.rows.map { $0.name }
    for (alias, provider) in ProviderTable.aliases {
      #expect(!names.contains(alias))
      let row = Catalog.builtIn.provider(alias)
      #expect(row?.name == (ProviderTable.notice(about: provider) == nil ? provider : nil))
    }
    #expect(Set(ProviderTable.aliases.map { $0.alias }).count == ProviderTable.aliases.count)
  }

  @Test(arguments: ["github", "github_models", "lambda", "lambda_ai"]) func whatHasEndedSaysSo(name: String) throws {
    let error = try #require(try refusal(#"{"type":"\#(name)","api_key":"k"}"#))
    #expect(error.code == .unsupported && error.param == "/type")
    #expect(error.message.contains("\"\(name)\" at /type is gone: ") && error.message.contains(" ended on 202"))
  }

  @Test(arguments: [("hunyuan", "tencent"), ("llama", "meta")])
  func whatHasMovedIsThere(name: String, new: String) throws {
    #expect(try endpoint(#"{"type":"\#(name)","api_key":"k"}"#).profile.name == new)
    let error = try #require(try refusal(#"{"type":"\#(name)"}"#))
    #expect(error.message.contains("no key for \"\(new)\": set ") && error.message.contains(" ended on 202"))
  }

  @Test(arguments: [
    ("groq", "GROQ_BASE_URL", "https://x", "https://x/openai/v1"),
    ("groq", "GROQ_BASE_URL", "https://x/openai/v1/", "https://x/openai/v1"),
    ("fireworks", "FIREWORKS_BASE_URL", "https://x/", "https://x/inference/v1"),
    ("together", "TOGETHER_BASE_URL", "https://x", "https://x/v1"),
    ("perplexity", "PERPLEXITY_BASE_URL", "https://x", "https://x"),
    ("openai", "OPENAI_BASE_URL", "https://x", "https://x"),
  ])
  func addressesOfTheMakersOwnVariables(type: String, variable: String, value: String, url: String) throws {
    #expect(try endpoint(#"{"type":"\#(type)","api_key":"k"}"#, [variable: value]).baseURL == url)
  }

  @Test func tokensInPlaceOfKeys() throws {
    let token = ["ANTHROPIC_AUTH_TOKEN": "t"]
    let bearer = try endpoint(#"{"type":"anthropic"}"#, token)
    #expect(bearer.apiKey?.text == "t")
    guard case .bearer = bearer.auth else {
      Issue.record("no bearer token")
      return
    }
    for (json, variables) in [
      (#"{"type":"anthropic","api_key":"k"}"#, token),
      (#"{"type":"anthropic"}"#, token.merging(["ANTHROPIC_API_KEY": "k"]) { $1 }),
    ] {
      let keyed = try endpoint(json, variables)
      #expect(keyed.apiKey?.text == "k")
      guard case .header("x-api-key") = keyed.auth else {
        Issue.record("no header of the service's own")
        return
      }
    }
  }

  @Test func headersOfARow() throws {
    let copilot = try endpoint(#"{"type":"copilot","api_key":"k"}"#)
    #expect(copilot.headers.contains { $0.name == "Copilot-Integration-Id" })
    let gateway = try endpoint(#"{"type":"cloudflare-gateway","api_key":"k","account_id":"a","deployment":"g"}"#)
    #expect(gateway.baseURL == "https://gateway.ai.cloudflare.com/v1/a/g/compat")
    guard case .prefixedHeader("cf-aig-authorization", "Bearer ") = gateway.auth else {
      Issue.record("no header of the gateway's own")
      return
    }
  }

  @Test func namesForDidYouMean() throws {
    let error = try #require(try refusal(#"{"type":"anthorpic"}"#))
    #expect(error.message.contains("did you mean \"anthropic\"?"))
  }

  @Test func descriptions() throws {
    let types = Catalog.builtIn.describeProviders()
    #expect(types.count == Self.rows.count)
    let openai = try #require(types.elements.first { $0["name"]?.string == "openai" })
    #expect(openai["label"]?.string == "OpenAI")
    #expect(openai["dialect"]?.string == "openai-chat")
    #expect(openai["key_variables"]?[0]?.string == "OPENAI_API_KEY")
    #expect(openai["key_required"]?.bool == true && openai["local"]?.bool == false)
    #expect(openai["auth"]?.string == "bearer")
    #expect(openai["capabilities"]?.elements.contains { $0.string == "tools" } == true)
    #expect(openai["models"]?.elements.contains { $0["id"]?.string == "gpt-6-luna" } == true)
    #expect(openai["schema"]?["properties"]?["type"]?["const"]?.string == "openai")
    let anthropic = try #require(types.elements.first { $0["name"]?.string == "anthropic" })
    #expect(anthropic["auth"]?["header"]?.string == "x-api-key")
    #expect(anthropic["aliases"]?.elements.map { $0.string } == ["claude"])
  }
}

extension Substring {
  fileprivate var trimmingSpaces: String { String(self).trimmed }
}

@Suite struct PlaceholderTests {
  @Test(arguments: [
    ("https://x", [:], "https://x"),
    ("https://{a}.x/{b}/c", ["a": "1", "b": "2"], "https://1.x/2/c"),
    ("https://{location-}x", ["location": "global"], "https://x"),
    ("https://{location-}x", ["location": "europe-west4"], "https://europe-west4-x"),
    ("https://x/{", [:], "https://x/{"),
  ])
  func filled(template: String, values: [String: String], expected: String) throws {
    #expect(try fillPlaceholders(template) { values[$0] } == expected)
  }

  @Test func missing() {
    let error = #expect(throws: MissingPlaceholder.self) { try fillPlaceholders("https://{region}") { _ in nil } }
    #expect(error?.name == "region")
  }

  @Test(arguments: [
    (#"{"type":"bedrock","api_key":"k","region":"eu-west-1"}"#, [:], "https://bedrock-runtime.eu-west-1.amazonaws.com"),
    (#"{"type":"bedrock","api_key":"k"}"#, ["AWS_DEFAULT_REGION": "r"], "https://bedrock-runtime.r.amazonaws.com"),
    (#"{"type":"vertex","api_key":"k","project":"p"}"#, [:], "https://aiplatform.googleapis.com/v1"),
    (
      #"{"type":"vertex","api_key":"k","project":"p","location":"us-east5"}"#, [:],
      "https://us-east5-aiplatform.googleapis.com/v1"
    ),
    (#"{"type":"azure","api_key":"k","resource":"r"}"#, [:], "https://r.openai.azure.com"),
    (#"{"type":"azure","api_key":"k"}"#, ["AZURE_OPENAI_ENDPOINT": "https://r.x/"], "https://r.x"),
    (#"{"type":"azure","api_key":"k","base_url":"https://r.x/openai/v1/"}"#, [:], "https://r.x"),
    (
      #"{"type":"vertex-anthropic","api_key":"k","project":"p"}"#, [:],
      "https://aiplatform.googleapis.com/v1/projects/p/locations/global"
    ),
    (
      #"{"type":"cloudflare","api_key":"k","account_id":"7"}"#, [:],
      "https://api.cloudflare.com/client/v4/accounts/7/ai/v1"
    ),
    (
      #"{"type":"databricks","api_key":"k"}"#, ["DATABRICKS_HOST": "https://adb.net/"],
      "https://adb.net/serving-endpoints"
    ),
    (#"{"type":"databricks","api_key":"k","host":"h.net"}"#, [:], "https://h.net/serving-endpoints"),
    (#"{"type":"runpod","api_key":"k","deployment":"e1"}"#, [:], "https://api.runpod.ai/v2/e1/openai/v1"),
    (#"{"type":"ollama"}"#, [:], "http://127.0.0.1:11434"),
    (#"{"type":"ollama"}"#, ["OLLAMA_HOST": "0.0.0.0"], "http://127.0.0.1:11434"),
    (#"{"type":"ollama"}"#, ["OLLAMA_HOST": "box:99"], "http://box:99"),
    (#"{"type":"ollama"}"#, ["OLLAMA_HOST": "https://box/x"], "https://box/x"),
  ])
  func addresses(json: String, variables: [String: String], expected: String) throws {
    #expect(try endpoint(json, variables).baseURL == expected)
  }

  @Test(arguments: [
    (#"{"type":"bedrock","api_key":"k"}"#, "/region", "set AWS_REGION or AWS_DEFAULT_REGION"),
    (#"{"type":"azure","api_key":"k"}"#, "/resource", "set AZURE_RESOURCE_NAME"),
    (#"{"type":"databricks","api_key":"k"}"#, "/host", "set DATABRICKS_HOST"),
    (#"{"type":"vertex-anthropic","api_key":"k"}"#, "/project", "set GOOGLE_CLOUD_PROJECT"),
    (#"{"type":"openai","api_key":"k","base_url":"https://{nothing}"}"#, "/base_url", "nothing fills {nothing}"),
  ])
  func missingOnes(json: String, pointer: String, message: String) throws {
    let error = try #require(try refusal(json))
    #expect(error.param == pointer)
    #expect(error.message.contains(message), "\(error.message)")
  }

  @Test func awsCredentials() throws {
    let variables = ["AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "hush", "AWS_SESSION_TOKEN": "token"]
    let base = #"{"type":"bedrock","region":"r""#
    let fromVariables = try #require(try endpoint(base + "}", variables).awsCredentials)
    #expect(fromVariables.accessKeyID == "id" && fromVariables.secretAccessKey.text == "hush")
    #expect(fromVariables.sessionToken?.text == "token")
    let own = try endpoint(base + #","access_key_id":"mine","secret_access_key":"s"}"#, variables)
    #expect(own.awsCredentials?.accessKeyID == "mine" && own.awsCredentials?.sessionToken == nil)
    #expect(own.settings["secret_access_key"] == nil && own.settings["region"]?.string == "r")
    let error = try #require(try refusal(base + "}"))
    #expect(error.message.contains("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"))
  }
}

@Suite struct AutoDetectionTests {
  private func detected(_ variables: [String: String]) -> String? {
    AutoDetection.provider(in: FakeEnvironment(variables), catalog: Catalog.builtIn)?.name
  }

  @Test func theFirstKeyInOrderCounts() {
    #expect(detected([:]) == nil)
    #expect(detected(["GROQ_API_KEY": "k"]) == "groq")
    #expect(detected(["GROQ_API_KEY": "k", "ANTHROPIC_API_KEY": "k"]) == "anthropic")
    #expect(detected(["GROQ_API_KEY": "k", "ANTHROPIC_API_KEY": " "]) == "groq")
    #expect(detected(["GOOGLE_API_KEY": "k"]) == "gemini")
    #expect(detected(["GITHUB_TOKEN": "k"]) == nil)
  }

  @Test(arguments: AutoDetection.order.map(\.description)) func chosenOnesAreComplete(name: String) throws {
    let row = try #require(Catalog.builtIn.provider(name))
    let variable = try #require(row.keyVariables.first)
    #expect(detected([variable: "k"]) == name)
    let endpoint = try endpoint(#"{"type":"auto"}"#, [variable: "k"])
    #expect(endpoint.profile.name == name)
    #expect(endpoint.defaultModel != nil)
  }

  @Test func withoutAKeyTheMock() throws {
    #expect(try endpoint(#"{"type":"auto"}"#).profile.name == "mock")
  }

  @Test(arguments: AutoDetection.localCandidates.map(\.type.description)) func candidatesAreLocal(name: String) throws {
    let row = try #require(Catalog.builtIn.provider(name))
    #expect(row.quirks.isSuperset(of: [.isLocal, .keyOptional]))
  }
}
