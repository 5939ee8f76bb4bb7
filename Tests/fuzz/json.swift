import LLMCore
import LLMWire

/// The scanner accepts exactly what jansson does; repairing changes nothing that jansson accepts; and a document that is
/// read says what jansson's tree says.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let bytes = UnsafeRawBufferPointer(start: start, count: count)
  let isAccepted = janssonAccepts(bytes)
  demand(JSONScanner.isValid(bytes) == isAccepted, "the scanner and jansson disagree")
  let repaired = ByteBuffer()
  let isChanged = repairedJSON(bytes, into: repaired)
  demand(!(isChanged && isAccepted), "a valid document was repaired")
  demand(readText(bytes) == treeText(bytes), "a document that was read and jansson's tree disagree")
  return 0
}

private func readText(_ bytes: UnsafeRawBufferPointer) -> String {
  do throws(JSONSyntaxError) {
    let document = try readJSON(bytes)
    demand(document.deepCopy().text == document.text, "a document changes when it is made a tree")
    return document.text
  } catch { return error.description }
}

private func treeText(_ bytes: UnsafeRawBufferPointer) -> String {
  do throws(JSONSyntaxError) {
    return try JSON.parse(bytes).text
  } catch { return error.description }
}
