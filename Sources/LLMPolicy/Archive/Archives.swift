import LLMCore
import LLMDialects

/// The archives of a provider in the order in which they are asked: recordings, then the cache; what is sent goes to the
/// cache and to the recorder.
public final class Archives: Archive {
  private let replayer: Replayer?
  private let cache: Cache?
  fileprivate let recorder: Recorder?
  private let reporter: (any ArchiveReporter)?

  /// Those that are configured; the reporter is told of a full disk.
  public init(
    replayer: Replayer? = nil, cache: Cache? = nil, recorder: Recorder? = nil, reporter: (any ArchiveReporter)? = nil
  ) {
    self.replayer = replayer
    self.cache = cache
    self.recorder = recorder
    self.reporter = reporter
  }

  /// What is known of a request.
  public func look(up inquiry: Inquiry, now: Microseconds) -> ArchiveAnswer {
    // What is made within the process is not sent.
    if inquiry.isOfEngine { return .send(keeper: nil) }
    do throws(LLMError) {
      if let replayer, let tape = try replayer.find(inquiry) {
        return .play(TapePlayer(tape, keepsTime: replayer.keepsTime), isCached: false)
      }
    } catch { return .refused(error) }
    // What has no body asks how things are: which models there are, whether a key is good.
    let facts = inquiry.facts
    var flight: Cache.Flight?
    var isKept = false
    if let cache, inquiry.request.body != nil {
      isKept = facts.wishes.writes
      switch cache.ask(inquiry, facts, now: now) {
      case .play(let tape): return .play(TapePlayer(tape, keepsTime: false), isCached: true)
      case .wait(let moment): return .wait(until: moment)
      case .send(let new): flight = new
      }
    }
    guard isKept || recorder != nil else { return .send(keeper: nil) }
    return .send(keeper: TapeKeeper(self, inquiry, isKept ? cache : nil, flight, now: now))
  }

  /// The call no longer waits for the answer of another.
  public func giveUp(_ inquiry: Inquiry) {
    cache?.giveUp(inquiry)
  }

  /// What the cache and the recorder have done.
  public func fill(_ status: JSON) {
    cache?.fill(status)
    recorder?.fill(status)
  }

  fileprivate func tell(_ error: LLMError?) {
    guard let error else { return }
    Log.write(.warning) { "\(error.message)" }
    reporter?.archiveFailed(error)
  }
}

extension Inquiry {
  /// Whether it has no address: an engine within the process answers it.
  fileprivate var isOfEngine: Bool { !request.url.startsWith("/") && !request.url.containsText("://") }
}

/// Tapes an exchange, for the cache and the recorder.
private final class TapeKeeper: ExchangeKeeper {
  private let archives: Archives
  private let inquiry: Inquiry
  /// Where it is kept; nil for nowhere.
  private let cache: Cache?
  private let flight: Cache.Flight?
  private let tape = Tape()
  private var last: Microseconds
  private var isOver = false

  init(_ archives: Archives, _ inquiry: Inquiry, _ cache: Cache?, _ flight: Cache.Flight?, now: Microseconds) {
    self.archives = archives
    self.inquiry = inquiry
    self.cache = cache
    self.flight = flight
    last = now
  }

  func received(_ head: HTTPHead, now: Microseconds) {
    tape.head = head
    tape.headPause = pause(now)
  }

  func received(_ bytes: UnsafeRawBufferPointer, now: Microseconds) { tape.append(bytes, pause: pause(now)) }

  private func pause(_ now: Microseconds) -> Microseconds {
    let pause = max(0, now &- last)
    last = now
    if let flight { cache?.sign(of: flight, now: now) }
    return pause
  }

  func ended(_ error: LLMError?, now: Microseconds) {
    guard !isOver else { return }
    isOver = true
    tape.endPause = pause(now)
    tape.trim()
    if error?.code != .cancelled { archives.tell(archives.recorder?.record(tape, error, inquiry)) }
    guard let cache else { return }
    if error == nil, let head = tape.head, 200..<300 ~= head.status {
      archives.tell(cache.keep(tape, of: flight, inquiry, now: now))
    } else if let flight {
      cache.fail(flight)
    }
  }
}
