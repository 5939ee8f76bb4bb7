import LLMCore
import LLMDialects

/// Plays recordings in the place of services: each request gets the answers that were recorded for it, in their order,
/// and the last one again and again.
public final class Replayer: @unchecked Sendable {
  /// One file.
  private final class Entry {
    let name: String
    let provider: String
    let text: ByteBuffer
    let key: String
    let recording: Recording
    var hasBeenPlayed = false

    init(_ name: String, _ provider: String, _ request: JSON, _ recording: Recording) {
      self.name = name
      self.provider = provider
      self.recording = recording
      // Of the request and not of a key in the file, so that a hand may change either.
      text = RequestKey.canonicalText(of: request)
      key = RequestKey.make(scope: provider, text)
    }
  }

  private let blobs: any BlobStore
  private let isStrict: Bool
  /// Whether answers take the time that they took.
  let keepsTime: Bool
  private let lock = Lock()
  /// In the order of their names; nil before the first request.
  private var entries: [Entry]?
  /// Files that are none, until the log was told.
  private var unread: [String] = []

  /// Plays what lies in a store. What is not found there is an error, or, where it is not strict, sent.
  public init(_ blobs: any BlobStore, isStrict: Bool, keepsTime: Bool) {
    self.blobs = blobs
    self.isStrict = isStrict
    self.keepsTime = keepsTime
  }

  /// The answer; nil where the request is to be sent.
  func find(_ query: ArchiveQuery) throws(LLMError) -> Recording? {
    let key = query.facts.recordingKey
    let entries = loaded()
    let (recording, unreadable) = lock.withLock { () -> (Recording?, [String]) in
      defer { unread = [] }
      return (next(key, entries), unread)
    }
    for name in unreadable {
      Log.write(.warning) { "\(name) in \(blobs.place) is no recording that this version can read" }
    }
    if let recording { return recording }
    if isStrict { throw missing(query) }
    return nil
  }

  /// The first that was not played, else the last.
  private func next(_ key: String, _ entries: [Entry]) -> Recording? {
    var last: Entry?
    for entry in entries where entry.key == key {
      last = entry
      if !entry.hasBeenPlayed { break }
    }
    last?.hasBeenPlayed = true
    return last?.recording
  }

  // MARK: Reading

  /// The files are read without the lock, which a slow disk would hold up all calls with; of two that read them at once
  /// the first has its way.
  private func loaded() -> [Entry] {
    if let entries = lock.withLock({ entries }) { return entries }
    var (found, none): ([Entry], [String]) = ([], [])
    // What cannot be read this time is looked for again.
    let names = blobs.listing()
    var isAll = names != nil && !Memory.hasRunOut
    for name in names ?? [] where name.endsWith(".json") {
      let text = blobs.read(name)
      isAll = isAll && text != nil
      if let entry = text.flatMap({ entry(name, $0) }) { found.append(entry) } else { none.append(name) }
    }
    isAll = isAll && !Memory.hasRunOut
    return lock.withLock {
      if let entries { return entries }
      unread = none
      if isAll { entries = found }
      return found
    }
  }

  private func entry(_ name: String, _ text: ByteBuffer) -> Entry? {
    let document: JSON
    do throws(JSONSyntaxError) {
      document = try JSON.parse(text.bytes)
    } catch { return nil }
    guard document.int("version") == Int64(Recorder.version), let request = document["request"],
      let provider = document.string("provider"), let recording = RecordingDocument.recording(from: document)
    else { return nil }
    return Entry(name, provider, request, recording)
  }

  // MARK: What is missing

  private func missing(_ query: ArchiveQuery) -> LLMError {
    let text = query.facts.canonicalText.bytes
    var nearest: (entry: Entry, start: Int, ends: Int)?
    for entry in loaded() {
      let (start, end) = commonEnds(text, entry.text.bytes)
      if start + end > nearest?.ends ?? -1 { nearest = (entry, start, start + end) }
    }
    var message = formatted(
      """
      \(blobs.place) holds no recording of this request (\(query.request.method) \(query.request.url) of \
      \(query.provider), key \(query.facts.recordingKey.keeping(bytes: 8)))
      """)
    if let nearest {
      let (entry, start) = (nearest.entry, nearest.start)
      message += formatted(
        """
        ; the nearest, \(entry.name) of \(entry.provider), has \(excerpt(entry.text.bytes, start)) where \
        this has \(excerpt(text, start))
        """)
    }
    return LLMError(
      .notFound,
      text: message + "; record it with \"record\", or let \"strict\": false of \"replay\" send what is not recorded")
  }

  private func commonEnds(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> (Int, Int) {
    let shorter = min(first.count, second.count)
    var (start, end) = (0, 0)
    while start < shorter, first[start] == second[start] { start += 1 }
    while end < shorter - start, first[first.count - 1 - end] == second[second.count - 1 - end] { end += 1 }
    return (start, end)
  }

  /// What stands around a place, as a JSON string.
  private func excerpt(_ text: UnsafeRawBufferPointer, _ place: Int) -> String {
    let (before, after) = (24, 24)
    let part = text[max(0, place - before)..<min(text.count, place + after)]
    return JSON.string(String(decoding: part, as: UTF8.self)).text
  }
}
