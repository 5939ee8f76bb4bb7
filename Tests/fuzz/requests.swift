import LLMConfig
import LLMCore
import LLMDialects
import LLMWire

// The first byte chooses the dialect and whether the answer is wanted piece by piece; the rest is a document as the
// golden cases have it: the request and the configuration.

private let dialects: [(name: String, kind: DialectKind)] = DialectKind.allCases.map { ($0.name.text, $0) }

private func encode(_ document: JSON, _ dialect: String, streams: Bool) throws -> HTTPRequest? {
  let test = try TestEndpoint(document["config"] ?? .object(), defaultDialect: dialect)
  let request = document["request"] ?? document
  let context = test.context(model: request.string("model"), isStreaming: streams)
  let dialect = Dialects.make(test.dialect)
  if request["input"] != nil { return try dialect.encodeEmbeddings(request, context) }
  if request["query"] != nil { return try dialect.encodeRerank(request, context) }
  return try dialect.encodeChat(ChatRequest(request), context)
}

/// Whatever a caller asks for is refused or becomes a request whose body is JSON; it is all the same whether the caller
/// gave a document that is packed or one that is not, and it stays as it was.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  guard let start, count > 0 else { return 0 }
  let bytes = UnsafeRawBufferPointer(start: start + 1, count: count - 1)
  guard let read = try? JSON.read(bytes), let tree = try? JSON.parse(bytes) else { return 0 }
  let dialect = dialects[Int(start[0] & 0x7F) % dialects.count]
  let streams = start[0] & 0x80 == 0
  let before = tree.text
  let (first, second) = (
    outcome { try encode(read, dialect.name, streams: streams) },
    outcome { try encode(tree, dialect.name, streams: streams) }
  )
  demand(tree.text == before && read.text == before, "the caller's request was changed")
  if first != second { say("\(dialect.name), read:\n\(first)\ntree:\n\(second)") }
  demand(first == second, "a request that was read and its tree disagree")
  return 0
}

private func outcome(_ encode: () throws -> HTTPRequest?) -> String {
  do {
    guard let body = try encode()?.body else { return "nothing" }
    demand(JSONScanner.isValid(body.bytes), "a body that is no JSON")
    return body.string
  } catch let error as LLMError {
    return error.document.text
  } catch { return "\(error)" }
}
