import LLMConfig
import LLMCore
import LLMDialects
import LLMWire

// The first byte chooses the dialect and whether the answer was asked for piece by piece; the rest is the response.

private let dialects: [(name: String, kind: DialectKind)] = DialectKind.allCases.map { ($0.name.text, $0) }

/// What an answer comes to: its events, and the response or the error.
private func outcome(_ body: UnsafeRawBufferPointer, of dialect: String, streams: Bool, _ cut: Cut) -> String {
  guard let test = try? TestEndpoint(.object(), defaultDialect: dialect) else { return "no endpoint" }
  let recording = Recording(
    Array(body), cut, head: HTTPHead(status: 200), dialect: Dialects.make(test.dialect),
    context: test.context(isStreaming: streams))
  demand(
    !recording.events.contains { !String(decoding: $0.data, as: UTF8.self).utf8.elementsEqual($0.data) },
    "an event with text that is no UTF-8")
  return recording.events.map(\.line).joined(separator: "\n") + recording.outcome.text
}

/// However an answer is cut, it comes to the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  guard let start, count > 0 else { return 0 }
  let dialect = dialects[Int(start[0] & 0x7F) % dialects.count]
  let body = UnsafeRawBufferPointer(start: start + 1, count: count - 1)
  let streams = start[0] & 0x80 == 0
  let whole = outcome(body, of: dialect.name, streams: streams, .whole)
  for cut in [Cut.everyByte, .atRandom(seed: UInt64(count))] {
    let pieces = outcome(body, of: dialect.name, streams: streams, cut)
    if pieces == whole { continue }
    say("\(dialect.name), whole:\n\(whole)\n\(cut):\n\(pieces)")
    demand(false, "an answer depends on how it was cut")
  }
  return 0
}
