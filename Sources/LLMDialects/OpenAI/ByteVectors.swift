import LLMCore

/// Embeddings that come as signed bytes in base64: a hundred and twenty-seven is one.
enum ByteVectors {
  /// Puts numbers in their place.
  static func unpack(_ answer: JSON) {
    let data = JSON.array()
    for entry in answer.elements("data") {
      let entry = entry.copy()
      if let vector = entry["embedding"]?.stringBytes.flatMap({ numbers($0) }) { entry.set("embedding", vector) }
      data.append(entry)
    }
    answer.set("data", data)
  }

  private static func numbers(_ text: UnsafeRawBufferPointer) -> JSON? {
    let bytes = ByteBuffer()
    guard base64Decode(text, into: bytes) else { return nil }
    return .array(bytes.bytes.map { .real(Double(Int8(bitPattern: $0)) / 127) })
  }
}
