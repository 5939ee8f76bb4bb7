import LLMCatalog
import LLMConfig
import LLMCore
import LLMDialects
import Testing

@testable import LLMPolicy

private let noRetry = #""retry":{"attempts":1}"#
private let key = "sk-very-secret-z8Wv4q"

private func recording(_ blobs: TestBlobStore) -> ArchiveChain {
  ArchiveChain(recorder: Recorder(blobs))
}

private func replaying(_ blobs: TestBlobStore, isStrict: Bool = true, keepsTime: Bool = false, records: Bool = false)
  -> ArchiveChain
{
  ArchiveChain(
    replayer: Replayer(blobs, isStrict: isStrict, keepsTime: keepsTime), cache: nil,
    recorder: records ? Recorder(blobs) : nil)
}

/// What a program sees of a run, but for the time that it took.
private func seen(_ run: Run) -> [String] {
  run.events.entries.map { entry in
    guard entry.kind.isTerminal, let document = entry.json else { return "\(entry.kind) \(entry.data)" }
    document["metadata"]?.remove("timing")
    for attempt in document["metadata"]?.elements("attempts") ?? [] { attempt.remove("duration_ms") }
    for attempt in document["error"]?.elements("attempts") ?? [] { attempt.remove("duration_ms") }
    return "\(entry.kind) \(document.text)"
  }
}

