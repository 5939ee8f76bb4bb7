/// What a machine wants of the driver that runs it.
public enum Demand {
  /// Send this request on that lane, and tell what comes back. A machine has at most one exchange under way on each of
  /// its lanes, which are numbered from 0; two are the most there are.
  case send(HTTPRequest, ExchangeOptions, lane: Int)
  /// Nothing to send: call again at that moment (or when an exchange under way has something to tell).
  case wait(until: Microseconds)
  /// Close the exchange under way on that lane at once; its end is not told.
  case abort(lane: Int)
  /// Over. Everything was delivered.
  case done
}

/// How a driver is to carry out one exchange.
public struct ExchangeOptions: Sendable {
  /// TLS, proxy, socket path, version.
  public var transport: TransportOptions
  /// How long connecting (names, TCP, TLS) may take; 0 for no bound.
  public var connectTimeout: Microseconds
  /// Whether the response comes piece by piece for long, so that large reads are worth their memory.
  public var isStreaming: Bool

  /// Makes options.
  public init(transport: TransportOptions, connectTimeout: Microseconds, isStreaming: Bool = false) {
    self.transport = transport
    self.connectTimeout = connectTimeout
    self.isStreaming = isStreaming
  }
}

/// What of the configuration is the transport's to know.
public final class TransportOptions: Sendable {
  /// A file of certificate authorities in place of the system's.
  public let caFile: String?
  /// A directory of them.
  public let caPath: String?
  /// A client certificate, PEM.
  public let clientCertificate: String?
  /// Its key, PEM.
  public let clientKey: String?
  /// A proxy's address for http; "" for none. The environment was read when these were made.
  public let proxy: String
  /// A proxy's address for https; "" for none.
  public let secureProxy: String
  /// The hosts that no proxy is asked for, with commas between them.
  public let directHosts: String
  /// A unix socket in place of TCP.
  public let unixSocket: String?
  /// "auto", "1.1" or "2".
  public let httpVersion: String

  /// Makes options; nothing given means the defaults.
  public init(
    caFile: String? = nil, caPath: String? = nil, clientCertificate: String? = nil, clientKey: String? = nil,
    proxy: String = "", secureProxy: String? = nil, directHosts: String = "", unixSocket: String? = nil,
    httpVersion: String = "auto"
  ) {
    self.caFile = caFile
    self.caPath = caPath
    self.clientCertificate = clientCertificate
    self.clientKey = clientKey
    self.proxy = proxy
    self.secureProxy = secureProxy ?? proxy
    self.directHosts = directHosts
    self.unixSocket = unixSocket
    self.httpVersion = httpVersion
  }
}

/// Why an exchange ended without a whole response.
public struct TransportFailure: @unchecked Sendable {
  /// .connection, .tls, .timeout (of connecting), .protocol, .tooLarge, .noMemory or .internal; .authentication and
  /// .permission of a proxy.
  public var code: ErrorCode
  /// Where it was.
  public var stage: Stage
  /// What happened, in a sentence.
  public var message: String
  /// Whether the request certainly never reached the service.
  public var wasNotSent: Bool
  /// How often libcurl sent the request once more by itself.
  public var repetitions = 0
  /// What a proxy answered that would not let it through.
  public var proxyHead: HTTPHead?

  /// Makes a failure.
  public init(_ code: ErrorCode, stage: Stage, message: String, wasNotSent: Bool) {
    self.code = code
    self.stage = stage
    self.message = message
    self.wasNotSent = wasNotSent
  }
}

/// Whoever can be told, from any thread, that it is worth asking again.
public protocol Wakeable: AnyObject, Sendable {
  /// Ends the wait under way, or the next one.
  func wake()
}

/// A pure state machine that a driver runs: it is told what happened and when, and says what to do next. It never blocks
/// and knows no socket and no clock. A driver calls it from one thread at a time.
///
/// The driver's loop: `demand` whenever it has nothing to do, was told anything or a moment has come; then obey.
public protocol Machine: AnyObject {
  /// Ends the driver's wait, so that `demand` is asked; set by the driver before all else.
  var waker: (any Wakeable)? { get set }
  /// What to do now.
  func demand(now: Microseconds) -> Demand
  /// The moment at which `demand` is to be asked again even if nothing happens; nil for none.
  var deadline: Microseconds? { get }
  /// The request is on its way: connected (and TLS up).
  func exchangeConnected(lane: Int, now: Microseconds)
  /// The response's head arrived.
  func exchangeReceivedHead(_ head: HTTPHead, lane: Int, now: Microseconds)
  /// Bytes of the body arrived; false asks to stop reading at once (then ask `demand`).
  func exchangeReceived(_ bytes: UnsafeRawBufferPointer, lane: Int, now: Microseconds) -> Bool
  /// Whether the time of the whole is over, though there are bytes to be told: asked between two pieces of them.
  func isOver(now: Microseconds) -> Bool
  /// The exchange is over: nil after a whole response.
  func exchangeEnded(_ failure: TransportFailure?, timing: HTTPTiming, lane: Int, now: Microseconds)
}

extension Machine {
  /// Most have time.
  public func isOver(now: Microseconds) -> Bool { false }

  /// Most machines have nobody who would wake them.
  public var waker: (any Wakeable)? {
    get { nil }
    set {}
  }
}
