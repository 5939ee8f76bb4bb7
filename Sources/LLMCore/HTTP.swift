/// One header field of a request.
public struct HTTPHeader: Sendable {
  /// The field's name.
  public var name: String
  /// The field's value; empty when `secret` holds it.
  public var value: String
  /// A value that is never printed: the key, with `value` as what stands before it ("Bearer ").
  public var secret: Secret?

  /// A plain field.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }

  /// A field that carries a key behind a prefix.
  public init(_ name: String, prefix: String, secret: Secret) {
    self.name = name
    self.value = prefix
    self.secret = secret
  }
}

/// One HTTP request, as a dialect encodes it and a driver sends it.
public struct HTTPRequest: @unchecked Sendable {
  /// GET, POST, …
  public var method: StaticString
  /// The whole address.
  public var url: String
  /// A query parameter that carries the key, appended by the driver and never printed.
  public var secretQuery: (name: String, secret: Secret)?
  /// The header fields, in order.
  public var headers: [HTTPHeader]
  /// The body; nil for none.
  public var body: ByteBuffer?

  /// Makes a request.
  public init(method: StaticString = "POST", url: String, headers: [HTTPHeader] = [], body: ByteBuffer? = nil) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
  }

  /// Sets a field, in place of one of the same name.
  public mutating func setHeader(_ header: HTTPHeader) {
    for index in headers.indices where headers[index].name.equalsIgnoringCase(header.name) {
      headers[index] = header
      return
    }
    headers.append(header)
  }
}

/// What a driver tells of a response before its body.
public final class HTTPHead {
  /// The status code.
  public let status: Int
  /// Names (as they came) and values.
  public private(set) var fields: [(name: String, value: String)]

  /// Makes a head.
  public init(status: Int, fields: [(name: String, value: String)] = []) {
    self.status = status
    self.fields = fields
  }

  /// The first field of that name, in whatever case.
  public subscript(name: String) -> String? {
    for field in fields where field.name.equalsIgnoringCase(name) { return field.value }
    return nil
  }

  /// Appends a field as it arrives.
  public func append(name: String, value: String) { fields.append((name, value)) }
}

/// How long the parts of an exchange took, as the driver saw it; microseconds from the start of the request, 0 where
/// the part did not happen.
public struct HTTPTiming: Sendable {
  /// Until the name was resolved.
  public var resolved: Microseconds = 0
  /// Until the socket was connected.
  public var connected: Microseconds = 0
  /// Until TLS was up.
  public var secured: Microseconds = 0
  /// Until the first byte of the response.
  public var firstByte: Microseconds = 0
  /// Until all had arrived.
  public var total: Microseconds = 0
  /// Whether the connection had served before.
  public var reusedConnection = false

  /// All zero.
  public init() {}
}
