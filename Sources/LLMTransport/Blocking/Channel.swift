import CSystem
import LLMCore

/// The exchanges of one machine, one on each of its lanes, on a curl multi handle of their own, whose cache keeps
/// connections alive for the next. A channel serves one thread at a time, but not always the same.
final class Channel {
  /// What became of an exchange.
  enum End {
    /// It is over, and its lane is free for the next.
    case ended(TransportFailure?, HTTPTiming)
    /// The machine wants no more of it.
    case stopped
  }

  /// The `CURLM`.
  let multi: UnsafeMutableRawPointer
  /// Connections that were opened since this was last set to 0.
  var connectionsOpened = 0
  private let caches: SharedCaches
  /// One for each lane that was ever used: nearly always one.
  private var transfers: [Transfer] = []
  /// How many of them are under way.
  private var activeCount = 0
  private var hasFailed = false
  private var running: Int32 = 0

  /// Nil without memory.
  static func make(caches: SharedCaches) -> Channel? { WakeupPair.makeMulti().map { Channel($0, caches) } }

  private init(_ multi: UnsafeMutableRawPointer, _ caches: SharedCaches) {
    self.multi = multi
    self.caches = caches
  }

  deinit {
    abort()
    curl_multi_cleanup(multi)
  }

  /// Whether any exchange is under way.
  var isActive: Bool { activeCount > 0 }

  /// Starts an exchange; `advance` carries it on.
  func start(
    _ request: HTTPRequest, _ options: ExchangeOptions, for machine: any Machine, lane: Int, clock: any Clock,
    now: Microseconds
  ) -> TransportFailure? {
    while transfers.count <= lane {
      transfers.append(Transfer(caches: caches, lane: transfers.count))
    }
    let transfer = transfers[lane]
    guard let easy = transfer.easy else { return .outOfMemory }
    if let failure = transfer.begin(request, options, for: machine, clock: clock, now: now) { return failure }
    guard curl_multi_add_handle(multi, easy) == CURLM_OK else {
      transfer.forget()
      return .outOfMemory
    }
    activeCount += 1
    return nil
  }

  /// Moves what bytes can be moved without waiting, and tells the machine of them.
  func advance(now: Microseconds) {
    for transfer in transfers { transfer.beginRound(now: now) }
    hasFailed = curl_multi_perform(multi, &running) != CURLM_OK
    for transfer in transfers { transfer.noteConnection() }
  }

  /// An exchange that has ended since; nil where none has, or no other.
  func takeEnd() -> (lane: Int, end: End)? {
    for (lane, transfer) in transfers.enumerated() where transfer.isStopped {
      abort(lane: lane)
      return (lane, .stopped)
    }
    // curl's list of messages is read only when there must be one.
    guard hasFailed || running < activeCount else { return nil }
    if let (lane, code) = nextResult { return (lane, end(lane, code)) }
    // curl forgets none; but a lane that waited for a word would wait for ever.
    guard hasFailed || running == 0, let lane = transfers.firstIndex(where: { $0.isActive }) else { return nil }
    return (lane, end(lane, hasFailed ? CURLE_OUT_OF_MEMORY : CURLE_FAILED_INIT))
  }

  private func end(_ lane: Int, _ code: CURLcode) -> End {
    let transfer = transfers[lane]
    let failure = transfer.outcome(of: code)
    let timing = transfer.timing
    abort(lane: lane)
    return .ended(failure, timing)
  }

  /// Whether the machine was told anything since this was last asked.
  func takeHasTold() -> Bool {
    var hasTold = false
    for transfer in transfers where transfer.hasTold {
      hasTold = true
      transfer.hasTold = false
    }
    return hasTold
  }

  /// Blocks until there is something to do, for at most so long.
  func wait(atMost time: Microseconds) {
    curl_multi_poll(multi, nil, 0, Int32(clamping: time.wholeMilliseconds), nil)
  }

  /// Ends the exchange on a lane; its connection is closed unless the response was complete.
  func abort(lane: Int) {
    guard lane < transfers.count, transfers[lane].isActive else { return }
    connectionsOpened += transfers[lane].connectionsOpened
    curl_multi_remove_handle(multi, transfers[lane].easy)
    transfers[lane].forget()
    activeCount -= 1
  }

  /// Ends all exchanges.
  func abort() {
    for lane in transfers.indices { abort(lane: lane) }
  }

  /// An exchange that curl says has ended, and its code.
  private var nextResult: (Int, CURLcode)? {
    var remaining: Int32 = 0
    while let message = curl_multi_info_read(multi, &remaining) {
      guard message.pointee.msg == CURLMSG_DONE else { continue }
      let easy = message.pointee.easy_handle
      if let lane = transfers.firstIndex(where: { $0.isActive && $0.easy == easy }) {
        return (lane, llm_message_result(message))
      }
    }
    return nil
  }
}
