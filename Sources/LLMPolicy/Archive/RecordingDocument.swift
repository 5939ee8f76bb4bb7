import LLMCore
import LLMDialects
import LLMWire

/// Recordings as JSON: the `response` and `error` members of a recording.
///
///     "response": {"after_ms": 212.5, "status": 200, "headers": {"Content-Type": "text/event-stream"},
///                  "chunks": [{"after_ms": 0.1, "text": "data: …"}, {"after_ms": 31, "base64": "…"}]},
///     "error": {"after_ms": 30, "code": "connection", "stage": "stream", "message": "…"}
enum RecordingDocument {
  /// Sets the members that describe the recording.
  static func write(_ recording: Recording, into document: JSON) {
    if let head = recording.head { document.set("response", response(recording, head)) }
    guard let failure = recording.failure else { return }
    let error = JSON.object()
    set(recording.endPause, in: error)
    error.set("code", failure.code.name)
    error.set("stage", failure.stage.name)
    error.set("message", failure.message)
    document.set("error", error)
  }

  private static func set(_ pause: Microseconds, in document: JSON) {
    document.set("after_ms", .real(pause.inMilliseconds))
  }

  private static func response(_ recording: Recording, _ head: HTTPHead) -> JSON {
    let response = JSON.object()
    set(recording.headPause, in: response)
    response.set("status", head.status)
    let headers = JSON.object()
    for (name, value) in head.fields {
      // As HTTP allows for fields that come more than once.
      let earlier = headers[named: name]?.string
      headers.set(named: name, .string(earlier.map { $0 + ", " + value } ?? value))
    }
    response.set("headers", headers)
    let chunks = JSON.array()
    for index in recording.cuts.indices {
      let chunk = JSON.object()
      set(recording.cuts[index].pause, in: chunk)
      let piece = recording.piece(index)
      if isUTF8(piece) {
        chunk.set("text", .string(piece))
      } else {
        let text = ByteBuffer()
        base64Encode(piece, into: text)
        chunk.set("base64", text)
      }
      chunks.append(chunk)
    }
    response.set("chunks", chunks)
    return response
  }

  /// The recording that a document describes; nil where it describes none.
  static func recording(from document: JSON) -> Recording? {
    let recording = Recording()
    if let response = document["response"] {
      guard let status = response.int("status"), 100...599 ~= status,
        read(response.elements("chunks"), into: recording)
      else { return nil }
      let head = HTTPHead(status: Int(clamping: status))
      for (name, value) in response.members("headers") {
        head.append(name: oneLine(name), value: oneLine(value.string ?? value.text))
      }
      recording.head = head
      recording.headPause = pause(response)
    }
    if let error = document["error"] {
      let stage = Stage.all.first { error.says("stage", $0.name) } ?? .stream
      recording.failure = TransportFailure(
        error.string("code").flatMap { ErrorCode(name: $0) } ?? .connection, stage: stage,
        message: error.string("message") ?? "as recorded", wasNotSent: stage == .connect || stage == .tls)
      recording.endPause = pause(error)
    }
    return recording.head == nil && recording.failure == nil ? nil : recording
  }

  /// A field is one line of a head, whatever a hand has written into a file.
  private static func oneLine(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 < 0x20 }) else { return text }
    let line = ByteBuffer()
    for byte in text.utf8 { line.append(byte < 0x20 ? UInt8(ascii: " ") : byte) }
    return line.string
  }

  private static func read(_ chunks: [JSON], into recording: Recording) -> Bool {
    for chunk in chunks {
      if let text = chunk["text"]?.stringBytes {
        recording.append(text, pause: pause(chunk))
        continue
      }
      let piece = ByteBuffer()
      guard let text = chunk["base64"]?.stringBytes, base64Decode(text, into: piece) else { return false }
      recording.append(piece.bytes, pause: pause(chunk))
    }
    return true
  }

  /// An hour at most: what a file says is not to stop a program for ever.
  private static func pause(_ document: JSON) -> Microseconds {
    let longest = 3_600_000.0
    guard let milliseconds = document["after_ms"]?.double, milliseconds > 0 else { return 0 }
    return Microseconds(min(milliseconds, longest) * 1000)
  }
}
