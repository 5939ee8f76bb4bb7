import LLMConfig
import LLMCore
import LLMDialects

/// What a budget remembers of a pass.
struct BudgetTicket {
  /// In which period it is charged.
  var period: BudgetPeriod
  /// What was reserved.
  var nanoDollars: Int64
  /// Whether the model's prices are known.
  var isPriced: Bool
}

/// One hour, day or month in UTC, or all time.
struct BudgetPeriod: Equatable {
  /// Seconds since 1970.
  var start: Int64
  /// Seconds since 1970; `max` for never.
  var end: Int64

  /// The one that a moment lies in.
  init(_ kind: BudgetSettings.Period, at unixNow: Microseconds) {
    let seconds = unixNow / 1_000_000 &- (unixNow % 1_000_000 < 0 ? 1 : 0)
    switch kind {
    case .hour: (start, end) = BudgetPeriod.bounds(seconds, 3600)
    case .day: (start, end) = BudgetPeriod.bounds(seconds, 86_400)
    case .total: (start, end) = (0, .max)
    case .month:
      let date = CivilDate(daysSince1970: BudgetPeriod.floor(seconds, 86_400))
      let next = date.month == 12 ? (date.year + 1, Int64(1)) : (date.year, date.month + 1)
      start = CivilDate(year: date.year, month: date.month, day: 1).daysSince1970 * 86_400
      end = CivilDate(year: next.0, month: next.1, day: 1).daysSince1970 * 86_400
    }
  }

  private static func bounds(_ seconds: Int64, _ length: Int64) -> (Int64, Int64) {
    let start = floor(seconds, length) * length
    return (start, start &+ length)
  }

  private static func floor(_ value: Int64, _ divisor: Int64) -> Int64 {
    value >= 0 ? value / divisor : -((-value + divisor - 1) / divisor)
  }
}

/// What may be spent in a period. A call's estimate is reserved before it is sent and replaced by its cost after: so the
/// bound holds with any number of calls under way, and is passed by no more than estimates were too low. Models without
/// known prices count as nothing, and the status document says how many calls that were.
public final class Budget: Gate {
  /// What is known of one period.
  private struct Account {
    var period: BudgetPeriod
    /// Its sum, or the store's as it was last seen.
    var spent: Int64 = 0
    /// What the store has not been told, since it was lost.
    var unsaved: Int64 = 0

    mutating func add(_ amount: Int64) { spent = max(0, spent &+ amount) }
  }

  private struct State {
    /// The one before, and the one that is.
    var accounts: [Account] = []
    var unpriced: Int64 = 0
    var unixOffset: Microseconds
  }

  /// How many seconds a sum is kept after its period, for calls that end late.
  private static let afterlife: Int64 = 86_400

  private let settings: BudgetSettings
  private let seat: GateContext
  private let key: String
  private let state: Locked<State>

  /// A budget; `key` is where the sums are in the store.
  init(_ settings: BudgetSettings, _ seat: GateContext, key: String = "") {
    self.settings = settings
    self.seat = seat
    self.key = key
    state = Locked(State(unixOffset: seat.unixOffset))
  }

  // MARK: Gate

  /// Reserves the estimate.
  public func ask(_ pass: GatePass, now: Microseconds) -> GateAnswer {
    if pass.budgetTicket != nil { return .open }
    let unixNow = now &+ pass.unixOffset
    let period = BudgetPeriod(settings.period, at: unixNow)
    let estimate = max(0, pass.estimatedNanoDollars ?? 0)
    state.withLock { $0.unixOffset = pass.unixOffset }
    // What costs nothing is let through, and its cost, should there be one, is charged after.
    let spent = estimate == 0 ? 0 : charge(estimate, period, unixNow, pass, enters: true)
    guard spent <= settings.nanoDollars else {
      _ = charge(-estimate, period, unixNow, pass, enters: true)
      let error = refusal(spent &- estimate, estimate, period, unixNow)
      seat.listener?.hear(.budget, requestID: pass.requestID) { $0.merge(document(spent &- estimate, period)) }
      return .refused(error)
    }
    pass.budgetTicket = BudgetTicket(
      period: period, nanoDollars: estimate, isPriced: pass.estimatedNanoDollars != nil)
    return .open
  }

  /// Replaces the estimate by the cost. What failed on the way, or was refused by the service, cost nothing; of what
  /// broke off the cost is not known, and the estimate stays.
  public func settle(_ pass: GatePass, _ end: AttemptEnd, now: Microseconds) {
    guard let ticket = pass.budgetTicket else { return }
    pass.budgetTicket = nil
    var difference: Int64 = 0
    switch end {
    case .notSent: difference = -ticket.nanoDollars
    case .answered(_, let cost):
      difference = cost.map { max(0, $0) &- ticket.nanoDollars } ?? 0
      if cost == nil, !ticket.isPriced { state.withLock { $0.unpriced &+= 1 } }
    case .failed(let error):
      if error.wasNotReceived || error.status != nil { difference = -ticket.nanoDollars }
    }
    if difference != 0 { _ = charge(difference, ticket.period, now &+ pass.unixOffset, pass) }
  }

