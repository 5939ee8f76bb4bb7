import LLMConfig
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
    row.set("name", type)
    row.setDefault("label", json["name"] ?? .string(type))
    let document = JSON.object()
    document.set("providers", .array([row]))
    document.set("models", .array(Self.modelRows(try json.member("models", .array), type: type)))
    let rows = reading.rows(of: document)
    if let problem = reading.problems.all.first { throw LLMError(.plugin, "the metadata: \(problem.message)") }
    guard let profile = rows.providers.first else { throw LLMError(.plugin, "the metadata is no JSON object") }
    let foreign = try ForeignProfile.make(json)
    profile.foreign = foreign
    if json["capabilities"] == nil { profile.capabilities = [.streaming, .systemMessages] }
    if ForeignSchema(profile)?.requires("api_key") != true { profile.quirks.insert(.keyOptional) }
    self.profile = profile
    models = rows.models
    framing = try json.member("framing", .string)?.string
  }

  /// Names, or rows without their provider.
  private static func modelRows(_ models: JSON?, type: String) -> [JSON] {
    (models?.elements ?? []).map { element in
      let row = element.isObject ? element.copy() : JSON.object()
      if !element.isObject { row.set("id", element) }
      row.set("provider", type)
      return row
    }
  }
}

extension ForeignProfile {
  fileprivate static func make(_ metadata: JSON) throws(LLMError) -> ForeignProfile {
    if let schema = metadata["config_schema"], schema.isObject, let mistake = ForeignSchema.mistake(in: schema) {
      throw LLMError(.plugin, "the metadata: \(mistake)")
    }
    return ForeignProfile(
      name: try metadata.member("name", .string)?.string, version: try metadata.member("version", .string)?.string,
      configSchema: try metadata.member("config_schema", .object) ?? .object())
  }
}

extension JSON {
  /// The member of that name; nil where it is missing.
  @inline(never)
  fileprivate func member(_ name: String, _ kind: Kind) throws(LLMError) -> JSON? {
    guard let member = self[named: name] else { return nil }
    guard member.kind == kind else {
      throw LLMError(.plugin, "the metadata: expected \(kind.name), found \(member.kind.name) at /\(name)")
    }
    return member
  }
}
