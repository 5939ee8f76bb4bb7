import LLMCatalog
import LLMCore
import LLMTestSupport
import Testing

@testable import LLMConfig

@Suite struct RouterConfigTests {
  private final class Variables: Environment {
    func value(of name: String) -> String? { ["NAME": "fast", "KEY": "sk-from-env", "TO": "big"][name] }
  }

  private let openai = #"{"type":"openai","api_key":"k","model":"gpt-4o-mini"}"#

  private func plan(_ members: String) throws -> RouterPlan {
    try RouterReading.plan(
      of: JSON.parse("{\"type\":\"router\",\(members)}"), environment: Variables(), catalog: Catalog.builtIn)
  }

  private func problems(_ members: String) throws -> [String] {
    RouterReading.validate(
      try JSON.parse("{\"type\":\"router\",\(members)}"), environment: Variables(), catalog: Catalog.builtIn
    ).elements("errors").map { "\($0.string("param") ?? "") \($0.string("message") ?? "")" }
  }

  @Test func everythingSaidIsHeard() throws {
    let plan = try plan(
      """
      "name":"gate","strategy":"weighted","cooldown_ms":70,"hedge":{"after_ms":300},"model":"big","bypass_model":true,
      "timeout":{"total_ms":9000},
      "providers":{"one":{"type":"groq","api_key":"${KEY}"}},
      "models":[{"name":"${NAME}","provider":\(openai),"weight":3},{"name":"big","provider":"one","model":"llama"},
        {"name":"gpt-4o","provider":{"type":"openai","api_key":"k"}},
        {"name":"usual","provider":{"type":"openai","api_key":"k"}}],
      "fallbacks":{"fast":["${TO}",{"on":"context_length","to":"one/other"}]}
      """)
    #expect(plan.name == "gate" && plan.strategy == "weighted" && plan.usualGroup == "big" && plan.bypassesModel)
    #expect(plan.cooldown == .milliseconds(70) && plan.hedges && plan.hedgeDelay == .milliseconds(300))
    #expect(plan.call.totalTimeout == .milliseconds(9000))
    #expect(plan.members.map { $0.group } == ["fast", "big", "gpt-4o", "usual"])
    // Its own model, the entry's, the group's name where the provider has it, what is usual there.
    #expect(plan.members.map { $0.model } == ["gpt-4o-mini", "llama", "gpt-4o", "gpt-6-luna"])
    #expect(plan.members.map { $0.weight } == [3, 1, 1, 1])
    #expect(plan.endpoints[plan.members[1].place].name == "one")
    #expect(plan.endpoints[plan.members[1].place].apiKey?.revealed == "sk-from-env")
    #expect(plan.rules.map { $0.destination } == ["big", "one/other"])
    #expect(plan.rules.map { $0.code } == [nil, .contextLength])
  }

  @Test func severalModelsShareAProvider() throws {
    let plan = try plan(
      """
      "providers":{"one":\(openai)},
      "models":[{"name":"a","provider":"one"},{"name":"b","provider":"one","model":"gpt-4o"}]
      """)
    #expect(plan.endpoints.count == 1)
    #expect(plan.members.map { $0.place } == [0, 0])
    #expect(plan.members.map { $0.model } == ["gpt-4o-mini", "gpt-4o"])
  }

