import LLMCore
import LLMDialects

/// Plays recordings in the place of services: each request gets the answers that were recorded for it, in their order,
/// and the last one again and again.
public final class Replayer: @unchecked Sendable {
  /// One file.
  private final class Recording {
    let name: String
    let provider: String
    let text: ByteBuffer
    let key: String
    let tape: Tape
    var hasBeenPlayed = false

    init(_ name: String, _ provider: String, _ request: JSON, _ tape: Tape) {
      self.name = name
      self.provider = provider
      self.tape = tape
      // Of the request and not of a key in the file, so that a hand may change either.
      text = RequestKey.canonicalText(of: request)
      key = RequestKey.make(scope: provider, text)
    }
  }

  private let shelf: any Shelf
  private let isStrict: Bool
  /// Whether answers take the time that they took.
  let keepsTime: Bool
  private let lock = Lock()
  /// In the order of their names; nil before the first request.
  private var recordings: [Recording]?
  /// Files that are none, until the log was told.
  private var unread: [String] = []

  /// Plays what lies on a shelf. What is not found there is an error, or, where it is not strict, sent.
  public init(_ shelf: any Shelf, isStrict: Bool, keepsTime: Bool) {
    self.shelf = shelf
    self.isStrict = isStrict
    self.keepsTime = keepsTime
  }

  /// The answer; nil where the request is to be sent.
  func find(_ inquiry: Inquiry) throws(LLMError) -> Tape? {
    let key = inquiry.facts.recordingKey
    let (tape, unreadable) = lock.withLock { () -> (Tape?, [String]) in
      defer { unread = [] }
      return (next(key), unread)
    }
    for name in unreadable {
      Log.write(.warning) { "\(name) in \(shelf.place) is no recording that this version can read" }
    }
    if let tape { return tape }
    if isStrict { throw missing(inquiry) }
    return nil
  }

  /// The first that was not played, else the last.
  private func next(_ key: String) -> Tape? {
    var last: Recording?
    for recording in loaded() where recording.key == key {
      last = recording
      if !recording.hasBeenPlayed { break }
    }
    last?.hasBeenPlayed = true
    return last?.tape
  }

  // MARK: Reading

  private func loaded() -> [Recording] {
    if let recordings { return recordings }
    var found: [Recording] = []
    for name in shelf.names() where name.endsWith(".json") {
      if let recording = read(name) {
        found.append(recording)
      } else {
        unread.append(name)
      }
    }
    recordings = found
    return found
  }

  private func read(_ name: String) -> Recording? {
    guard let buffer = shelf.read(name) else { return nil }
    let document: JSON
    do throws(JSONSyntaxError) {
      document = try JSON.parse(buffer.bytes)
    } catch { return nil }
    guard document.int("version") == Int64(Recorder.version), let request = document["request"],
      let provider = document.string("provider"), let tape = TapeDocument.tape(from: document)
    else { return nil }
    return Recording(name, provider, request, tape)
  }

  // MARK: What is missing

  private func missing(_ inquiry: Inquiry) -> LLMError {
    let text = inquiry.facts.canonicalText.bytes
    var nearest: (recording: Recording, start: Int, ends: Int)?
    for recording in lock.withLock({ loaded() }) {
      let (start, end) = commonEnds(text, recording.text.bytes)
      if start + end > nearest?.ends ?? -1 { nearest = (recording, start, start + end) }
    }
    var message = formatted(
      """
      \(shelf.place) holds no recording of this request (\(inquiry.request.method) \(inquiry.request.url) of \
      \(inquiry.provider), key \(inquiry.facts.recordingKey.keeping(bytes: 8)))
      """)
    if let nearest {
      let (recording, start) = (nearest.recording, nearest.start)
      message += formatted(
        """
        ; the nearest, \(recording.name) of \(recording.provider), has \(excerpt(recording.text.bytes, start)) where \
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
