import LLMCore
import Testing

@testable import LLMCatalog
@testable import LLMConfig

@Suite struct ModelTests {
  private static let providers = Models.sections.map { $0.provider.description }

  private func model(_ id: String, _ provider: String) -> ModelProfile? { Catalog.builtIn.model(id, of: provider) }

  @Test(arguments: providers) func rowsAreSane(provider: String) throws {
    #expect(Catalog.builtIn.provider(provider) != nil)
    let section = try #require(Models.sections.first { $0.provider.description == provider })
    let lines = section.rows.description.split(separator: "\n")
    let models = ModelTable.models(of: provider)
    #expect(models.count == lines.count && !models.isEmpty)
    #expect(Set(models.map { $0.id }).count == models.count)
    for (line, model) in zip(lines, models) {
      let columns = line.split(separator: " ")
      #expect((2...9).contains(columns.count), "\(line)")
      #expect(columns.dropFirst().prefix(6).allSatisfy { $0 == "-" || Double($0) != nil }, "\(line)")
      if columns.count > 7 { #expect(columns[7].allSatisfy { "tpjvafrceR-".contains($0) }, "\(line)") }
      #expect(model.deprecatedOn == nil || model.deprecatedOn?.utf8.count == 10)
      #expect(model.contextWindow < 100_000_000 && model.inputPrice < 1000 && model.outputPrice < 1000)
      #expect(!model.label.isEmpty)
    }
  }

  @Test func theTableIsSmall() {
    let bytes = Models.sections.reduce(0) { $0 + $1.rows.utf8CodeUnitCount }
    #expect(bytes < 150 << 10)
    #expect(Models.sections.reduce(0) { $0 + ModelTable.models(of: $1.provider.description).count } > 1000)
  }

  @Test func aRowIsReadInFull() throws {
    let mini = try #require(model("gpt-4.1-mini", "openai"))
    #expect(mini.contextWindow == 1_047_576 && mini.maxOutput == 32_768)
    #expect(mini.inputPrice == 0.4 && mini.outputPrice == 1.6 && mini.cacheReadPrice == 0.1)
    #expect(mini.cacheWritePrice < 0)
    #expect(mini.capabilities.isSuperset(of: [.tools, .toolChoice, .parallelTools, .jsonSchema, .vision, .streaming]))
    #expect(!mini.capabilities.contains(.reasoning))
    #expect(mini.label == "GPT 4.1 Mini")
    #expect(mini.dialect == nil && mini.deprecatedOn == nil)
    #expect(model("gpt-5-pro", "openai")?.dialect == .openAIResponses)
    let embedding = try #require(model("text-embedding-3-small", "openai"))
    #expect(embedding.purpose == .embedding && embedding.capabilities == .embeddings && embedding.maxOutput == 0)
  }

  @Test func everyDefaultModelOfALargeServiceHasARow() throws {
    let openings = Set(Self.providers)
    for row in Catalog.builtIn.providers where openings.contains(row.name) && AutoDetection.isCandidate(row.name) {
      let id = try #require(row.defaultModel)
      let known = try #require(model(id, row.name), "\(row.name) \(id)")
      #expect(known.purpose == .chat)
    }
  }

  @Test(arguments: [
    ("gpt-4.1-mini-2099-01-01", "openai", "gpt-4.1-mini"),
    ("gpt-4.1-mini-20990101", "openai", "gpt-4.1-mini"),
    ("openai/gpt-4.1-mini", "openai", "gpt-4.1-mini"),
    ("models/gemini-2.5-flash", "gemini", "gemini-2.5-flash"),
    ("gemini-2.5-flash-001", "gemini", "gemini-2.5-flash"),
    ("publishers/google/models/gemini-2.5-flash", "vertex", "gemini-2.5-flash"),
    ("claude-opus-5@20990101", "anthropic", "claude-opus-5"),
    ("claude-opus-5-latest", "anthropic", "claude-opus-5"),
    ("us.amazon.nova-lite-v1:0", "bedrock", "amazon.nova-lite-v1:0"),
    ("global.amazon.nova-lite-v1:0:24k", "bedrock", "amazon.nova-lite-v1:0"),
    (
      "arn:aws:bedrock:us-east-1:1:inference-profile/us.amazon.nova-lite-v1:0", "bedrock",
      "amazon.nova-lite-v1:0"
    ),
    ("ft:gpt-4o-mini-2024-07-18:org::id", "openai", "ft:gpt-4o-mini-2024-07-18"),
    ("gpt-4.1-mini:latest", "openai", "gpt-4.1-mini"),
  ])
  func fallbacks(id: String, provider: String, row: String) throws {
    let found = try #require(model(id, provider))
    let meant = try #require(model(row, provider))
    #expect(found.id == id && found.provider == provider)
    #expect(found.contextWindow == meant.contextWindow && found.inputPrice == meant.inputPrice)
    #expect(found.inputPrice >= 0)
  }

  @Test(arguments: [
    ("anthropic/claude-opus-5", "openrouter", "claude-opus-5", "anthropic"),
    ("anthropic/claude-haiku-4.5:free", "openrouter", "claude-haiku-4-5", "anthropic"),
    ("zai-org/GLM-4.6", "baseten", "glm-4.6", "zai"),
    ("openai/gpt-5-pro", "vercel", "gpt-5-pro", "openai"),
    ("glm-4.6", "zhipu", "glm-4.6", "zai"),
  ])
  func anothersRowsCountWithoutPrices(id: String, provider: String, row: String, vendor: String) throws {
    let found = try #require(model(id, provider))
    let meant = try #require(model(row, vendor))
    #expect(found.contextWindow == meant.contextWindow && found.capabilities == meant.capabilities)
    #expect(found.inputPrice < 0 && found.outputPrice < 0 && found.dialect == nil)
    #expect(found.provider == provider)
  }

  @Test(arguments: [
    ("gpt-9000", "openai"), ("gpt-4.1-mini", "nowhere"), ("", "openai"), ("/", "openai"), (":", "openai"),
    ("-", "openai"), ("gpt", "openai"), ("nobody/gpt-4.1", "openrouter"), ("@", "gemini"),
  ])
  func unknown(id: String, provider: String) { #expect(model(id, provider) == nil) }

  @Test func azureServesOpenAIsModels() throws {
    let inherited = Catalog.builtIn.models(of: "azure").map { $0.id }
    #expect(Set(inherited).count == inherited.count)
    let missing = ModelTable.models(of: "openai").map { $0.id }.filter { !inherited.contains($0) }
    #expect(missing.isEmpty)
    let own = Set(ModelTable.models(of: "azure").map { $0.id })
    let other = try #require(ModelTable.models(of: "openai").first { !own.contains($0.id) && $0.inputPrice > 0 })
    #expect(model(other.id, "azure")?.inputPrice == other.inputPrice)
  }

  @Test(arguments: [
    ("claude-sonnet-4-5", "Claude Sonnet 4.5"), ("gpt-4o-mini", "GPT 4o Mini"), ("glm-4.6", "GLM 4.6"),
    ("meta-llama/Llama-3.3-70B-Instruct", "Llama 3.3 70B Instruct"), ("gpt-4o-2024-08-06", "GPT 4o 2024 08 06"),
    ("o3", "O3"), ("", ""),
  ])
  func labels(id: String, label: String) { #expect(modelLabel(of: id) == label) }

  @Test func descriptions() throws {
    let description = Catalog.builtIn.describe(try #require(model("gpt-4.1-mini", "openai")))
    #expect(description["id"]?.string == "gpt-4.1-mini")
    #expect(description["context_window"]?.int == 1_047_576)
    #expect(description["prices"]?["input"]?.double == 0.4)
    #expect(description["prices"]?["per_tokens"]?.int == 1_000_000)
    #expect(description["prices"]?["cache_write"] == nil)
    let bare = Catalog.builtIn.describe(ModelProfile(provider: "p", id: "m"))
    #expect(
      bare.text == #"{"id":"m","object":"model","provider":"p","label":"m","type":"chat"}"#)
  }
}

extension AutoDetection {
  fileprivate static func isCandidate(_ name: String) -> Bool { order.contains { $0.description == name } }
}

@Suite struct PricingTests {
  private let model = ModelProfile(
    provider: "p", id: "m", inputPrice: 3, outputPrice: 15, cacheReadPrice: 0.3, cacheWritePrice: 3.75)

  private func cost(_ usage: String, _ model: ModelProfile) throws -> String? {
    let usage = try JSON.parse(usage)
    let tokens = PaidTokens(
      prompt: usage.int("prompt_tokens"), completion: usage.int("completion_tokens"),
      cached: usage.int("prompt_tokens_details", "cached_tokens"),
      cacheWrite: usage.int("prompt_tokens_details", "cache_write_tokens"))
    guard let cost = Catalog.cost(of: tokens, model: model) else { return nil }
    let buffer = ByteBuffer()
    cost.write(to: JSONText(buffer))
    return buffer.string.replacing("\"cost\":", with: "")
  }

  @Test func plain() throws {
    #expect(
      try cost(#"{"prompt_tokens":1000,"completion_tokens":200}"#, model)
        == #"{"input":0.003,"output":0.003,"total":0.006,"currency":"USD"}"#)
  }

  @Test func cached() throws {
    // 100 plain at 3, 700 read at 0.3, 200 written at 3.75, 10 out at 15 dollars for a million.
    let usage =
      #"{"prompt_tokens":1000,"completion_tokens":10,"prompt_tokens_details":{"cached_tokens":700,"cache_write_tokens":200}}"#
    #expect(
      try cost(usage, model)
        == #"{"input":0.0003,"output":0.00015,"cache_read":0.00021,"cache_write":0.00075,"total":0.00141,"currency":"USD"}"#
    )
  }

  @Test func cachedTokensOfUnknownPriceCostAsOthers() throws {
    let model = model.copy()
    (model.cacheReadPrice, model.cacheWritePrice) = (-1, -1)
    let usage = #"{"prompt_tokens":1000,"completion_tokens":0,"prompt_tokens_details":{"cached_tokens":400}}"#
    #expect(
      try cost(usage, model)
        == #"{"input":0.0018,"output":0.0,"cache_read":0.0012,"total":0.003,"currency":"USD"}"#)
  }

  @Test func sumsAreWithoutNoise() throws {
    let model = ModelProfile(provider: "p", id: "m", inputPrice: 0.1, outputPrice: 0.2)
    #expect(
      try cost(#"{"prompt_tokens":1000000,"completion_tokens":1000000}"#, model)
        == #"{"input":0.1,"output":0.2,"total":0.3,"currency":"USD"}"#)
  }

  @Test func embeddingsHaveNoOutput() throws {
    let model = ModelProfile(provider: "p", id: "m", purpose: .embedding, inputPrice: 0.02)
    #expect(
      try cost(#"{"prompt_tokens":500000}"#, model)
        == #"{"input":0.01,"output":0.0,"total":0.01,"currency":"USD"}"#)
  }

  @Test(arguments: [
    #"{}"#, #"{"prompt_tokens":-1}"#, #"{"prompt_tokens":"many"}"#, #"{"prompt_tokens":9223372036854775807}"#,
  ])
  func noTokensNoCost(usage: String) throws { #expect(try cost(usage, model) == nil) }

  @Test func noPricesNoCost() throws {
    #expect(try cost(#"{"prompt_tokens":1}"#, ModelProfile(provider: "p", id: "m")) == nil)
    #expect(try cost(#"{"prompt_tokens":1}"#, ModelProfile(provider: "p", id: "m", inputPrice: 1)) == nil)
  }

  @Test func moreCachedThanSentIsNoRefund() throws {
    let usage = #"{"prompt_tokens":10,"completion_tokens":0,"prompt_tokens_details":{"cached_tokens":20}}"#
    #expect(
      try cost(usage, model)
        == #"{"input":0.0,"output":0.0,"cache_read":0.000006,"total":0.000006,"currency":"USD"}"#)
  }
}
