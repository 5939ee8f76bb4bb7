import LLMConfig
import LLMCore

/// Takes the response to anything but a chat: one JSON document, or an error.
public final class DocumentReader {
  private let dialect: any Dialect
  private let limit: Int
  private let unixSeconds: Int64
  private let body = ByteBuffer()
  private var head = HTTPHead(status: 200)

  /// Starts reading.
  public init(dialect: any Dialect, context: RequestContext) {
    self.dialect = dialect
    limit = context.endpoint.limits.responseBytes
    unixSeconds = context.unixSeconds
  }

  /// The service's id of the request.
  public var requestID: String? { ErrorReader.requestID(in: head) }

  /// How long the body is so far.
  public var size: Int { body.count }

  /// The response's head.
  public func receive(head: HTTPHead) { self.head = head }

  /// Bytes of the body.
  public func receive(_ bytes: UnsafeRawBufferPointer) throws(LLMError) {
    guard bytes.count <= limit - body.count else {
      throw LLMError(
        .tooLarge, "the response is larger than \(limit) bytes; limits.max_response_bytes raises it", stage: .stream)
    }
    body.append(bytes)
  }

  /// The document. Throws what the body said of an error.
  public func document() throws(LLMError) -> JSON {
    guard (200..<300).contains(head.status) else {
      throw ErrorReader.error(head: head, body: body.bytes, dialect, now: unixSeconds)
    }
    guard body.bytes.contains(where: { $0 > 0x20 }) else {
      throw LLMError(.protocol, "the service answered HTTP \(head.status) with an empty body", stage: .decode)
    }
    return try parsePeerJSON(body.bytes)
  }

  /// An error that the document turned out to be, with the status it came with.
  public func complete(_ error: LLMError) -> LLMError { ErrorReader.complete(error, inPlaceOfAnswer: head) }
}

/// The error behind a response whose status is none of success.
enum ErrorReader {
  static func error(
    head: HTTPHead, body: UnsafeRawBufferPointer, _ dialect: any Dialect, now: Int64
  ) -> LLMError {
    do throws(LLMError) {
      var said = dialect.serviceError(in: try parsePeerJSON(body))
      // AWS names the class of error in a header only.
      if let kind = head["x-amzn-errortype"] { said.kinds.append(kind.pieces(separatedBy: UInt8(ascii: ":"))[0]) }
      return complete(said.error(status: head.status, stage: .firstByte), from: head, now: now)
    } catch {
      return ErrorReader.error(ofUnreadable: body, head: head, now: now)
    }
  }

  private static func error(ofUnreadable body: UnsafeRawBufferPointer, head: HTTPHead, now: Int64) -> LLMError {
    let said = excerpt(of: body)
    let code = ErrorTable.code(status: head.status, kinds: [], message: said)
    var error = LLMError(code, text: sentence(on: head, said), stage: .firstByte, status: head.status)
    if !said.isEmpty { error.providerError = .string(said) }
    return complete(error, from: head, now: now)
  }

  private static func sentence(on head: HTTPHead, _ said: String) -> String {
    if (300..<400).contains(head.status), let place = head["Location"] {
      return formatted(
        """
        the service answered with HTTP status \(head.status), a redirection to \(place), which is not followed; set \
        base_url to where the service is
        """)
    }
    if said.isEmpty { return formatted("the service answered with HTTP status \(head.status)") }
    return formatted("the service answered with HTTP status \(head.status): \(said)")
  }

  /// With what only the head knows: the pause the service asks for, and the id of the request.
  static func complete(_ error: LLMError, from head: HTTPHead, now: Int64) -> LLMError {
    var error = error
    error.retryAfterMilliseconds = error.retryAfterMilliseconds ?? RetryAfter.milliseconds(ofFailure: head, now: now)
    error.requestID = requestID(in: head) ?? error.requestID
    if let word = head["x-should-retry"] { error.retryable = word == "true" }
    return error
  }

  /// With the status of the answer whose place the error took: any of success.
  static func complete(_ error: LLMError, inPlaceOfAnswer head: HTTPHead) -> LLMError {
    guard error.status == 200 else { return error }
    var error = error
    error.status = head.status
    return error
  }

  /// The service's id of the request.
  static func requestID(in head: HTTPHead) -> String? {
    for name in ["x-request-id", "request-id", "x-amzn-requestid", "apim-request-id", "x-generation-id"] {
      if let id = head[name] { return id }
    }
    return nil
  }
}
