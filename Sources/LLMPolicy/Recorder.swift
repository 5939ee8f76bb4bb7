import LLMCore
import LLMDialects
import Synchronization

/// Writes exchanges down, a file for each, without secrets. docs/testing.md describes the files.
public final class Recorder: @unchecked Sendable {
  /// A request that was recorded, and how often.
  private struct Series {
    let key: String
    var length: Int
  }

  /// The version of the files.
  static let version = 1
  private static let keyDigits = 8
  /// So deep have members lines of their own: a chunk has one.
  private static let lineDepth = 3

  private let shelf: any Shelf
  private let secrets: [Secret?]
  private let series = Locked<[Series]>([])
  private let written = Atomic<Int>(0)
  private let failed = Atomic<Int>(0)

  /// Writes to the shelf; the secrets of a request are known beside those.
  public init(_ shelf: any Shelf, secrets: [Secret?]) {
    self.shelf = shelf
    self.secrets = secrets
  }

  /// Writes an exchange down. What cannot be written costs the call nothing.
  func record(_ tape: Tape, _ error: LLMError?, _ inquiry: Inquiry) -> LLMError? {
    if let failure = Recorder.failure(in: tape, error) { tape.failure = failure }
    guard tape.head != nil || tape.failure != nil else { return nil }
    let facts = inquiry.facts
    let number = numberOfNext(facts.recordingKey)
    let base = Recorder.baseName(inquiry, facts)
    if number == 1 { removeSeries(base) }
    let name = Recorder.fileName(base, number)
    guard let reason = shelf.write(name, document(tape, inquiry, number)) else {
      written.add(1, ordering: .relaxed)
      return nil
    }
    failed.add(1, ordering: .relaxed)
    return LLMError(.internal, "an exchange was not recorded in \(shelf.place): \(reason)")
  }

  /// How an exchange broke: what the transport said, or that time ran out. An error that the service sent is in what it
  /// sent, and one that its dialect found is found again.
  private static func failure(in tape: Tape, _ error: LLMError?) -> TransportFailure? {
    guard let error, error.status == nil, let stage = error.stage, stage != .decode else { return nil }
    switch error.code {
    case .connection, .tls, .timeout, .protocol, .tooLarge, .streamTruncated:
      let wasNotSent = stage == .connect || stage == .tls
      return TransportFailure(error.code, stage: stage, message: error.message, wasNotSent: wasNotSent)
    default: return nil
    }
  }

  private func numberOfNext(_ key: String) -> Int {
    series.withLock { series in
      for index in series.indices where series[index].key == key {
        series[index].length += 1
        return series[index].length
      }
      series.append(Series(key: key, length: 1))
      return 1
    }
  }

  // MARK: Names

  /// Provider, model and the first digits of the key.
  private static func baseName(_ inquiry: Inquiry, _ facts: InquiryFacts) -> String {
    word(inquiry.provider) + "-" + word(inquiry.model) + "-" + facts.recordingKey.keeping(bytes: keyDigits)
  }

  private static func word(_ text: String) -> String {
    let longest = 60
    return String(
      decoding: text.utf8.prefix(longest).map {
        $0.isASCIIAlphanumeric || $0 == UInt8(ascii: ".") ? $0 : UInt8(ascii: "-")
      }, as: UTF8.self)
  }

  private static func fileName(_ base: String, _ number: Int) -> String {
    base + (number == 1 ? "" : formatted("-\(number)")) + ".json"
  }

  /// A request that is recorded anew has no answers left of the last time.
  private func removeSeries(_ base: String) {
    for name in shelf.names() where name.startsWith(base + "-") && name.endsWith(".json") {
      let number = name.dropping(bytes: base.utf8.count + 1)
      if number.keeping(bytes: number.utf8.count - 5).asInteger != nil { shelf.remove(name) }
    }
  }

  // MARK: Documents

  private func document(_ tape: Tape, _ inquiry: Inquiry, _ number: Int) -> ByteBuffer {
    let facts = inquiry.facts
    let redactor = Redactor(
      secrets + inquiry.request.headers.map { $0.secret } + [inquiry.request.secretQuery?.secret])
    let document = JSON.object()
    document.set("version", Recorder.version)
    document.set("provider", inquiry.provider)
    document.set("model", inquiry.model)
    document.set("number", number)
    document.set("request", Recorder.cleaned(facts.request))
    TapeDocument.write(redactor.blot(tape), into: document)
    let buffer = ByteBuffer(capacity: 2 * tape.size)
    document.write(into: buffer, linesToDepth: Recorder.lineDepth)
    buffer.append("\n")
    return redactor.blot(buffer)
  }

  private static func cleaned(_ request: JSON) -> JSON {
    let cleaned = request.copy()
    let headers = JSON.object()
    for (name, value) in request.members("headers") {
      let isKnown = value.string?.containsText(Secret.redacted.text) == true
      headers.set(named: name, isKnown ? value : .string(Redactor.blot(value.string ?? "", of: name)))
    }
    cleaned.set("headers", headers)
    return cleaned
  }

  func fill(_ status: JSON) {
    let document = JSON.object()
    document.set("dir", shelf.place)
    document.set("written", written.load(ordering: .relaxed))
    document.set("failed", failed.load(ordering: .relaxed))
    status.set("record", document)
  }
}
