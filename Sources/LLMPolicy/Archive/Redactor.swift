import LLMCatalog
import LLMCore
import LLMDialects

/// Blots secrets out of what is written to files: wherever their bytes stand, also across the cuts of a recording. Each byte
/// becomes a star, so that lengths which services send along stay true.
struct Redactor {
  /// Shorter ones are no keys but words, and would be found where none is meant.
  private static let shortest = 8

  private var secrets: [ByteBuffer] = []

  /// The secrets that a request carries: whatever a service quotes is one of them.
  init(_ request: HTTPRequest) {
    add(request.secretQuery?.secret)
    for header in request.headers { add(header.secret) }
  }

  private mutating func add(_ secret: Secret?) {
    guard let plain = secret?.revealed, plain.utf8.count >= Self.shortest else { return }
    add(plain)
    // As addresses write it.
    add(plain.percentEncoded())
  }

  private mutating func add(_ text: String) {
    let bytes = ByteBuffer()
    bytes.append(text)
    secrets.append(bytes)
  }

  /// Blots the secrets out where they stand.
  func blot(_ buffer: ByteBuffer) {
    for secret in secrets { buffer.overwrite(secret.bytes, with: UInt8(ascii: "*")) }
  }

  /// A header field's value, unless the name says that it is nobody's business: keys, cookies, who paid.
  static func blot(_ value: String, of name: String) -> String {
    func names(_ word: String) -> Bool { name.containsText(word, ignoringCase: true) }
    // Limits and lengths are told in tokens.
    if names("limit") || names("count") { return value }
    let isHidden = names("signature") || names("organization") || names("project") || namesSecret(name)
    return isHidden ? Secret.redacted.text : value
  }
}
