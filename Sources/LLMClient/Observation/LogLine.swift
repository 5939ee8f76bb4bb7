import LLMCore

/// An event as a log line of `key=value` pairs: the members of its document that are plain values, in their order. What
/// was said by others, prompts, answers and the messages of services, is not among them.
struct LogLine {
  private let buffer = ByteBuffer(capacity: 128)

  init(_ level: Log.Level, _ document: JSON) {
    append("level", level.name.text)
    for (key, value) in document.members { append(key, value) }
  }

  var text: String { buffer.string }

  private func append(_ key: String, _ value: JSON) {
    if let text = value.string { return append(key, text) }
    if key == "error" { return append(error: value) }
    if !value.isObject, !value.isArray { append(key, value.text) }
  }

  /// A message is the library's own unless the service said something: its words may quote what it was sent.
  private func append(error: JSON) {
    for key: StaticText in ["code", "status", "stage"] {
      if let value = error[key] { append(key.text, value) }
    }
    let isQuoted = error["provider_error"] != nil || error.says("stage", "decode") || error["status"] != nil
    if !isQuoted, let message = error.string("message") { append("message", message) }
  }

  private func append(_ key: String, _ value: String) {
    if !buffer.isEmpty { buffer.append(UInt8(ascii: " ")) }
    buffer.append(key)
    buffer.append(UInt8(ascii: "="))
    let isPlain = !value.isEmpty && value.utf8.allSatisfy { LogLine.isPlain($0) }
    if !isPlain { buffer.append(UInt8(ascii: "\"")) }
    for byte in value.utf8 {
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { buffer.append(UInt8(ascii: "\\")) }
      buffer.append(byte)
    }
    if !isPlain { buffer.append(UInt8(ascii: "\"")) }
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    byte > 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") && byte != UInt8(ascii: "=")
  }
}
