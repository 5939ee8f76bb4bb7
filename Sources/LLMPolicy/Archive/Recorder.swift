import LLMConfig
import LLMCore
import LLMDialects
import Synchronization

/// Writes exchanges down, a file for each, without secrets. docs/testing.md describes the files.
public final class Recorder: @unchecked Sendable {
  /// The version of the files.
  static let version = 1
  private static let keyDigits = 8
  private static let longestName = 100
  /// So deep have members lines of their own: a chunk has one.
  private static let lineDepth = 3

  private let blobs: any BlobStore
  private let series = Locked(RecordedSeries())
  private let written = Atomic<Int>(0)
  private let failed = Atomic<Int>(0)

  /// Writes to the store.
  public init(_ blobs: any BlobStore) { self.blobs = blobs }

  /// Writes an exchange down. What cannot be written costs the call nothing.
  func record(_ recording: Recording, _ error: LLMError?, _ query: ArchiveQuery) -> LLMError? {
    if let failure = Recorder.failure(in: recording, error) { recording.failure = failure }
    guard recording.head != nil || recording.failure != nil else { return nil }
    let base = Recorder.baseName(query)
    let known = series.withLock { $0.next(query.facts.recordingKey) }
    let number = known ?? firstFree(base)
    guard let reason = write(recording, query, Recorder.fileName(base, number)) else {
      written.add(1, ordering: .relaxed)
      // A request that is recorded anew has no answers left of the last time.
      var old = 2
      while known == 1, blobs.remove(Recorder.fileName(base, old)) { old += 1 }
      return nil
    }
    failed.add(1, ordering: .relaxed)
    return LLMError(.internal, "an exchange was not recorded in \(blobs.place): \(reason)")
  }

  /// Why it could not be written.
  private func write(_ recording: Recording, _ query: ArchiveQuery, _ name: String) -> String? {
    let document = document(recording, query)
    if Memory.hasRunOut { return LLMError.noMemory.message }
    return blobs.write(name, document, timeToLive: 0)
  }

  /// How an exchange broke: what the transport said, or that time ran out. An error that the service sent is in what it
  /// sent, and one that its dialect found is found again.
  private static func failure(in recording: Recording, _ error: LLMError?) -> TransportFailure? {
    guard let error, error.status == nil, let stage = error.stage, stage != .decode else { return nil }
    switch error.code {
    case .connection, .tls, .timeout, .protocol, .tooLarge, .streamTruncated:
      let wasNotSent = stage == .connect || stage == .tls
      return TransportFailure(error.code, stage: stage, message: error.message, wasNotSent: wasNotSent)
    default: return nil
    }
  }

  /// The number behind those that are there, of a request of which it is not known how often it was recorded.
  private func firstFree(_ base: String) -> Int {
    func isTaken(_ number: Int) -> Bool { blobs.read(Recorder.fileName(base, number)) != nil }
    var (taken, free) = (0, 1)
    while isTaken(free) { (taken, free) = (free, free &* 2) }
    while free - taken > 1 {
      let middle = taken + (free - taken) / 2
      if isTaken(middle) { taken = middle } else { free = middle }
    }
    return free
  }

  // MARK: Names

  /// Provider, model and the first digits of the key.
  private static func baseName(_ query: ArchiveQuery) -> String {
    let name = ByteBuffer()
    for byte in (query.provider + "-" + query.model).utf8 where name.count < longestName {
      name.append(byte.isASCIIAlphanumeric || byte == UInt8(ascii: ".") ? byte : UInt8(ascii: "-"))
    }
    return name.string + "-" + query.facts.recordingKey.keeping(bytes: keyDigits)
  }

  /// With zeros, so that files are in the order of their numbers.
  private static func fileName(_ base: String, _ number: Int) -> String {
    formatted("\(base)-\(number < 100 ? "0" : "")\(number < 10 ? "0" : "")\(number).json")
  }

  // MARK: Documents

  private func document(_ recording: Recording, _ query: ArchiveQuery) -> ByteBuffer {
    let document = JSON.object()
    document.set("version", Recorder.version)
    document.set("provider", query.provider)
    document.set("model", query.model)
    document.set("request", query.facts.request)
    RecordingDocument.write(recording.copy(query.blotter), into: document)
    for part in ["request", "response"] {
      guard let headers = document[named: part]?["headers"] else { continue }
      for (name, value) in headers.members {
        headers.set(named: name, value.string.map { .string(Recorder.shown($0, of: name)) })
      }
    }
    let buffer = ByteBuffer(capacity: 2 * recording.size)
    document.write(into: buffer, linesToDepth: Recorder.lineDepth)
    buffer.append("\n")
    query.blotter.cover(buffer)
    return buffer
  }

  /// A header field's value, unless the name says that it is nobody's business: keys, cookies, who paid.
  private static func shown(_ value: String, of name: String) -> String {
    func names(_ word: String) -> Bool { name.containsText(word, ignoringCase: true) }
    // Limits and lengths are told in tokens.
    if names("limit") || names("count") { return value }
    let isHidden = names("signature") || names("organization") || names("project") || namesSecret(name)
    return isHidden ? Secret.redacted.text : value
  }

  func fill(_ status: JSON) {
    let document = JSON.object()
    document.set("dir", blobs.place)
    document.set("written", written.load(ordering: .relaxed))
    document.set("failed", failed.load(ordering: .relaxed))
    status.set("record", document)
  }
}
