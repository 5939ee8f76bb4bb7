import LLMCore
import Testing

@testable import LLMCatalog
@testable import LLMConfig

/// What a row of text can say.
@Suite struct ModelRowTests {
  /// A row, read over rules.
  static func model(_ line: StaticString, rules: StaticString = "") -> ModelProfile {
    var columns = TableColumns(line.utf8Bytes, separator: UInt8(ascii: " "))
    let id = columns.text ?? ""
    return ModelTable.profile(id, &columns, ModelTable.matching(id, rules.utf8Bytes), provider: "p")
  }

  private func prices(_ prices: ModelPrices) -> [Double] { PricedUnit.changeable.map { prices[$0].dollarsPerMillion } }

  @Test func anAbilityHasThreeValues() {
    let model = Self.model("m 1000 100 1 2 - - tjr!va")
    #expect(model.capabilities.contains([.tools, .jsonSchema, .reasoning]))
    #expect(model.lacks == [.vision, .audioInput])
    #expect(!model.capabilities.contains(.files) && !model.lacks.contains(.files))
    #expect(!model.capabilities.contains(.promptCache))
    #expect(Self.model("m - - 1 2 0.1").capabilities.contains(.promptCache))
  }

  @Test func theEndAndWhatFollows() {
    let model = Self.model("m - - 1 2 - - t 2026-12-11>maker/n-6.1")
    #expect(model.deprecatedOn == "2026-12-11" && model.successor == "maker/n-6.1")
    let bare = Self.model("m - - 1 2 - - t 2026-12-11")
    #expect(bare.deprecatedOn == "2026-12-11" && bare.successor == nil)
  }

  @Test func whatItRefuses() {
    let model = Self.model("m - - - - - - tT no=prefill,top_k thinking_no=sampling effort=none,low,high")
    #expect(model.needsResponsesForTools && model.dialect == nil)
    #expect(model.refusals(nil) == [.prefill, .topK] && !model.thinks(nil))
    #expect(model.refusals("high").isSuperset(of: [.temperature, .topP, .penalties, .prefill]))
    #expect(ReasoningEffort.minimal.nearest(among: model.efforts) == .low)
    #expect(ReasoningEffort.max.nearest(among: model.efforts) == .high)
    #expect(ReasoningEffort.none.nearest(among: [.medium, .low]) == .low)
    #expect(ReasoningEffort.xhigh.nearest(among: []) == .xhigh)
  }

  @Test func otherPrices() {
    let model = Self.model(
      "m - - 2.5 15 0.25 3.125 - >272000=5,22.5 @flex=x0.5 @priority=x2 @us=x1.1 long=x2 audio=32,64 search=10 call=5")
    let all = model.prices
    func current(_ prompt: Int64, _ modes: [String] = []) -> [Double] {
      prices(all.current(prompt: prompt, modes: modes, at: 0))
    }
    #expect(current(272_000) == [2.5, 15, 0.25, 3.125])
    #expect(current(272_001) == [5, 22.5, 0.5, 6.25])
    #expect(current(1, ["flex"]) == [1.25, 7.5, 0.125, 1.5625])
    #expect(current(300_000, ["PRIORITY", "us"]) == [11, 49.5, 1.1, 13.75])
    #expect(current(1, ["default", "standard"]) == [2.5, 15, 0.25, 3.125])
    #expect(all[.cacheWriteLong] == 5 && all[.audioInput] == 32 && all[.audioOutput] == 64)
    #expect(all[.search].picodollars == Price.dollar / 100 && all[.call].picodollars == Price.dollar / 200)
    let flex = all.current(prompt: 1, modes: ["flex"], at: 0)
    #expect(flex[.audioInput] == 16 && flex[.audioOutput] == 32 && flex[.search] == all[.search])
  }

