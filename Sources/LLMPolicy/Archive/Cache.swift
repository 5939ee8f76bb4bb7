import LLMConfig
import LLMCore
import LLMDialects

/// Answers that are kept for requests that come again, and requests under way that others wait for. One for each
/// provider; shared by all its calls.
public final class Cache: @unchecked Sendable {
  /// What the configuration says of it.
  public struct Rules: Sendable {
    /// How long an answer is good.
    public var ttl: Microseconds = .milliseconds(3_600_000)
    /// What all answers may take.
    public var maxBytes = 64 << 20
    /// What must be equal beside the request: the digest of the provider, its address and its key.
    public var scope = ""
    /// Within which requests are compared that name no other.
    public var namespace = ""

    /// The defaults.
    public init() {}
  }

  /// What it says of a request.
  enum Verdict {
    case play(Recording)
    /// Send it; others may be waiting for what comes of the flight.
    case send(Flight?)
    case wait(until: Microseconds)
  }

  /// A request under way, and who waits for its answer.
  final class Flight {
    fileprivate let key: String
    /// Whether somebody is sending it: where its call failed, the next who asks does.
    fileprivate var isLed = true
    /// The last sign of life of the call that sends it.
    fileprivate var lastSign: Microseconds
    fileprivate var waiting: [ArchiveQuery] = []
    /// The answer, until all who waited for it have it.
    fileprivate var answer: Recording?

    fileprivate init(key: String, now: Microseconds) {
      self.key = key
      lastSign = now
    }
  }

  private let rules: Rules
  /// Where answers lie that other processes and the next run are to find; nil for memory.
  private let blobs: (any BlobStore)?
  private let lock = Lock()
  private var table: CacheTable
  /// By the first digits of their keys.
  private var flights = [[Flight]](repeating: [], count: 256)
  private var hits: Int64 = 0
  private var misses: Int64 = 0
  private var waits: Int64 = 0

  /// An empty cache.
  public init(_ rules: Rules, blobs: (any BlobStore)? = nil) {
    self.rules = rules
    self.blobs = blobs
    table = CacheTable(maxBytes: rules.maxBytes)
  }

  // MARK: Asking

  func ask(_ query: ArchiveQuery, _ facts: ArchiveQueryFacts, now: Microseconds) -> Verdict {
    let wishes = facts.wishes
    if facts.cacheKey.isEmpty {
      facts.cacheKey = RequestKey.make(
        scope: rules.scope + "\n" + (wishes.namespace ?? rules.namespace), facts.canonicalText)
    }
    guard wishes.reads else { return .send(nil) }
    let verdict = lock.withLock { decide(query, facts.cacheKey, wishes, now: now) }
    guard case .send(let flight) = verdict, let blobs else { return verdict }
    guard let recording = StoredRecording.read(facts, on: blobs, unixNow: query.unixNow) else { return verdict }
    lock.withLock {
      hits += 1
      misses -= 1
    }
    if let flight { land(flight, with: recording) }
    return .play(recording)
  }

  private func decide(_ query: ArchiveQuery, _ key: String, _ wishes: CacheWishes, now: Microseconds) -> Verdict {
    let known = flight(key)
    if let recording = table.recording(for: key, now: now, notBefore: wishes.maxAge.map { now &- $0 } ?? .min) {
      if let known { leave(known, at: known.waiting.firstIndex { $0 === query }) }
      hits += 1
      return .play(recording)
    }
    if let known { return join(known, query, now: now) }
    misses += 1
    guard wishes.writes else { return .send(nil) }
    let flight = Flight(key: key, now: now)
    flights[bucket(key)].append(flight)
    return .send(flight)
  }

  private func flight(_ key: String) -> Flight? {
    for flight in flights[bucket(key)] where flight.key == key { return flight }
    return nil
  }

  private func bucket(_ key: String) -> Int { CacheTable.bucket(of: key, count: flights.count) }

  private func join(_ flight: Flight, _ query: ArchiveQuery, now: Microseconds) -> Verdict {
    let place = flight.waiting.firstIndex { $0 === query }
    if let recording = flight.answer {
      leave(flight, at: place)
      hits += 1
      return .play(recording)
    }
    guard flight.isLed else {
      leave(flight, at: place)
      flight.isLed = true
      flight.lastSign = now
      misses += 1
      return .send(flight)
    }
    // A call that its program has stopped driving says nothing, and would let the others wait for ever.
    let end = flight.lastSign &+ query.patience
    guard query.waker != nil, now < end else {
      leave(flight, at: place)
      misses += 1
      return .send(nil)
    }
    if place == nil {
      flight.waiting.append(query)
      waits += 1
    }
    return .wait(until: end)
  }

