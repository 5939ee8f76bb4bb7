import CSystem
import LLMCore

/// A curl easy handle set up for a configuration. Options stay set from one request to the next; only what differs is
/// set again.
final class EasyHandle {
  /// The `CURL`.
  let raw: UnsafeMutableRawPointer
  private let caches: SharedCaches
  private let receiver: UnsafeMutableRawPointer
  private let errorText: UnsafeMutablePointer<CChar>
  /// Whether curl says each time before it sends a request. Versions before 7.80 do not.
  private(set) var tellsOfRequests = false
  /// The last address, as curl reads it: for all requests in a row that go there, it is read once.
  private var parsedAddress: OpaquePointer?
  private var state = State()

  /// What is set.
  private struct State {
    var transport: TransportOptions?
    var connectTimeout: Microseconds = -1
    var readSize = 0
    /// Nil for one that is not to be kept.
    var address: String?
    var isSecure: Bool?
    var isPost = false
    var headers: UnsafeMutablePointer<curl_slist>?
  }

  /// The size of a read. A stream that comes in bursts is taken in with few system calls; for a single response so large
  /// a buffer would cost more, in fresh pages, than the calls.
  private static func readSize(isStreaming: Bool) -> Int { isStreaming ? longestRead : 16 << 10 }
  static let longestRead = 64 << 10
  /// Seconds without traffic after which the kernel asks whether the other side is still there.
  private static let keepAliveIdle = 60

  /// Makes a handle whose callbacks are given the receiver, an unretained `Transfer` that owns this handle; nil without
  /// memory. (What can fail comes before the object: Embedded Swift leaks one whose initializer gives up.)
  static func make(caches: SharedCaches, receiver: UnsafeMutableRawPointer) -> EasyHandle? {
    curl_easy_init().map { EasyHandle($0, caches: caches, receiver: receiver) }
  }

  private init(_ raw: UnsafeMutableRawPointer, caches: SharedCaches, receiver: UnsafeMutableRawPointer) {
    self.raw = raw
    self.caches = caches
    self.receiver = receiver
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit {
    curl_easy_cleanup(raw)
    curl_url_cleanup(parsedAddress)
    errorText.deallocate()
  }

  /// Sets up for a configuration. All requests of a provider share one, so the work is done once.
  func prepare(_ options: ExchangeOptions) -> CURLcode {
    errorText[0] = 0
    var setup = EasySetup(raw)
    if state.transport !== options.transport {
      if state.transport != nil { curl_easy_reset(raw) }
      state = State()
      setFoundation(&setup)
      setTransport(options.transport, &setup)
    }
    if state.connectTimeout != options.connectTimeout {
      // curl takes 0 for its own default of five minutes.
      setup.set(
        CURLOPT_CONNECTTIMEOUT_MS,
        options.connectTimeout > 0 ? options.connectTimeout.wholeMilliseconds : Int(Int32.max))
    }
    let size = EasyHandle.readSize(isStreaming: options.isStreaming)
    if state.readSize != size { setup.set(CURLOPT_BUFFERSIZE, size) }
    guard setup.code == CURLE_OK else { return setup.code }
    state.readSize = size
    state.transport = options.transport
    state.connectTimeout = options.connectTimeout
    return CURLE_OK
  }

  /// Whether the handle goes there already.
  func goes(to request: HTTPRequest) -> Bool { request.secretQuery == nil && state.address == request.url }

  /// Sets where requests go: the whole address, with a secret in its query where the request has one. The text stays
  /// where it is until the request is over.
  func setAddress(_ text: UnsafePointer<CChar>, of request: HTTPRequest) -> CURLcode {
    var setup = EasySetup(raw)
    // Anew, since beside another an address may be relative. What curl does not take here it takes, or explains, when it
    // reads the text.
    let last = parsedAddress
    parsedAddress = request.secretQuery == nil ? curl_url() : nil
    let isRead = parsedAddress != nil && curl_url_set(parsedAddress, CURLUPART_URL, text, 0) == CURLUE_OK
    setup.set(CURLOPT_CURLU, pointer: isRead ? parsedAddress.map { UnsafeRawPointer($0) } : nil)
    curl_url_cleanup(last)
    // After the other, and never beside it: newer versions forget the one when they are given the other, also nothing.
    if !isRead { setup.set(CURLOPT_URL, text) }
    let isSecure = strncasecmp(text, "https:", 6) == 0
    if state.isSecure != isSecure, let transport = state.transport {
      setup.set(CURLOPT_PROXY, text: isSecure ? transport.secureProxy : transport.proxy)
      if transport.httpVersion == "2" { setHTTP2(isSecure: isSecure, &setup) }
      state.isSecure = setup.code == CURLE_OK ? isSecure : nil
    }
    state.address = setup.code == CURLE_OK && isRead ? request.url : nil
    return setup.code
  }

  /// Sets what differs from one request to the next. The bytes of the body are not copied: they stay where they are until
  /// `clear`. Nor are the lines, which stay until other ones are set.
  func setRequest(_ request: HTTPRequest, headers: UnsafeMutablePointer<curl_slist>?) -> CURLcode {
    var setup = EasySetup(raw)
    if state.headers != headers {
      setup.set(CURLOPT_HTTPHEADER, pointer: headers)
      state.headers = headers
    }
    let isPost = request.method.isSame(as: "POST")
    if isPost || request.body != nil {
      let body = request.body?.bytes
      if !state.isPost { setup.set(CURLOPT_POST, 1) }
      setup.set(CURLOPT_POSTFIELDSIZE_LARGE, offset: Int64(body?.count ?? 0))
      // Without an address curl would read the body from standard input.
      setup.set(CURLOPT_POSTFIELDS, pointer: body?.baseAddress ?? UnsafeRawPointer(EasyHandle.nothing.utf8Start))
    } else {
      setup.set(CURLOPT_HTTPGET, 1)
    }
    if !isPost || !state.isPost { setup.set(CURLOPT_CUSTOMREQUEST, isPost ? nil : request.method.cString) }
    state.isPost = isPost && setup.code == CURLE_OK
    return setup.code
  }

  /// Lets go of the body of the last request.
  func clear() { _ = llm_easy_set_pointer(raw, CURLOPT_POSTFIELDS, nil) }

  /// What curl has to say about a failure.
  func explanation(of code: CURLcode) -> String {
    errorText[0] == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: errorText)
  }