  @Test func hours() {
    let model = Self.model("m - - 0.15 0.6 0.003 - - peak=x2/1-4,6-10/1-5")
    func input(at time: Int64) -> Double {
      model.prices.current(prompt: 1, modes: [], at: time)[.input].dollarsPerMillion
    }
    // Saturday, 28 November 2026, 02:00 UTC; Friday at 00:59, 01:00, 03:59, 04:00, 06:00, 10:00.
    #expect(input(at: 1_795_831_200) == 0.15)
    let friday: Int64 = 1_795_737_600
    #expect(input(at: friday + 3599) == 0.15 && input(at: friday + 3600) == 0.3)
    #expect(input(at: friday + 4 * 3600 - 1) == 0.3 && input(at: friday + 4 * 3600) == 0.15)
    #expect(input(at: friday + 6 * 3600) == 0.3 && input(at: friday + 10 * 3600) == 0.15)
  }

  static let rules: StaticString = """
    x-* - - - - - - tv
    x-6* 1000 100 - - - - T no=sampling effort=medium,low,high @flex=x0.5 >1000=x2
    """

  @Test func aRuleStandsForItsFamily() {
    let row = Self.model("x-6-a 2000 - 4 8 - - j!v effort=low,high", rules: Self.rules)
    #expect(row.capabilities.contains([.tools, .jsonSchema]) && row.lacks == .vision && row.needsResponsesForTools)
    #expect(row.efforts == [.low, .high] && row.refusals == .sampling)
    #expect(row.contextWindow == 2000 && row.maxOutput == 100)
    #expect(prices(row.prices.current(prompt: 2000, modes: ["flex"], at: 0))[0] == 4)
    let back = Self.model("x-6-b - - 4 8 - - !T no= @flex=- >1000=-", rules: Self.rules)
    #expect(!back.needsResponsesForTools && back.refusals.isEmpty)
    #expect(back.prices.modes.isEmpty && back.prices.tiers.isEmpty)
    #expect(Self.model("x-5 - - 1 2", rules: Self.rules).efforts.isEmpty)
  }

  @Test(arguments: [
    ("mistral-medium-2099", "mistral"), ("gpt-9000", "openai"), ("mistral-small-209912", "mistral"), ("x*", "openai"),
  ])
  func whatHasNoVersionIsNotTaken(id: String, provider: String) {
    #expect(Catalog.builtIn.model(id, of: provider)?.inputPrice.isKnown != true)
  }

  /// A model that is not known yet is asked by its family's interface, and no price is made up for it.
  @Test(arguments: [("gpt-6.9-nova", "openai"), ("gpt-6.9-nova-2027-01-01", "azure")])
  func theNextOfAFamily(id: String, provider: String) throws {
    let model = try #require(Catalog.builtIn.model(id, of: provider))
    #expect(model.id == id && model.provider == provider && model.needsResponsesForTools)
    #expect(!model.inputPrice.isKnown && !model.efforts.isEmpty && model.asOf == nil)
  }

  @Test func aRegionHasItsPrices() {
    let model = Self.model("m - - 2 10 - - - >100=4,15 @region=x1.1 @us-gov=x1.2")
    #expect(prices(model.prices.served("us-gov"))[0] == 2.4)
    #expect(prices(model.prices.served("us-gov").current(prompt: 200, modes: [], at: 0)).prefix(2) == [4.8, 18])
    #expect(prices(model.prices.served("nowhere"))[0] == 2)
  }

  @Test func arithmeticIsExact() {
    let model = Self.model("m - - 0.0625 0.1 0.005 - -")
    #expect(model.inputPrice.picodollars == 62_500 && model.cacheReadPrice.picodollars == 5000)
    #expect(model.outputPrice.scaled(by: 11, over: 10).picodollars == 110_000)
    #expect(Price(picodollars: 3).scaled(by: 1, over: 2).picodollars == 2)
    #expect(Price(dollars: 1.4999999999999999e-07, per: 1).picodollars == 150_000)
    #expect(Price(dollars: .infinity).isKnown && !Price(dollars: -1).isKnown && !Price(dollars: .nan).isKnown)
    #expect(Price(picodollars: .max).times(.max) > 0 && Price.unknown.times(5) == 0)
    #expect(Price(picodollars: 1 << 50).scaled(by: .max, over: 1).isKnown)
  }
}
