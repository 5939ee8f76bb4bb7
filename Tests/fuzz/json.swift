import LLMCore
import LLMWire

/// The scanner accepts exactly what jansson does; repairing changes nothing that jansson accepts.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let bytes = UnsafeRawBufferPointer(start: start, count: count)
  let isAccepted = janssonAccepts(bytes)
  demand(JSONScanner.isValid(bytes) == isAccepted, "the scanner and jansson disagree")
  let repaired = ByteBuffer()
  let isChanged = repairedJSON(bytes, into: repaired)
  demand(!(isChanged && isAccepted), "a valid document was repaired")
  return 0
}
