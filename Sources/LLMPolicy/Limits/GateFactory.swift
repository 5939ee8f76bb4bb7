import LLMConfig
import LLMCore
import LLMDialects

/// Makes the gates that a configuration asks for.
public enum GateFactory {
  /// The gates before a target, in the order in which they are asked: breaker, budget, limits. None where none is
  /// configured. `unixOffset` is what is added to a moment to make microseconds since 1970.
  public static func make(
    for endpoint: Endpoint, store: StoreGuard? = nil, listener: (any EventListener)? = nil, random: any RandomSource,
    unixOffset: Microseconds
  ) -> [any Gate] {
    let settings = endpoint.gates
    let name = endpoint.name
    let seat = GateContext(name, store: store, listener: listener, unixOffset: unixOffset)
    // Those share limits and breaker that are called the same and use the same key.
    let payer = keyDigest(endpoint)
    let owner = name + "/" + payer
    var gates: [any Gate] = []
    if let breaker = settings.breaker { gates.append(Breaker(breaker, seat, key: "breaker:" + owner)) }
    if let budget = settings.budget {
      gates.append(Budget(budget, seat, key: "budget:" + (budget.isOfKey ? "key/" + payer : name)))
    }
    if let limit = settings.limit {
      // The version is that of the window's bytes: another one's would be taken for none, and overwritten.
      let key = formatted("limit\(Int(LimitWindow.version)):\(owner):\(limit.window / 1000)")
      gates.append(RateLimiter(limit, seat, key: key, owner: random.next()))
    }
    return gates
  }

  /// Tells keys apart without telling them.
  private static func keyDigest(_ endpoint: Endpoint) -> String {
    guard let secret = endpoint.apiKey ?? endpoint.awsCredentials?.secretAccessKey else { return "-" }
    return hexadecimal(SHA256.digest(secret.bytes)).keeping(bytes: 16)
  }
}