  /// What is reserved is about to be spent: the others of the queue have reserved theirs too.
  public var isKeptWhileWaiting: Bool { true }

  /// Heads say nothing to a budget.
  public func note(_ head: HTTPHead, now: Microseconds) {}

  /// Adds `budget` to the status document.
  public func fill(_ status: JSON, now: Microseconds) {
    let state = self.state.withLock { $0 }
    let period = BudgetPeriod(settings.period, at: now &+ state.unixOffset)
    let unixNow = now &+ state.unixOffset
    let account = state.accounts.first { $0.period == period }
    var spent = account?.spent ?? 0
    let reading = StoreOperation(.get, key(of: period), unixNow: unixNow)
    if seat.store?.perform(reading) == true {
      spent = max(0, max(0, reading.found?.string.asInteger ?? 0) &+ (account?.unsaved ?? 0))
    }
    let document = document(spent, period)
    if state.unpriced > 0 {
      document.set("unpriced_calls", state.unpriced)
      document.set("warning", "calls of models without known prices are counted as 0")
    }
    status.set("budget", document)
    seat.store?.fill(status)
  }

  // MARK: Money

  /// Adds to the sum of a period, and tells the sum. Who reserves enters the period, whatever the one before was.
  private func charge(
    _ amount: Int64, _ period: BudgetPeriod, _ unixNow: Microseconds, _ pass: GatePass, enters: Bool = false
  ) -> Int64 {
    if enters { state.withLock { Budget.enter(period, &$0) } }
    guard let store = seat.store else { return change(period) { $0.add(amount) } }
    var unsaved: Int64 = 0
    _ = change(period) { swap(&unsaved, &$0.unsaved) }
    let addition = StoreOperation(.add, key(of: period), unixNow: unixNow)
    addition.amount = amount &+ unsaved
    if period.end != .max {
      addition.timeToLive = (max(0, period.end &- unixNow / 1_000_000) &+ Budget.afterlife) &* 1_000_000
    }
    guard store.perform(addition, for: pass) else {
      return change(period) { account in
        account.add(amount)
        account.unsaved &+= addition.amount
      }
    }
    _ = change(period) { account in
      account.spent = max(0, addition.sum)
      // A store that counts below 0 would let more through than it may.
      if addition.sum < 0 { account.unsaved = 0 &- addition.sum }
    }
    return max(0, addition.sum)
  }

  /// Changes what is known of a period, if anything is, and tells its sum.
  private func change(_ period: BudgetPeriod, _ change: (inout Account) -> Void) -> Int64 {
    state.withLock { state in
      for place in state.accounts.indices where state.accounts[place].period == period {
        change(&state.accounts[place])
        return state.accounts[place].spent
      }
      return 0
    }
  }

  /// Turns to a period, and remembers the one before: a clock that is set back, or was ahead, leads to it again.
  private static func enter(_ period: BudgetPeriod, _ state: inout State) {
    if state.accounts.last?.period == period { return }
    if let known = state.accounts.first, state.accounts.count == 2 {
      state.accounts.removeFirst()
      if known.period == period {
        state.accounts.append(known)
        return
      }
    }
    state.accounts.append(Account(period: period))
  }

  private func key(of period: BudgetPeriod) -> String { formatted("\(key):\(period.start)") }

  private static func dollars(_ nano: Int64) -> Double { Double(nano) / 1e9 }

  private func refusal(
    _ spent: Int64, _ estimate: Int64, _ period: BudgetPeriod, _ unixNow: Microseconds
  ) -> LLMError {
    let end = period.end == .max ? "" : "; the period ends at " + CivilDate.timestamp(period.end)
    return LLMError(
      .budgetExceeded,
      "the budget of \"\(seat.name)\" would be passed: \(Budget.dollars(max(0, spent))) of \(Budget.dollars(settings.nanoDollars)) US dollars are spent or reserved, and the call may cost \(Budget.dollars(estimate))\(end)"
    )
  }

  private func document(_ spent: Int64, _ period: BudgetPeriod) -> JSON {
    let document = JSON.object()
    document.set("usd", .real(Budget.dollars(settings.nanoDollars)))
    document.set("spent_usd", .real(Budget.dollars(spent)))
    document.set("left_usd", .real(Budget.dollars(max(0, settings.nanoDollars &- spent))))
    if period.end != .max { document.set("ends", CivilDate.timestamp(period.end)) }
    return document
  }
}
