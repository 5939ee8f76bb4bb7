import CSystem
import LLMCore

/// One exchange at a time on a curl multi handle of its own, whose cache keeps the connection alive for the next.
/// A channel serves one thread at a time, but not always the same.
final class Channel {
  /// Where an exchange stands after a round.
  enum State {
    case running
    /// It is over, and the channel is free for the next.
    case ended(TransportFailure?, HTTPTiming, connectionsOpened: Int)
    /// The machine wants no more of it.
    case stopped
  }

  /// The `CURLM`.
  let multi: UnsafeMutableRawPointer
  private let exchange: Transfer

  init?(caches: SharedCaches) {
    guard let exchange = Transfer(caches: caches), let multi = curl_multi_init() else { return nil }
    self.exchange = exchange
    self.multi = multi
  }

  deinit {
    abort()
    curl_multi_cleanup(multi)
  }

  /// Starts an exchange; `advance` carries it on.
  func start(_ request: HTTPRequest, _ options: ExchangeOptions, for machine: any Machine, now: Microseconds)
    -> TransportFailure?
  {
    guard let easy = exchange.easy else { return .outOfMemory }
    if let failure = exchange.begin(request, options, for: machine, now: now) { return failure }
    guard curl_multi_add_handle(multi, easy) == CURLM_OK else {
      exchange.forget()
      return .outOfMemory
    }
    return nil
  }

  /// Moves what bytes can be moved without waiting, and tells the machine of them.
  func advance(now: Microseconds) -> State {
    exchange.now = now
    var running: Int32 = 0
    let code = curl_multi_perform(multi, &running)
    exchange.noteConnection()
    if exchange.isStopped { return .stopped }
    if code == CURLM_OK && running > 0 { return .running }
    let failure = exchange.outcome(of: code == CURLM_OK ? result : CURLE_OUT_OF_MEMORY)
    let timing = exchange.timing
    return .ended(failure, timing, connectionsOpened: abort())
  }

  /// Whether the machine was told anything since this was last asked.
  func takeHasTold() -> Bool {
    defer { exchange.hasTold = false }
    return exchange.hasTold
  }

  /// Blocks until there is something to do, for at most so long.
  func wait(atMost time: Microseconds) {
    curl_multi_poll(multi, nil, 0, Int32(clamping: time.wholeMilliseconds), nil)
  }

  /// Ends the exchange; its connection is closed unless the response was complete. The number of connections that it had
  /// opened.
  @discardableResult
  func abort() -> Int {
    guard exchange.isActive else { return 0 }
    let opened = exchange.connectionsOpened
    curl_multi_remove_handle(multi, exchange.easy)
    exchange.forget()
    return opened
  }

  /// The code with which the exchange ended.
  private var result: CURLcode {
    var remaining: Int32 = 0
    while let message = curl_multi_info_read(multi, &remaining) {
      if message.pointee.msg == CURLMSG_DONE { return llm_message_result(message) }
    }
    return CURLE_FAILED_INIT
  }
}