  @Test(arguments: [
    (
      #""models":[{"name":"a","provider":{"type":"openai","api_key":"k","api_kye":"k"}}]"#, "/models/0/provider/api_kye"
    ),
    (#""models":[{"name":"a","provider":{"type":"openai"}}]"#, "/models/0/provider/api_key"),
    (#""models":[{"name":"a","provider":{"type":"opnai"}}]"#, "/models/0/provider/type"),
    (#""models":[{"name":"a","provider":{"type":"openai","api_key":"${NONE}"}}]"#, "/models/0/provider/api_key"),
    (#""models":[{"name":"a","provider":{"type":"router"}}]"#, "/models/0/provider/type"),
    (#""models":[{"name":"a","provider":"two"}]"#, "/models/0/provider"),
    (#""models":[{"name":"a"}]"#, "/models/0/provider"),
    (#""models":[{"provider":{"type":"mock"}}]"#, "/models/0/name"),
    (#""models":[{"name":"a","provider":{"type":"mock"},"wieght":1}]"#, "/models/0/wieght"),
    (#""models":[{"name":"a","provider":{"type":"mock"},"weight":-1}]"#, "/models/0/weight"),
    (#""models":[{"name":"a","provider":{"type":"mock"},"weight":"x"}]"#, "/models/0/weight"),
    (#""models":[7]"#, "/models/0"), (#""models":[]"#, "/models"), (#""name":"x""#, "/models"),
    (#""models":[{"name":"a","provider":{"type":"mock"}}],"strategy":"best""#, "/strategy"),
    (#""models":[{"name":"a","provider":{"type":"mock"}}],"startegy":"fallback""#, "/startegy"),
    (#""models":[{"name":"a","provider":{"type":"mock"}}],"api_key":"k""#, "/api_key"),
    (#""models":[{"name":"a","provider":{"type":"mock"}}],"fallbacks":{"b":["a"]}"#, "/fallbacks/b"),
    (#""models":[{"name":"a","provider":{"type":"mock"}}],"fallbacks":{"a":["b"]}"#, "/fallbacks/a/0"),
    (#""models":[{"name":"a","provider":{"type":"mock"}}],"fallbacks":{"a":"b"}"#, "/fallbacks/a"),
    (
      #""models":[{"name":"a","provider":{"type":"mock"}}],"fallbacks":{"a":[{"on":"x","to":"a"}]}"#,
      "/fallbacks/a/0/on"
    ),
    (
      #""models":[{"name":"a","provider":{"type":"mock"}}],"fallbacks":{"a":[{"on":"timeout","to":"b"}]}"#,
      "/fallbacks/a/0/to"
    ),
    (#""models":[{"name":"a","provider":{"type":"mock"}}],"fallbacks":{"a":[{"to":"a"}]}"#, "/fallbacks/a/0"),
    (#""models":[{"name":"a","provider":{"type":"mock"}}],"model":"b""#, "/model"),
    (#""models":[{"name":"a","provider":{"type":"mock"}}],"hedge":{"after":1}"#, "/hedge/after"),
    (#""models":[{"name":"a","provider":{"type":"mock"}}],"plugins":[1]"#, "/plugins/0"),
    (#""providers":{"p":{"type":"opnai"}},"models":[{"name":"a","provider":{"type":"mock"}}]"#, "/providers/p/type"),
  ])
  func aProblemIsNamedWithItsPlace(members: String, pointer: String) throws {
    let found = try problems(members)
    #expect(found.map { String($0.prefix { $0 != " " }) } == [pointer], "\(found)")
    #expect(throws: LLMError.self) { try plan(members) }
  }

  @Test func allProblemsAreFound() throws {
    let found = try problems(
      #""strategy":"best","models":[{"name":"a","provider":{"type":"opnai"}},{"name":"b","provider":{"type":"openai"}}]"#
    )
    #expect(found.count == 3)
  }

  @Test func keysOfARouterAreForNobodyElse() throws {
    #expect(throws: LLMError.self) {
      try ConfigurationReader.endpoint(
        from: JSON.parse(#"{"type":"mock","strategy":"fallback"}"#), environment: Variables(), catalog: Catalog.builtIn)
    }
  }

  @Test func aFileStandsAlone() throws {
    let file = { (text: String) throws in
      try RouterReading.file(of: JSON.parse(text), environment: Variables())
    }
    #expect(try file(#"{"type":"router","file":"/etc/${NAME}.json","name":"x"}"#) == "/etc/fast.json")
    #expect(try file(#"{"type":"router","models":[]}"#) == nil)
    #expect(throws: LLMError.self) { try file(#"{"type":"router","file":"/x","models":[]}"#) }
    #expect(throws: LLMError.self) { try file(#"{"type":"router","file":7}"#) }
  }

  @Test func pluginsAreNamedWithTheirVariables() throws {
    let json = try JSON.parse(#"{"type":"router","plugins":["/lib/${NAME}.so"],"models":[]}"#)
    #expect(try RouterReading.plugins(of: json, environment: Variables()) == ["/lib/fast.so"])
  }

  @Test func theSchemaFollowsTheTable() throws {
    let schema = ConfigSchema.jsonSchema(for: RouterReading.profile)
    let properties = try #require(schema["properties"])
    let names = properties.members.map { $0.key }.sorted()
    #expect(
      names == [
        "bypass_model", "cooldown_ms", "fallbacks", "file", "hedge", "model", "models", "name", "plugins", "providers",
        "strategy", "timeout", "type",
      ])
    #expect(properties["models"]?["items"]?["properties"]?["weight"]?["default"]?.int == 1)
    #expect(properties["models"]?["items"]?["additionalProperties"]?.bool == false)
    let openai = try #require(Catalog.builtIn.provider("openai-compatible"))
    #expect(ConfigSchema.jsonSchema(for: openai)["properties"]?["strategy"] == nil)
  }
}
