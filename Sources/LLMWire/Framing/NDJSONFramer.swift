import LLMCore

/// One JSON document a line. Blank lines are skipped, and so is what a service that half means server-sent events puts
/// around the documents: the prefix `data:`, the lines of other fields, comments.
public final class NDJSONFramer: Framer {
  private var lines: LineCutter
  private var isStopped = false

  /// A framer that refuses a line longer than the bound.
  public init(maxFrameBytes: Int) {
    lines = LineCutter(.lineFeed, limit: maxFrameBytes)
  }

  public func feed(_ bytes: UnsafeRawBufferPointer, into sink: any FrameSink) throws(LLMError) -> Bool {
    if isStopped { return false }
    lines.begin(bytes)
    while let line = try lines.next() {
      deliver(line, into: sink)
      if isStopped { return false }
    }
    try lines.keepRest()
    return true
  }

  public func finish(into sink: any FrameSink) throws(LLMError) {
    if isStopped { return }
    if let line = lines.last() { deliver(line, into: sink) }
    isStopped = true
  }

  private func deliver(_ line: UnsafeRawBufferPointer, into sink: any FrameSink) {
    let text = line.trimmed
    if text.isEmpty || text.starts(with: ":") || text.starts(with: "event:") { return }
    let data = text.starts(with: "data:") ? UnsafeRawBufferPointer(rebasing: text[5...]).trimmed : text
    if data.isEmpty { return }
    isStopped = !sink.receive(Frame(event: UnsafeRawBufferPointer(start: nil, count: 0), data: data))
  }
}
