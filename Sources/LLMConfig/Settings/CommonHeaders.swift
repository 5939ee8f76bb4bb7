import LLMCore

/// The header fields that the requests to a service have in common.
public final class CommonHeaders: Sendable {
  /// Of a request without a body.
  public let bare: StandingHeaders
  /// Of one with a body.
  public let post: StandingHeaders
  /// Of one that is answered piece by piece.
  public let stream: StandingHeaders

  /// The key as the service wants it, and what is configured, which counts for more.
  @inline(never)
  public init(_ key: Secret?, _ auth: AuthScheme, _ configured: [HTTPHeader], _ dialect: DialectKind) {
    var fields: [HTTPHeader] = []
    if let key, let field = auth.field { fields.set(HTTPHeader(field.name, prefix: field.prefix, secret: key)) }
    fields.set(configured)
    bare = StandingHeaders(fields)
    var first: [HTTPHeader] = []
    first.set(HTTPHeader("Content-Type", "application/json"))
    post = StandingHeaders(first, fields)
    let answersInEvents = dialect != .ollamaChat && dialect != .bedrockConverse
    if answersInEvents { first.set(HTTPHeader("Accept", "text/event-stream")) }
    stream = StandingHeaders(first, fields)
  }
}

extension AuthScheme {
  /// The header field that a key is shown in, and what stands before it; nil for none.
  fileprivate var field: (name: String, prefix: String)? {
    switch self {
    case .bearer: ("Authorization", "Bearer ")
    case .header(let name): (name, "")
    case .prefixedHeader(let name, let prefix): (name, prefix)
    case .query, .sigV4, .none: nil
    }
  }
}
