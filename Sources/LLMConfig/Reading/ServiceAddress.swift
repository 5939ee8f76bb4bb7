import LLMCore

/// What a base URL says, taken apart as far as the rules of docs/configuration.md need it.
public struct ServiceAddress {
  /// Why a text is no base URL.
  public struct Problem: Error {
    let reason: StaticText
  }

  /// Whether it is https.
  public let isEncrypted: Bool
  /// A name or an address.
  public let host: String
  /// Where it is said.
  public let port: Int?

  /// Takes `http(s)://host[:port][/path]` apart; refuses what would be misread further on.
  public init(_ text: String) throws(Problem) {
    for byte in text.utf8 where byte <= 0x20 || byte == 0x7F || byte == UInt8(ascii: "\\") {
      throw Problem(reason: "holds blanks, control characters or backslashes")
    }
    let rest: String
    if text.keeping(bytes: 8).equalsIgnoringCase("https://") {
      (isEncrypted, rest) = (true, text.dropping(bytes: 8))
    } else if text.keeping(bytes: 7).equalsIgnoringCase("http://") {
      (isEncrypted, rest) = (false, text.dropping(bytes: 7))
    } else {
      throw Problem(reason: "does not start with https:// or http://")
    }
    if rest.containsText("?") || rest.containsText("#") {
      throw Problem(reason: "holds a query or fragment; operations are appended to it, so it must end in a path")
    }
    let authority = rest.pieces(separatedBy: UInt8(ascii: "/"))[0]
    if authority.containsText("@") {
      throw Problem(reason: "holds a user or password; use \"api_key\" or \"headers\"")
    }
    (host, port) = try Self.hostAndPort(authority)
  }

  /// Takes `[scheme://][user[:password]@]host[:port][/]` apart, as libcurl reads a proxy's address.
  public init(ofProxy text: String) throws(Problem) {
    for byte in text.utf8 where byte <= 0x20 || byte == 0x7F || byte == UInt8(ascii: "\\") {
      throw Problem(reason: "holds blanks, control characters or backslashes")
    }
    var rest = text
    var scheme = "http"
    if let end = text.firstByteOffset(of: "://") {
      scheme = text.keeping(bytes: end).asciiLowercased
      rest = text.dropping(bytes: end + 3)
    }
    guard ["http", "https", "socks4", "socks4a", "socks5", "socks5h"].contains(scheme) else {
      throw Problem(reason: "is of no kind that is known")
    }
    isEncrypted = scheme == "https"
    if rest.containsText("?") || rest.containsText("#") { throw Problem(reason: "holds a query or fragment") }
    var authority = rest.withoutTrailingSlashes
    if let at = authority.utf8.lastIndex(of: UInt8(ascii: "@")) {
      authority = String(decoding: authority.utf8[authority.utf8.index(after: at)...], as: UTF8.self)
    }
    if authority.containsText("/") { throw Problem(reason: "holds a path") }
    (host, port) = try Self.hostAndPort(authority)
  }

  private static func hostAndPort(_ authority: String) throws(Problem) -> (host: String, port: Int?) {
    let bytes = Array(authority.utf8)
    let hostEnd: Int
    if bytes.first == UInt8(ascii: "[") {
      guard let bracket = bytes.firstIndex(of: UInt8(ascii: "]")) else { throw Problem(reason: "lacks a \"]\"") }
      hostEnd = bracket + 1
    } else {
      hostEnd = bytes.firstIndex(of: UInt8(ascii: ":")) ?? bytes.count
    }
    guard hostEnd > 0 else { throw Problem(reason: "names no host") }
    let host = String(decoding: bytes[..<hostEnd], as: UTF8.self)
    guard hostEnd < bytes.count else { return (host, nil) }
    let digits = bytes[(hostEnd + 1)...]
    guard bytes[hostEnd] == UInt8(ascii: ":"), digits.count <= 5, digits.allSatisfy({ $0.isASCIIDigit }),
      let port = Int(String(decoding: digits, as: UTF8.self)), (1...65535).contains(port)
    else { throw Problem(reason: "names no valid port") }
    return (host, port)
  }

  /// The host, an IPv6 address without its brackets.
  public var bareHost: String {
    guard host.startsWith("["), host.endsWith("]") else { return host }
    return host.keeping(bytes: host.utf8.count - 1).dropping(bytes: 1)
  }

  /// Whether what is sent there stays on this machine: localhost, 127.0.0.0/8, ::1.
  var isLoopback: Bool {
    if host.equalsIgnoringCase("localhost") || host == "[::1]" { return true }
    let parts = host.pieces(separatedBy: UInt8(ascii: "."))
    guard parts.count == 4, parts[0] == "127" else { return false }
    return parts.allSatisfy { part in
      part.utf8.count <= 3 && part.utf8.allSatisfy({ $0.isASCIIDigit }) && (0...255).contains(Int(part) ?? -1)
    }
  }
}

extension String {
  /// Without slashes at the end.
  var withoutTrailingSlashes: String {
    var length = utf8.count
    for byte in utf8.reversed() {
      guard byte == UInt8(ascii: "/") else { break }
      length -= 1
    }
    return length == utf8.count ? self : keeping(bytes: length)
  }
}

/// A placeholder that nothing fills.
public struct MissingPlaceholder: Error {
  /// Its name, without braces.
  public let name: String
}

/// Fills the `{name}` in an address of the catalogue with values of that name. `{name-}` stands for the value and a
/// hyphen, or for nothing where the value is `global`: the way Google writes its hosts.
public func fillPlaceholders(
  _ template: String, with value: (String) -> String?
) throws(MissingPlaceholder) -> String {
  guard template.utf8.contains(UInt8(ascii: "{")) else { return template }
  let parts = template.pieces(separatedBy: UInt8(ascii: "{"))
  var filled = parts[0]
  for part in parts.dropFirst() {
    guard let end = part.firstByteOffset(of: "}") else {
      filled += "{" + part
      continue
    }
    let isHostPrefix = part.keeping(bytes: end).endsWith("-")
    let name = part.keeping(bytes: isHostPrefix ? end - 1 : end)
    guard let text = value(name), !text.isEmpty else { throw MissingPlaceholder(name: name) }
    if !isHostPrefix { filled += text } else if text != "global" { filled += text + "-" }
    filled += part.dropping(bytes: end + 1)
  }
  return filled
}

/// Why a request may not go to an address that a provider of the program's own chose; nil where it may.
public func reasonNotToSend(to url: String, hasSecret: Bool, _ endpoint: Endpoint) -> String? {
  let end = url.utf8.firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? url.utf8.endIndex
  if url.hasControlCharacters || url.utf8.contains(0x20) { return "whose address holds blanks or control characters" }
  do throws(ServiceAddress.Problem) {
    let address = try ServiceAddress(String(decoding: url.utf8[..<end], as: UTF8.self))
    let hasProxy = endpoint.settings.string("proxy")?.isEmpty == false
    let isPrivate = address.isLoopback && !hasProxy || endpoint.transport.unixSocket != nil
    let mayBePlain = isPrivate || endpoint.settings.bool("allow_http") == true
    guard hasSecret, !address.isEncrypted, !mayBePlain else { return nil }
    return formatted(
      "that carries a key unencrypted to \(address.host); use https, or set \"allow_http\" if the way is safe")
  } catch {
    return formatted("whose address \(error.reason)")
  }
}
