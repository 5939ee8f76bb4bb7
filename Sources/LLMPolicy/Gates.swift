import LLMCore
import LLMDialects

/// Makes the gates that a configuration asks for.
public enum Gates {
  /// The gates before a target, in the order in which they are asked: breaker, budget, limits. None where none is
  /// configured. `unixOffset` is what is added to a moment to make microseconds since 1970.
  public static func make(
    for endpoint: Endpoint, store: StoreGuard? = nil, listener: (any EventListener)? = nil, random: any RandomSource,
    unixOffset: Microseconds
  ) -> [any Gate] {
    let settings = endpoint.gates
    let name = endpoint.name
    var gates: [any Gate] = []
    if let breaker = settings.breaker {
      gates.append(
        Breaker(
          breaker, name: name, key: "breaker:" + owner(endpoint), store: store, listener: listener,
          unixOffset: unixOffset))
    }
    if let budget = settings.budget {
      let payer = budget.isOfKey ? "key/" + keyDigest(endpoint) : name
      gates.append(
        Budget(
          budget, name: name, key: "budget:" + payer, store: store, listener: listener, unixOffset: unixOffset))
    }
    if let limit = settings.limit {
      gates.append(
        RateLimiter(
          limit, name: name, key: formatted("limit:\(owner(endpoint)):\(limit.window / 1000)"), store: store,
          owner: random.next(), unixOffset: unixOffset))
    }
    return gates
  }

  /// Who shares limits and breaker: those that are called the same and use the same key.
  private static func owner(_ endpoint: Endpoint) -> String { endpoint.name + "/" + keyDigest(endpoint) }

  /// Tells keys apart without telling them.
  private static func keyDigest(_ endpoint: Endpoint) -> String {
    guard let secret = endpoint.apiKey ?? endpoint.awsCredentials?.secretAccessKey else { return "-" }
    return hexadecimal(SHA256.digest(secret.bytes)).keeping(bytes: 16)
  }
}
