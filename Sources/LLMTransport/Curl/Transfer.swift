import CSystem
import LLMCore

/// One request and its response on a curl easy handle, told to a machine as they happen. Reused for any number of them,
/// one at a time. It knows nothing of the multi handle that moves its bytes, so that every driver can use it.
final class Transfer {
  /// The moment that the machine is told; set by the driver once per round, and when much arrives in one, since asking
  /// the clock per event would cost more than the event.
  private var now: Microseconds = 0
  /// How many bytes it was told of since.
  private var toldInRound = 0
  /// Whether the machine was told anything since the driver last set it to false.
  var hasTold = false
  /// Whether the machine asked to stop reading.
  private(set) var isStopped = false

  /// Which of the machine's lanes it serves.
  private let lane: Int
  private var handle: EasyHandle?
  private let headers = HeaderList()
  private let url = ByteBuffer()
  /// What is sent: curl reads it where it is.
  private var body: ByteBuffer?
  private var machine: (any Machine)?
  private var clock: (any Clock)?
  private var started: Microseconds = 0
  private var firstByte: Microseconds = 0
  private var hasBegunTLS = false
  private var isConnected = false
  private var head = ResponseHeadReader()
  /// What a proxy says before it lets the request through, or refuses to.
  private var proxyHead = ResponseHeadReader()
  private var proxyAnswer: HTTPHead?
  private var repetition = RequestRepetition()
  private var delivered = 0
  /// A failure found here and not by curl.
  private var ownFailure: TransportFailure?

  /// Below this a response may be compressed as well as it likes.
  private static let freelyInflated = 16 << 20
  /// Above it, how many bytes may come of one: JSON compresses ten- to thirtyfold, a bomb a thousandfold.
  private static let maximalRatio = 100
  /// After so many bytes in a round the clock is looked at again. (curl hands over no more at a time.)
  private static let longestUnwatched = Int(CURL_MAX_WRITE_SIZE)

  /// Without memory it has no handle, and nothing can be begun.
  init(caches: SharedCaches, lane: Int = 0) {
    self.lane = lane
    handle = EasyHandle.make(caches: caches, receiver: Unmanaged.passUnretained(self).toOpaque())
  }

  /// The `CURL`, for a multi handle.
  var easy: UnsafeMutableRawPointer? { handle?.raw }

  /// Whether a request is under way.
  var isActive: Bool { machine != nil }

  /// Sets all up; a driver then adds the easy handle to a multi handle. A failure is returned and not told.
  func begin(
    _ request: HTTPRequest, _ options: ExchangeOptions, for machine: any Machine, clock: any Clock, now: Microseconds
  ) -> TransportFailure? {
    guard let handle else { return .outOfMemory }
    if let name = headers.fill(request) { return .unsendable(formatted("the header field '\(name)'")) }
    var code = handle.prepare(options)
    if code == CURLE_OK, !handle.goes(to: request) {
      guard writeURL(of: request) else {
        forget()
        return .unsendable("the address")
      }
      code = handle.setAddress(url.terminated(), of: request)
    }
    if code == CURLE_OK { code = handle.setRequest(request, headers: headers.first) }
    guard code == CURLE_OK else {
      forget()
      return .refusedOption(handle.explanation(of: code))
    }
    body = request.body
    self.machine = machine
    self.clock = clock
    started = now
    beginRound(now: now)
    return nil
  }

  /// A driver calls it before it moves bytes.
  func beginRound(now: Microseconds) {
    self.now = now
    toldInRound = 0
  }

  /// Tells the machine that the request is on its way, once it is. A driver calls it after every round.
  func noteConnection() {
    guard !isConnected, let handle, let machine, isReadyForRequest(handle) else { return }
    tellConnected(machine)
  }

