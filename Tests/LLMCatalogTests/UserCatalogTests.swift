import Foundation
import LLMCore
import LLMTestSupport
import Testing

@testable import LLMCatalog
@testable import LLMConfig

@Suite struct UserCatalogTests {
  private func catalog(_ json: String) throws -> Catalog {
    Catalog.builtIn.adding(try UserCatalog(JSON.parse(json), over: .builtIn))
  }

  @Test func aProviderOfOnesOwn() throws {
    let catalog = try catalog(
      #"""
      {"providers":[{"name":"house","label":"The House","description":"Ours.","dialect":"anthropic-messages",
        "base_url":"https://llm.example.org","key_variables":["HOUSE_KEY"],"auth":{"header":"x-key","prefix":"Key "},
        "paths":{"chat":"/talk"},"quirks":["no_seed"],"capabilities":["streaming","tools"],"model":"big",
        "headers":{"X-Team":"a"},"base_url_variables":["HOUSE_URL"]}],
       "models":[{"provider":"house","id":"big","label":"Big","type":"chat","context_window":1000,
        "max_output_tokens":100,"prices":{"input":1,"output":2,"cache_read":0.1,"cache_write":1.25},
        "capabilities":["vision"],"deprecated_on":"2030-01-01","extra_params":{"top_k":5}}]}
      """#)
    let house = try #require(catalog.provider("house"))
    #expect(house.label == "The House" && house.dialect == .anthropicMessages && house.paths.chat == "/talk")
    #expect(house.quirks == .noSeed && house.capabilities == [.streaming, .tools] && house.headers[0].value == "a")
    guard case .prefixedHeader("x-key", "Key ") = house.auth else { throw Failure("auth \(house.auth)") }
    let big = try #require(catalog.model("big", of: "house"))
    #expect(big.contextWindow == 1000 && big.maxOutput == 100 && big.cacheWritePrice == 1.25)
    #expect(big.capabilities == .vision && big.extraParameters?.text == #"{"top_k":5}"#)
    #expect(catalog.models(of: "house").map { $0.id } == ["big"])
    #expect(catalog.providers.count == Catalog.builtIn.providers.count + 1)
    let endpoint = try endpoint(#"{"type":"house"}"#, ["HOUSE_KEY": "k"], catalog: catalog)
    #expect(endpoint.baseURL == "https://llm.example.org" && endpoint.defaultModel == "big")
    #expect(catalog.providerNames.contains("house"))
  }

  @Test func rowsAreLaidOverThoseBuiltIn() throws {
    let catalog = try catalog(
      #"""
      {"providers":[{"name":"openai","base_url":"https://proxy.example.org/v1"}],
       "models":[{"provider":"openai","id":"gpt-4.1-mini","prices":{"input":9}}]}
      """#)
    let openai = try #require(catalog.provider("openai"))
    #expect(openai.baseURL == "https://proxy.example.org/v1" && openai.keyVariables == ["OPENAI_API_KEY"])
    let mini = try #require(catalog.model("gpt-4.1-mini", of: "openai"))
    #expect(mini.inputPrice == 9 && mini.outputPrice == 1.6 && mini.contextWindow == 1_047_576)
    #expect(catalog.providers.count == Catalog.builtIn.providers.count)
    let ids = catalog.models(of: "openai").map { $0.id }
    #expect(ids.first == "gpt-4.1-mini" && Set(ids).count == ids.count)
    #expect(ids.count == Catalog.builtIn.models(of: "openai").count)
  }

  @Test func theLastFileCounts() throws {
    func user(_ price: Int) throws -> UserCatalog {
      try UserCatalog(
        JSON.parse(#"{"models":[{"provider":"openai","id":"m","prices":{"input":\#(price)}}]}"#), over: .builtIn)
    }
    let catalog = Catalog.builtIn.adding(try user(1)).adding(try user(2))
    #expect(catalog.model("m", of: "openai")?.inputPrice == 2)
    #expect(catalog.models(of: "openai").filter { $0.id == "m" }.count == 1)
  }

  @Test(arguments: [
    (#"[]"#, "expected object, found array"),
    (#"{"a":1}"#, "neither \"providers\" or \"models\" lists"),
    (#"{"models":[{"id":"m"}]}"#, "\"provider\" is missing at /models/0"),
    (#"{"models":[{"provider":"p"}]}"#, "\"id\" is missing at /models/0"),
    (#"{"models":[5]}"#, "expected object, found integer at /models/0"),
    (#"{"models":[{"provider":"p","id":"m","contxt_window":1}]}"#, "did you mean \"context_window\"?"),
    (#"{"models":[{"provider":"p","id":"m","context_window":"1"}]}"#, "at /models/0/context_window"),
    (#"{"models":[{"provider":"p","id":"m","prices":{"input":-1}}]}"#, "at /models/0/prices/input"),
    (#"{"models":[{"provider":"p","id":"m","capabilities":["visoin"]}]}"#, "did you mean \"vision\"?"),
    (#"{"models":[{"provider":"p","id":"m","type":"chatt"}]}"#, "did you mean \"chat\"?"),
    (#"{"models":[{"provider":"p","id":"m","extra_params":1}]}"#, "expected object, found integer"),
    (#"{"providers":[{"name":"p","dialect":"openai-chatt"}]}"#, "did you mean \"openai-chat\"?"),
    (#"{"providers":[{"name":"p","auth":"basic"}]}"#, "at /providers/0/auth"),
    (#"{"providers":[{"name":"p","quirks":["no_sed"]}]}"#, "did you mean \"no_seed\"?"),
    (#"{"providers":[{"name":"p","key_variables":"K"}]}"#, "expected array of strings"),
    (#"{"providers":[],"model":[]}"#, "did you mean \"models\"?"),
  ])
  func refusals(json: String, message: String) {
    let error = #expect(throws: LLMError.self) { try catalog(json) }
    #expect(error?.code == .invalidConfig)
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }

  @Test func liteLLMsPriceMap() throws {
    let catalog = try catalog(
      #"""
      {"sample_spec":{"litellm_provider":"one of them","mode":"chat"},
       "together_ai/maker/new":{"litellm_provider":"together_ai","mode":"chat","max_input_tokens":4096,
         "max_output_tokens":1024,"input_cost_per_token":1.5e-07,"output_cost_per_token":6e-07,
         "cache_read_input_token_cost":7.5e-08,"supports_function_calling":true,"supports_vision":true,
         "deprecation_date":"2031-02-03","search_context_cost_per_query":{}},
       "gpt-4.1-mini":{"litellm_provider":"openai","mode":"chat","input_cost_per_token":1e-06,"supports_vision":false},
       "vertex_ai/x":{"litellm_provider":"vertex_ai-ai21_models","mode":"chat","max_tokens":5},
       "o-pro":{"litellm_provider":"openai","mode":"responses"},
       "embed":{"litellm_provider":"somewhere","mode":"embedding","output_vector_size":768,"max_input_tokens":"lots"}}
      """#)
    let new = try #require(catalog.model("maker/new", of: "together"))
    #expect(new.inputPrice == 0.15 && new.outputPrice == 0.6 && new.cacheReadPrice == 0.075)
    #expect(new.contextWindow == 4096 && new.maxOutput == 1024 && new.deprecatedOn == "2031-02-03")
    #expect(new.capabilities == [.streaming, .jsonMode, .tools, .toolChoice, .vision])
    let mini = try #require(catalog.model("gpt-4.1-mini", of: "openai"))
    #expect(mini.inputPrice == 1 && mini.outputPrice == 1.6 && !mini.capabilities.contains(.vision))
    #expect(mini.capabilities.contains(.tools))
    #expect(catalog.model("o-pro", of: "openai")?.dialect == .openAIResponses)
    let embed = try #require(catalog.model("embed", of: "somewhere"))
    #expect(embed.purpose == .embedding && embed.dimensions == 768 && embed.contextWindow == 0)
    #expect(catalog.model("sample_spec", of: "one of them") == nil)
    #expect(catalog.models(of: "vertex").contains { $0.id == "x" })
  }

  @Test func liteLLMsPricesInFull() throws {
    let catalog = try catalog(
      #"""
      {"m":{"litellm_provider":"openai","mode":"chat","input_cost_per_token":2.5e-06,"output_cost_per_token":1.5e-05,
         "cache_read_input_token_cost":2.5e-07,"input_cost_per_token_above_272k_tokens":5e-06,
         "output_cost_per_token_above_272k_tokens":2.25e-05,"input_cost_per_token_flex":1.25e-06,
         "output_cost_per_token_flex":7.5e-06,"input_cost_per_token_priority":5e-06,
         "cache_creation_input_token_cost_above_1hr":5e-06,"input_cost_per_audio_token":3.2e-05,
         "search_context_cost_per_query":{"search_context_size_medium":0.01},"provider_specific_entry":{"us":1.1}},
       "dashscope/q":{"litellm_provider":"dashscope","mode":"chat","tiered_pricing":[
         {"input_cost_per_token":5e-08,"output_cost_per_token":4e-07,"range":[0,256000.0]},
         {"input_cost_per_token":2.5e-07,"output_cost_per_token":2e-06,"range":[256000.0,1000000.0]}]},
       "deepseek/d":{"litellm_provider":"deepseek","mode":"chat","input_cost_per_token":3e-07,
         "output_cost_per_token":1.2e-06,"off_peak_pricing":{"input_cost_per_token":1.5e-07,"output_cost_per_token":6e-07,
         "windows":[{"hours_utc":["00:00-01:00","04:00-06:00","10:00-00:00"],"weekdays":[1,2,3,4,5]},
           {"hours_utc":"00:00-00:00","weekdays":[6,7]}]}}}
      """#)
    func input(_ id: String, _ provider: String, prompt: Int64 = 1, _ modes: [String] = [], at time: Int64 = 0)
      -> Price?
    {
      catalog.model(id, of: provider)?.prices.current(prompt: prompt, modes: modes, at: time)[.input]
    }
    #expect(input("m", "openai") == 2.5 && input("m", "openai", prompt: 272_001) == 5)
    #expect(input("m", "openai", ["flex"]) == 1.25 && input("m", "openai", ["priority", "us"]) == 5.5)
    let prices = try #require(catalog.model("m", of: "openai")).prices
    #expect(prices[.audioInput] == 32 && prices[.cacheWriteLong] == 5)
    #expect(prices[.search].picodollars == Price.dollar / 100)
    #expect(input("q", "alibaba") == 0.05 && input("q", "alibaba", prompt: 256_001) == 0.25)
    // Friday, 27 November 2026.
    let friday: Int64 = 1_795_737_600
    #expect(input("d", "deepseek", at: friday) == 0.15 && input("d", "deepseek", at: friday + 3600) == 0.3)
    #expect(
      input("d", "deepseek", at: friday + 5 * 3600) == 0.15 && input("d", "deepseek", at: friday + 86_400) == 0.15)
  }

  /// The map's number is of input alone; the catalogue's of input and output.
  @Test func liteLLMsWindowIsNotTheWhole() throws {
    let own = try #require(Catalog.builtIn.model("gpt-5.1", of: "openai"))
    let catalog = try catalog(
      #"{"gpt-5.1":{"litellm_provider":"openai","mode":"chat","max_input_tokens":272000,"max_output_tokens":128000}}"#)
    #expect(catalog.model("gpt-5.1", of: "openai")?.contextWindow == own.contextWindow)
    #expect(own.contextWindow == 400_000)
  }

  @Test func filesAreNamedByTheConfiguration() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("catalog-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    func write(_ name: String, _ text: String) throws -> String {
      let file = folder.appendingPathComponent(name)
      try Data(text.utf8).write(to: file)
      return file.path
    }
    let first = try write(
      "a.json", #"{"providers":[{"name":"house","base_url":"https://h.example.org","auth":"none"}]}"#)
    let second = try write("b.json", #"{"models":[{"provider":"house","id":"m","context_window":7}]}"#)
    let broken = try write("c.json", "{")
    let endpoint = try endpoint(#"{"type":"house","catalog":["\#(first)","\#(second)"]}"#)
    #expect(endpoint.models.model("m", of: "house")?.contextWindow == 7)
    let single = try endpointName(#"{"type":"house","catalog":"\#(first)"}"#)
    #expect(single == "house")
    let error = try #require(try refusal(#"{"type":"openai","api_key":"k","catalog":["\#(second)","\#(broken)"]}"#))
    #expect(error.param == "/catalog/1" && error.message.contains("is no JSON"))
  }

  private func endpointName(_ json: String) throws -> String { try endpoint(json).name }
}
