import LLMCatalog
import LLMConfig
import LLMCore
import LLMDialects

/// Makes an HTTP request of the document that a provider of the program's own encoded.
struct ForeignRequest {
  private static let methods: [StaticString] = ["POST", "GET", "PUT", "PATCH", "DELETE"]

  private let document: JSON
  private let context: RequestContext
  private var endpoint: Endpoint { context.endpoint }

  init(_ text: ByteBuffer, _ context: RequestContext) throws(LLMError) {
    guard let document = ForeignText.document(text.bytes) else {
      throw Self.blame("that is no JSON object", context)
    }
    self.document = document
    self.context = context
  }

  func request() throws(LLMError) -> HTTPRequest {
    var request = HTTPRequest(method: try method(), url: try url())
    request.headers = try headers()
    request.body = try body(&request)
    for warning in document.elements("warnings") {
      try context.warn(
        "unsupported_parameter", text: warning["message"]?.string ?? warning.string ?? "something was left out",
        param: warning["param"]?.string)
    }
    let completed = context.completed(request)
    try checkSafety(of: completed)
    return completed
  }

  private func blame(_ message: Message) -> LLMError { Self.blame(message, context) }

  @inline(never)
  private static func blame(_ message: Message, _ context: RequestContext) -> LLMError {
    LLMError(.plugin, "\(context.endpoint.profile.label) encoded a request \(message.text)")
  }

  private func method() throws(LLMError) -> StaticString {
    guard let word = document["method"] else { return "POST" }
    for method in Self.methods where method.text == word.string { return method }
    throw blame("with the method \(word.text)")
  }

  private func url() throws(LLMError) -> String {
    guard let url = document.string("url"), !url.isEmpty else { throw blame("without \"url\"") }
    guard url.startsWith("/") else { return url }
    guard !endpoint.baseURL.isEmpty else {
      throw LLMError(.invalidConfig, "\"base_url\" is missing: say where the service is", param: "/base_url")
    }
    return endpoint.baseURL + url
  }

  private func headers() throws(LLMError) -> [HTTPHeader] {
    var headers: [HTTPHeader] = []
    for (name, value) in document.members("headers") {
      guard let text = value.string, isHeader(name, text) else {
        throw blame("whose header \"\(name)\" is no text, or not one line")
      }
      if name.namesManagedHeader { throw blame("whose header \"\(name)\" is the library's own") }
      headers.append(redacting(name, text))
    }
    return headers
  }

  /// A field that shows the key, or is likely to hold another secret, is never printed.
  private func redacting(_ name: String, _ value: String) -> HTTPHeader {
    let holdsKey = endpoint.apiKey.map { !$0.isEmpty && value.endsWith($0.revealed) } ?? false
    guard holdsKey || namesSecret(name) else { return HTTPHeader(name, value) }
    return HTTPHeader(name, prefix: "", secret: Secret(value))
  }

  private func body(_ request: inout HTTPRequest) throws(LLMError) -> ByteBuffer? {
    guard let body = document["body"] else { return nil }
    let text = ByteBuffer(capacity: 1024)
    if let bytes = body.stringBytes {
      text.append(bytes)
      return text
    }
    guard body.isObject || body.isArray else { throw blame("whose body is neither JSON nor text") }
    if body.isObject {
      if let extra = endpoint.extraBody { body.merge(extra) }
      if let extra = context.settings.extraBody { body.merge(extra) }
    }
    body.write(into: text)
    if !request.headers.contains(where: { $0.name.equalsIgnoringCase("Content-Type") }) {
      request.headers.append(HTTPHeader("Content-Type", "application/json"))
    }
    return text
  }

  private func checkSafety(of request: HTTPRequest) throws(LLMError) {
    let hasSecret = request.secretQuery != nil || request.headers.contains { $0.secret != nil }
    if let reason = reasonNotToSend(to: request.url, hasSecret: hasSecret, endpoint) { throw blame("\(reason)") }
  }
}
