import LLMConfig
import LLMCore
import Testing

@testable import LLMPolicy

private let dollar: Int64 = 1_000_000_000

struct BudgetTests {
  private let log = GateLog()

  private func budget(
    _ nanoDollars: Int64, _ period: BudgetSettings.Period = .day, store: StoreGuard? = nil
  ) -> Budget {
    var settings = BudgetSettings(nanoDollars: nanoDollars)
    settings.period = period
    return Budget(settings, GateContext("mine", store: store, listener: log), key: "budget")
  }

  /// Reserves and settles; the error where it was refused.
  @discardableResult
  private func spend(
    _ budget: Budget, _ estimate: Int64?, costs: Int64?, at now: Microseconds
  ) -> LLMError? {
    let pass = TestPass(nanoDollars: estimate)
    let answer = budget.ask(pass.pass, now: now)
    budget.settle(pass.pass, answer.isOpen ? .answered(tokens: nil, nanoDollars: costs) : .notSent, now: now)
    return answer.error
  }

  private func status(_ budget: Budget, at now: Microseconds) -> JSON? {
    let status = JSON.object()
    budget.fill(status, now: now)
    return status["budget"]
  }

  // MARK: Periods

  @Test(arguments: [
    ("2024-02-29T23:59:59", 1_709_251_199, 1_706_745_600, 1_709_251_200),
    ("2024-03-01T00:00:00", 1_709_251_200, 1_709_251_200, 1_711_929_600),
    ("2023-02-28T23:59:59", 1_677_628_799, 1_675_209_600, 1_677_628_800),
    ("2025-12-31T23:59:59", 1_767_225_599, 1_764_547_200, 1_767_225_600),
    ("2026-01-01T00:00:00", 1_767_225_600, 1_767_225_600, 1_769_904_000),
    ("2100-02-28T12:00:00", 4_107_499_200, 4_105_123_200, 4_107_542_400),
    ("1970-01-01T00:00:00", 0, 0, 2_678_400),
  ]) func monthsEnd(name: String, seconds: Int64, start: Int64, end: Int64) {
    let period = BudgetPeriod(.month, at: seconds * second + 999_999)
    #expect(period.start == start && period.end == end)
  }

  @Test func everyDayOfTheCalendarComesBack() {
    var (year, month, day): (Int64, Int64, Int64) = (1970, 1, 1)
    let lengths: [Int64] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    for number in Int64(0)..<80_000 {
      let date = CivilDate(daysSince1970: number)
      #expect(date.year == year && date.month == month && date.day == day)
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      day += 1
      if day > lengths[Int(month) - 1] + (month == 2 && isLeap ? 1 : 0) { (month, day) = (month + 1, 1) }
      if month > 12 { (year, month) = (year + 1, 1) }
    }
    #expect(CivilDate.timestamp(1_709_251_199) == "2024-02-29T23:59:59Z")
  }

  @Test func hoursAndDaysFollowTheClockInUTC() {
    let moment = 1_709_251_199 * second
    #expect(BudgetPeriod(.hour, at: moment).end == 1_709_251_200)
    #expect(BudgetPeriod(.hour, at: moment).start == 1_709_247_600)
    #expect(BudgetPeriod(.day, at: moment).start == 1_709_164_800)
    #expect(BudgetPeriod(.total, at: moment).end == .max)
  }

  // MARK: Money

  @Test func aCallThatWouldPassItIsRefused() throws {
    let budget = budget(dollar)
    let now = 1_709_251_000 * second
    #expect(spend(budget, 600_000_000, costs: 500_000_000, at: now) == nil)
    let error = try #require(spend(budget, 500_000_001, costs: 0, at: now))
    #expect(error.code == .budgetExceeded && !error.isRetryable)
    for part in ["\"mine\"", "0.5 of 1.0 US", "0.500000001", "2024-03-01T00:00:00Z"] {
      #expect(error.message.contains(part), "\(error.message)")
    }
    #expect(log.events == ["budget"])
    #expect(spend(budget, 500_000_000, costs: 500_000_000, at: now) == nil)
    #expect(spend(budget, 1, costs: 1, at: now) != nil)
    #expect(status(budget, at: now)?["spent_usd"]?.double == 1)
    #expect(status(budget, at: now)?["left_usd"]?.double == 0)
    // Another day.
    #expect(spend(budget, dollar, costs: dollar, at: now + 86_400 * second) == nil)
  }

  @Test func callsUnderWayCountWithTheirEstimate() {
    let budget = budget(10)
    let passes = (0..<12).map { _ in TestPass(nanoDollars: 1) }
    #expect(passes.filter { budget.ask($0.pass, now: 0).isOpen }.count == 10)
    for pass in passes { budget.settle(pass.pass, .notSent, now: 1) }
    #expect(status(budget, at: 1)?["spent_usd"]?.double == 0)
  }