  private func leave(_ flight: Flight, at place: Int?) {
    if let place { flight.waiting.remove(at: place) }
    if flight.waiting.isEmpty, flight.answer != nil { forget(flight) }
  }

  private func forget(_ flight: Flight) {
    let bucket = bucket(flight.key)
    for index in flights[bucket].indices where flights[bucket][index] === flight {
      flights[bucket].remove(at: index)
      return
    }
  }

  /// Who waited does not any more.
  func giveUp(_ query: ArchiveQuery) {
    let key = query.facts.cacheKey
    let next = lock.withLock { () -> ArchiveQuery? in
      guard let flight = flight(key), let place = flight.waiting.firstIndex(where: { $0 === query }) else {
        return nil
      }
      leave(flight, at: place)
      // It may have been the one who was to send the request.
      return flight.isLed ? nil : heir(of: flight)
    }
    next?.waker?.wake()
  }

  /// Who is to send the request of a flight that nobody leads. Whoever asks first will, so that nobody is waited for who
  /// is gone.
  private func heir(of flight: Flight) -> ArchiveQuery? {
    if flight.waiting.isEmpty, flight.answer == nil { forget(flight) }
    return flight.waiting.first
  }

  // MARK: Being answered

  /// The call that sends a flight's request has heard something.
  func sign(of flight: Flight, now: Microseconds) { lock.withLock { flight.lastSign = now } }

  /// A whole answer: kept, and played to those who wait for it. What kept it from being kept costs the call nothing.
  func keep(_ recording: Recording, of flight: Flight?, _ query: ArchiveQuery, now: Microseconds) -> LLMError? {
    let facts = query.facts
    let ttl = facts.wishes.ttl ?? rules.ttl
    if blobs == nil {
      lock.withLock { table.insert(recording, for: facts.cacheKey, storedAt: now, expiresAt: now &+ ttl) }
    }
    if let flight { land(flight, with: recording) }
    guard let blobs, let reason = StoredRecording.write(recording, facts, on: blobs, ttl: ttl, unixNow: query.unixNow)
    else {
      return nil
    }
    return LLMError(.internal, "an answer was not cached in \(blobs.place): \(reason)")
  }

  private func land(_ flight: Flight, with recording: Recording) {
    let waiting = lock.withLock { () -> [ArchiveQuery] in
      flight.answer = recording
      flight.isLed = true
      if flight.waiting.isEmpty { forget(flight) }
      return flight.waiting
    }
    for query in waiting { query.waker?.wake() }
  }

  /// No answer, or none that others are to have: the next one is sent.
  func fail(_ flight: Flight) {
    let next = lock.withLock { () -> ArchiveQuery? in
      flight.isLed = false
      return heir(of: flight)
    }
    next?.waker?.wake()
  }

  // MARK: Status

  func fill(_ status: JSON) {
    let document = JSON.object()
    blobs?.fill(status)
    lock.withLock {
      document.set("hits", hits)
      document.set("misses", misses)
      document.set("waits", waits)
      guard blobs == nil else { return }
      document.set("evictions", table.evictions)
      document.set("entries", table.count)
      document.set("bytes", table.bytes)
    }
    status.set("cache", document)
  }
}

/// What a request wishes of the cache: `llm.cache`, in the words of HTTP's Cache-Control.
final class CacheWishes {
  /// An answer out of the cache will do.
  let reads: Bool
  /// The answer may be kept.
  let writes: Bool
  /// How long, in place of the configuration's time.
  let ttl: Microseconds?
  /// How old an answer may be.
  let maxAge: Microseconds?
  /// Within which requests are compared.
  let namespace: String?

  /// Reads `llm.cache`, which was checked.
  init(_ settings: CallSettings) {
    let wishes = settings.cache ?? .null
    let isOff = wishes.bool == false
    reads = !isOff && wishes.bool("no_cache") != true
    writes = !isOff && wishes.bool("no_store") != true
    ttl = wishes.int("ttl_s").map { .milliseconds($0 * 1000) }
    maxAge = wishes.int("max_age_s").map { .milliseconds($0 * 1000) }
    namespace = wishes.string("namespace")
  }
}

extension ArchiveQuery {
  /// Microseconds since 1970.
  var unixNow: Microseconds { unixSeconds &* 1_000_000 }

  /// How long a call may be silent before those who wait for it send their own: no call that is alive is silent for
  /// longer than its time-outs.
  fileprivate var patience: Microseconds {
    let bound = max(settings.firstTokenTimeout, settings.idleTimeout)
    return bound > 0 ? bound : CallSettings().firstTokenTimeout
  }
}
