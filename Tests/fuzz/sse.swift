import LLMWire

@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let bytes = UnsafeRawBufferPointer(start: start, count: count)
  compareCuts(bytes) { SSEFramer(maxFrameBytes: 4096) }
  compareCuts(bytes) { SSEFramer(maxFrameBytes: 20) }
  return 0
}