  @Test func whatWasNotDeliveredCostsNothing() {
    let budget = budget(dollar)
    func end(_ error: LLMError) -> Double? {
      let before = status(budget, at: 0)?["spent_usd"]?.double ?? 0
      let pass = TestPass(nanoDollars: dollar / 10)
      _ = budget.ask(pass.pass, now: 0)
      budget.settle(pass.pass, .failed(error), now: 0)
      return status(budget, at: 0)?["spent_usd"]?.double.map { $0 - before }
    }
    #expect(end(LLMError(.connection, "", stage: .connect)) == 0)
    #expect(end(LLMError(.serverError, "", stage: .firstByte, status: 500)) == 0)
    // Nobody knows what was written before it broke off.
    #expect(end(LLMError(.streamTruncated, "", stage: .stream)) == 0.1)
  }

  @Test func costsAreChargedToThePeriodInWhichTheyWereReserved() {
    let budget = budget(dollar, .hour)
    let pass = TestPass(nanoDollars: dollar)
    #expect(budget.ask(pass.pass, now: 3599 * second).isOpen)
    #expect(spend(budget, dollar, costs: dollar, at: 3600 * second) == nil)
    budget.settle(pass.pass, .answered(tokens: nil, nanoDollars: 0), now: 3601 * second)
    #expect(spend(budget, 1, costs: 1, at: 3602 * second) != nil)
  }

  /// A machine that starts before its clock is set, a clock that is set back over the end of a period, and on again.
  @Test(arguments: [BudgetSettings.Period.hour, .day, .month]) func aClockThatWasAheadLeavesTheBudgetOn(
    period: BudgetSettings.Period
  ) {
    let budget = budget(dollar, period)
    let now = 1_709_251_000 * second
    let ahead = now + 3_650 * 86_400 * second
    #expect(spend(budget, dollar / 2, costs: dollar / 2, at: ahead) == nil)
    let sent = (0..<60).filter { _ in spend(budget, dollar / 10, costs: dollar / 10, at: now) == nil }
    #expect(sent.count == 10)
    #expect(status(budget, at: now)?["spent_usd"]?.double == 1)
    // The period of before is remembered.
    #expect(spend(budget, dollar, costs: 0, at: ahead) != nil)
    #expect(spend(budget, dollar / 10, costs: 0, at: now) != nil)
  }

  @Test func modelsWithoutPricesAreLetThroughAndTold() {
    let budget = budget(0)
    #expect(spend(budget, nil, costs: nil, at: 0) == nil)
    #expect(spend(budget, 0, costs: 0, at: 0) == nil)
    #expect(spend(budget, 1, costs: 0, at: 0) != nil)
    #expect(status(budget, at: 0)?.int("unpriced_calls") == 1)
    #expect(status(budget, at: 0)?.string("warning") != nil)
  }

  // MARK: Stores

  @Test func aStoreSharesAndKeepsIt() {
    let store = MemoryCounterStore()
    func process() -> Budget { budget(dollar, .month, store: StoreGuard(store, type: "memory")) }
    let now = 1_709_251_000 * second
    #expect(spend(process(), dollar / 2, costs: dollar / 2, at: now) == nil)
    let other = process()
    #expect(spend(other, dollar / 2 + 1, costs: 0, at: now) != nil)
    #expect(spend(other, dollar / 2, costs: dollar / 4, at: now) == nil)
    #expect(status(process(), at: now)?["spent_usd"]?.double == 0.75)
    #expect(spend(process(), dollar, costs: dollar, at: now + 86_400 * second) == nil)
  }

  @Test func whatALostStoreWasNotToldEndsWithItsPeriod() throws {
    let store = FlakyStore()
    let guarded = budget(dollar, .hour, store: StoreGuard(store, type: "flaky"))
    store.isDown = true
    let late = TestPass(nanoDollars: dollar / 2)
    #expect(guarded.ask(late.pass, now: 3590 * second).isOpen)
    #expect(spend(guarded, dollar / 4, costs: dollar / 4, at: 3600 * second) == nil)
    guarded.settle(late.pass, .answered(tokens: nil, nanoDollars: 0), now: 3601 * second)
    store.isDown = false
    #expect(spend(guarded, dollar / 4, costs: dollar / 4, at: 3602 * second) == nil)
    #expect(try store.get("budget:3600", unixNow: 3602 * second)?.string == "\(dollar / 2)")
  }

  @Test func aLostStoreIsToldLater() throws {
    let store = FlakyStore()
    let guarded = budget(dollar, .total, store: StoreGuard(store, type: "flaky", listener: log))
    #expect(spend(guarded, dollar / 4, costs: dollar / 4, at: 10 * second) == nil)
    store.isDown = true
    #expect(spend(guarded, dollar / 4, costs: dollar / 8, at: 11 * second) == nil)
    #expect(spend(guarded, dollar, costs: 0, at: 11 * second) != nil)
    store.isDown = false
    #expect(spend(guarded, dollar / 8, costs: dollar / 8, at: 13 * second) == nil)
    #expect(try store.get("budget:0", unixNow: 13 * second)?.string == "\(dollar / 2)")
    #expect(log.events == ["store_lost", "budget", "store_recovered"])
  }
}
