import LLMCore

/// One key of the configuration, or of a request's `llm` object: a row of the table that drives validation, defaults,
/// the JSON Schema of `llm_provider_types` and docs/configuration.md.
public struct ConfigKey: Sendable {
  /// The key, behind the key of the object it stands in and a dot.
  public let path: StaticText
  /// The types it takes.
  public let types: JSONTypes
  /// The types of a list's elements, or of the members of an object without rows of its own.
  public let elements: JSONTypes
  /// What counts where it is missing, as JSON; empty for nothing.
  public let defaultText: StaticText
  /// The smallest and the largest number.
  public let bounds: ConfigBounds?
  /// The words it takes, with bars between; empty for any.
  public let words: StaticText
  /// Environment variables that stand in for it, the first that is set wins, with spaces between.
  public let variables: StaticText
  /// Where it may stand.
  public let places: ConfigPlaces
  /// The types it is for.
  public let scope: ConfigScope
  /// Whether no document and no message may show it.
  public let isSecret: Bool
  /// What it does, for people.
  public let summary: StaticText

  init(
    _ path: StaticText, _ types: JSONTypes, _ summary: StaticText, default defaultText: StaticText = "",
    bounds: ConfigBounds? = nil, words: StaticText = "", elements: JSONTypes = .any,
    variables: StaticText = "", in places: ConfigPlaces = .configuration, for scope: ConfigScope = [],
    secret: Bool = false
  ) {
    self.path = path
    self.types = types
    self.elements = elements
    self.defaultText = defaultText
    self.bounds = bounds
    self.words = words
    self.variables = variables
    self.places = places
    self.scope = scope
    self.isSecret = secret
    self.summary = summary
  }
}

extension ConfigKey {
  /// Whether it is a member of the object with that path ("" for the document itself).
  func isMember(of section: StaticText) -> Bool { nameOffset(in: section) != nil }

  /// The key itself, without the object it stands in.
  public var name: String {
    let path = path.text
    guard let dot = path.firstByteOffset(of: ".") else { return path }
    return path.dropping(bytes: dot + 1)
  }

  /// Whether it is the member of that name in that object.
  func matches(_ name: UnsafeBufferPointer<UInt8>, in section: StaticText) -> Bool {
    let start = section.isEmpty ? 0 : section.utf8.count + 1
    guard path.utf8.count == start + name.count, nameOffset(in: section) != nil else { return false }
    let own = path.utf8[start...]
    return own.elementsEqual(name)
  }

  private func nameOffset(in section: StaticText) -> Int? {
    let own = path.utf8
    let outer = section.utf8
    guard !outer.isEmpty else { return own.contains(UInt8(ascii: ".")) ? nil : 0 }
    guard own.count > outer.count + 1, own[outer.count] == UInt8(ascii: "."), own.starts(with: outer) else {
      return nil
    }
    return own[(outer.count + 1)...].contains(UInt8(ascii: ".")) ? nil : outer.count + 1
  }

  /// The words it takes; none for any.
  public var wordList: [String] {
    words.isEmpty ? [] : words.text.pieces(separatedBy: UInt8(ascii: "|"))
  }

  /// The environment variables that stand in for it.
  public var variableList: [String] {
    variables.isEmpty ? [] : variables.text.pieces(separatedBy: UInt8(ascii: " "))
  }

  /// What counts where it is missing.
  public var defaultValue: JSON? {
    guard !defaultText.isEmpty else { return nil }
    do throws(JSONSyntaxError) {
      return try JSON.parse(defaultText.text)
    } catch {
      return nil
    }
  }

  /// Whether a provider's row takes it.
  func applies(to profile: ProviderProfile) -> Bool {
    if profile.name == RouterReading.type { return scope.contains(.router) || RouterReading.takes(path) }
    if scope == .router { return false }
    if scope.isEmpty || profile.name == ProviderProfile.customType { return true }
    if !scope.isDisjoint(with: ConfigScope(of: profile)) { return true }
    return scope.contains(.placeholder) && profile.baseURL.containsText("{" + path.text + "}")
  }
}
