/// The texts that betray secrets: each as it is, and as addresses, JSON and Basic authentication write it.
struct SecretForms: Sendable {
  private struct Form: Sendable {
    let text: Secret
    /// Whether it is too short to be looked for within words.
    let isWord: Bool
  }

  /// From this length on a secret is found wherever it stands.
  private static let unmistakable = 8
  /// Shorter ones are not looked for but where they frame an address.
  private static let shortest = 4
  /// What cuts a quotation off.
  private static let ellipsis = StaticString("…")

  /// What was added, to know it again.
  private var known: [Secret] = []
  /// The longest first, so that none is broken by one within it.
  private var forms: [Form] = []

  /// How many secrets there are.
  var count: Int { known.count }
  var isEmpty: Bool { forms.isEmpty }
}

// MARK: - Collecting

extension SecretForms {
  /// A key.
  mutating func add(_ secret: Secret?) {
    guard let secret, !known.contains(where: { $0 === secret }) else { return }
    known.append(secret)
    add(secret.bytes, isPassword: false)
  }

  /// A header field, and the words of its value: services quote the key, and not "Bearer" before it.
  mutating func add(_ field: HTTPHeader) {
    guard let secret = field.secret, !known.contains(where: { $0 === secret }) else { return }
    add(secret)
    let value = secret.bytes
    var start = 0
    for place in 0...value.count where place == value.count || SecretForms.endsWord(value[place]) {
      addWord(UnsafeRawBufferPointer(rebasing: value[start..<place]))
      start = place + 1
    }
  }

  /// A word of a value: `name=value`, or what Basic authentication makes of a user and a password.
  private mutating func addWord(_ word: UnsafeRawBufferPointer) {
    add(word, isPassword: false)
    if let equals = word.firstOffset(of: UInt8(ascii: "=")), word[equals...].contains(where: { $0 != word[equals] }) {
      add(UnsafeRawBufferPointer(rebasing: word[(equals + 1)...]), isPassword: false)
    }
    let pair = ByteBuffer()
    defer { pair.wipe() }
    guard base64Decode(word, into: pair), let colon = pair.bytes.firstOffset(of: UInt8(ascii: ":")) else { return }
    add(pair.bytes, isPassword: false)
    add(UnsafeRawBufferPointer(rebasing: pair.bytes[(colon + 1)...]), isPassword: true)
  }

  private static func endsWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\""): true
    default: false
    }
  }

  /// The user and the password of an address, if it has any: also of one that libcurl would refuse.
  mutating func add(address: String) {
    let buffer = ByteBuffer(capacity: address.utf8.count)
    buffer.append(address)
    add(address: buffer.bytes)
  }

  private mutating func add(address: UnsafeRawBufferPointer) {
    guard let end = address.lastIndex(of: UInt8(ascii: "@")) else { return }
    let start = address.offset(of: StaticString("://").utf8Bytes, from: 0).map { $0 + 3 } ?? 0
    guard start < end else { return }
    let user = UnsafeRawBufferPointer(rebasing: address[start..<end])
    guard let colon = user.firstOffset(of: UInt8(ascii: ":")) else { return }
    let known = self.known.count
    // However short: with the "@" there is no mistaking it.
    insert(UnsafeRawBufferPointer(rebasing: address[start...end]), isWord: false)
    let pair = ByteBuffer(capacity: user.count)
    defer { pair.wipe() }
    pair.append(percentDecoding: user)
    if let colon = pair.bytes.firstOffset(of: UInt8(ascii: ":")) {
      add(UnsafeRawBufferPointer(rebasing: pair.bytes[(colon + 1)...]), isPassword: true)
    }
    add(UnsafeRawBufferPointer(rebasing: user[(colon + 1)...]), isPassword: true)
    let encoded = ByteBuffer(capacity: 2 * pair.count + 4)
    defer { encoded.wipe() }
    base64Encode(pair.bytes, into: encoded)
    insert(encoded.bytes, isWord: false)
    if self.known.count == known { self.known.append(Secret(copying: user)) }
  }

  /// What settings call a secret, and the passwords in their addresses.
  mutating func add(settings: JSON, name: String = "", depth: Int = 0) {
    guard depth < 32 else { return }
    for (name, member) in settings.members { add(settings: member, name: name, depth: depth + 1) }
    for element in settings.elements { add(settings: element, name: name, depth: depth + 1) }
    guard let text = settings.stringBytes else { return }
    add(address: text)
    // The name of a variable is none, nor is a scheme of showing keys.
    if namesSecret(name), !name.endsWith("_env"), name != "auth" { add(text, isPassword: true) }
  }

  /// What another has.
  mutating func add(_ others: SecretForms) {
    known += others.known
    for form in others.forms { insert(form.text.bytes, isWord: form.isWord) }
  }

  /// A secret in all its forms. One that is short and made of letters alone is a word, unless it is a password.
  private mutating func add(_ secret: UnsafeRawBufferPointer, isPassword: Bool) {
    let isShort = secret.count < SecretForms.unmistakable
    guard secret.count >= SecretForms.shortest,
      !isShort || isPassword || secret.contains(where: { !$0.isASCIILetter })
    else { return }
    insert(secret, isWord: isShort)
    guard secret.contains(where: { !$0.isUnreserved }) else { return }
    let other = ByteBuffer(capacity: 6 * secret.count)
    defer { other.wipe() }
    for byte in secret { other.append(percentEncoded: byte) }
    insert(other.bytes, isWord: isShort)
    other.wipe()
    for byte in secret {
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { other.append(UInt8(ascii: "\\")) }
      other.append(byte)
    }
    if other.count > secret.count { insert(other.bytes, isWord: isShort) }
  }

  private mutating func insert(_ text: UnsafeRawBufferPointer, isWord: Bool) {
    for form in forms where form.text.bytes.isSame(as: text) { return }
    let place = forms.firstIndex { $0.text.bytes.count < text.count } ?? forms.count
    forms.insert(Form(text: Secret(copying: text), isWord: isWord), at: place)
  }
}

