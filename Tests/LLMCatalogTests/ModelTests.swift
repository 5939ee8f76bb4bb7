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
    let rows = lines.filter { !Self.isRule($0) }
    #expect(lines.prefix { Self.isRule($0) }.count == lines.count - rows.count, "rules stand before the rows")
    for line in lines where Self.isRule(line) { Self.checkWords(of: line) }
    let models = ModelTable.models(of: provider)
    #expect(models.count == rows.count && !models.isEmpty)
    #expect(Set(models.map { $0.id }).count == models.count)
    for (line, model) in zip(rows, models) {
      let columns = line.split(separator: " ")
      #expect(columns.count >= 2)
      #expect(columns.dropFirst().prefix(6).allSatisfy { $0 == "-" || Double($0) != nil }, "\(line)")
      Self.checkWords(of: line)
      #expect(model.deprecatedOn == nil || model.deprecatedOn?.utf8.count == 10)
      #expect(model.contextWindow < 100_000_000 && model.inputPrice < 1000 && model.outputPrice < 1000)
      #expect(!model.label.isEmpty)
    }
  }

  private static func isRule(_ line: Substring) -> Bool { line.prefix { $0 != " " }.last == "*" }

  /// Letters and words are among those that are read.
  private static func checkWords(of line: Substring) {
    let columns = line.split(separator: " ").dropFirst(7)
    #expect(columns.first?.allSatisfy { "tpjvafrcekRCT!-".contains($0) } ?? true, "\(line)")
    for word in columns.dropFirst() {
      let pieces = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard pieces.count == 2 else {
        #expect(word.prefix(10).wholeMatch(of: /\d{4}-\d\d-\d\d/) != nil, "\(line)")
        #expect(word.count == 10 || word.dropFirst(10).first == ">" && word.count > 11, "\(line)")
        continue
      }
      let values = pieces[1].split(separator: ",").map(String.init)
      switch pieces[0] {
      case "no", "thinking_no": #expect(values.allSatisfy { ModelRefusals(name: $0) != nil }, "\(line)")
      case "effort": #expect(!values.isEmpty && values.allSatisfy { ReasoningEffort(name: $0) != nil }, "\(line)")
      case "search", "call": #expect(Double(pieces[1]) != nil, "\(line)")
      case "as_of": #expect(pieces[1].wholeMatch(of: /\d{4}-\d\d-\d\d/) != nil, "\(line)")
      case "peak":
        #expect(pieces[1].wholeMatch(of: /x?[\d.,x-]+\/\d+-\d+(,\d+-\d+)*(\/[1-7]-[1-7])?/) != nil, "\(line)")
      default:
        let key = pieces[0]
        let isKnown =
          ["long", "think", "audio", "image"].contains(key) || key.first == "@" && key.count > 1
          || key.first == ">" && Int(key.dropFirst()) != nil
        #expect(isKnown, "\(line)")
        #expect(
          values.allSatisfy { $0 == "-" || Double($0.first == "x" ? String($0.dropFirst()) : $0) != nil }, "\(line)")
      }
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
    #expect(!mini.cacheWritePrice.isKnown)
    #expect(mini.capabilities.isSuperset(of: [.tools, .toolChoice, .parallelTools, .jsonSchema, .vision, .streaming]))
    #expect(!mini.capabilities.contains(.reasoning))
    #expect(mini.label == "GPT 4.1 Mini")
    #expect(mini.dialect == nil && mini.deprecatedOn == "2027-01-14" && mini.successor == "gpt-6-luna")
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
    #expect(found.inputPrice.isKnown)
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
    #expect(!found.inputPrice.isKnown && !found.outputPrice.isKnown && found.dialect == nil)
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