/// What was recorded is what comes again.
struct RecordingTests {
  private static let exchanges: [(name: String, services: [[ServiceStep]], config: String, streams: Bool)] = [
    ("stream", [stream("Hel", "lo")], "", true),
    ("slow", [[.wait(milliseconds: 300), .head(200), chunk("a"), .wait(milliseconds: 50), lastChunk, .end]], "", true),
    ("whole", [[.head(200), .bytes(#"{"id":"r","choices":[{"message":{"content":"é"}}]}"#), .end]], "", false),
    ("refused", [refusal(429, [("Retry-After", "1")])], noRetry, true),
    ("retried", [refusal(429, [("retry-after-ms", "5")]), stream("ok")], "", true),
    ("retried twice", [refusal(500), refusal(503), stream("ok")], #""retry":{"jitter":false}"#, true),
    ("not connected", [[.fail(.connection, .connect)]], noRetry, true),
    ("no TLS", [[.fail(.tls, .tls)]], noRetry, true),
    ("reset", [[.head(200), chunk("half"), .fail(.connection, .stream)]], noRetry, true),
    ("truncated", [[.head(200), chunk("half"), .end]], noRetry, true),
    ("silent", [[.connected, .silence]], noRetry + #","timeout":{"first_token_ms":100}"#, true),
    ("silent later", [[.head(200), chunk("half"), .silence]], noRetry + #","timeout":{"idle_ms":100}"#, true),
    (
      "overloaded in the stream",
      [[.head(200), .bytes("data: {\"error\":{\"message\":\"Overloaded\",\"code\":529}}\n\n"), .end]], noRetry, true
    ),
    ("garbage", [[.head(200), .bytes("data: {nonsense\n\n"), .end]], noRetry, true),
    ("moved", [[.head(302, [("Location", "https://elsewhere")]), .end]], noRetry, true),
  ]

  @Test(arguments: exchanges.indices) func thereAndBack(index: Int) throws {
    let (name, services, config, streams) = Self.exchanges[index]
    let blobs = TestBlobStore()
    let original = try Run(services, config, streams: streams, archive: recording(blobs))
    #expect(blobs.names().count == services.count, "\(name)")
    let replayed = try Run([], config, streams: streams, archive: replaying(blobs))
    #expect(seen(replayed) == seen(original), "\(name)")
    #expect(replayed.driver.sent.isEmpty)
    #expect(replayed.outcome.document["metadata"]?.bool("cached") != true)
  }

  @Test func withTheTimeThatItTook() throws {
    let blobs = TestBlobStore()
    let (_, services, _, _) = Self.exchanges[1]
    _ = try Run(services, archive: recording(blobs))
    #expect(try Run([], archive: replaying(blobs)).driver.elapsed == 0)
    let replayed = try Run([], archive: replaying(blobs, keepsTime: true))
    #expect(replayed.driver.elapsed == 350)
    #expect(replayed.events.entries.filter { $0.kind == .text }.map { $0.at } == [300])
  }

  @Test func whatTheCallerBrokeOffIsNotRecorded() throws {
    let blobs = TestBlobStore()
    _ = try Run([[.head(200), chunk("a"), .silence]], cancelsAt: 10, archive: recording(blobs))
    #expect(blobs.names().isEmpty)
  }

  @Test func whatWasNotSentIsNotRecorded() throws {
    let blobs = TestBlobStore()
    let gate = ScriptedGate(.refused(LLMError(.budgetExceeded, "no money left")))
    _ = try Run([], noRetry, gates: [gate], archive: recording(blobs))
    #expect(blobs.names().isEmpty)
  }

  // MARK: Files

  @Test func aFileCanBeRead() throws {
    let blobs = TestBlobStore()
    _ = try Run([stream("Hi")], archive: recording(blobs))
    let name = try #require(blobs.names().first)
    #expect(name.hasPrefix("openai-m-") && name.hasSuffix("-001.json") && name.utf8.count == 9 + 8 + 9)
    let text = blobs.text(name)
    #expect(
      text.contains("\n    \"method\": \"POST\",\n    \"url\": \"https://api.openai.com/v1/chat/completions\",\n"))
    #expect(text.contains("\n      {\"after_ms\": 0.0, \"text\": \"data: "))
    let document = try JSON.parse(text)
    #expect(document.int("version") == 1 && document.string("provider") == "openai")
    #expect(document["request", "body"]?.string("model") == "m")
    #expect(document["response"]?.int("status") == 200)
  }

  @Test func repeatedRequestsAreNumbered() throws {
    let blobs = TestBlobStore()
    let archives = recording(blobs)
    for text in ["1", "2", "3"] { _ = try Run([stream(text)], archive: archives) }
    _ = try Run([stream("x")], request: #"{"prompt":"other"}"#, archive: archives)
    #expect(blobs.names().count == 4)
    let replay = replaying(blobs)
    for text in ["1", "2", "3", "3", "3"] { #expect(try Run([], archive: replay).events.text == text) }
    #expect(try Run([], request: #"{"prompt":"other"}"#, archive: replay).events.text == "x")
    #expect(try Run([], archive: replaying(blobs)).events.text == "1", "each handle begins anew")
  }

  @Test func moreThanNineInTheirOrder() throws {
    let blobs = TestBlobStore()
    let archives = recording(blobs)
    for number in 1...12 { _ = try Run([stream("\(number)")], archive: archives) }
    let replay = replaying(blobs)
    for number in 1...12 { #expect(try Run([], archive: replay).events.text == "\(number)") }
  }

  @Test func recordedAnewNothingOldIsLeft() throws {
    let blobs = TestBlobStore()
    let first = recording(blobs)
    for text in ["1", "2", "3"] { _ = try Run([stream(text)], archive: first) }
    _ = try Run([stream("new")], archive: recording(blobs))
    #expect(blobs.names().count == 1)
    let replay = replaying(blobs)
    for _ in 0..<2 { #expect(try Run([], archive: replay).events.text == "new") }
  }

  /// The same file each time: a repository shows only what has changed.
  @Test func namesDoNotChange() throws {
    let (first, second) = (TestBlobStore(), TestBlobStore())
    for blobs in [first, second] {
      _ = try Run(
        [stream("Hi")], request: #"{"prompt":"Hello","metadata":{"id":"\#(blobs === first)"}}"#,
        archive: recording(blobs))
    }
    #expect(first.names() == second.names())
  }

  @Test func editedByHand() throws {
    let blobs = TestBlobStore()
    _ = try Run([stream("Hi")], archive: recording(blobs))
    let buffer = ByteBuffer()
    buffer.append(blobs.text(blobs.names()[0]).replacingAll("Hello", with: "Goodbye").replacingAll("Hi", with: "Bye"))
    _ = blobs.write("renamed.json", buffer)
    #expect(try Run([], request: #"{"prompt":"Goodbye"}"#, archive: replaying(blobs)).events.text == "Bye")
  }

  @Test(arguments: ["", "{", "[]", #"{"version":2}"#, #"{"version":1,"provider":"openai","request":{}}"#])
  func otherFilesAreNotRecordings(text: String) throws {
    let blobs = TestBlobStore()
    _ = try Run([stream("Hi")], archive: recording(blobs))
    let buffer = ByteBuffer()
    buffer.append(text)
    _ = blobs.write("a.json", buffer)
    _ = blobs.write("README.md", buffer)
    #expect(try Run([], archive: replaying(blobs)).events.text == "Hi")
  }

  @Test func aFullDiskLosesNoCall() throws {
    final class Reporter: ArchiveReporter {
      let messages = Locked<[String]>([])
      func archiveFailed(_ error: LLMError) { messages.withLock { $0.append(error.message) } }
    }
    let (blobs, reporter) = (TestBlobStore(), Reporter())
    blobs.failure.withLock { $0 = "No space left on device" }
    let archives = ArchiveChain(recorder: Recorder(blobs), reporter: reporter)
    let run = try Run([stream("Hi")], archive: archives)
    #expect(run.outcome.code == nil && run.events.text == "Hi")
    let expected = "an exchange was not recorded in /blobs: No space left on device"
    #expect(reporter.messages.withLock { $0 } == [expected])
    let status = JSON.object()
    archives.fill(status)
    #expect(status["record"]?.text == #"{"dir":"/blobs","written":0,"failed":1}"#)
  }

  // MARK: What is missing

  @Test func aRequestThatWasNotRecorded() throws {
    let blobs = TestBlobStore()
    _ = try Run([stream("Hi")], archive: recording(blobs))
    _ = try Run([stream("x")], request: #"{"prompt":"Something else","temperature":1}"#, archive: recording(blobs))
    let run = try Run([], request: #"{"prompt":"Hello!"}"#, archive: replaying(blobs))
    #expect(run.outcome.code == .notFound)
    #expect(run.driver.sent.isEmpty)
    let message = try #require(run.outcome.error?.message)
    let name = blobs.names().first { blobs.text($0).contains("Hello") } ?? "none"
    #expect(
      message.hasPrefix(
        "/blobs holds no recording of this request (POST https://api.openai.com/v1/chat/completions of openai, key "))
    #expect(message.contains(#"; the nearest, \#(name) of openai, has "ages\":[{\"content\":\"Hello\","#))
    #expect(message.contains(#" where this has "ages\":[{\"content\":\"Hello!\","#))
    #expect(
      message.hasSuffix(#"record it with "record", or let "strict": false of "replay" send what is not recorded"#))
  }

  @Test func anEmptyDirectory() throws {
    let run = try Run([], archive: replaying(TestBlobStore()))
    #expect(run.outcome.code == .notFound)
    #expect(run.outcome.error?.message.contains("nearest") == false)
  }

  @Test func ofAnotherProvider() throws {
    let blobs = TestBlobStore()
    _ = try Run([stream("Hi")], archive: recording(blobs))
    let other = #""type":"openai","api":"chat","api_key":"k","model":"m","name":"other""#
    let run = try Run([], other, archive: replaying(blobs))
    #expect(run.outcome.error?.message.contains("001.json of openai, has") == true)
  }

  @Test func newEpisodes() throws {
    let blobs = TestBlobStore()
    _ = try Run([stream("old")], archive: recording(blobs))
    let archives = replaying(blobs, isStrict: false, records: true)
    let other = #"{"prompt":"other"}"#
    #expect(try Run([], archive: archives).events.text == "old")
    #expect(try Run([stream("new")], request: other, archive: archives).events.text == "new")
    #expect(blobs.names().count == 2)
    let strict = replaying(blobs)
    #expect(try Run([], archive: strict).events.text == "old")
    #expect(try Run([], request: other, archive: strict).events.text == "new")
  }

  /// Recordings, then the cache, then what is recorded: what the cache answers is not recorded again.
  @Test func theOrderOfTheArchives() throws {
    let blobs = TestBlobStore()
    let archives = ArchiveChain(
      replayer: Replayer(blobs, isStrict: false, keepsTime: false), cache: Cache(Cache.Rules()),
      recorder: Recorder(blobs))
    #expect(try Run([stream("Hi")], archive: archives).outcome.document["metadata"]?.bool("cached") == false)
    let again = try Run([], archive: archives)
    #expect(again.outcome.document["metadata"]?.bool("cached") == true)
    #expect(again.observer.played == [true])
    #expect(blobs.names().count == 1)
  }

  // MARK: Secrets

  private static let secretive = #"{"error":{"message":"Incorrect key \#(key) provided"}}"#

  @Test(arguments: [
    "", #""auth":{"header":"X-Key"}"#, #""auth":{"query":"key"}"#, #""auth":{"header":"X-Custom","prefix":"Api "}"#,
    #""organization":"org-\#(key)""#, #""headers":{"X-Api-Key":"\#(key)","Cookie":"a=\#(key)"}"#,
    #""extra_body":{"note":"\#(key)"}"#,
  ])
  func inNoFile(members: String) throws {
    let config = #""type":"openai","api":"chat","api_key":"\#(key)","model":"m","retry":{"attempts":1}"#
    let fields = [("Set-Cookie", "s=1"), ("openai-organization", "org-1"), ("X-Echo", "Bearer " + key)]
    let services: [[ServiceStep]] = [
      [.head(401, fields), .bytes(Self.secretive), .end],
      [.head(401), .bytes(String(Self.secretive.prefix(40))), .bytes(String(Self.secretive.dropFirst(40))), .end],
      [.head(401)] + Self.secretive.map { .bytes(String($0)) } + [.end],
    ]
    let blobs = TestBlobStore()
    let archives = recording(blobs)
    for service in services {
      _ = try Run([service], config + (members.isEmpty ? "" : "," + members), archive: archives)
    }
    #expect(blobs.names().count == 3)
    #expect(!blobs.allText.contains("z8Wv4q"))
    #expect(!blobs.allText.contains("s=1") && !blobs.allText.contains("org-1"))
    for name in blobs.names() {
      let recording = try #require(RecordingDocument.recording(from: JSON.parse(blobs.text(name))))
      let stars = String(repeating: "*", count: key.utf8.count)
      #expect(recording.bytes.string == Self.secretive.replacingAll(key, with: stars))
    }
  }

  @Test func signaturesOfAWS() throws {
    let blobs = TestBlobStore()
    let config =
      #""type":"bedrock","region":"us-east-1","model":"anthropic.claude","access_key_id":"AKIA12345678","#
      + #""secret_access_key":"\#(key)","session_token":"session-z8Wv4q","retry":{"attempts":1}"#
    _ = try Run([refusal(403)], config, archive: recording(blobs))
    let text = blobs.allText
    #expect(text.contains("X-Amz-Date"))
    #expect(!text.contains("z8Wv4q") && !text.contains("Signature=") && !text.contains("AKIA12345678"))
  }

  /// Recorded with a key, played without one.
  @Test(arguments: [
    #""type":"openai","api":"chat","model":"m""#, #""type":"gemini","model":"m""#, #""type":"anthropic","model":"m""#,
    #""type":"azure","model":"m","base_url":"https://x.openai.azure.com""#,
    #""type":"bedrock","model":"anthropic.claude","region":"us-east-1""#,
  ])
  func noKeyIsNeeded(config: String) throws {
    let blobs = TestBlobStore()
    _ = try Run([refusal(400)], config + #","api_key":"\#(key)""#, archive: recording(blobs))
    for missing in ["", #","api_key":"${NO_SUCH_KEY}""#, #","api_key_env":"NO_SUCH_KEY""#] {
      let run = try Run([], config + #","replay":"/""# + missing, archive: replaying(blobs))
      #expect(run.outcome.error?.status == 400, "\(missing)")
    }
    if !config.contains("bedrock") { #expect(throws: LLMError.self) { try endpoint(config) } }
  }

  /// A cut within a secret, at its ends, and secrets side by side.
  @Test func cutsAroundSecrets() {
    let header = HTTPHeader("Authorization", prefix: "Bearer ", secret: Secret("12345678"))
    let blotter = Blotter.none.adding([header])
    let pieces = ["a", "1234", "5678", "b12345678", "1234567812", "345678", "c", "1234567"]
    let recording = Recording()
    for piece in pieces { Array(piece.utf8).withUnsafeBytes { recording.append($0, pause: 0) } }
    let clean = recording.copy(blotter)
    #expect(
      clean.cuts.indices.map { String(decoding: clean.piece($0), as: UTF8.self) } == [
        "a", "****", "****", "b********", "**********", "******", "c", "1234567",
      ])
    #expect(recording.bytes.string == pieces.joined(), "the tape may be a cache's as well")
  }
}
