/// Takes secrets out of what is said: of whatever a service, libcurl or a parser may quote. An endpoint makes one of its
/// configuration; a request with secrets of its own adds them. Everything that leaves the library goes through it: errors,
/// events, log lines, status documents, rendered requests, recordings, the heads of responses.
///
/// What a model answers is not touched: it is the caller's, and so is what the caller had put into the prompt.
public final class Blotter: Sendable {
  /// Knows no secret.
  public static let none = Blotter(SecretForms())

  private let forms: SecretForms

  private init(_ forms: SecretForms) { self.forms = forms }

  /// Knows what an endpoint holds: keys, the header fields that are likely to hold one, the passwords in addresses, and
  /// what its settings call a secret.
  public convenience init(
    keys: [Secret?], fields: [HTTPHeader], addresses: [String] = [], settings: JSON? = nil
  ) {
    var forms = SecretForms()
    for key in keys { forms.add(key) }
    for field in fields { forms.add(field) }
    for address in addresses { forms.add(address: address) }
    if let settings { forms.add(settings: settings) }
    self.init(forms)
  }

  /// This one, or one that knows the secrets of more header fields as well.
  public func adding(_ fields: [HTTPHeader]) -> Blotter {
    var forms = forms
    for field in fields { forms.add(field) }
    return forms.count == self.forms.count ? self : Blotter(forms)
  }

  /// This one, or one that knows what else a request carries: a signature, a key that its dialect put there.
  public func adding(_ request: HTTPRequest) -> Blotter {
    if request.standing != nil, request.secretQuery == nil { return self }
    var forms = forms
    forms.add(request.secretQuery?.secret)
    for field in request.headers { forms.add(field.secret) }
    return forms.count == self.forms.count ? self : Blotter(forms)
  }

  /// One that knows what several know.
  public static func joining(_ blotters: [Blotter]) -> Blotter {
    var forms = SecretForms()
    for blotter in blotters { forms.add(blotter.forms) }
    return Blotter(forms)
  }

  /// The text without secrets.
  public func blot(_ text: String) -> String { replacement(for: text) ?? text }

  /// The document without secrets: itself where it has none, null where nothing sensible is left.
  public func blot(_ document: JSON) -> JSON {
    guard !forms.isEmpty else { return document }
    let text = ByteBuffer(capacity: 512)
    document.write(into: text)
    guard let clean = forms.replacement(for: text.bytes) else { return document }
    do throws(JSONSyntaxError) {
      return try JSON.parse(clean.bytes)
    } catch { return .null }
  }

  /// The error without secrets.
  public func blot(_ error: LLMError) -> LLMError {
    var blotted = error
    if let message = replacement(for: error.message) { blotted.message = message }
    if let id = error.requestID, let clean = replacement(for: id) { blotted.requestID = clean }
    if let said = error.providerError { blotted.providerError = blot(said) }
    return blotted
  }

  /// Takes secrets out of a head.
  public func blot(_ head: HTTPHead) { head.blot { forms.replacement(for: $0) } }

  /// Takes secrets out of a text that is being put together.
  public func blot(_ buffer: ByteBuffer) {
    guard let clean = forms.replacement(for: buffer.bytes) else { return }
    buffer.removeAll()
    buffer.append(clean.bytes)
  }

  /// Puts a star in the place of each byte of a secret, so that lengths which services send along stay true.
  public func cover(_ buffer: ByteBuffer) { forms.cover(buffer) }

  private func replacement(for text: String) -> String? {
    guard !forms.isEmpty else { return nil }
    var text = text
    return text.withUTF8 { forms.replacement(for: UnsafeRawBufferPointer($0))?.string }
  }
}
