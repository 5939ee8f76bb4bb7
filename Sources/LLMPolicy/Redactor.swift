import LLMCatalog
import LLMCore

/// Blots secrets out of what is written to files: wherever their bytes stand, also across the cuts of a tape.
struct Redactor {
  /// Shorter ones are no keys but words, and would be found where none is meant.
  private static let shortest = 8

  private var secrets: [ByteBuffer] = []
  private let replacement = ByteBuffer()

  init(_ secrets: [Secret?]) {
    replacement.append(Secret.redacted)
    for secret in secrets {
      guard let secret, secret.bytes.count >= Self.shortest else { continue }
      let plain = secret.revealed
      add(plain)
      // As JSON writes it, and as an address does.
      let quoted = JSON.string(plain).text
      add(quoted.dropping(bytes: 1).keeping(bytes: quoted.utf8.count - 2))
      add(plain.percentEncoded())
    }
  }

  private mutating func add(_ text: String) {
    let secret = ByteBuffer()
    secret.append(text)
    if !secrets.contains(where: { $0.string == text }) { secrets.append(secret) }
  }

  /// The bytes without the secrets: the buffer itself where there are none.
  func blot(_ buffer: ByteBuffer) -> ByteBuffer {
    var cuts: [Tape.Cut] = []
    return blot(buffer, &cuts)
  }

  /// The tape without the secrets: the tape itself where there are none.
  func blot(_ tape: Tape) -> Tape {
    let clean = Tape()
    (clean.headPause, clean.endPause, clean.cuts, clean.failure) = (
      tape.headPause, tape.endPause, tape.cuts, tape.failure
    )
    clean.bytes = blot(tape.bytes, &clean.cuts)
    clean.head = tape.head.map { head in
      HTTPHead(status: head.status, fields: head.fields.map { ($0.name, Redactor.blot($0.value, of: $0.name)) })
    }
    return clean
  }

  /// A header field's value, unless the name says that it is nobody's business who paid.
  static func blot(_ value: String, of name: String) -> String {
    // Limits and lengths are told in tokens.
    for word in ["limit", "count"] where name.containsText(word, ignoringCase: true) { return value }
    for word in ["signature", "organization", "project"] where name.containsText(word, ignoringCase: true) {
      return Secret.redacted.text
    }
    return namesSecret(name) ? Secret.redacted.text : value
  }

  private func blot(_ buffer: ByteBuffer, _ cuts: inout [Tape.Cut]) -> ByteBuffer {
    var buffer = buffer
    for secret in secrets { buffer = blot(secret, in: buffer, &cuts) }
    return buffer
  }

  private func blot(_ secret: ByteBuffer, in buffer: ByteBuffer, _ cuts: inout [Tape.Cut]) -> ByteBuffer {
    let bytes = buffer.bytes
    guard var place = bytes.offset(of: secret.bytes, from: 0) else { return buffer }
    let clean = ByteBuffer(capacity: bytes.count)
    var (copied, cut) = (0, 0)
    while true {
      let end = place + secret.count
      clean.append(UnsafeRawBufferPointer(rebasing: bytes[copied..<place]))
      let shift = clean.count - place
      while cut < cuts.count, cuts[cut].end <= place {
        cuts[cut].end += shift
        cut += 1
      }
      clean.append(replacement.bytes)
      // A cut within the secret moves behind it.
      while cut < cuts.count, cuts[cut].end <= end {
        cuts[cut].end = place + shift + replacement.count
        cut += 1
      }
      copied = end
      guard let next = bytes.offset(of: secret.bytes, from: end) else { break }
      place = next
    }
    clean.append(UnsafeRawBufferPointer(rebasing: bytes[copied...]))
    while cut < cuts.count {
      cuts[cut].end += clean.count - bytes.count
      cut += 1
    }
    return clean
  }
}
