import LLMCatalog
import LLMConfig
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

  init(_ name: String, _ metadata: ForeignMetadata, _ framing: Framing, _ code: any ForeignCode) {
    self.name = name
    self.code = code
    self.framing = framing
    models = metadata.models
    let profile = metadata.profile
    if code.listsModels || !models.isEmpty { profile.capabilities.insert(.modelList) }
    self.profile = profile
  }

  static func framing(_ word: String?) throws(LLMError) -> Framing {
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
  public static func register(_ name: String, metadata text: ByteBuffer?, _ code: any ForeignCode) throws(LLMError) {
    try check(name, of: "a provider type")
    if name == "router" || name == AutoDetection.type { throw taken(name) }
    var document = JSON.object()
    if let text {
      do throws(JSONSyntaxError) {
        document = try JSON.parse(text.bytes)
      } catch {
        throw LLMError(.plugin, "the metadata of \"\(name)\" is no JSON: \(error.description)")
      }
    }
    let metadata = try ForeignMetadata(document, type: name, over: .builtIn)
    let type = ForeignType(name, metadata, try ForeignType.framing(metadata.framing), code)
    guard state.withLock({ $0.add(type) }) else { throw taken(name) }
  }

  private static func taken(_ name: String) -> LLMError {
    LLMError(.plugin, "the provider type \"\(name)\" is taken; register it under another name")
  }

  static func check(_ name: String, of what: StaticText) throws(LLMError) {
    var name = name
    guard name.withUTF8({ isName($0) }) else {
      throw LLMError(
        .plugin, "\"\(name)\" is no name for \(what): use a-z, 0-9, '-', '_' and '.', beginning with a letter")
    }
  }

  private static func isName(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard let first = bytes.first, first.isASCIILowercase, bytes.count <= longestName else { return false }
    for byte in bytes where !byte.isASCIILowercase && !byte.isASCIIDigit && byte != 0x2D && byte != 0x2E && byte != 0x5F
    {
      return false
    }
    return true
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

extension UInt8 {
  fileprivate var isASCIILowercase: Bool { self >= 0x61 && self <= 0x7A }
}
