import LLMCore

// What a configuration may be shown as.

extension ConfigurationReader {
  private static let hidden = JSON.string(Secret.redacted.text)

  /// A copy without what is secret, or may be: values of header fields, of members that are called like secrets or that
  /// nobody knows, and what addresses hold beside the place. (The keys themselves were removed when it was read.)
  static func redacted(_ settings: JSON, foreign: ForeignSchema? = nil) -> JSON {
    let copy = JSON.object()
    for (name, member) in settings.members {
      if let key = ConfigSchema.key(named: name, in: "", at: .configuration) {
        copy.set(named: name, key.isSecret ? hidden : redacted(member, of: key))
      } else {
        let isKnown = foreign?.property(name) != nil && !namesSecret(name)
        copy.set(named: name, isKnown ? plain(member, depth: 1) : hidden)
      }
    }
    return copy
  }

  private static func redacted(_ value: JSON, of key: ConfigKey) -> JSON {
    if value.isArray, key.types.contains(.array) { return .array(value.elements.map { redacted($0, of: key) }) }
    guard value.isObject else { return plain(value, depth: 1) }
    let copy = JSON.object()
    let hasRows = ConfigSchema.hasMembers(key.path)
    // A store of a registered type has keys of its own, and no other row than `headers` has members of one kind of text.
    let knowsAll = hasRows && key.path.text != "store"
    for (name, member) in value.members {
      let row = hasRows ? ConfigSchema.key(named: name, in: key.path, at: .configuration) : nil
      let isHidden = row == nil && (knowsAll || key.elements == .string || namesSecret(name) && member.isString)
      copy.set(named: name, isHidden ? hidden : plain(member, depth: 1))
    }
    return copy
  }

  private static func plain(_ value: JSON, depth: Int) -> JSON {
    guard depth < 64 else { return .null }
    switch value.kind {
    case .object:
      let copy = JSON.object()
      for (name, member) in value.members {
        copy.set(named: name, member.isString && namesSecret(name) ? hidden : plain(member, depth: depth + 1))
      }
      return copy
    case .array: return .array(value.elements.map { plain($0, depth: depth + 1) })
    case .string: return value.string.map { .string(withoutSecrets($0)) } ?? value
    default: return value
    }
  }

  /// An address without user, password and query; any other text as it is.
  static func withoutSecrets(_ text: String) -> String {
    let isAddress = text.containsText("://")
    if text.containsText("@"), isAddress || text.containsText(":") { return Secret.redacted.text }
    guard isAddress, let query = text.firstByteOffset(of: "?") else { return text }
    return text.keeping(bytes: query + 1) + Secret.redacted.text
  }
}
