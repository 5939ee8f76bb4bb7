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

/// Header fields that one request has like the other: a driver keeps what it has made of them.
public final class StandingHeaders: Sendable {
  /// In order.
  public let fields: [HTTPHeader]

  /// Fields for any number of requests: of two of the same name, the later one in the place of the earlier.
  public init(_ first: [HTTPHeader], _ others: [HTTPHeader] = []) {
    var fields = first
    fields.set(others)
    self.fields = fields
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
  public var headers: [HTTPHeader] { didSet { standing = nil } }
  /// Where the fields come from; nil where they are this request's own.
  public private(set) var standing: StandingHeaders?
  /// The body; nil for none.
  public var body: ByteBuffer?

  /// Makes a request.
  public init(method: StaticString = "POST", url: String, headers: [HTTPHeader] = [], body: ByteBuffer? = nil) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
  }

  /// Takes over fields that others have as well.
  public mutating func carry(_ headers: StandingHeaders) {
    self.headers = headers.fields
    standing = headers
  }

  /// Sets a field, in place of one of the same name.
  public mutating func setHeader(_ header: HTTPHeader) { headers.set(header) }
}

extension [HTTPHeader] {
  /// Sets a field, in place of one of the same name.
  @inline(never)
  public mutating func set(_ header: HTTPHeader) {
    for index in indices where self[index].name.equalsIgnoringCase(header.name) {
      self[index] = header
      return
    }
    append(header)
  }

  /// Sets fields, one after the other.
  @inline(never)
  public mutating func set(_ headers: [HTTPHeader]) {
    for header in headers { set(header) }
  }
}

/// What a driver tells of a response before its body. Of its fields only a few are ever looked for, so they stay the
/// lines that they come as.
public final class HTTPHead {
  /// The status code.
  public let status: Int
  /// Each with a line feed at its end.
  private var lines: ByteBuffer?

  /// Makes a head.
  public init(status: Int, fields: [(name: String, value: String)] = []) {
    self.status = status
    for field in fields { append(name: field.name, value: field.value) }
  }

  /// What they take in memory.
  public var byteCount: Int { lines?.count ?? 0 }

  /// Names (as they came) and values.
  public var fields: [(name: String, value: String)] { fields { _ in true } }

  /// Those whose names begin, in lower case, with a letter that is wanted.
  public func fields(beginningWith isWanted: (UInt8) -> Bool) -> [(name: String, value: String)] {
    var fields: [(name: String, value: String)] = []
    lines?.bytes.forEachLine { line in
      if isWanted(line.first?.asciiLowercased ?? 0), let colon = line.firstOffset(of: HTTPHead.colon) {
        fields.append((line.text(0, colon), line.text(colon + 1, line.count)))
      }
      return true
    }
    return fields
  }

  /// The first field of that name, in whatever case.
  @inline(never)
  public subscript(name: String) -> String? {
    var value: String?
    let colon = name.utf8.count
    lines?.bytes.forEachLine { line in
      guard line.count > colon, line[colon] == HTTPHead.colon, line.text(0, colon).equalsIgnoringCase(name) else {
        return true
      }
      value = line.text(colon + 1, line.count)
      return false
    }
    return value
  }

  /// Appends a field.
  public func append(name: String, value: String) {
    let line = ByteBuffer()
    line.append(name)
    line.append(": ")
    line.append(value)
    line.append("\n")
    append(line: line.bytes)
  }

  /// Appends a field as it arrives, with the end of its line.
  public func append(line: UnsafeRawBufferPointer) {
    let lines = lines ?? ByteBuffer(capacity: 512)
    lines.append(line)
    self.lines = lines
  }

  /// Puts what the body makes of the lines in their place, if it makes anything.
  func blot(_ replacement: (UnsafeRawBufferPointer) -> ByteBuffer?) {
    if let clean = lines.flatMap({ replacement($0.bytes) }) { lines = clean }
  }

  private static let colon = UInt8(ascii: ":")
}

extension UnsafeRawBufferPointer {
  /// The text between two places, without the blanks around it.
  @inline(never)
  fileprivate func text(_ start: Int, _ end: Int) -> String {
    var (start, end) = (start, end)
    while start < end, self[start] <= 0x20 { start += 1 }
    while end > start, self[end - 1] <= 0x20 { end -= 1 }
    return String(decoding: UnsafeRawBufferPointer(rebasing: self[start..<end]), as: UTF8.self)
  }
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