  /// Forgets the request after its easy handle was taken from the multi handle. Nothing is told.
  func forget() {
    handle?.clear()
    headers.forgetOwn()
    // Not before: whether curl has copied an address is its own affair, and differs by version.
    if !url.isEmpty { url.wipe() }
    body = nil
    machine = nil
    isStopped = false
    hasBegunTLS = false
    isConnected = false
    head = ResponseHeadReader()
    proxyHead = ResponseHeadReader()
    proxyAnswer = nil
    repetition = RequestRepetition()
    delivered = 0
    firstByte = 0
    ownFailure = nil
  }

  /// How the request went that curl says has ended.
  func outcome(of code: CURLcode) -> TransportFailure? {
    guard let handle else { return nil }
    if var failure = ownFailure {
      failure.repetitions = repetition.count
      return failure
    }
    guard code != CURLE_OK else { return head.isComplete ? silence(handle) : .endedWithinHead }
    let progress = progress
    if progress < .connected {
      let status = handle.count(CURLINFO_HTTP_CONNECTCODE)
      if status >= 300 { return .refusedByProxy(status: status, proxyAnswer) }
      if llm_lacks_descriptors() { return .noDescriptors }
    }
    return TransportFailure(code, reached: progress, explanation: handle.explanation(of: code))
  }

  /// A stream of HTTP/2 that the server resets without an error ends like one that is complete. What was to have a body
  /// and has none was cut off.
  private func silence(_ handle: EasyHandle) -> TransportFailure? {
    guard head.isSuccess, delivered == 0, handle.count(CURLINFO_HTTP_VERSION) == CURL_HTTP_VERSION_2_0,
      handle.time(CURLINFO_CONTENT_LENGTH_DOWNLOAD_T) < 0
    else { return nil }
    return .endedWithoutBody
  }

  /// How long the parts took.
  var timing: HTTPTiming {
    var timing = HTTPTiming()
    guard let handle else { return timing }
    timing.reusedConnection = handle.count(CURLINFO_NUM_CONNECTS) == 0 && head.hasBegun
    if !timing.reusedConnection {
      timing.resolved = handle.time(CURLINFO_NAMELOOKUP_TIME_T)
      timing.connected = handle.time(CURLINFO_CONNECT_TIME_T)
      timing.secured = handle.time(CURLINFO_APPCONNECT_TIME_T)
    }
    // curl's own counts from the upload where a body is sent. This one is taken once per round, hence the bounds.
    timing.total = handle.time(CURLINFO_TOTAL_TIME_T)
    timing.firstByte =
      head.hasBegun ? min(max(firstByte &- started, timing.secured, timing.connected), timing.total) : 0
    return timing
  }

  /// Connections that were opened for the request.
  var connectionsOpened: Int { handle?.count(CURLINFO_NUM_CONNECTS) ?? 0 }

  private var progress: ExchangeProgress {
    if head.isComplete { return .receivedHead }
    if head.hasBegun { return .receivedBytes }
    guard let handle else { return .nothing }
    if isReadyForRequest(handle) {
      let uploaded = handle.time(CURLINFO_SIZE_UPLOAD_T)
      return uploaded < Int64(body?.count ?? 0) ? .connected : .sent
    }
    return hasBegunTLS ? .reached : .nothing
  }

  /// Whether the connection stands, TLS included. Newer versions of curl count a handshake that was given up as done, so
  /// that their times are asked only where curl does not tell of the request itself.
  private func isReadyForRequest(_ handle: EasyHandle) -> Bool {
    handle.tellsOfRequests ? repetition.hasBegun : handle.time(CURLINFO_PRETRANSFER_TIME_T) > 0
  }

  private func tellConnected(_ machine: any Machine) {
    isConnected = true
    hasTold = true
    machine.exchangeConnected(lane: lane, now: now)
  }
}

// MARK: - The request

