import LLMCore

/// What a provider type of the program's own says of itself: a row of a catalogue file, the rows of its models, and
/// what only such a type has.
public struct ForeignMetadata {
  /// The row.
  public let profile: ProviderProfile
  /// The rows of its models.
  public let models: [ModelProfile]
  /// How its responses are cut; nil where it does not say.
  public let framing: String?

  private static let ownKeys = ["name", "version", "config_schema", "framing", "models"]

  /// Reads the metadata of the type of that name.
  public init(_ json: JSON, type: String, over base: Catalog) throws(LLMError) {
    guard json.isObject else { throw LLMError(.plugin, "the metadata is no JSON object") }
    var reading = CatalogReading(base: base, extraProviderKeys: Self.ownKeys)
    let row = json.copy()
    row.set("name", .string(type))
    row.setDefault("label", json["name"] ?? .string(type))
    let document = JSON.object()
    document.set("providers", .array([row]))
    document.set("models", .array(Self.modelRows(json, type: type)))
    let rows = reading.rows(of: document)
    if let problem = reading.problems.all.first { throw LLMError(.plugin, "the metadata: " + problem.message) }
    guard var profile = rows.providers.first else { throw LLMError(.plugin, "the metadata is no JSON object") }
    let foreign = try ForeignProfile(json)
    profile.foreign = foreign
    if json["capabilities"] == nil { profile.capabilities = [.streaming, .systemMessages] }
    if ForeignSchema(profile)?.requires("api_key") != true { profile.quirks.insert(.keyOptional) }
    self.profile = profile
    models = rows.models
    framing = json["framing"]?.string
  }

  /// Names, or rows without their provider.
  private static func modelRows(_ json: JSON, type: String) -> [JSON] {
    (json["models"]?.elements ?? []).map { element in
      let row = element.isObject ? element.copy() : JSON.object()
      if !element.isObject { row.set("id", element) }
      row.set("provider", .string(type))
      return row
    }
  }
}

extension ForeignProfile {
  fileprivate convenience init(_ metadata: JSON) throws(LLMError) {
    for (name, isRight) in [
      ("name", metadata["name"]?.isString), ("version", metadata["version"]?.isString),
      ("framing", metadata["framing"]?.isString), ("config_schema", metadata["config_schema"]?.isObject),
      ("models", metadata["models"]?.isArray),
    ] where isRight == false {
      throw LLMError(.plugin, "the metadata: \"\(name)\" is of the wrong type")
    }
    self.init(
      name: metadata["name"]?.string, version: metadata["version"]?.string,
      configSchema: metadata["config_schema"] ?? .object())
  }
}