  /// A length of time that curl took, in microseconds from the start of the request; 0 for what did not happen.
  func time(_ info: CURLINFO) -> Microseconds {
    var value: curl_off_t = 0
    return llm_easy_get_offset(raw, info, &value) == CURLE_OK ? Microseconds(value) : 0
  }

  /// A number that curl counted.
  func count(_ info: CURLINFO) -> Int {
    var value = 0
    return llm_easy_get_long(raw, info, &value) == CURLE_OK ? value : 0
  }

  private static let nothing = StaticString("")

  /// What holds for every request whatever the configuration.
  private func setFoundation(_ setup: inout EasySetup) {
    setup.set(CURLOPT_NOSIGNAL, 1)
    setup.set(CURLOPT_ERRORBUFFER, pointer: errorText)
    setup.set(CURLOPT_SHARE, pointer: caches.handle)
    setup.keep(llm_easy_allow_http_only(raw))
    setup.set(CURLOPT_FOLLOWLOCATION, 0)
    tellsOfRequests = llm_easy_set_request_callback(raw, Transfer.beginRequest, receiver)
    // What a proxy answers can be told from the response where it comes before the request.
    setup.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, tellsOfRequests ? 0 : 1)
    // Of what curl can undo, only this one makes do with little memory.
    setup.set(CURLOPT_ACCEPT_ENCODING, llm_curl_inflates() ? "gzip" : "")
    setup.set(CURLOPT_TCP_NODELAY, 1)
    setup.set(CURLOPT_TCP_KEEPALIVE, 1)
    setup.set(CURLOPT_TCP_KEEPIDLE, EasyHandle.keepAliveIdle)
    setup.set(CURLOPT_SSL_VERIFYPEER, 1)
    setup.set(CURLOPT_SSL_VERIFYHOST, 2)
    setup.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    llm_easy_abandon_resolver(raw)
    setup.keep(llm_easy_close_on_exec(raw))
    setup.set(CURLOPT_WRITEDATA, pointer: receiver)
    setup.keep(llm_easy_set_data_callback(raw, CURLOPT_WRITEFUNCTION, Transfer.receiveBody))
    setup.set(CURLOPT_HEADERDATA, pointer: receiver)
    setup.keep(llm_easy_set_data_callback(raw, CURLOPT_HEADERFUNCTION, Transfer.receiveHeadLine))
    // Refused where TLS is not OpenSSL's; then a time-out in the handshake counts as one of connecting.
    if llm_easy_set_tls_callback(raw, Transfer.beginTLS) == CURLE_OK {
      setup.set(CURLOPT_SSL_CTX_DATA, pointer: receiver)
    }
  }

  private func setTransport(_ options: TransportOptions, _ setup: inout EasySetup) {
    // Authorities of the user's own stand in place of the system's, which curl otherwise keeps beside them.
    if options.caFile != nil || options.caPath != nil {
      setup.set(CURLOPT_CAINFO, text: options.caFile)
      setup.set(CURLOPT_CAPATH, text: options.caPath)
    }
    if let certificate = options.clientCertificate { setup.set(CURLOPT_SSLCERT, text: certificate) }
    if let key = options.clientKey { setup.set(CURLOPT_SSLKEY, text: key) }
    // Set whatever it is: else curl looks into the environment, for each request.
    setup.set(CURLOPT_NOPROXY, text: options.directHosts)
    if let path = options.unixSocket { setup.set(CURLOPT_UNIX_SOCKET_PATH, text: path) }
    switch options.httpVersion {
    case "1.1": setup.set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
    // Set with the address: it depends on whether there is TLS.
    case "2": break
    // A libcurl built without HTTP/2 refuses, and speaks 1.1.
    default: _ = llm_easy_set_long(raw, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_2TLS)
    }
  }
}

