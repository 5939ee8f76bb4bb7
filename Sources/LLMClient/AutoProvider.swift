import LLMCatalog
import LLMCore
import LLMTransport

/// Settles `{"type":"auto"}`: a provider whose key is in the environment, a local server that answers, else the mock.
enum AutoProvider {
  /// How long a server on this machine may take to answer.
  private static let probeTimeout: Microseconds = .milliseconds(250)

  /// The configuration with a type that the catalogue knows.
  static func resolve(
    _ config: JSON, environment: any Environment, catalog: Catalog
  ) throws(LLMError) -> JSON {
    guard config.string("type") == AutoDetection.type else { return config }
    let resolved = config.copy()
    resolved.set("type", type(in: environment, catalog: catalog))
    return resolved
  }

  private static func type(in environment: any Environment, catalog: Catalog) -> String {
    if let profile = AutoDetection.provider(in: environment, catalog: catalog) { return profile.name }
    for candidate in AutoDetection.localCandidates {
      guard let profile = catalog.provider(candidate.type.text) else { continue }
      if answers(profile.baseURL + candidate.probePath.text) { return profile.name }
    }
    return "mock"
  }

  private static func answers(_ url: String) -> Bool {
    let probe = Probe(url, timeout: probeTimeout)
    Drive(probe, pool: ChannelPool()).run()
    return probe.status == 200
  }
}

/// One GET whose status is all that matters.
private final class Probe: Machine {
  private let url: String
  private let timeout: Microseconds
  private var isSent = false
  private var isOver = false
  private(set) var deadline: Microseconds?
  private(set) var status = 0

  init(_ url: String, timeout: Microseconds) {
    self.url = url
    self.timeout = timeout
  }

  func demand(now: Microseconds) -> Demand {
    if let deadline, now >= deadline { isOver = true }
    if isOver { return .done }
    guard !isSent else { return .wait(until: deadline ?? now) }
    isSent = true
    deadline = now &+ timeout
    return .send(
      HTTPRequest(method: "GET", url: url),
      ExchangeOptions(transport: TransportOptions(proxy: ""), connectTimeout: timeout))
  }

  func exchangeConnected(now: Microseconds) {}
  func exchangeReceivedHead(_ head: HTTPHead, now: Microseconds) { status = head.status }
  func exchangeReceived(_ bytes: UnsafeRawBufferPointer, now: Microseconds) -> Bool { true }
  func exchangeEnded(_ failure: TransportFailure?, timing: HTTPTiming, now: Microseconds) { isOver = true }
}
