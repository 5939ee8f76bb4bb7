import CSystem
import LLMCore

/// How far an exchange had come.
enum ExchangeProgress: Int, Comparable {
  /// No connection.
  case nothing
  /// A connection, but no TLS on it yet.
  case reached
  /// A connection ready for the request; not all of it was sent.
  case connected
  /// All of the request was sent.
  case sent
  /// Some bytes of a response came.
  case receivedBytes
  /// The response's head came.
  case receivedHead

  static func < (first: ExchangeProgress, second: ExchangeProgress) -> Bool { first.rawValue < second.rawValue }

  var stage: Stage {
    switch self {
    case .nothing: .connect
    case .reached: .tls
    case .connected: .send
    case .sent, .receivedBytes: .firstByte
    case .receivedHead: .stream
    }
  }
}

/// How curl words what went wrong, where its code does not tell it from a connection that broke.
private enum Wording {
  static func tellsOfChunks(_ text: String) -> Bool { text.containsText("chunk", ignoringCase: true) }

  /// Over HTTP/2 a head is too large for one of several bounds, all of them within nghttp2.
  static func tellsOfLargeHead(_ text: String) -> Bool {
    tellsOfInnards(text) && (text.containsText("CONTINUATION") || text.containsText("returned -902"))
  }

  static func tellsOfBadField(_ text: String) -> Bool { text.containsText("Invalid HTTP header field") }

  /// The names of another library's functions and numbers are no advice.
  static func tellsOfInnards(_ text: String) -> Bool { text.containsText("nghttp2", ignoringCase: true) }
}

/// What a code of curl's means to a caller.
private struct FailureMeaning {
  var code: ErrorCode
  /// Where it can only have been; nil for wherever the exchange had come to.
  var stage: Stage?
  /// What to do.
  var advice: StaticString

  /// Since libcurl 8.6; the headers may be older.
  static let somethingTooLarge = CURLcode(rawValue: 100)

  init(_ code: ErrorCode, _ stage: Stage? = nil, _ advice: StaticString) {
    self.code = code
    self.stage = stage
    self.advice = advice
  }

  init(_ code: CURLcode, reached progress: ExchangeProgress) {
    switch code {
    case CURLE_UNSUPPORTED_PROTOCOL where progress == .nothing, CURLE_URL_MALFORMAT:
      self.init(.internal, .connect, "base_url must be an address that begins with http:// or https://")
    case CURLE_COULDNT_RESOLVE_HOST:
      self.init(.connection, .connect, "check the host in base_url, and the network")
    case CURLE_COULDNT_RESOLVE_PROXY:
      self.init(.connection, .connect, "check the host in proxy, and the network")
    case CURLE_COULDNT_CONNECT:
      self.init(.connection, .connect, "is the server running, and are the host and port in base_url right?")
    case CURLE_OPERATION_TIMEDOUT:
      self.init(.timeout, nil, "check the network, or allow more with timeout.connect_ms")
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR:
      self.init(
        .tls, .tls, "for a private authority configure tls.ca_file; the verification of certificates stays on")
    case CURLE_SSL_CACERT_BADFILE:
      self.init(.tls, .tls, "tls.ca_file must name a readable file of certificates in PEM")
    case CURLE_SSL_CERTPROBLEM:
      self.init(.tls, .tls, "tls.client_cert and tls.client_key must name readable files in PEM that belong together")
    case CURLE_SSL_CLIENTCERT:
      self.init(.tls, .tls, "the server asks for a client certificate: configure tls.client_cert")
    case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER:
      self.init(.tls, .tls, "does the server speak TLS on that port? base_url begins with http:// if it does not")
    case CURLE_HTTP2 where progress != .receivedHead:
      // The server goes away, or breaks off: a request without an answer, as with HTTP/1.1.
      self.init(.connection, nil, "the server closed the connection without an answer")
    case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_HTTP2:
      self.init(.protocol, nil, "what answers does not speak HTTP as it should; check base_url")
    case CURLE_BAD_CONTENT_ENCODING, CURLE_WRITE_ERROR:
      self.init(.protocol, nil, "the response is compressed in a way that cannot be read")
    case CURLE_OUT_OF_MEMORY where progress == .sent || progress == .receivedBytes:
      // So curl calls a line of the head that is over its own limit, before it had a code for that.
      self.init(.tooLarge, .firstByte, "")
    case FailureMeaning.somethingTooLarge:
      self.init(.tooLarge, .firstByte, "")
    case CURLE_OUT_OF_MEMORY:
      self.init(.noMemory, nil, "free some memory and try again")
    case CURLE_GOT_NOTHING:
      self.init(.connection, nil, "the server closed the connection without an answer")
    default:
      self.init(.connection, nil, "the connection broke; try again")
    }
  }
}

