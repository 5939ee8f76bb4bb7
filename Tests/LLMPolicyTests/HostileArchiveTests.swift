import LLMConfig
import LLMCore
import LLMDialects
import Testing

@testable import LLMPolicy

/// What a disk, a clock, or somebody who shares the place has done to answers that were kept.
struct HostileArchiveTests {
  private let blobs = TestBlobStore()

  private func cache() -> ArchiveChain { ArchiveChain(cache: Cache(Cache.Rules(), blobs: blobs)) }

  private func kept(_ answer: String, _ request: TestRequest = TestRequest()) throws -> String {
    let call = try TestCall(cache(), request)
    call.ask()
    call.answer(answer)
    return try #require(blobs.names().first)
  }

  private func buffer(_ bytes: some Sequence<UInt8>) -> ByteBuffer {
    let buffer = ByteBuffer()
    for byte in bytes { buffer.append(byte) }
    return buffer
  }

  @Test func aChangedByteIsNotPlayed() throws {
    let name = try kept("an answer of some length")
    let document = Array(blobs.text(name).utf8)
    for place in document.indices {
      for change: UInt8 in [1, 0x20] {
        var spoilt = document
        spoilt[place] ^= change
        _ = blobs.write(name, buffer(spoilt))
        #expect(try TestCall(cache()).ask() == "send", "\(place)")
        #expect(blobs.names().isEmpty, "what is damaged is dropped")
      }
    }
    _ = blobs.write(name, buffer(document))
    #expect(try TestCall(cache()).ask() == "cached an answer of some length")
  }

  @Test func anAnswerUnderAnotherNameIsNotPlayed() throws {
    let name = try kept("one")
    let text = blobs.text(name)
    #expect(blobs.remove(name))
    let other = TestRequest(body: #"{"model":"m","messages":[{"role":"user","content":"Goodbye"}]}"#)
    let otherName = try kept("two", other)
    _ = blobs.write(otherName, buffer(text.utf8))
    #expect(try TestCall(cache(), other).ask() == "send")
  }

  @Test func anAnswerOfTheFutureIsDropped() throws {
    _ = try kept("x", TestRequest(unixSeconds: 2_000_000_000))
    // Clocks of machines differ a little.
    #expect(try TestCall(cache(), TestRequest(unixSeconds: 1_999_999_996)).ask() == "cached x")
    #expect(try TestCall(cache(), TestRequest(unixSeconds: 1_700_000_000)).ask() == "send")
    #expect(blobs.names().isEmpty)
  }

  // MARK: Recordings

  @Test(arguments: ["5", "-1", "9223372036854775807", "99", "600"]) func aStatusThatCannotBeIsNone(status: String)
    throws
  {
    let document = try JSON.parse(#"{"response":{"status":\#(status),"headers":{},"chunks":[]}}"#)
    #expect(RecordingDocument.recording(from: document) == nil)
  }

  @Test func aRecordedFieldIsOneLine() throws {
    let document = try JSON.parse(
      #"{"response":{"status":200,"headers":{"A":"b\nRetry-After: 9\r\n","C\nD":"e"},"chunks":[]}}"#)
    let head = try #require(RecordingDocument.recording(from: document)?.head)
    #expect(head.fields.count == 2)
    #expect(head["Retry-After"] == nil && head["A"]?.hasPrefix("b Retry-After: 9") == true)
  }

  @Test func seriesAreCountedForSoManyRequests() {
    var series = RecordedSeries(mostRequests: 3)
    for key in ["a", "b", "c"] { #expect(series.next(key) == 1) }
    #expect(series.next("a") == 2)
    #expect(series.next("d") == nil)
    #expect(series.next("a") == 3 && series.next("c") == 2)
  }
}
