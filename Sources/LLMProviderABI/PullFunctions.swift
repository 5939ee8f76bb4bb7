// The names are the header's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CLLMProvider
import CSystem
import LLMClient
import LLMCore
import LLMPolicy

/// Behind `llm_call`: the call, and the event that was handed out last.
final class CallHandle {
  let call: PulledCall
  let event: UnsafeMutablePointer<llm_event> = .allocate(capacity: 1)

  init(_ call: PulledCall) { self.call = call }

  deinit { event.deallocate() }
}

@_cdecl("llm_call_start") @implementation
public func llm_call_start(
  _ handle: OpaquePointer!, _ request_json: UnsafePointer<CChar>!, _ out: UnsafeMutablePointer<OpaquePointer?>!,
  _ error_json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!
) -> llm_status {
  makeHandle(out, TextSlot(error_json)) { () throws(LLMError) in
    CallHandle(try provider(handle).start(try parseRequest(request_json)))
  }
}

@_cdecl("llm_call_next") @implementation
public func llm_call_next(
  _ call: OpaquePointer!, _ timeout_ms: Int32, _ event: UnsafeMutablePointer<UnsafePointer<llm_event>?>!
) -> llm_status {
  event?.pointee = nil
  guard let handle = object(call, CallHandle.self), let event else { return llm_status(LLM_E_INVALID_ARGUMENT) }
  let step = Memory.watching { handle.call.next(timeoutMilliseconds: Int(timeout_ms)) }
  switch step {
  case .event(let next):
    handle.event.initialize(to: llm_event(next, handle.call.renderer))
    event.pointee = UnsafePointer(handle.event)
    return llm_status(LLM_OK)
  case .pending: return llm_status(LLM_PENDING)
  case .done: return llm_status(LLM_DONE)
  }
}

@_cdecl("llm_call_result") @implementation
public func llm_call_result(
  _ call: OpaquePointer!, _ json_out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!
) -> llm_status {
  callResult(call, TextSlot(json_out))
}

func callResult<Slot: DocumentSlot>(_ call: OpaquePointer?, _ slot: Slot) -> llm_status {
  guard let handle = object(call, CallHandle.self) else {
    return Memory.watching { conclude(slot, LLMError(.invalidArgument, "the call is NULL")) }
  }
  guard let outcome = handle.call.outcome else {
    slot.put(nil)
    return llm_status(LLM_PENDING)
  }
  if handle.call.hasLostEnd { return Memory.watching { conclude(slot, LLMError.noMemory) } }
  return Memory.watching { deliver(outcome, slot, again: true) }
}

@_cdecl("llm_call_cancel") @implementation
public func llm_call_cancel(_ call: OpaquePointer!) { object(call, CallHandle.self)?.call.cancel() }

@_cdecl("llm_call_free") @implementation
public func llm_call_free(_ call: OpaquePointer!) {
  Memory.watching {
    object(call, CallHandle.self)?.call.close()
    release(call, CallHandle.self)
  }
}
