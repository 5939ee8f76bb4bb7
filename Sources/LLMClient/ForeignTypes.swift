import LLMCatalog
import LLMCore
import LLMDialects
import LLMPolicy

/// A provider type of the program's own.
final class ForeignType: Sendable {
  let name: String
  let profile: ProviderProfile
  let models: [ModelProfile]
  let framing: Framing
  let code: any ForeignCode

  init(_ name: String, _ metadata: JSON, _ code: any ForeignCode, over base: Catalog) throws(LLMError) {
    let metadata = try ForeignMetadata(metadata, type: name, over: base)
    self.name = name
    self.code = code
    models = metadata.models
    framing = try ForeignType.framing(metadata.framing)
    var profile = metadata.profile
    if code.listsModels || !models.isEmpty { profile.capabilities.insert(.modelList) }
    self.profile = profile
  }

  private static func framing(_ word: String?) throws(LLMError) -> Framing {
    switch word {
    case nil, "sse": return .sse
    case "ndjson": return .lines
    case "whole": return .whole
    default: throw LLMError(.plugin, "the metadata: \"framing\" is none of \"sse\", \"ndjson\" or \"whole\"")
    }
  }
}

/// The provider types of the program's own: registered once, for as long as the process lives.
public enum ForeignTypes {
  private struct State {
    var types: [ForeignType] = []
    var catalog = Catalog.builtIn

    /// False where the name is taken.
    mutating func add(_ type: ForeignType) -> Bool {
      guard catalog.provider(type.name) == nil else { return false }
      types.append(type)
      catalog = catalog.adding(UserCatalog(providers: [type.profile], models: type.models))
      return true
    }
  }

  private static let state = Locked(State())
  private static let longestName = 64

  /// The catalogue with the registered types.
  public static var catalog: Catalog { state.withLock { $0.catalog } }

  /// Takes a type in. A name is given once.
  public static func register(_ name: String, metadata: ByteBuffer?, _ code: any ForeignCode) throws(LLMError) {
    try check(name)
    var document = JSON.object()
    if let metadata {
      do throws(JSONSyntaxError) {
        document = try JSON.parse(metadata.bytes)
      } catch {
        throw LLMError(.plugin, "the metadata of \"\(name)\" is no JSON: \(error.description)")
      }
    }
    let type = try ForeignType(name, document, code, over: .builtIn)
    guard state.withLock({ $0.add(type) }) else {
      throw LLMError(.plugin, "the provider type \"\(name)\" is taken; register it under another name")
    }
  }

  private static func check(_ name: String) throws(LLMError) {
    let bytes = Array(name.utf8)
    let isWord = bytes.allSatisfy { byte in
      byte.isASCIIAlphanumeric && byte == byte.asciiLowercased || "-_.".utf8.contains(byte)
    }
    guard let first = bytes.first, !first.isASCIIDigit, first.isASCIIAlphanumeric, isWord, bytes.count <= longestName
    else {
      throw LLMError(
        .plugin, "\"\(name)\" is no name for a provider type: use a-z, 0-9, '-', '_' and '.', beginning with a letter")
    }
    if name == "router" || name == AutoDetection.type {
      throw LLMError(.plugin, "the provider type \"\(name)\" is taken; register it under another name")
    }
  }

  /// Where calls of an endpoint go: its type's own code, or the library's.
  static func target(_ endpoint: Endpoint) throws(LLMError) -> Target {
    guard endpoint.profile.foreign != nil, let type = type(endpoint.profile.name) else { return Target(endpoint) }
    return Target(endpoint, dialect: ForeignDialect(try ForeignInstance(type, endpoint)))
  }

  private static func type(_ name: String) -> ForeignType? {
    state.withLock { state in state.types.first { $0.name == name } }
  }
}
