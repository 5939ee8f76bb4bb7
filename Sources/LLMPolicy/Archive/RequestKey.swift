import LLMCatalog
import LLMConfig
import LLMCore
import LLMDialects

/// What makes two requests the same: the method, the path and query without what carries a key, the few header fields
/// that change an answer, and the body as canonical JSON. docs/cache.md tells users what counts.
enum RequestKey {
  /// Header fields that count, since they change what is answered. All others vary from call to call (dates, ids,
  /// signatures) or from machine to machine.
  private static let countedHeaders: [StaticString] = ["anthropic-version", "anthropic-beta", "openai-beta"]

  /// Members of a body that tell whose request it is, and change nothing of the answer.
  private static let uncounted: [StaticText] = [
    "metadata", "requestMetadata", "labels", "user", "safety_identifier", "prompt_cache_key",
  ]

  /// The text that is equal for equal requests.
  static func canonicalText(of request: HTTPRequest) -> ByteBuffer {
    canonicalText(
      method: request.method.text, url: request.url, body: request.body.map { RenderedRequest.read($0) },
      fields: request.headers.map { ($0.name, $0.value) })
  }

  /// The same of a request as `RenderedRequest` describes it.
  static func canonicalText(of request: JSON) -> ByteBuffer {
    canonicalText(
      method: request.string("method") ?? "", url: request.string("url") ?? "", body: request["body"],
      fields: request.members("headers").map { ($0.key, $0.value.string ?? "") })
  }

  private static func canonicalText(
    method: String, url: String, body: JSON?, fields: [(name: String, value: String)]
  ) -> ByteBuffer {
    let text = ByteBuffer(capacity: 1024)
    text.append(method)
    text.append(" ")
    append(target: url, to: text)
    for name in countedHeaders {
      for field in fields where field.name.equalsIgnoringCase(name.text) {
        text.append("\n")
        text.append(name)
        text.append(": ")
        text.append(field.value)
      }
    }
    text.append("\n\n")
    body?.writeCanonically(into: text, except: uncounted)
    return text
  }

  /// Without the host: a recording is good wherever the service is. A cache adds the host to its scope.
  private static func append(target url: String, to text: ByteBuffer) {
    let address = RequestAddress(url)
    text.append(address.path)
    var mark: StaticString = "?"
    for parameter in address.sortedParameters {
      let name = parameter.keeping(bytes: parameter.firstByteOffset(of: "=") ?? 0)
      guard !namesSecret(name), !parameter.endsWith(Secret.redacted.text) else { continue }
      text.append(mark)
      text.append(parameter)
      mark = "&"
    }
  }

  /// The key: SHA-256 of the scope, within which keys are compared, and the text, in hexadecimal.
  static func make(scope: String, _ canonicalText: ByteBuffer) -> String {
    let text = ByteBuffer(capacity: canonicalText.count + scope.utf8.count + 1)
    text.append(scope)
    text.append("\n")
    text.append(canonicalText.bytes)
    return hexadecimal(SHA256.digest(text.bytes))
  }
}

/// What a query is found by, made once however often it asks.
final class ArchiveQueryFacts {
  /// The request without secrets, for a recording.
  private(set) lazy var request = RenderedRequest.document(sent)
  let canonicalText: ByteBuffer
  /// What recordings are found by.
  private(set) lazy var recordingKey = RequestKey.make(scope: provider, canonicalText)
  /// What it wishes of a cache, and what a cache finds it by; empty before it was asked.
  let wishes: CacheWishes
  var cacheKey = ""
  private let provider: String
  private let sent: HTTPRequest

  init(_ query: ArchiveQuery) {
    sent = query.request
    canonicalText = RequestKey.canonicalText(of: sent)
    wishes = CacheWishes(query.settings)
    provider = query.provider
  }
}
