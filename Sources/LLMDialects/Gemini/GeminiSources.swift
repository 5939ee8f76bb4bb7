import LLMCore

/// Sources as `url_citation` annotations.
struct GeminiSources {
  /// How many bytes lie between two places whose characters are counted ahead.
  private static let stride = 256

  /// The answer's text, which offsets count in bytes; annotations count characters.
  private let text: ByteBuffer
  /// The characters before each multiple of the stride.
  private let counts: [Int]

  init(text: ByteBuffer) {
    self.text = text
    var counts = [0]
    var count = 0
    for (place, byte) in text.bytes.enumerated() {
      if place > 0, place % Self.stride == 0 { counts.append(count) }
      if byte & 0xC0 != 0x80 { count += 1 }
    }
    self.counts = counts
  }

  /// Tells a citation for each place that a source supports, and one without a place for each that supports none, until
  /// no more are wanted.
  func read(grounding: JSON, _ tell: (JSON) -> Bool) {
    let chunks = grounding.elements("groundingChunks")
    var isCited = chunks.map { _ in false }
    for support in grounding.elements("groundingSupports") {
      for index in support.elements("groundingChunkIndices").compactMap({ $0.int }) {
        guard let place = Int(exactly: index), chunks.indices.contains(place) else { continue }
        isCited[place] = true
        guard tell(citation(of: chunks[place], segment: support["segment"])) else { return }
      }
    }
    for (place, chunk) in chunks.enumerated() where !isCited[place] {
      guard tell(citation(of: chunk, segment: nil)) else { return }
    }
  }

  /// A passage that the model has from somewhere.
  func read(citation: JSON) -> JSON {
    annotation(url: citation["uri"], title: citation["title"], content: nil, segment: citation)
  }

  private func citation(of chunk: JSON, segment: JSON?) -> JSON {
    let source = chunk["web"] ?? chunk["retrievedContext"] ?? chunk["maps"] ?? chunk["image"] ?? chunk
    return annotation(
      url: source["uri"] ?? source["sourceUri"], title: source["title"], content: source["text"], segment: segment)
  }

  private func annotation(url: JSON?, title: JSON?, content: JSON?, segment: JSON?) -> JSON {
    let citation = JSON.make(["url": url, "title": title, "content": content])
    if let range = segment.flatMap({ characters(of: $0) }) {
      citation.set("start_index", range.start)
      citation.set("end_index", range.end)
    }
    return .make(["type": .word("url_citation"), "url_citation": citation])
  }

  /// A segment's place in characters; nil where its own text does not stand there (it may count within another part).
  private func characters(of segment: JSON) -> (start: Int, end: Int)? {
    let start = Int(clamping: segment.int("startIndex") ?? 0)
    guard let last = segment.int("endIndex"), let end = Int(exactly: last), start >= 0, start <= end,
      end <= text.count
    else { return nil }
    if let words = segment["text"]?.stringBytes, !words.elementsEqual(text.bytes[start..<end]) { return nil }
    return (count(upTo: start), count(upTo: end))
  }

  private func count(upTo end: Int) -> Int {
    let known = min(end / Self.stride, counts.count - 1)
    return text.bytes[(known * Self.stride)..<end].reduce(counts[known]) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
  }
}
