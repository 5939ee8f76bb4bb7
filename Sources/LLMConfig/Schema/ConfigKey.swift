import LLMCore

/// One key of the configuration, or of a request's `llm` object: a row of the table that drives validation, defaults,
/// the JSON Schema of `llm_provider_types` and docs/configuration.md.
public struct ConfigKey: Sendable {
  /// The key, behind the key of the object it stands in and a dot.
  public let path: StaticText
  /// The types it takes.
  public private(set) var types: JSONTypes = []
  /// The types of a list's elements, or of the members of an object without rows of its own.
  public private(set) var elements: JSONTypes = .any
  /// The smallest and the largest number.
  public private(set) var bounds: ConfigBounds?
  /// Where it may stand.
  public private(set) var places: ConfigPlaces = .configuration
  /// The types it is for.
  public private(set) var scope: ConfigScope = []
  /// Whether no document and no message may show it.
  public private(set) var isSecret = false
  /// What it does, for people.
  public let summary: StaticText
  /// The row's second column.
  let options: StaticText

  private init(_ path: StaticText, _ options: StaticText, _ summary: StaticText) {
    self.path = path
    self.options = options
    self.summary = summary
    var words = TableColumns(options.utf8, separator: blank)
    types = words.next().map { JSONTypes(words: $0) } ?? []
    while let word = words.next() {
      let (name, value) = word.parted(at: UInt8(ascii: "="))
      if ("of" as StaticText).matches(name) { elements = JSONTypes(words: value) }
      if ("bounds" as StaticText).matches(name) { bounds = ConfigBounds(value) }
      if ("in" as StaticText).matches(name) { places = value.elementsEqual("both".utf8) ? .both : .request }
      if ("for" as StaticText).matches(name) { scope = ConfigScope(words: value) }
      if ("secret" as StaticText).matches(name) { isSecret = true }
    }
  }

  /// The rows of a table.
  static func rows(of table: StaticString) -> [ConfigKey] {
    var keys: [ConfigKey] = []
    table.utf8Bytes.forEachLine { line in
      var place = 0
      // Each column ends in a NUL; what joins a row's lines may leave blanks before it.
      func column() -> StaticText? {
        while place < line.count, line[place] == blank { place += 1 }
        guard let end = line.firstOffset(of: 0, from: place), let base = line.baseAddress else { return nil }
        defer { place = end + 1 }
        return StaticText(lasting: base + place)
      }
      if let path = column(), let options = column(), let summary = column() {
        keys.append(ConfigKey(path, options, summary))
      }
      return true
    }
    return keys
  }
}

// MARK: - Words of a row

private let blank = UInt8(ascii: " ")
private let bar = UInt8(ascii: "|")

extension UnsafeRawBufferPointer {
  /// What stands before the first such byte, and what stands behind it.
  fileprivate func parted(at byte: UInt8) -> (before: UnsafeRawBufferPointer, behind: UnsafeRawBufferPointer) {
    let end = firstOffset(of: byte) ?? count
    let next = Swift.min(end + 1, count)
    return (UnsafeRawBufferPointer(rebasing: self[..<end]), UnsafeRawBufferPointer(rebasing: self[next...]))
  }
}

extension JSONTypes {
  /// Of names with bars between.
  fileprivate init(words: UnsafeRawBufferPointer) {
    self = []
    var columns = TableColumns(words, separator: bar)
    while let word = columns.next() {
      for (name, flag) in JSONTypes.names where name.matches(word) { insert(flag) }
    }
  }
}

extension ConfigScope {
  /// Of words with commas between.
  fileprivate init(words: UnsafeRawBufferPointer) {
    self = []
    var columns = TableColumns(words, separator: UInt8(ascii: ","))
    while let word = columns.next() {
      for (index, name) in ConfigScope.words.enumerated() where name.matches(word) {
        insert(ConfigScope(rawValue: 1 << UInt16(index)))
      }
    }
  }
}

extension ConfigBounds {
  /// Two numbers with two dots between, or a name.
  fileprivate init?(_ word: UnsafeRawBufferPointer) {
    let named: [(name: StaticText, bounds: ConfigBounds)] = [
      ("time", .time), ("amount", .amount), ("size", .size), ("seconds", .seconds),
    ]
    for (name, bounds) in named where name.matches(word) {
      self = bounds
      return
    }
    let (smallest, rest) = word.parted(at: UInt8(ascii: "."))
    let largest = String(decoding: rest.dropFirst(), as: UTF8.self)
    guard let minimum = String(decoding: smallest, as: UTF8.self).asInteger, let maximum = largest.asInteger else {
      return nil
    }
    self.init(minimum, maximum)
  }
}

extension ConfigKey {
  /// The value of an option; nil where the row has none of that name.
  private func option(_ name: StaticText) -> String? {
    var words = TableColumns(options.utf8, separator: blank)
    while let word = words.next() {
      let (own, value) = word.parted(at: UInt8(ascii: "="))
      if name.matches(own) { return String(decoding: value, as: UTF8.self) }
    }
    return nil
  }

  /// The words it takes; none for any.
  public var wordList: [String] { option("words")?.pieces(separatedBy: bar) ?? [] }

  /// The environment variables that stand in for it, the first that is set wins.
  public var variableList: [String] { option("env")?.pieces(separatedBy: UInt8(ascii: ",")) ?? [] }

  /// What counts where it is missing.
  public var defaultValue: JSON? {
    guard let text = option("default") else { return nil }
    do throws(JSONSyntaxError) {
      return try JSON.parse(text)
    } catch {
      return nil
    }
  }
}

// MARK: - Places

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

  /// Whether a provider's row takes it.
  func applies(to profile: ProviderProfile) -> Bool {
    if profile.name == RouterReading.type { return scope.contains(.router) || RouterReading.takes(path) }
    if scope == .router { return false }
    if scope.isEmpty || profile.name == ProviderProfile.customType { return true }
    if !scope.isDisjoint(with: ConfigScope(of: profile)) { return true }
    return scope.contains(.placeholder) && profile.baseURL.containsText("{" + path.text + "}")
  }
}
