import LLMCatalog
import LLMConfig
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
    let probe = Probe(url, TransportOptions(proxy: ""), timeout: probeTimeout)
    Drive(probe, pool: ChannelPool()).run()
    return probe.status == 200
  }
}