extension Transfer {
  /// Writes the address, the key in its query included; false if C would see another than Swift does. (What else does
  /// not belong into an address, curl refuses.)
  private func writeURL(of request: HTTPRequest) -> Bool {
    let secret = request.secretQuery?.secret.bytes.count ?? 0
    let name = request.secretQuery?.name.utf8.count ?? 0
    // All at once, since a buffer that grows leaves copies of the key behind.
    url.reserve(request.url.utf8.count + name + 3 * secret + 3)
    url.append(request.url)
    guard strlen(url.terminated()) == url.count else { return false }
    guard let query = request.secretQuery else { return true }
    url.append(request.url.utf8.contains(UInt8(ascii: "?")) ? "&" : "?")
    url.append(query.name)
    url.append("=")
    for byte in query.secret.bytes { url.append(percentEncoded: byte) }
    return true
  }
}

// MARK: - The response

extension Transfer {
  /// Curl's write callback.
  static let receiveBody: llm_curl_data_fn = { bytes, size, count, context in
    guard let exchange = Transfer.receiver(context) else { return 0 }
    let length = size &* count
    return exchange.receive(UnsafeRawBufferPointer(start: bytes, count: length)) ? length : 0
  }

  /// Curl's header callback.
  static let receiveHeadLine: llm_curl_data_fn = { bytes, size, count, context in
    guard let exchange = Transfer.receiver(context) else { return 0 }
    let length = size &* count
    return exchange.receive(headLine: UnsafeRawBufferPointer(start: bytes, count: length)) ? length : 0
  }

  /// Curl's callback at the start of a handshake, which is the one sign of a TCP connection that stands before all does.
  static let beginTLS: llm_curl_tls_fn = { _, _, context in
    Transfer.receiver(context)?.hasBegunTLS = true
    return CURLE_OK
  }

  /// Curl's callback each time before it sends the request: 0 for yes.
  static let beginRequest: llm_curl_request_fn = { context, _, _, _, _ in
    guard let exchange = Transfer.receiver(context) else { return 1 }
    return exchange.maySend ? 0 : 1
  }

  private var maySend: Bool {
    if repetition.permits() { return true }
    ownFailure = .refusedUnprocessed
    return false
  }

  private static func receiver(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
  }

  private func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let machine, !isStopped else { return false }
    delivered = delivered &+ bytes.count
    guard isPlausiblyCompressed else {
      ownFailure = .tooCompressed
      return false
    }
    hasTold = true
    if toldInRound >= Transfer.longestUnwatched, let clock {
      beginRound(now: clock.now)
      isStopped = machine.isOver(now: now)
    }
    toldInRound &+= bytes.count
    if !isStopped { isStopped = !machine.exchangeReceived(bytes, lane: lane, now: now) }
    return !isStopped
  }

  private func receive(headLine line: UnsafeRawBufferPointer) -> Bool {
    guard let machine else { return false }
    if handle?.tellsOfRequests == true, !repetition.hasBegun { return receive(proxyLine: line) }
    if !head.hasBegun { firstByte = now }
    switch head.take(line) {
    case .more: return true
    case .tooLarge:
      ownFailure = .headTooLarge
      return false
    case .malformed:
      ownFailure = .noStatus
      return false
    case .complete(let head):
      if !isConnected { tellConnected(machine) }
      hasTold = true
      machine.exchangeReceivedHead(head, lane: lane, now: now)
      return true
    }
  }

  /// A line of a proxy's: it stands before the request.
  private func receive(proxyLine line: UnsafeRawBufferPointer) -> Bool {
    switch proxyHead.take(line) {
    case .more: return true
    case .complete(let head): proxyAnswer = head
    case .tooLarge, .malformed:
      ownFailure = .headTooLarge
      return false
    }
    return true
  }

  private var isPlausiblyCompressed: Bool {
    guard delivered > Transfer.freelyInflated, let handle else { return true }
    // curl counts a buffer only after handing it over, hence the allowance.
    let received = Int(clamping: handle.time(CURLINFO_SIZE_DOWNLOAD_T)) &+ EasyHandle.longestRead
    return delivered / Transfer.maximalRatio <= received
  }
}
