import LLMCore
import LLMDialects

/// The archives of a provider in the order in which they are asked: recordings, then the cache; what is sent goes to the
/// cache and to the recorder.
public final class Archives: Archive {
  private let replayer: Replayer?
  fileprivate let cache: Cache?
  fileprivate let recorder: Recorder?
  private let reporter = Locked<(any ArchiveReporter)?>(nil)

  /// Those that are configured.
  public init(replayer: Replayer?, cache: Cache?, recorder: Recorder?) {
    self.replayer = replayer
    self.cache = cache
    self.recorder = recorder
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
    guard let cache, inquiry.request.body != nil, let wishes = CacheWishes(inquiry.settings) else {
      return .send(keeper: recorder == nil ? nil : TapeKeeper(self, inquiry, nil, nil, now: now))
    }
    let key = cache.key(of: inquiry, wishes)
    switch cache.ask(inquiry, key, wishes, now: now) {
    case .play(let tape): return .play(TapePlayer(tape, keepsTime: false), isCached: true)
    case .wait(let moment): return .wait(until: moment)
    case .send(let flight):
      guard wishes.writes || recorder != nil else { return .send(keeper: nil) }
      return .send(keeper: TapeKeeper(self, inquiry, wishes, flight, now: now))
    }
  }

  /// The call no longer waits for the answer of another.
  public func giveUp(_ inquiry: Inquiry) {
    guard let cache, let wishes = CacheWishes(inquiry.settings) else { return }
    cache.giveUp(inquiry, cache.key(of: inquiry, wishes))
  }

  /// What the cache and the recorder have done.
  public func fill(_ status: JSON) {
    cache?.fill(status)
    recorder?.fill(status)
  }

  /// Says who is told of a full disk.
  public func report(to reporter: any ArchiveReporter) { self.reporter.withLock { $0 = reporter } }

  fileprivate func tell(_ error: LLMError?) {
    guard let error else { return }
    Log.write(.warning) { "\(error.message)" }
    reporter.withLock { $0 }?.archiveFailed(error)
  }
}

extension Inquiry {
  /// Whether it has no address: an engine within the process answers it.
  fileprivate var isOfEngine: Bool { !request.url.startsWith("/") && !request.url.containsText("://") }
}

extension Cache {
  /// The key, made once for an inquiry.
  fileprivate func key(of inquiry: Inquiry, _ wishes: CacheWishes) -> String {
    if let key = inquiry.facts.cacheKey { return key }
    let key = key(inquiry.facts.canonicalText, wishes)
    inquiry.facts.cacheKey = key
    return key
  }
}

/// Tapes an exchange, for the cache and the recorder.
private final class TapeKeeper: ExchangeKeeper {
  private let archives: Archives
  private let inquiry: Inquiry
  /// What the cache is to do with it; nil for nothing.
  private let wishes: CacheWishes?
  private let flight: Cache.Flight?
  private let tape = Tape()
  private var last: Microseconds
  private var isOver = false

  init(_ archives: Archives, _ inquiry: Inquiry, _ wishes: CacheWishes?, _ flight: Cache.Flight?, now: Microseconds) {
    self.archives = archives
    self.inquiry = inquiry
    self.wishes = wishes
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
    if let flight { archives.cache?.sign(of: flight, now: now) }
    return pause
  }

  func ended(_ error: LLMError?, now: Microseconds) {
    guard !isOver else { return }
    isOver = true
    tape.endPause = pause(now)
    tape.trim()
    if error?.code != .cancelled { archives.tell(archives.recorder?.record(tape, error, inquiry)) }
    guard let cache = archives.cache, let wishes else { return }
    if error == nil, let head = tape.head, 200..<300 ~= head.status {
      archives.tell(cache.keep(tape, of: flight, inquiry, inquiry.facts.cacheKey ?? "", wishes, now: now))
    } else if let flight {
      cache.fail(flight)
    }
  }
}
