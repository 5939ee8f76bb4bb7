import LLMCore
import LLMDialects

/// A recording as a document of a cache that processes share; times are those of the wall clock.
///
///     {"checksum": "90a4d6aa3a5b7c21", "answer": {"stored_at": 1700000000, "expires_at": 1700003600, "response": {…}}}
///
/// The checksum is of the document's name and of the bytes of its answer: what a disk, or somebody who shares the store,
/// has changed is not played, but dropped and asked for anew.
enum StoredRecording {
  private static let start: StaticText = "{\"checksum\":\""
  private static let middle: StaticText = "\",\"answer\":"
  private static let digits = 16
  /// So far the clocks of machines may differ, in seconds: what was stored later than now is not believed.
  private static let mostAhead: Int64 = 5

  static func read(_ facts: ArchiveQueryFacts, on blobs: any BlobStore, unixNow: Microseconds) -> Recording? {
    let name = name(facts)
    guard let buffer = blobs.read(name) else { return nil }
    let now = unixNow / 1_000_000
    guard let document = answer(in: buffer, name), let storedAt = document.int("stored_at"),
      let expiresAt = document.int("expires_at"), expiresAt > now, storedAt &- now <= mostAhead,
      let recording = RecordingDocument.recording(from: document), recording.head != nil
    else {
      _ = blobs.remove(name)
      return nil
    }
    if let maxAge = facts.wishes.maxAge, storedAt < now &- maxAge / 1_000_000 { return nil }
    return recording
  }

  static func write(
    _ recording: Recording, _ facts: ArchiveQueryFacts, on blobs: any BlobStore, ttl: Microseconds,
    unixNow: Microseconds
  ) -> String? {
    let document = JSON.object()
    document.set("stored_at", unixNow / 1_000_000)
    document.set("expires_at", (unixNow &+ ttl) / 1_000_000)
    RecordingDocument.write(recording, into: document)
    let answer = ByteBuffer(capacity: recording.size)
    document.write(into: answer)
    let name = name(facts)
    let buffer = ByteBuffer(capacity: answer.count + 64)
    let head = head(of: answer.bytes, name)
    withExtendedLifetime(head) { buffer.append(head.bytes) }
    buffer.append(answer.bytes)
    buffer.append("}")
    if Memory.hasRunOut { return LLMError.noMemory.message }
    return blobs.write(name, buffer, timeToLive: ttl)
  }

  /// What stands before an answer.
  private static func head(of answer: UnsafeRawBufferPointer, _ name: String) -> ByteBuffer {
    let head = ByteBuffer(capacity: 64)
    head.append(start.utf8)
    var rest = fnv1a(answer, from: fnv1a(name.utf8))
    for _ in 0..<digits {
      head.append(hexDigit(UInt8(truncatingIfNeeded: rest >> 60)))
      rest <<= 4
    }
    head.append(middle.utf8)
    return head
  }

  private static func hexDigit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }

  /// The answer of a document that nobody has changed.
  private static func answer(in buffer: ByteBuffer, _ name: String) -> JSON? {
    let headSize = start.utf8.count + digits + middle.utf8.count
    guard buffer.count > headSize, buffer.bytes.last == UInt8(ascii: "}") else { return nil }
    let answer = UnsafeRawBufferPointer(rebasing: buffer.bytes[headSize..<buffer.count - 1])
    let head = head(of: answer, name)
    guard withExtendedLifetime(head, { buffer.bytes.hasPrefix(head.bytes) }) else { return nil }
    return withExtendedLifetime(buffer) { parsed(answer) }
  }

  private static func parsed(_ answer: UnsafeRawBufferPointer) -> JSON? {
    do throws(JSONSyntaxError) { return try JSON.parse(answer) } catch { return nil }
  }

  private static func name(_ facts: ArchiveQueryFacts) -> String { facts.cacheKey + ".json" }
}
