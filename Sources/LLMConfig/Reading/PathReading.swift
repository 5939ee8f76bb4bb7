import LLMCore

// Files and directories that a configuration names. What is read must be there; where something is written later, a place
// that cannot be is a warning, since no call fails for it.

extension ConfigurationReading {
  /// What the configuration reads: each must be there.
  private static let read: [(section: StaticText, key: StaticText, kind: FileKind)] = [
    ("tls", "ca_file", .file), ("tls", "ca_path", .directory), ("tls", "client_cert", .file),
    ("tls", "client_key", .file), ("replay", "dir", .directory), ("", "replay", .directory),
  ]

  /// Paths that may not be empty: the beginnings of others would be taken for them.
  private static let named: [(section: StaticText, key: StaticText)] = [
    ("", "record"), ("cache", "path"), ("store", "path"), ("", "unix_socket"), ("", "catalog"), ("", "file"),
  ]

  mutating func checkPaths(of config: JSON) {
    for (section, key, kind) in Self.read {
      guard let path = config.path(section, key), checkNotEmpty(path, section, key) else { continue }
      // What is recorded first is played later.
      if kind == .directory, path == config.string("record") { continue }
      let found = FileKind(of: path)
      if found == kind || (found != .none && kind == .file && found != .directory) { continue }
      let reason: StaticText =
        found == .none ? "is not there" : kind == .directory ? "is no directory" : "is a directory"
      report(section, key) { place in formatted("\"\(path)\" at \(place) \(reason); name \(kind.words)") }
    }
    for (section, key) in Self.named {
      if let path = config.path(section, key) { _ = checkNotEmpty(path, section, key) }
    }
  }

  private mutating func checkNotEmpty(_ path: String, _ section: StaticText, _ key: StaticText) -> Bool {
    guard path.isEmpty else { return true }
    report(section, key) { place in formatted("the path at \(place) is empty; name one, or leave the key out") }
    return false
  }

  private mutating func report(_ section: StaticText, _ key: StaticText, _ message: (String) -> String) {
    if !section.isEmpty { problems.enter(section.text) }
    problems.enter(key.text)
    problems.report("\(message(problems.pointer))")
    problems.leave()
    if !section.isEmpty { problems.leave() }
  }
}

extension FileKind {
  fileprivate var words: StaticText { self == .directory ? "a directory" : "a file" }
}

extension JSON {
  /// A member that is a text, in an object that stands in the document ("" for the document itself).
  fileprivate func path(_ section: StaticText, _ key: StaticText) -> String? {
    section.isEmpty ? string(key) : self[section, key]?.string
  }
}

/// A place where something is to be written, and cannot be.
struct UselessPlace {
  /// Where the configuration names it.
  let pointer: StaticText
  /// What is wrong, and what to do.
  let message: String

  /// All of a configuration's.
  static func all(in settings: JSON) -> [UselessPlace] {
    var places: [UselessPlace] = []
    func look(_ path: String?, _ pointer: StaticText, makesDirectories: Bool) {
      guard let path, !path.isEmpty else { return }
      if !path.startsWith("/") {
        let message = formatted("\"\(path)\" is looked for where the process happens to be; name an absolute path")
        return places.append(UselessPlace(pointer: pointer, message: message))
      }
      if !canHold(path, makesDirectories: makesDirectories) {
        let message = formatted("\"\(path)\" cannot be written: a directory on the way is missing, or is none")
        places.append(UselessPlace(pointer: pointer, message: message))
      }
    }
    look(settings.string("record"), "/record", makesDirectories: true)
    if settings["cache"]?.says("type", "disk") == true {
      look(settings["cache", "path"]?.string, "/cache/path", makesDirectories: true)
    }
    if settings["store"]?.says("type", "file") == true {
      look(settings["store", "path"]?.string, "/store/path", makesDirectories: false)
    }
    return places
  }

  /// Whether a directory, or a file, can be there: its directory is, or can be made.
  private static func canHold(_ path: String, makesDirectories: Bool) -> Bool {
    if !makesDirectories, FileKind(of: path) == .file { return true }
    var place = path
    if !makesDirectories { place = place.parentPath }
    while true {
      switch FileKind(of: place) {
      case .directory: return true
      case .none where makesDirectories && place.utf8.count > 1: place = place.parentPath
      default: return false
      }
    }
  }
}

extension String {
  /// The directory that an absolute path stands in.
  fileprivate var parentPath: String {
    let path = withoutTrailingSlashes
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash != path.utf8.startIndex else { return "/" }
    return String(decoding: path.utf8[..<slash], as: UTF8.self)
  }
}
