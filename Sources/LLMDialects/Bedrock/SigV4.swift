import LLMConfig
import LLMCore

/// AWS Signature Version 4 in the Authorization header.
///
/// libcurl's own signer signs the path as it is sent (up to 7.88 at least), where AWS wants every segment encoded once
/// more: a model's id with `:` or `/` would never pass.
struct SigV4 {
  let credentials: AWSCredentials
  let region: String
  let service: String
  let unixSeconds: Int64

  /// Signs a request that is otherwise complete: address, header fields and body are not to change after it.
  func sign(_ request: inout HTTPRequest) {
    let time = SigningTime(unixSeconds: unixSeconds)
    request.setHeader(HTTPHeader("X-Amz-Date", time.text))
    if let token = credentials.sessionToken {
      request.setHeader(HTTPHeader("X-Amz-Security-Token", prefix: "", secret: token))
    }
    let fields = signedFields(of: request)
    let names = fields.reduce("") { $0.isEmpty ? $1.name : $0 + ";" + $1.name }
    let scope = formatted("\(time.day)/\(region)/\(service)/aws4_request")
    let canonical = hexDigest(of: canonicalRequest(request, fields, names))
    let signature = sign(formatted("AWS4-HMAC-SHA256\n\(time.text)\n\(scope)\n\(canonical)"), day: time.day)
    // Whoever has the signature can repeat the request for some minutes: it is kept like a key.
    let credential = formatted(
      "Credential=\(credentials.accessKeyID)/\(scope), SignedHeaders=\(names), Signature=\(signature)")
    request.setHeader(HTTPHeader("Authorization", prefix: "AWS4-HMAC-SHA256 ", secret: Secret(credential)))
  }

  // MARK: What is signed

  private static let signedNames: [StaticString] = ["content-type", "host", "x-amz-date", "x-amz-security-token"]

  private func signedFields(of request: HTTPRequest) -> [(name: String, value: String)] {
    var fields: [(name: String, value: String)] = []
    for name in Self.signedNames {
      if name.text == "host" {
        fields.append(("host", RequestAddress(request.url).host))
      } else if let header = request.headers.first(where: { $0.name.equalsIgnoringCase(name.text) }) {
        fields.append((name.text, (header.value + (header.secret?.revealed ?? "")).trimmed))
      }
    }
    return fields
  }

  /// For tests as well.
  func canonicalRequest(
    _ request: HTTPRequest, _ fields: [(name: String, value: String)], _ names: String
  ) -> String {
    let address = RequestAddress(request.url)
    let path = address.path.isEmpty ? "/" : address.path.percentEncoded(keeping: "/")
    let headers = fields.reduce("") { $0 + formatted("\($1.name):\($1.value)\n") }
    let empty = UnsafeRawBufferPointer(start: nil, count: 0)
    let body = hexadecimal(SHA256.digest(request.body?.bytes ?? empty))
    return formatted("\(request.method)\n\(path)\n\(address.sortedQuery)\n\(headers)\n\(names)\n\(body)")
  }

  private func hexDigest(of text: String) -> String {
    let buffer = ByteBuffer()
    buffer.append(text)
    return hexadecimal(SHA256.digest(buffer.bytes))
  }

  // MARK: The key

  private func sign(_ text: String, day: String) -> String {
    let start: StaticString = "AWS4"
    let secret = credentials.secretAccessKey.bytes
    let first = ByteBuffer(capacity: start.utf8CodeUnitCount + secret.count)
    first.append(start)
    first.append(secret)
    var key = code(of: day, key: first.bytes)
    first.wipe()
    for word in [region, service, "aws4_request", text] {
      key = withUnsafeBytes(of: key) { code(of: word, key: $0) }
    }
    return hexadecimal(key)
  }

  private func code(of text: String, key: UnsafeRawBufferPointer) -> SHA256.Digest {
    let message = ByteBuffer()
    message.append(text)
    return HMAC.code(message.bytes, key: key)
  }
}

/// The parts of an address.
public struct RequestAddress {
  /// With the port, where the address names one that is not its scheme's own, as HTTP clients send it.
  let host: String
  /// As it is sent.
  public let path: String
  private let query: String

  /// Takes an address apart.
  public init(_ url: String) {
    let isPlain = url.startsWith("http://")
    let rest = url.firstByteOffset(of: "://").map { url.dropping(bytes: $0 + 3) } ?? url
    let whole = rest.firstByteOffset(of: "#").map { rest.keeping(bytes: $0) } ?? rest
    let pathStart = whole.firstByteOffset(of: "/") ?? whole.utf8.count
    let target = whole.dropping(bytes: pathStart)
    let queryStart = target.firstByteOffset(of: "?")
    path = queryStart.map { target.keeping(bytes: $0) } ?? target
    query = queryStart.map { target.dropping(bytes: $0 + 1) } ?? ""
    let named = whole.keeping(bytes: pathStart)
    let usualPort = isPlain ? ":80" : ":443"
    host = named.endsWith(usualPort) ? named.keeping(bytes: named.utf8.count - usualPort.utf8.count) : named
  }

  /// The parameters in the order of their names; each has a "=".
  public var sortedParameters: [String] {
    let parameters = query.pieces(separatedBy: UInt8(ascii: "&")).filter { !$0.isEmpty }
    return sortedByBytes(parameters.map { $0.containsText("=") ? $0 : $0 + "=" })
  }

  /// The parameters in the order of their names, as a query.
  var sortedQuery: String { sortedParameters.reduce("") { $0.isEmpty ? $1 : $0 + "&" + $1 } }
}

/// A moment as AWS writes it.
struct SigningTime {
  /// "20150830T123600Z"
  let text: String
  /// "20150830"
  let day: String

  init(unixSeconds: Int64) {
    let clamped = min(max(unixSeconds, 0), 253_402_300_799)
    let (days, second) = clamped.quotientAndRemainder(dividingBy: 86_400)
    let date = CivilDate(daysSince1970: days)
    day = date.year.description + CivilDate.padded(date.month) + CivilDate.padded(date.day)
    text =
      day + "T" + CivilDate.padded(second / 3600) + CivilDate.padded(second / 60 % 60)
      + CivilDate.padded(second % 60) + "Z"
  }
}
