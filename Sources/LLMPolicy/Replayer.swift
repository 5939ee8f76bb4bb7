import LLMCore
import LLMDialects

/// Plays recordings in the place of services: each request gets the answers that were recorded for it, in their order,
/// and the last one again and again.
public final class Replayer: @unchecked Sendable {
  /// One file.
  private struct Recording {
    let name: String
    let key: String
    let number: Int64
    let request: JSON
    let provider: String
    let tape: Tape
  }

  private let shelf: any Shelf
  private let isStrict: Bool
  /// Whether answers take the time that they took.
  let keepsTime: Bool
  private let lock = Lock()
  /// In the order of their numbers; nil before the first request.
  private var recordings: [Recording]?
  /// How often each was played.
  private var plays: [Int] = []

  /// Plays what lies on a shelf. What is not found there is an error, or, where it is not strict, sent.
  public init(_ shelf: any Shelf, isStrict: Bool, keepsTime: Bool) {
    self.shelf = shelf
    self.isStrict = isStrict
    self.keepsTime = keepsTime
  }

  /// The answer; nil where the request is to be sent.
  func find(_ inquiry: Inquiry) throws(LLMError) -> Tape? {
    let facts = inquiry.facts
    let (tape, known) = lock.withLock { () -> (Tape?, [Recording]) in
      let recordings = loaded()
      return (next(facts.recordingKey, recordings), recordings)
    }
    if tape == nil, isStrict { throw missing(inquiry, facts, known) }
    return tape
  }

  /// The first that was not played, else the last.
  private func next(_ key: String, _ recordings: [Recording]) -> Tape? {
    var last: Int?
    for index in recordings.indices where recordings[index].key == key {
      last = index
      if plays[index] == 0 { break }
    }
    guard let last else { return nil }
    plays[last] += 1
    return recordings[last].tape
  }

  // MARK: Reading

  private func loaded() -> [Recording] {
    if let recordings { return recordings }
    var found: [Recording] = []
    for name in shelf.names() where name.endsWith(".json") {
      guard let recording = read(name) else {
        Log.write(.warning) { "\(name) in \(shelf.place) is no recording that this version can read" }
        continue
      }
      // In the order of the numbers; few files come out of order.
      var place = found.count
      while place > 0, Replayer.isBefore(recording, found[place - 1]) { place -= 1 }
      found.insert(recording, at: place)
    }
    recordings = found
    plays = [Int](repeating: 0, count: found.count)
    return found
  }

  private static func isBefore(_ first: Recording, _ second: Recording) -> Bool {
    if first.number != second.number { return first.number < second.number }
    return first.name.utf8.lexicographicallyPrecedes(second.name.utf8)
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
    // Of the request and not of a key in the file, so that a hand may change either.
    let key = RequestKey.make(scope: provider, RequestKey.canonicalText(of: request))
    return Recording(
      name: name, key: key, number: document.int("number") ?? 1, request: request, provider: provider, tape: tape)
  }

  // MARK: What is missing

  private func missing(_ inquiry: Inquiry, _ facts: InquiryFacts, _ recordings: [Recording]) -> LLMError {
    var text = formatted(
      """
      \(shelf.place) holds no recording of this request (\(inquiry.request.method) \(inquiry.request.url) of \
      "\(inquiry.provider)", key \(facts.recordingKey.keeping(bytes: 8)))
      """)
    if let nearest = nearest(to: facts, inquiry.provider, recordings) {
      text += "; the nearest, " + nearest.name + ", differs " + difference(nearest, inquiry, facts.request)
    }
    return LLMError(
      .notFound,
      text: text + "; record it with \"record\", or let \"strict\": false of \"replay\" send what is not recorded")
  }

  /// The one that has most at both ends in common.
  private func nearest(to facts: InquiryFacts, _ provider: String, _ recordings: [Recording]) -> Recording? {
    var best: (recording: Recording, score: Int)?
    for recording in recordings {
      let other = RequestKey.canonicalText(of: recording.request)
      let score = commonEnds(facts.canonicalText.bytes, other.bytes) + (recording.provider == provider ? 1 : 0)
      if score > best?.score ?? -1 { best = (recording, score) }
    }
    return best?.recording
  }

  private func commonEnds(_ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer) -> Int {
    let shorter = min(first.count, second.count)
    var (start, end) = (0, 0)
    while start < shorter, first[start] == second[start] { start += 1 }
    while end < shorter - start, first[first.count - 1 - end] == second[second.count - 1 - end] { end += 1 }
    return start + end
  }

  private func difference(_ recording: Recording, _ inquiry: Inquiry, _ request: JSON) -> String {
    if recording.provider != inquiry.provider { return "in its provider, \"" + recording.provider + "\"" }
    guard let own = request["body"], let other = recording.request["body"],
      let pointer = own.firstDifference(from: other, depth: 0)
    else { return "in its address" }
    return "at " + (pointer.isEmpty ? "its body" : pointer) + " of the body that is sent"
  }
}

extension JSON {
  /// A JSON pointer to the first place where two values differ; nil where they are equal.
  fileprivate func firstDifference(from other: JSON, depth: Int) -> String? {
    let deepest = 64
    if equals(other) { return nil }
    guard depth < deepest, kind == other.kind else { return "" }
    if isObject {
      for (name, value) in members + other.members.filter({ !has(named: $0.key) }) {
        guard let own = member(name), let theirs = other.member(name) else { return "/" + name }
        if let rest = value.firstDifference(from: own.equals(value) ? theirs : own, depth: depth + 1) {
          return "/" + name + rest
        }
      }
    }
    for (index, value) in elements.enumerated() {
      guard let theirs = other[index] else { return formatted("/\(index)") }
      if let rest = value.firstDifference(from: theirs, depth: depth + 1) { return formatted("/\(index)") + rest }
    }
    return isArray && count < other.count ? formatted("/\(count)") : ""
  }
}
