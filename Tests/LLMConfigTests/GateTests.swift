import LLMCatalog
import LLMCore
import LLMTestSupport
import Testing

@testable import LLMConfig

struct GateTests {
  @Test func nothingIsOnUnlessGiven() throws {
    let gates = try endpoint(#"{"type":"mock"}"#).gates
    #expect(gates.limit == nil && gates.breaker == nil && gates.budget == nil && gates.store == nil)
    let shown = try validation(#"{"type":"mock"}"#)["resolved"]
    for key in ["rate_limit", "breaker", "budget", "store"] { #expect(shown?[named: key] == nil) }
  }

  @Test func anEmptyObjectIsTheDefaults() throws {
    let gates = try endpoint(#"{"type":"mock","rate_limit":{},"breaker":{},"budget":{"usd":1}}"#).gates
    let limit = try #require(gates.limit)
    #expect(limit.requests == 0 && limit.tokens == 0 && limit.concurrency == 0 && limit.queueLength == 1000)
    #expect(limit.queueTimeout == 120_000_000 && limit.window == 60_000_000 && limit.lease == 300_000_000)
    let breaker = try #require(gates.breaker)
    #expect(breaker.failures == 5 && breaker.trials == 1)
    #expect(breaker.window == 60_000_000 && breaker.openTime == 30_000_000)
    let budget = try #require(gates.budget)
    #expect(budget.nanoDollars == 1_000_000_000 && budget.period == .month && !budget.isOfKey)
    // The table says the same.
    let shown = try validation(#"{"type":"mock","rate_limit":{},"breaker":{},"budget":{"usd":1}}"#)["resolved"]
    #expect(shown?.int("rate_limit", "queue") == 1000)
    #expect(shown?.int("breaker", "open_ms") == 30_000)
    #expect(shown?.string("budget", "per") == "month")
  }

  @Test func everyKeyIsRead() throws {
    let gates = try endpoint(
      """
      {"type":"mock",
       "rate_limit":{"requests_per_minute":1,"tokens_per_minute":2,"concurrency":3,"queue":4,"queue_timeout_ms":5,
                     "window_ms":600,"lease_ms":700},
       "breaker":{"failures":8,"window_ms":9,"open_ms":10,"half_open":11},
       "budget":{"usd":0.000000012,"per":"hour","scope":"key"},
       "store":{"type":"file","path":"/x"}}
      """
    ).gates
    let limit = try #require(gates.limit)
    #expect(limit.requests == 1 && limit.tokens == 2 && limit.concurrency == 3 && limit.queueLength == 4)
    #expect(limit.queueTimeout == 5000 && limit.window == 600_000 && limit.lease == 700_000)
    let breaker = try #require(gates.breaker)
    #expect(breaker.failures == 8 && breaker.window == 9000 && breaker.openTime == 10_000 && breaker.trials == 11)
    let budget = try #require(gates.budget)
    #expect(budget.nanoDollars == 12 && budget.period == .hour && budget.isOfKey)
    #expect(gates.store?.string("path") == "/x")
  }

  @Test(arguments: [("hour", BudgetSettings.Period.hour), ("day", .day), ("month", .month), ("total", .total)])
  func periods(word: String, period: BudgetSettings.Period) throws {
    #expect(try endpoint(#"{"type":"mock","budget":{"usd":1,"per":"\#(word)"}}"#).gates.budget?.period == period)
  }

  @Test func aRegisteredStoreKnowsItsOwnKeys() throws {
    let store = try endpoint(#"{"type":"mock","store":{"type":"redis","url":"redis://u:p@x","password":"secret"}}"#)
      .gates.store
    #expect(store?.string("password") == "secret")
    let shown = try validation(#"{"type":"mock","store":{"type":"redis","url":"redis://u:p@x","password":"secret"}}"#)
    #expect(shown.bool("valid") == true)
    #expect(!shown.text.contains("secret") && !shown.text.contains("u:p"))
  }

  @Test func aRequestHasAPriority() throws {
    let settings = try RequestSettings(JSON.parse(#"{"priority":-7}"#)).over(CallSettings())
    #expect(settings.priority == -7)
    #expect(throws: LLMError.self) { try RequestSettings(JSON.parse(#"{"priority":"high"}"#)).over(CallSettings()) }
  }
}
