import LLMCore
import LLMWire

/// The scanner accepts exactly what jansson does; repairing changes nothing that jansson accepts; and a document that is
/// read says what jansson's tree says.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let bytes = UnsafeRawBufferPointer(start: start, count: count)
  let isAccepted = janssonAccepts(bytes)
  demand(JSONScanner.isValid(bytes) == isAccepted || isDeep(bytes), "the scanner and jansson disagree")
  let repaired = ByteBuffer()
  let isChanged = repairedJSON(bytes, into: repaired)
  demand(!(isChanged && isAccepted), "a valid document was repaired")
  guard let document = read(bytes) else {
    demand(!isAccepted || isDeep(bytes), "a document that jansson accepts is refused")
    return 0
  }
  guard let tree = janssonDocument(bytes) else {
    demand(false, "a document that jansson refuses is read")
    return 0
  }
  demand(document.text == tree.text, "a document that was read and jansson's tree disagree")
  demand(document.deepCopy().text == document.text, "a document changes when it is copied")
  return 0
}

private func read(_ bytes: UnsafeRawBufferPointer) -> JSON? {
  do throws(JSONSyntaxError) {
    return try JSON.read(bytes)
  } catch {
    demand(error.line > 0 && error.column > 0, "an error without a place")
    return nil
  }
}

/// Whether it is the depth that may be at fault: jansson goes further.
private func isDeep(_ bytes: UnsafeRawBufferPointer) -> Bool {
  bytes.reduce(0) { $1 == UInt8(ascii: "[") || $1 == UInt8(ascii: "{") ? $0 + 1 : $0 } >= 256
}