extension TransportFailure {
  init(_ code: CURLcode, reached progress: ExchangeProgress, explanation: String) {
    if code == CURLE_RECV_ERROR, Wording.tellsOfChunks(explanation) {
      self = .brokenChunks(explanation, progress.stage)
      return
    }
    let meaning = FailureMeaning(code, reached: progress)
    if progress < .receivedHead, Wording.tellsOfBadField(explanation) {
      self = .noStatus
      return
    }
    if meaning.code == .tooLarge || (progress < .receivedHead && Wording.tellsOfLargeHead(explanation)) {
      self = .headTooLarge
      return
    }
    let explanation = Wording.tellsOfInnards(explanation) ? String(cString: curl_easy_strerror(code)) : explanation
    let stage = meaning.stage ?? progress.stage
    self.init(
      meaning.code, stage: stage, message: formatted("\(explanation) (\(meaning.advice))"),
      wasNotSent: stage == .connect || stage == .tls)
  }

  static var outOfMemory: TransportFailure {
    TransportFailure(.noMemory, stage: .connect, message: "out of memory for a connection", wasNotSent: true)
  }

  static var headTooLarge: TransportFailure {
    TransportFailure(
      .tooLarge, stage: .firstByte,
      message: formatted(
        "the head of the response is over \(ResponseHeadReader.limit) bytes, or a line of it is longer than can be read"
      ),
      wasNotSent: false)
  }

  static var noDescriptors: TransportFailure {
    TransportFailure(
      .connection, stage: .connect,
      message: "no file descriptor is left for a connection; close what is not used, or raise the limit (ulimit -n)",
      wasNotSent: true)
  }

  static var endedWithinHead: TransportFailure {
    TransportFailure(
      .connection, stage: .firstByte, message: "the connection ended within the head of the response; try again",
      wasNotSent: false)
  }

  static var endedWithoutBody: TransportFailure {
    TransportFailure(
      .connection, stage: .stream, message: "the response ended after its head; try again", wasNotSent: false)
  }

  static var noStatus: TransportFailure {
    TransportFailure(
      .protocol, stage: .firstByte,
      message: "what answers does not speak HTTP as it should: its status, or another field, is none; check base_url",
      wasNotSent: false)
  }

  static var refusedUnprocessed: TransportFailure {
    TransportFailure(
      .connection, stage: .firstByte,
      message: "the server refused the request without processing it, again and again; try again", wasNotSent: true)
  }

  static func brokenChunks(_ explanation: String, _ stage: Stage) -> TransportFailure {
    TransportFailure(
      .protocol, stage: stage, message: formatted("the response's chunked encoding is broken: \(explanation)"),
      wasNotSent: false)
  }

  /// By the status of its answer to CONNECT.
  static func refusedByProxy(status: Int, _ head: HTTPHead?) -> TransportFailure {
    let (code, advice): (ErrorCode, StaticString) =
      switch status {
      case 401, 407: (.authentication, "check the user and the password in proxy")
      case 403: (.permission, "it does not let requests to base_url through")
      case 429: (.rateLimited, "try again later")
      default: (.connection, "try again, or check proxy")
      }
    var failure = TransportFailure(
      code, stage: .connect, message: formatted("the proxy answered with HTTP status \(status) (\(advice))"),
      wasNotSent: true)
    failure.proxyHead = head
    return failure
  }

  static var tooCompressed: TransportFailure {
    TransportFailure(
      .tooLarge, stage: .stream, message: "the response inflates to so many times its size that it must be an attack",
      wasNotSent: false)
  }

  static func unsendable(_ what: String) -> TransportFailure {
    TransportFailure(
      .internal, stage: .connect,
      message: formatted("\(what) has a control character or a space in it and was not sent"), wasNotSent: true)
  }

  static func refusedOption(_ explanation: String) -> TransportFailure {
    TransportFailure(
      .internal, stage: .connect,
      message: formatted("libcurl refuses the request or the configuration: \(explanation)"), wasNotSent: true)
  }
}
