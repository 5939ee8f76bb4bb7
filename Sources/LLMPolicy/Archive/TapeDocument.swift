import LLMCore
import LLMDialects
import LLMWire

/// Tapes as JSON: the `response` and `error` members of a recording.
///
///     "response": {"after_ms": 212.5, "status": 200, "headers": {"Content-Type": "text/event-stream"},
///                  "chunks": [{"after_ms": 0.1, "text": "data: …"}, {"after_ms": 31, "base64": "…"}]},
///     "error": {"after_ms": 30, "code": "connection", "stage": "stream", "message": "…"}
enum TapeDocument {
  /// Sets the members that describe the tape.
  static func write(_ tape: Tape, into document: JSON) {
    if let head = tape.head { document.set("response", response(tape, head)) }
    guard let failure = tape.failure else { return }
    let error = JSON.object()
    set(tape.endPause, in: error)
    error.set("code", failure.code.name)
    error.set("stage", failure.stage.name)
    error.set("message", failure.message)
    document.set("error", error)
  }

  private static func set(_ pause: Microseconds, in document: JSON) {
    document.set("after_ms", .real(pause.inMilliseconds))
  }

  private static func response(_ tape: Tape, _ head: HTTPHead) -> JSON {
    let response = JSON.object()
    set(tape.headPause, in: response)
    response.set("status", head.status)
    let headers = JSON.object()
    for (name, value) in head.fields {
      // As HTTP allows for fields that come more than once.
      let earlier = headers[named: name]?.string
      headers.set(named: name, .string(earlier.map { $0 + ", " + value } ?? value))
    }
    response.set("headers", headers)
    let chunks = JSON.array()
    for index in tape.cuts.indices {
      let chunk = JSON.object()
      set(tape.cuts[index].pause, in: chunk)
      let piece = tape.piece(index)
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

  /// The tape that a document describes; nil where it describes none.
  static func tape(from document: JSON) -> Tape? {
    let tape = Tape()
    if let response = document["response"] {
      guard let status = response.int("status"), read(response.elements("chunks"), into: tape) else { return nil }
      let head = HTTPHead(status: Int(clamping: status))
      for (name, value) in response.members("headers") { head.append(name: name, value: value.string ?? value.text) }
      tape.head = head
      tape.headPause = pause(response)
    }
    if let error = document["error"] {
      let stage = Stage.all.first { error.says("stage", $0.name) } ?? .stream
      tape.failure = TransportFailure(
        error.string("code").flatMap { ErrorCode(name: $0) } ?? .connection, stage: stage,
        message: error.string("message") ?? "as recorded", wasNotSent: stage == .connect || stage == .tls)
      tape.endPause = pause(error)
    }
    return tape.head == nil && tape.failure == nil ? nil : tape
  }

  private static func read(_ chunks: [JSON], into tape: Tape) -> Bool {
    for chunk in chunks {
      if let text = chunk["text"]?.stringBytes {
        tape.append(text, pause: pause(chunk))
        continue
      }
      let piece = ByteBuffer()
      guard let text = chunk["base64"]?.stringBytes, base64Decode(text, into: piece) else { return false }
      tape.append(piece.bytes, pause: pause(chunk))
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
