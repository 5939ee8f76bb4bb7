import CLLMProvider
import CSystem
import LLMClient
import LLMCore
import LLMPolicy

// What every section shares: documents in, documents out, handles to objects.

/// Where a result or an error document goes.
protocol DocumentSlot {
  /// Hands the document over; nil says that there is none.
  func put(_ document: JSON?)
  /// Hands over what a call ended with. A tree that may be asked for again is copied, since each is its caller's to
  /// change.
  func put(_ result: ResultDocument, again: Bool)
  /// Takes back what was handed over, for lack of memory, and says that in its place as far as it can.
  func putNoMemory()
}

/// `char **`: JSON text that the caller frees with `llm_free`.
struct TextSlot: DocumentSlot {
  let place: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?

  init(_ place: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) { self.place = place }

  func put(_ document: JSON?) { place?.pointee = document?.makeCString() }
  func put(_ result: ResultDocument, again: Bool) {
    if let place { place.pointee = again ? result.makeCString() : result.takeCString() }
  }
  func putNoMemory() {
    guard let place else { return }
    free(place.pointee)
    let document = ByteBuffer()
    document.append(ErrorDocument.noMemory)
    place.pointee = document.isExhausted ? nil : document.takeCString()
  }
}

/// `json_t **`: a new reference.
struct TreeSlot: DocumentSlot {
  let place: UnsafeMutablePointer<UnsafeMutablePointer<json_t>?>?

  init(_ place: UnsafeMutablePointer<UnsafeMutablePointer<json_t>?>?) { self.place = place }

  func put(_ document: JSON?) { place?.pointee = document?.makeTree() }
  func put(_ result: ResultDocument, again: Bool) { put(result.tree) }
  func putNoMemory() {
    guard let place else { return }
    json_decref(place.pointee)
    Memory.hasRunOut = false
    let document = JSON.own(ErrorDocument.noMemory.utf8Bytes)
    place.pointee = Memory.hasRunOut ? nil : document.makeTree()
    guard Memory.hasRunOut else { return }
    json_decref(place.pointee)
    place.pointee = nil
  }
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
  if Memory.hasRunOut { throw .noMemory }
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

/// Ends a function: hands its document over, unless memory ran out in the meantime. What was made then is not to be
/// relied on.
@inline(never)
func conclude<Slot: DocumentSlot>(_ slot: Slot, _ status: llm_status, _ document: @autoclosure () -> JSON?)
  -> llm_status
{
  slot.put(nil)
  if !Memory.hasRunOut {
    slot.put(document())
    if !Memory.hasRunOut { return status }
  }
  slot.putNoMemory()
  return llm_status(LLM_E_NO_MEMORY)
}

/// Ends a function that failed.
@inline(never)
func conclude<Slot: DocumentSlot>(_ slot: Slot, _ error: LLMError) -> llm_status {
  conclude(slot, error.code.rawValue, errorDocument(error))
}

/// Runs the body of a function whose result is a document.
@inline(never)
func answer<Slot: DocumentSlot>(_ slot: Slot, _ body: () throws(LLMError) -> JSON) -> llm_status {
  Memory.watching {
    do throws(LLMError) {
      let document = try body()
      return conclude(slot, llm_status(LLM_OK), document)
    } catch {
      return conclude(slot, error)
    }
  }
}

/// Runs the body of a function that makes a call: the outcome carries result and error alike.
@inline(never)
func answerCall<Slot: DocumentSlot>(
  _ slot: Slot, again: Bool = false, _ body: () throws(LLMError) -> CallOutcome
) -> llm_status {
  Memory.watching {
    do throws(LLMError) {
      return deliver(try body(), slot, again: again)
    } catch {
      return conclude(slot, error)
    }
  }
}

/// Hands an outcome over. It took account of the memory that its call lacked; what counts is what lacks from here on.
func deliver<Slot: DocumentSlot>(_ outcome: CallOutcome, _ slot: Slot, again: Bool = false) -> llm_status {
  Memory.hasRunOut = false
  slot.put(outcome.result, again: again)
  if !Memory.hasRunOut { return outcome.code?.rawValue ?? llm_status(LLM_OK) }
  slot.putNoMemory()
  return llm_status(LLM_E_NO_MEMORY)
}

/// Runs the body of a function that makes a handle.
@inline(never)
func makeHandle<Handle: AnyObject, Slot: DocumentSlot>(
  _ out: UnsafeMutablePointer<OpaquePointer?>?, _ slot: Slot, _ body: () throws(LLMError) -> Handle
) -> llm_status {
  out?.pointee = nil
  return Memory.watching {
    do throws(LLMError) {
      guard let out else { throw LLMError(.invalidArgument, "the place for the handle is NULL") }
      let handle = try body()
      if !Memory.hasRunOut { out.pointee = OpaquePointer(Unmanaged.passRetained(handle).toOpaque()) }
      return conclude(slot, llm_status(LLM_OK), nil)
    } catch {
      return conclude(slot, error)
    }
  }
}

/// Runs the body of a function without a result.
@inline(never)
func report<Slot: DocumentSlot>(_ slot: Slot, _ body: () throws(LLMError) -> Void) -> llm_status {
  Memory.watching {
    do throws(LLMError) {
      try body()
      return conclude(slot, llm_status(LLM_OK), nil)
    } catch {
      return conclude(slot, error)
    }
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
