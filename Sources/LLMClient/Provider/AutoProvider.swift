import LLMCatalog
import LLMConfig
import LLMCore
import LLMTransport

/// Settles `{"type":"auto"}`: a provider whose key is in the environment, a local server that answers, else the mock.
enum AutoProvider {
  /// How long a server on this machine may take to answer.
  private static let probeTimeout: Microseconds = .milliseconds(250)

  /// How long it may take to list its models.
  private static let listTimeout: Int64 = 3000

  /// The configuration with a type that the catalogue knows, and the model of a local server that has none by default.
  static func resolve(
    _ config: JSON, environment: any Environment, catalog: Catalog
  ) throws(LLMError) -> JSON {
    guard config.string("type") == AutoDetection.type else { return config }
    let resolved = config.copy()
    if let profile = AutoDetection.provider(in: environment, catalog: catalog) {
      resolved.set("type", profile.name)
      return resolved
    }
    let local = localServer(catalog)
    resolved.set("type", local?.name ?? "mock")
    if let local, config["model"] == nil, local.defaultModel == nil {
      resolved.set("model", firstModel(of: local.name, environment: environment, catalog: catalog))
    }
    return resolved
  }

  private static func localServer(_ catalog: Catalog) -> ProviderProfile? {
    for candidate in AutoDetection.localCandidates {
      guard let profile = catalog.provider(candidate.type.text) else { continue }
      if answers(profile.baseURL + candidate.probePath.text) { return profile }
    }
    return nil
  }

  /// The first of its models that answers chats, as far as their names tell; nil where it has none, or does not say.
  private static func firstModel(of type: String, environment: any Environment, catalog: Catalog) -> String? {
    let timeout = JSON.object()
    timeout.set("total_ms", listTimeout)
    let config = JSON.object()
    config.set("type", type)
    config.set("timeout", timeout)
    do throws(LLMError) {
      let models = try Provider(config, environment: environment, catalog: catalog).models().elements("data")
      let chats = models.filter { model in
        let id = model.string("id") ?? ""
        let isOther = ["embed", "rerank", "whisper"].contains { id.containsText($0, ignoringCase: true) }
        return !isOther && (model.string("type") ?? "chat") == "chat"
      }
      return (chats.first ?? models.first)?.string("id")
    } catch {
      return nil
    }
  }

  private static func answers(_ url: String) -> Bool {
    let probe = Probe(url, TransportOptions(proxy: ""), timeout: probeTimeout)
    Drive(probe, pool: ChannelPool()).run()
    return probe.status == 200
  }
}
