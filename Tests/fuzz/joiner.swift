import LLMCore
import LLMWire

/// Whatever comes, and however it is cut, what is joined is valid UTF-8 and the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let bytes = UnsafeRawBufferPointer(start: start, count: count)
  let whole = joined(bytes) { _ in count }
  demand(same(whole, joined(bytes) { _ in 1 }), "text depends on how it was cut")
  demand(same(whole, joined(bytes) { Int(bytes[$0] & 7) }), "text depends on how it was cut")
  return 0
}

private func joined(_ bytes: UnsafeRawBufferPointer, cutting cut: (Int) -> Int) -> ByteBuffer {
  let text = ByteBuffer()
  let scratch = ByteBuffer()
  var joiner = UTF8Joiner()
  var place = 0
  while place < bytes.count {
    let length = min(max(cut(place), 1), bytes.count - place)
    let piece = joiner.join(UnsafeRawBufferPointer(rebasing: bytes[place..<place + length]), scratch: scratch)
    demand(String(validating: piece, as: UTF8.self) != nil, "a piece of text is not valid UTF-8")
    text.append(piece)
    place += length
  }
  text.append(joiner.finish(scratch: scratch))
  return text
}
