import LLMCore
import Testing

@testable import LLMCatalog
@testable import LLMConfig

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
    for unit in [PricedUnit.cacheRead, .cacheWrite] { model.prices[unit] = .unknown }
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

  @Test func rankingIsPaidByTheSearch() throws {
    let model = ModelRowTests.model("m - - - - - - k search=2")
    #expect(model.purpose == .rerank && model.capabilities == .rerank)
    var tokens = PaidTokens(prompt: nil, completion: nil)
    #expect(Catalog.cost(of: tokens, model: model) == nil)
    tokens.details.searches = 3
    #expect(Catalog.cost(of: tokens, model: model)?.total == Cost.dollar * 6 / 1000)
  }

  /// Thinking with a price of its own, and a fee for each call.
  @Test func thinkingAndCalls() throws {
    let model = ModelRowTests.model("m - - 2 8 - - r think=3 call=5")
    let tokens = PaidTokens(prompt: 1000, completion: 500, reasoning: 200)
    let cost = try #require(Catalog.cost(of: tokens, model: model))
    #expect(cost.output == 300 * 8_000_000 + 200 * 3_000_000 && cost.call == Cost.dollar / 200)
    #expect(cost.total == cost.input + cost.output + cost.call)
  }
}
