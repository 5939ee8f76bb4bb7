import Foundation
import LLMCatalog
import LLMConfig
import LLMCore
import LLMDialects
import LLMTestSupport
import Testing

@testable import LLMPolicy

/// An answer that was taken down is the answer that came.
struct RecordingDocumentTests {
  private struct Piece: Equatable {
    let kind: EventKind
    let place: [UInt32]
    let id: String?
    let name: String?
    let data: [UInt8]
  }

  private final class Sink: EventSink {
    var pieces: [Piece] = []
    func receive(_ event: Event) -> Bool {
      pieces.append(
        Piece(
          kind: event.kind, place: [event.choice, event.index], id: event.id.map { String(cString: $0) },
          name: event.name.map { String(cString: $0) }, data: Array(event.data)))
      return true
    }
  }

  private static let types = [
    ("openai-chat", #""type":"openai","api":"chat","api_key":"k""#),
    ("openai-responses", #""type":"openai","api":"responses","api_key":"k""#),
    ("anthropic-messages", #""type":"anthropic","api_key":"k""#),
    ("gemini-generate", #""type":"gemini","api_key":"k""#), ("ollama-chat", #""type":"ollama""#),
    ("cohere-chat", #""type":"cohere","api_key":"k""#),
    ("bedrock-converse", #""type":"bedrock","region":"us-east-1","api_key":"k""#),
  ]

  /// Reads a response in those pieces; what its events and its end were.
  private func read(_ type: String, _ pieces: [ArraySlice<UInt8>], streams: Bool) throws -> ([Piece], String) {
    let endpoint = try endpoint(type)
    let context = RequestContext(
      endpoint: endpoint, model: "m", isStreaming: streams, settings: endpoint.call, random: SplitMix(seed: 1),
      unixSeconds: 0)
    let sink = Sink()
    let reader = ResponseReader(dialect: Target(endpoint).dialect, context: context, sink: sink)
    do throws(LLMError) {
      reader.receive(head: HTTPHead(status: 200))
      for piece in pieces {
        let buffer = ByteBuffer()
        piece.withUnsafeBytes { buffer.append($0) }
        _ = try reader.receive(buffer.bytes)
      }
      try reader.finish()
    } catch { return (sink.pieces, error.document.text) }
    return (sink.pieces, reader.builder.makeResponse().text)
  }

  private func recording(_ pieces: [ArraySlice<UInt8>]) -> Recording {
    let recording = Recording()
    recording.head = HTTPHead(status: 200)
    for piece in pieces { piece.withUnsafeBytes { recording.append($0, pause: 1000) } }
    return recording
  }

  private func thereAndBack(_ recording: Recording) throws -> Recording {
    let document = JSON.object()
    RecordingDocument.write(recording, into: document)
    let text = ByteBuffer()
    document.write(into: text, linesToDepth: 3)
    return try #require(RecordingDocument.recording(from: JSON.parse(text.bytes)))
  }

  @Test(arguments: types) func everyGoldenResponse(dialect: String, type: String) throws {
    let root = packageRoot.appending(path: "Tests/Golden/\(dialect)")
    var count = 0
    for folder in try FileManager.default.contentsOfDirectory(at: root, includingPropertiesForKeys: nil) {
      guard let data = try? Data(contentsOf: folder.appending(path: "response.bin")) else { continue }
      let request = try String(contentsOf: folder.appending(path: "request.json"), encoding: .utf8)
      let document = try JSON.parse(request)
      let streams = (document["request"]?["stream"] ?? document["stream"])?.bool ?? false
      let body = Array(data)
      let cuts = [body.isEmpty ? [] : [body[...]], body.indices.map { body[$0...$0] }]
      for pieces in cuts {
        let played = Played(RecordingPlayer(try thereAndBack(recording(pieces)), keepsTime: false))
        #expect(played.pieces == pieces.map { Array($0) })
        let (events, end) = try read(type, pieces, streams: streams)
        let (playedEvents, playedEnd) = try read(type, played.pieces.map { $0[...] }, streams: streams)
        #expect(events == playedEvents, "\(folder.lastPathComponent)")
        #expect(end == playedEnd)
      }
      count += 1
    }
    #expect(count > 5)
  }

  @Test func pausesAreKept() throws {
    let recording = Recording()
    recording.head = HTTPHead(status: 201, fields: [("A", "1"), ("B", "2"), ("A", "3")])
    recording.headPause = 212_500
    for (text, pause) in [("a", Microseconds(100)), ("b", 0), ("c", 31_000)] {
      Array(text.utf8).withUnsafeBytes { recording.append($0, pause: pause) }
    }
    recording.failure = TransportFailure(.connection, stage: .stream, message: "reset", wasNotSent: false)
    recording.endPause = 7
    let copy = try thereAndBack(recording)
    let played = Played(RecordingPlayer(copy, keepsTime: true))
    #expect(played.moments == [212_600, 212_600, 243_600])
    #expect(played.end == 243_607)
    #expect(played.failure?.code == .connection && played.failure?.stage == .stream)
    #expect(played.failure?.message == "reset")
    #expect(played.head?.status == 201)
    #expect(played.head?["A"] == "1, 3" && played.head?["b"] == "2")
    #expect(Played(RecordingPlayer(copy, keepsTime: false)).end == 0)
  }

  @Test func whatNeverCame() throws {
    let recording = Recording()
    recording.failure = TransportFailure(.connection, stage: .connect, message: "refused", wasNotSent: true)
    let played = Played(RecordingPlayer(try thereAndBack(recording), keepsTime: false))
    #expect(played.head == nil && played.pieces.isEmpty)
    #expect(played.failure?.stage == .connect && played.failure?.wasNotSent == true)
  }

  @Test(arguments: [
    "{}", #"{"response":{}}"#, #"{"response":{"status":"200"}}"#,
    #"{"response":{"status":200,"chunks":[{}]}}"#, #"{"response":{"status":200,"chunks":[{"base64":"?"}]}}"#,
  ])
  func whatIsNoRecording(text: String) throws {
    #expect(RecordingDocument.recording(from: try JSON.parse(text)) == nil)
  }

  @Test(arguments: [
    #"{"response":{"status":200,"after_ms":-5,"chunks":[{"text":"x","after_ms":1e300}]}}"#,
    #"{"response":{"status":99999999999999999999,"chunks":7,"headers":[]}}"#, #"{"error":{"code":7,"stage":[]}}"#,
  ])
  func whateverAFileSays(text: String) throws {
    guard let document = try? JSON.parse(text), let recording = RecordingDocument.recording(from: document) else {
      return
    }
    #expect(Played(RecordingPlayer(recording, keepsTime: true)).end <= 3_600_000_000)
  }
}
