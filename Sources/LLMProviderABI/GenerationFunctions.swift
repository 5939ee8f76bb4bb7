// The names are the header's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CLLMProvider
import CSystem
import LLMClient
import LLMCore
import LLMPolicy

@_cdecl("llm_chat") @implementation
public func llm_chat(
  _ handle: OpaquePointer!, _ request_json: UnsafePointer<CChar>!,
  _ json_out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!
) -> llm_status {
  answerCall(TextSlot(json_out)) { () throws(LLMError) in
    try provider(handle).chat(try parseRequest(request_json))
  }
}

@_cdecl("llm_stream") @implementation
public func llm_stream(
  _ handle: OpaquePointer!, _ request_json: UnsafePointer<CChar>!, _ on_event: llm_event_fn!,
  _ user_data: UnsafeMutableRawPointer!, _ json_out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!
) -> llm_status {
  answerCall(TextSlot(json_out)) { () throws(LLMError) in
    guard let on_event else { throw LLMError(.invalidArgument, "the callback is NULL") }
    return try provider(handle).stream(try parseRequest(request_json), to: CallbackSink(on_event, user_data))
  }
}

@_cdecl("llm_embed") @implementation
public func llm_embed(
  _ handle: OpaquePointer!, _ request_json: UnsafePointer<CChar>!,
  _ json_out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!
) -> llm_status {
  answerCall(TextSlot(json_out)) { () throws(LLMError) in
    try provider(handle).embed(try parseRequest(request_json))
  }
}

@_cdecl("llm_rerank") @implementation
public func llm_rerank(
  _ handle: OpaquePointer!, _ request_json: UnsafePointer<CChar>!,
  _ json_out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!
) -> llm_status {
  answerCall(TextSlot(json_out)) { () throws(LLMError) in
    try provider(handle).rerank(try parseRequest(request_json))
  }
}

@_cdecl("llm_count_tokens") @implementation
public func llm_count_tokens(
  _ handle: OpaquePointer!, _ request_json: UnsafePointer<CChar>!,
  _ json_out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!
) -> llm_status {
  answer(TextSlot(json_out)) { () throws(LLMError) in
    try provider(handle).countTokens(try parseRequest(request_json))
  }
}

@_cdecl("llm_models") @implementation
public func llm_models(
  _ handle: OpaquePointer!, _ json_out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!
) -> llm_status {
  answer(TextSlot(json_out)) { () throws(LLMError) in try provider(handle).models() }
}

@_cdecl("llm_model_info") @implementation
public func llm_model_info(
  _ handle: OpaquePointer!, _ model: UnsafePointer<CChar>!,
  _ json_out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!
) -> llm_status {
  answer(TextSlot(json_out)) { () throws(LLMError) in
    try provider(handle).modelInfo(model.map { String(cString: $0) })
  }
}