// MARK: - Finding

extension SecretForms {
  /// The text without secrets; nil where it has none.
  func replacement(for text: UnsafeRawBufferPointer) -> ByteBuffer? {
    var result: ByteBuffer?
    for form in forms {
      if let next = replacement(of: form, in: result?.bytes ?? text) { result = next }
    }
    return replacementOfCut(in: result?.bytes ?? text) ?? result
  }

  private func replacement(of form: Form, in text: UnsafeRawBufferPointer) -> ByteBuffer? {
    guard var found = place(of: form, in: text, from: 0) else { return nil }
    let result = ByteBuffer(capacity: text.count)
    var start = 0
    while true {
      result.append(UnsafeRawBufferPointer(rebasing: text[start..<found]))
      result.append(Secret.redacted)
      start = found + form.text.bytes.count
      guard let next = place(of: form, in: text, from: start) else { break }
      found = next
    }
    result.append(UnsafeRawBufferPointer(rebasing: text[start...]))
    return result
  }

  private func place(of form: Form, in text: UnsafeRawBufferPointer, from start: Int) -> Int? {
    var start = start
    while let found = text.offset(of: form.text.bytes, from: start) {
      let end = found + form.text.bytes.count
      let isWithinWord =
        (found > 0 && text[found - 1].isASCIIAlphanumeric) || (end < text.count && text[end].isASCIIAlphanumeric)
      if !form.isWord || !isWithinWord { return found }
      start = found + 1
    }
    return nil
  }

  /// A quotation may have been cut off within a secret: what stands before the ellipsis is its beginning then.
  private func replacementOfCut(in text: UnsafeRawBufferPointer) -> ByteBuffer? {
    guard let end = text.offset(of: SecretForms.ellipsis.utf8Bytes, from: 0) else { return nil }
    for form in forms where !form.isWord {
      let secret = form.text.bytes
      var length = min(secret.count, end)
      while length >= SecretForms.unmistakable {
        let beginning = UnsafeRawBufferPointer(rebasing: secret[..<length])
        if UnsafeRawBufferPointer(rebasing: text[(end - length)..<end]).isSame(as: beginning) {
          let result = ByteBuffer(capacity: text.count)
          result.append(UnsafeRawBufferPointer(rebasing: text[..<(end - length)]))
          result.append(Secret.redacted)
          result.append(UnsafeRawBufferPointer(rebasing: text[end...]))
          return result
        }
        length -= 1
      }
    }
    return nil
  }

  /// Overwrites secrets where they stand.
  func cover(_ buffer: ByteBuffer) {
    for form in forms { buffer.overwrite(form.text.bytes, with: UInt8(ascii: "*")) }
  }
}

extension UInt8 {
  fileprivate var isASCIILetter: Bool { isASCIIAlphanumeric && !isASCIIDigit }
}