extension EasyHandle {
  /// Over TLS version 2 is agreed upon; without it there is nobody to ask, so the server has to know.
  private func setHTTP2(isSecure: Bool, _ setup: inout EasySetup) {
    setup.set(CURLOPT_HTTP_VERSION, isSecure ? CURL_HTTP_VERSION_2TLS : CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE)
    setup.set(CURLOPT_FORBID_REUSE, !isSecure && EasyHandle.breaksReuseOfPlainHTTP2 ? 1 : 0)
  }

  /// libcurl 7.88 (Debian 12's) fails the second request on such a connection; 8.0 mended it.
  private static var breaksReuseOfPlainHTTP2: Bool {
    let version = llm_curl_version_number()
    return version >= 0x075800 && version < 0x080000
  }
}

/// Sets options one after another; the first refusal is what counts.
struct EasySetup {
  private let easy: UnsafeMutableRawPointer
  /// `CURLE_OK`, or why an option was refused.
  private(set) var code = CURLE_OK

  init(_ easy: UnsafeMutableRawPointer) { self.easy = easy }

  mutating func keep(_ result: CURLcode) { if code == CURLE_OK { code = result } }
  @inline(never)
  mutating func set(_ option: CURLoption, _ value: Int) { keep(llm_easy_set_long(easy, option, value)) }
  mutating func set(_ option: CURLoption, offset: Int64) { keep(llm_easy_set_offset(easy, option, curl_off_t(offset))) }
  @inline(never)
  mutating func set(_ option: CURLoption, pointer: UnsafeRawPointer?) {
    keep(llm_easy_set_pointer(easy, option, pointer))
  }
  mutating func set(_ option: CURLoption, _ value: UnsafePointer<CChar>?) {
    set(option, pointer: value.map { UnsafeRawPointer($0) })
  }
  /// Text that curl copies; nil for none.
  @inline(never)
  mutating func set(_ option: CURLoption, text: String?) {
    guard let text else { return set(option, nil as UnsafePointer<CChar>?) }
    text.withCString { set(option, $0) }
  }
}

extension Microseconds {
  /// In milliseconds as curl wants them: rounded up, so that a wait does not end just before its moment, and bounded.
  var wholeMilliseconds: Int { self > 0 ? Int(Swift.min((self &+ 999) / 1000, Int64(Int32.max))) : 0 }
}

extension StaticString {
  fileprivate var cString: UnsafePointer<CChar> { UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self) }

  fileprivate func isSame(as other: StaticString) -> Bool {
    utf8CodeUnitCount == other.utf8CodeUnitCount && memcmp(utf8Start, other.utf8Start, utf8CodeUnitCount) == 0
  }
}
