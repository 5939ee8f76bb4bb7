import LLMCatalog
import LLMCore
import LLMDialects

/// Blots secrets out of what is written to files: wherever their bytes stand, also across the cuts of a tape. Each byte
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
    // As it is, and as addresses and JSON write it.
    for text in [plain, plain.percentEncoded(), plain.replacingAll("/", with: "\\/")] {
      let bytes = ByteBuffer()
      bytes.append(text)
      secrets.append(bytes)
    }
  }

  /// Blots the secrets out where they stand.
  func blot(_ buffer: ByteBuffer) {
    for secret in secrets { buffer.overwrite(secret.bytes, with: UInt8(ascii: "*")) }
  }

  /// A header field's value, unless the name says that it is nobody's business: keys, cookies, who paid.
  static func blot(_ value: String, of name: String) -> String {
    // Limits and lengths are told in tokens.
    for word in ["limit", "count"] where name.containsText(word, ignoringCase: true) { return value }
    for word in ["signature", "organization", "project"] where name.containsText(word, ignoringCase: true) {
      return Secret.redacted.text
    }
    return namesSecret(name) ? Secret.redacted.text : value
  }
}
