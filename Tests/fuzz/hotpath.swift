import LLMCore
import LLMWire

private let table = [
  HotField("id", .same(0)), HotField("created", .skip), HotField("type", .constant("t")), HotField("usage", .null),
  HotField("choices.0.index", .integer(0)), HotField("choices.0.delta.content", .text),
  HotField("choices.0.delta.reasoning", .reasoning), HotField("choices.0.delta.arguments", .arguments),
  HotField("choices.0.finish_reason", .null),
]

private func makePath() -> HotPath {
  let path = HotPath(table)
  let id: StaticString = "x"
  path.remember(0, UnsafeRawBufferPointer(start: id.utf8Start, count: id.utf8CodeUnitCount))
  return path
}

nonisolated(unsafe) private let warm = makePath()

/// A matcher that went through anything before answers as a new one does, and accepts nothing that jansson refuses but
/// for text that is split.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let bytes = UnsafeRawBufferPointer(start: start, count: count)
  let fresh = makePath()
  let isMatch = fresh.match(bytes)
  // Twice, since the second time its beginning is known.
  for _ in 0..<2 {
    demand(warm.match(bytes) == isMatch, "a match depends on the past")
    demand(warm.kind == fresh.kind && warm.integer(0) == fresh.integer(0), "a result depends on the past")
    demand(warm.payload.elementsEqual(fresh.payload), "a payload depends on the past")
  }
  if isMatch, !janssonAccepts(bytes) {
    let repaired = ByteBuffer()
    let isSplit = repairedJSON(bytes, into: repaired)
    demand(isSplit && withExtendedLifetime(repaired) { janssonAccepts(repaired.bytes) }, "a match that is no JSON")
  }
  return 0
}
