import LLMCore
import LLMDialects
import Testing

@testable import LLMPolicy

private func archives(
  ttl: Microseconds = 60 * second, maxBytes: Int = 1 << 20, scope: String = "", namespace: String = "",
  blobs: TestBlobStore? = nil
) -> ArchiveChain {
  var rules = Cache.Rules()
  rules.ttl = ttl
  rules.maxBytes = maxBytes
  rules.scope = scope
  rules.namespace = namespace
  return ArchiveChain(cache: Cache(rules, blobs: blobs))
}

private func request(_ prompt: String, llm: String = "") -> TestRequest {
  TestRequest(body: #"{"prompt":"\#(prompt)"}"#, llm: llm)
}

private func counter(_ name: String, _ archives: ArchiveChain) -> Int64? {
  let status = JSON.object()
  archives.fill(status)
  return status["cache"]?[named: name]?.int
}

/// What is kept, for how long, and for whom.
struct CacheTests {
  @Test func theSameAgainIsPlayed() throws {
    let archives = archives()
    let first = try TestCall(archives)
    #expect(first.ask() == "send")
    first.answer("Hel", "lo")
    #expect(try TestCall(archives).ask(1) == "cached Hel|lo")
    #expect(try TestCall(archives, request("other")).ask(1) == "send")
    #expect(counter("hits", archives) == 1)
    #expect(counter("misses", archives) == 2)
    #expect(counter("entries", archives) == 1)
  }

  @Test func timeToLive() throws {
    let archives = archives(ttl: 10 * second)
    let first = try TestCall(archives)
    first.ask(0)
    first.answer("old", at: 5 * second)
    #expect(try TestCall(archives).ask(15 * second - 1) == "cached old")
    let second = try TestCall(archives)
    #expect(second.ask(15 * 1_000_000) == "send")
    second.answer("new", at: 16 * 1_000_000)
    #expect(try TestCall(archives).ask(17 * 1_000_000) == "cached new")
  }

  @Test func timeToLiveOfTheRequest() throws {
    let archives = archives(ttl: 10 * second)
    let first = try TestCall(archives, request("x", llm: #"{"cache":{"ttl_s":2}}"#))
    first.ask(0)
    first.answer("x")
    #expect(try TestCall(archives, request("x")).ask(2 * second - 1) == "cached x")
    #expect(try TestCall(archives, request("x")).ask(2 * second) == "send")
  }

  @Test func maximalAge() throws {
    let archives = archives()
    let first = try TestCall(archives, request("x"))
    first.ask(0)
    first.answer("x")
    let picky = request("x", llm: #"{"cache":{"max_age_s":3}}"#)
    #expect(try TestCall(archives, picky).ask(3 * second) == "cached x")
    #expect(try TestCall(archives, picky).ask(3 * second + 1) == "send")
  }

  @Test(arguments: ["error", "status", "nothing", "dropped"]) func whatFailedIsNotKept(how: String) throws {
    let archives = archives()
    let first = try TestCall(archives)
    first.ask()
    switch how {
    case "error":
      first.hear(["half"])
      first.end(LLMError(.streamTruncated, "cut"))
    case "status": first.answer("no", status: 429)
    case "nothing": first.end(nil)
    default: first.end(LLMError(.cancelled, "dropped"))
    }
    #expect(try TestCall(archives).ask(1) == "send")
    #expect(counter("entries", archives) == 0)
  }

  @Test func wishesOfTheRequest() throws {
    let archives = archives()
    let off = try TestCall(archives, request("x", llm: #"{"cache":false}"#))
    #expect(off.ask() == "send unkept")
    let unstored = try TestCall(archives, request("x", llm: #"{"cache":{"no_store":true}}"#))
    #expect(unstored.ask() == "send unkept")
    let first = try TestCall(archives, request("x"))
    #expect(first.ask() == "send")
    first.answer("1")
    #expect(try TestCall(archives, request("x", llm: #"{"cache":false}"#)).ask() == "send unkept")
    #expect(try TestCall(archives, request("x", llm: #"{"cache":{"no_store":true}}"#)).ask() == "cached 1")
    let fresh = try TestCall(archives, request("x", llm: #"{"cache":{"no_cache":true}}"#))
    #expect(fresh.ask() == "send")
    fresh.answer("2")
    #expect(try TestCall(archives, request("x")).ask() == "cached 2")
    let neither = request("x", llm: #"{"cache":{"no_cache":true,"no_store":true}}"#)
    #expect(try TestCall(archives, neither).ask() == "send unkept")
    #expect(try TestCall(archives, request("x", llm: #"{"cache":true}"#)).ask() == "cached 2")
  }

  @Test func nameSpacesAndScopesShareNothing() throws {
    let blobs = TestBlobStore()
    let first = archives(scope: "one", namespace: "ours", blobs: blobs)
    let call = try TestCall(first, request("x"))
    call.ask()
    call.answer("1")
    #expect(try TestCall(first, request("x", llm: #"{"cache":{"namespace":"theirs"}}"#)).ask() == "send")
    #expect(try TestCall(first, request("x", llm: #"{"cache":{"namespace":"ours"}}"#)).ask() == "cached 1")
    #expect(try TestCall(archives(scope: "two", namespace: "ours", blobs: blobs), request("x")).ask() == "send")
    #expect(try TestCall(archives(scope: "one", namespace: "ours", blobs: blobs), request("x")).ask() == "cached 1")
  }

  /// A list of models, or the check of a key, says how things are now.
  @Test func whatHasNoBodyIsNotCached() throws {
    let archives = archives()
    for _ in 0..<2 {
      let call = try TestCall(archives, TestRequest(body: nil, method: "GET"))
      #expect(call.ask() == "send unkept")
    }
  }

  @Test func theLeastRecentlyUsedMakesRoom() throws {
    let size = String(repeating: "x", count: 1000)
    let archives = archives(maxBytes: 4500)
    for name in ["a", "b", "c"] {
      let call = try TestCall(archives, request(name))
      call.ask()
      call.answer(name + size)
    }
    #expect(counter("entries", archives) == 3)
    #expect(try TestCall(archives, request("a")).ask().hasPrefix("cached"))
    let fourth = try TestCall(archives, request("d"))
    fourth.ask()
    fourth.answer("d" + size)
    #expect(counter("evictions", archives) == 1)
    #expect(try TestCall(archives, request("b")).ask() == "send")
    for name in ["a", "c", "d"] { #expect(try TestCall(archives, request(name)).ask().hasPrefix("cached")) }
    #expect(try #require(counter("bytes", archives)) <= 4500)
  }

  @Test func whatIsTooLargeIsNotKept() throws {
    let archives = archives(maxBytes: 2000)
    let call = try TestCall(archives, request("x"))
    call.ask()
    call.answer(String(repeating: "x", count: 3000))
    #expect(counter("entries", archives) == 0)
    #expect(counter("bytes", archives) == 0)
  }

  /// Against a plain dictionary, over many keys, with expiry and eviction.
  @Test func theTableIsADictionary() {
    var table = CacheTable(maxBytes: 300 * 1024)
    let random = SplitMix(seed: 42)
    var model: [String: (recording: Recording, expiresAt: Microseconds)] = [:]
    var order: [String] = []
    for now in Microseconds(0)..<20_000 {
      let text = ByteBuffer()
      text.append(integer: Int64(random.next() % 700))
      let key = RequestKey.make(scope: "", text)
      let expected = model[key].flatMap { $0.expiresAt > now ? $0.recording : nil }
      #expect(table.recording(for: key, now: now, notBefore: .min) === expected)
      order.removeAll { $0 == key }
      if expected != nil {
        order.append(key)
        continue
      }
      model[key] = nil
      let recording = Recording()
      let expiresAt = now + 1 + Microseconds(random.next() % 5000)
      while (model.count + 1) * recording.size > 300 * 1024, !order.isEmpty { model[order.removeFirst()] = nil }
      model[key] = (recording, expiresAt)
      order.append(key)
      table.insert(recording, for: key, storedAt: now, expiresAt: expiresAt)
      #expect(table.count == model.count)
    }
    #expect(table.bytes == table.count * Recording().size)
  }
}

/// Identical requests in flight: one is sent.
struct SingleFlightTests {
  private func calls(_ count: Int, _ archives: ArchiveChain) throws -> [TestCall] {
    try (0..<count).map { _ in try TestCall(archives) }
  }

  @Test func manyWaitForOne() throws {
    let archives = archives()
    let calls = try calls(100, archives)
    #expect(calls[0].ask() == "send")
    for call in calls[1...] { #expect(call.ask() == "wait") }
    #expect(calls.allSatisfy { $0.bell.count == 0 })
    calls[0].answer("once")
    for call in calls[1...] {
      #expect(call.bell.count == 1)
      #expect(call.ask(1) == "cached once")
    }
    #expect(counter("waits", archives) == 99)
    #expect(counter("misses", archives) == 1)
  }

  /// What does not fit into the cache, or is no longer good, is still the answer to what waited for it.
  @Test func thoseWhoWaitedGetWhatIsNotKept() throws {
    let archives = archives(maxBytes: 100)
    let calls = try calls(3, archives)
    for call in calls { call.ask() }
    calls[0].answer("large")
    #expect(calls[1].ask(1000 * second) == "cached large")
    calls[2].giveUp()
    #expect(try TestCall(archives).ask(1000 * second) == "send")
  }

  @Test(arguments: [ErrorCode.serverError, .cancelled, .streamTruncated])
  func oneOfThoseWhoWaitIsSentAfterAFailure(code: ErrorCode) throws {
    let archives = archives()
    let calls = try calls(4, archives)
    for call in calls { call.ask() }
    calls[0].end(LLMError(code, "no"))
    #expect(calls.map { $0.bell.count } == [0, 1, 0, 0])
    #expect(calls[1].ask() == "send")
    // Whoever asks without being called goes on waiting.
    #expect(calls[3].ask() == "wait")
    calls[1].end(LLMError(code, "no"))
    #expect(calls.map { $0.bell.count } == [0, 1, 1, 0])
    #expect(calls[2].ask() == "send")
    calls[2].answer("third")
    #expect(calls[3].bell.count == 1)
    #expect(calls[3].ask() == "cached third")
    #expect(try TestCall(archives).ask() == "cached third")
  }

  @Test func thoseWhoGaveUpAreNotCalled() throws {
    let archives = archives()
    let calls = try calls(3, archives)
    for call in calls { call.ask() }
    calls[1].giveUp()
    calls[0].end(LLMError(.serverError, "no"))
    #expect(calls.map { $0.bell.count } == [0, 0, 1])
    #expect(calls[2].ask() == "send")
  }

  /// Called to send it, it is cancelled before it does.
  @Test func theHeirGivesUp() throws {
    let archives = archives()
    let calls = try calls(4, archives)
    for call in calls { call.ask() }
    calls[0].end(LLMError(.serverError, "no"))
    calls[1].giveUp()
    #expect(calls.map { $0.bell.count } == [0, 1, 1, 0])
    calls[2].giveUp()
    calls[3].giveUp()
    #expect(try TestCall(archives).ask() == "send")
  }

  /// Between a failure and the heir's asking, somebody else asks.
  @Test func whoComesFirstLeads() throws {
    let archives = archives()
    let calls = try calls(2, archives)
    for call in calls { call.ask() }
    calls[0].end(LLMError(.serverError, "no"))
    let newcomer = try TestCall(archives)
    #expect(newcomer.ask() == "send")
    #expect(calls[1].ask() == "wait")
    newcomer.answer("new")
    #expect(calls[1].bell.count == 2)
    #expect(calls[1].ask() == "cached new")
  }

  @Test func theOneThatFailedMayAskAgain() throws {
    let archives = archives()
    let calls = try calls(2, archives)
    for call in calls { call.ask() }
    calls[0].end(LLMError(.rateLimited, "later"))
    #expect(calls[1].ask() == "send")
    #expect(calls[0].ask() == "wait")
    calls[1].answer("ok")
    #expect(calls[0].ask() == "cached ok")
  }

  /// A call that its program no longer drives would otherwise be waited for without end.
  @Test func aSilentLeaderIsNotWaitedForForEver() throws {
    let archives = archives()
    let calls = try calls(2, archives)
    calls[0].ask(0)
    #expect(calls[1].ask(0) == "wait")
    calls[0].hear(["life"], at: 100 * second)
    #expect(calls[1].ask(219 * second) == "wait")
    #expect(calls[1].ask(220 * second) == "send")
    calls[1].answer("second", at: 221 * second)
    #expect(try TestCall(archives).ask(222 * second) == "cached second")
    calls[0].end(nil, at: 223 * second)
    #expect(try TestCall(archives).ask(224 * second) == "cached life")
  }

  @Test func whoCannotWaitIsSent() throws {
    let archives = archives()
    try TestCall(archives).ask()
    #expect(try TestCall(archives, waits: false).ask() == "send")
  }

  @Test func whoWantsAFreshAnswerDoesNotWait() throws {
    let archives = archives()
    let first = try TestCall(archives, request("x"))
    first.ask()
    let fresh = try TestCall(archives, request("x", llm: #"{"cache":{"no_cache":true}}"#))
    #expect(fresh.ask() == "send")
    let waiting = try TestCall(archives, request("x"))
    #expect(waiting.ask() == "wait")
    fresh.answer("fresh")
    #expect(waiting.ask() == "cached fresh")
    first.answer("first")
    #expect(try TestCall(archives, request("x")).ask() == "cached first")
  }

  @Test func differentRequestsDoNotWait() throws {
    let archives = archives()
    for number in 0..<1000 { #expect(try TestCall(archives, request("\(number)")).ask() == "send") }
  }
}

/// A cache that outlives the process.
struct StoredCacheTests {
  @Test func anotherProcessFindsIt() throws {
    let blobs = TestBlobStore()
    let call = try TestCall(archives(blobs: blobs))
    #expect(call.ask() == "send")
    call.answer("a", "b")
    #expect(blobs.names().count == 1)
    #expect(!blobs.allText.contains("Hello"), "the prompt is nobody's business")
    let other = archives(blobs: blobs)
    #expect(try TestCall(other).ask() == "cached a|b")
    #expect(counter("hits", other) == 1)
    #expect(counter("misses", other) == 0)
  }

  @Test func timeToLiveByTheWallClock() throws {
    let blobs = TestBlobStore()
    let call = try TestCall(archives(ttl: 10 * second, blobs: blobs))
    call.ask()
    call.answer("x")
    let soon = TestRequest(unixSeconds: 1_700_000_009)
    #expect(try TestCall(archives(blobs: blobs), soon).ask() == "cached x")
    let picky = TestRequest(llm: #"{"cache":{"max_age_s":8}}"#, unixSeconds: 1_700_000_009)
    #expect(try TestCall(archives(blobs: blobs), picky).ask() == "send")
    let late = TestRequest(unixSeconds: 1_700_000_010)
    #expect(try TestCall(archives(blobs: blobs), late).ask() == "send")
    #expect(blobs.names().isEmpty, "what is not good any more is removed")
  }

  @Test func oneReadsForAllWhoWait() throws {
    let blobs = TestBlobStore()
    let archives = archives(blobs: blobs)
    let calls = try (0..<3).map { _ in try TestCall(archives) }
    for call in calls { call.ask() }
    calls[0].answer("x")
    for call in calls[1...] { #expect(call.ask() == "cached x") }
  }

  @Test(arguments: ["", "{", "[]", "{}", #"{"stored_at":1,"expires_at":9999999999}"#])
  func whatIsNoEntryIsNone(text: String) throws {
    let blobs = TestBlobStore()
    let call = try TestCall(archives(blobs: blobs))
    call.ask()
    call.answer("x")
    let buffer = ByteBuffer()
    buffer.append(text)
    _ = blobs.write(blobs.names()[0], buffer)
    #expect(try TestCall(archives(blobs: blobs)).ask() == "send")
  }

  /// What memory ran out for may lack a part, and would be played for as long as it is good.
  @Test(arguments: [true, false]) func whatLackedMemoryIsNeitherKeptNorRecorded(isNoted: Bool) throws {
    let (cached, recorded) = (TestBlobStore(), TestBlobStore())
    let archives = ArchiveChain(cache: Cache(.init(), blobs: cached), recorder: Recorder(recorded))
    let call = try TestCall(archives)
    call.ask()
    call.hear(["half of"])
    Memory.watching {
      Memory.hasRunOut = !isNoted
      call.end(isNoted ? .noMemory : nil)
    }
    #expect(cached.names().isEmpty)
    #expect(recorded.names().isEmpty)
    #expect(try TestCall(archives).ask() == "send")
  }

  @Test func aFullDiskLosesNoCall() throws {
    let blobs = TestBlobStore()
    blobs.failure.withLock { $0 = "No space left on device" }
    let archives = archives(blobs: blobs)
    let calls = try (0..<2).map { _ in try TestCall(archives) }
    for call in calls { call.ask() }
    calls[0].answer("x")
    #expect(calls[1].ask() == "cached x")
    #expect(try TestCall(archives).ask() == "send")
  }
}
