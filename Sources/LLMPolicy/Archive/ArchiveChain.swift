import LLMCore
import LLMDialects

/// The archives of a provider in the order in which they are asked: recordings, then the cache; what is sent goes to the
/// cache and to the recorder.
public final class ArchiveChain: Archive {
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
  public func look(up query: ArchiveQuery, now: Microseconds) -> ArchiveAnswer {
    do throws(LLMError) {
      if let replayer, let recording = try replayer.find(query) {
        return .play(RecordingPlayer(recording, keepsTime: replayer.keepsTime), isCached: false)
      }
    } catch { return .refused(error) }
    // What has no body asks how things are: which models there are, whether a key is good.
    let facts = query.facts
    var flight: Cache.Flight?
    var isKept = false
    if let cache, query.request.body != nil {
      isKept = facts.wishes.writes
      switch cache.ask(query, facts, now: now) {
      case .play(let recording): return .play(RecordingPlayer(recording, keepsTime: false), isCached: true)
      case .wait(let moment): return .wait(until: moment)
      case .send(let new): flight = new
      }
    }
    guard isKept || recorder != nil else { return .send(keeper: nil) }
    return .send(keeper: RecordingKeeper(self, query, isKept ? cache : nil, flight, now: now))
  }

  /// The call no longer waits for the answer of another.
  public func giveUp(_ query: ArchiveQuery) {
    cache?.giveUp(query)
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

/// Recordings an exchange, for the cache and the recorder.
private final class RecordingKeeper: ExchangeKeeper {
  private let archives: ArchiveChain
  private let query: ArchiveQuery
  /// Where it is kept; nil for nowhere.
  private let cache: Cache?
  private let flight: Cache.Flight?
  private let recording = Recording()
  private var last: Microseconds
  private var isOver = false

  init(_ archives: ArchiveChain, _ query: ArchiveQuery, _ cache: Cache?, _ flight: Cache.Flight?, now: Microseconds) {
    self.archives = archives
    self.query = query
    self.cache = cache
    self.flight = flight
    last = now
  }

  func received(_ head: HTTPHead, now: Microseconds) {
    recording.head = head
    recording.headPause = pause(now)
  }

  func received(_ bytes: UnsafeRawBufferPointer, now: Microseconds) { recording.append(bytes, pause: pause(now)) }

  private func pause(_ now: Microseconds) -> Microseconds {
    let pause = max(0, now &- last)
    last = now
    if let flight { cache?.sign(of: flight, now: now) }
    return pause
  }

  func ended(_ error: LLMError?, now: Microseconds) {
    guard !isOver else { return }
    isOver = true
    recording.endPause = pause(now)
    recording.trim()
    // What was recorded without memory may lack a part.
    let isWhole = error?.code != .noMemory && !Memory.hasRunOut
    if isWhole, error?.code != .cancelled { archives.tell(archives.recorder?.record(recording, error, query)) }
    guard let cache else { return }
    if isWhole, error == nil, let head = recording.head, 200..<300 ~= head.status {
      archives.tell(cache.keep(recording, of: flight, query, now: now))
    } else if let flight {
      cache.fail(flight)
    }
  }
}
