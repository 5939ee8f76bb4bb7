import CLLMProvider
import CSystem
import LLMClient
import LLMCore
import LLMPolicy
import LLMWire

// What every section shares: documents in, documents out, handles to objects.

/// Where a result or an error document goes.
protocol DocumentSlot {
  /// Hands the document over; nil says that there is none.
  func put(_ document: JSON?)
  /// Hands over what a call ended with. A tree that may be asked for again is copied, since each is its caller's to
  /// change.
  func put(_ result: ResultDocument, again: Bool)
}

/// `char **`: JSON text that the caller frees with `llm_free`.
struct TextSlot: DocumentSlot {
  let place: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?

  init(_ place: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) { self.place = place }

  func put(_ document: JSON?) { place?.pointee = document?.makeCString() }
  func put(_ result: ResultDocument, again: Bool) {
    if let place { place.pointee = again ? result.makeCString() : result.takeCString() }
  }
}

/// `json_t **`: a new reference.
struct TreeSlot: DocumentSlot {
  let place: UnsafeMutablePointer<UnsafeMutablePointer<json_t>?>?

  init(_ place: UnsafeMutablePointer<UnsafeMutablePointer<json_t>?>?) { self.place = place }

  func put(_ document: JSON?) { place?.pointee = document?.makeTree() }
  func put(_ result: ResultDocument, again: Bool) { put(result.tree) }
}

/// Reads a document that the caller gave as text.
private func read(_ text: UnsafePointer<CChar>?, _ what: StaticText, _ code: ErrorCode) throws(LLMError) -> JSON {
  guard let text else { throw LLMError(.invalidArgument, "the \(what) is NULL") }
  do throws(JSONSyntaxError) {
    return try JSON.read(UnsafeRawBufferPointer(start: text, count: strlen(text)))
  } catch {
    throw LLMError(code, "the \(what) is no JSON: \(error.description)", param: "")
  }
}

/// Reads a document that the caller gave as a tree, which stays the caller's.
func read(_ tree: UnsafePointer<json_t>?, _ what: StaticText, _ code: ErrorCode) throws(LLMError) -> JSON {
  guard let tree else { throw LLMError(.invalidArgument, "the \(what) is NULL") }
  guard let document = JSON(tree: tree) else {
    throw LLMError(code, "the \(what) nests deeper than \(JSON.deepestTree) levels", param: "")
  }
  return document
}

func parseRequest(_ tree: UnsafePointer<json_t>?) throws(LLMError) -> JSON {
  try read(tree, "request", .invalidRequest)
}

func parseConfig(_ tree: UnsafePointer<json_t>?) throws(LLMError) -> JSON {
  try read(tree, "configuration", .invalidConfig)
}

func parseRequest(_ text: UnsafePointer<CChar>?) throws(LLMError) -> JSON {
  try read(text, "request", .invalidRequest)
}

func parseConfig(_ text: UnsafePointer<CChar>?) throws(LLMError) -> JSON {
  try read(text, "configuration", .invalidConfig).copy()
}

/// The error document of an error that no call made.
func errorDocument(_ error: LLMError) -> JSON {
  let document = JSON.object()
  document.set("error", error.document)
  return document
}

/// Runs the body of a function whose result is a document.
@inline(never)
func answer<Slot: DocumentSlot>(_ slot: Slot, _ body: () throws(LLMError) -> JSON) -> llm_status {
  do throws(LLMError) {
    slot.put(try body())
    return llm_status(LLM_OK)
  } catch {
    slot.put(errorDocument(error))
    return error.code.rawValue
  }
}

/// Runs the body of a function that makes a call: the outcome carries result and error alike.
@inline(never)
func answerCall<Slot: DocumentSlot>(
  _ slot: Slot, again: Bool = false, _ body: () throws(LLMError) -> CallOutcome
) -> llm_status {
  do throws(LLMError) {
    return deliver(try body(), slot, again: again)
  } catch {
    slot.put(errorDocument(error))
    return error.code.rawValue
  }
}

/// Hands an outcome over.
func deliver<Slot: DocumentSlot>(_ outcome: CallOutcome, _ slot: Slot, again: Bool = false) -> llm_status {
  slot.put(outcome.result, again: again)
  return outcome.code?.rawValue ?? llm_status(LLM_OK)
}

/// Runs the body of a function that makes a handle.
@inline(never)
func makeHandle<Handle: AnyObject, Slot: DocumentSlot>(
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ slot: Slot, _ body: () throws(LLMError) -> Handle
) -> llm_status {
  out?.pointee = nil
  do throws(LLMError) {
    guard let out else { throw LLMError(.invalidArgument, "the place for the handle is NULL") }
    out.pointee = OpaquePointer(Unmanaged.passRetained(try body()).toOpaque())
    slot.put(nil)
    return llm_status(LLM_OK)
  } catch {
    slot.put(errorDocument(error))
    return error.code.rawValue
  }
}

/// The object behind a handle.
func object<Object: AnyObject>(_ handle: OpaquePointer?, _ type: Object.Type) -> Object? {
  guard let handle else { return nil }
  return Unmanaged<Object>.fromOpaque(UnsafeRawPointer(handle)).takeUnretainedValue()
}

@inline(never)
func provider(_ handle: OpaquePointer?) throws(LLMError) -> Provider {
  guard let provider = object(handle, Provider.self) else {
    throw LLMError(.invalidArgument, "the provider is NULL")
  }
  return provider
}

/// Lets go of the reference that a handle holds.
func release<Object: AnyObject>(_ handle: OpaquePointer?, _ type: Object.Type) {
  guard let handle else { return }
  Unmanaged<Object>.fromOpaque(UnsafeRawPointer(handle)).release()
}
