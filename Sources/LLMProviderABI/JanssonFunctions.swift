// The names are the header's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CLLMProvider
import CSystem
import LLMClient
import LLMCore
import LLMPolicy

// `llm_provider_jansson.h`: the same functions with trees in place of texts.

@_cdecl("llm_provider_new_json") @implementation
public func llm_provider_new_json(
  _ config: UnsafePointer<json_t>!, _ out: UnsafeMutablePointer<OpaquePointer?>!,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<json_t>?>!
) -> llm_status {
  makeHandle(out, TreeSlot(error)) { () throws(LLMError) in
    try Provider(try parseConfig(config), loadPlugin: register)
  }
}

@_cdecl("llm_connect_json") @implementation
public func llm_connect_json(
  _ handle: OpaquePointer!, _ out: UnsafeMutablePointer<UnsafeMutablePointer<json_t>?>!
) -> llm_status {
  answer(TreeSlot(out)) { () throws(LLMError) in try provider(handle).connect() }
}

@_cdecl("llm_test_connection_json") @implementation
public func llm_test_connection_json(
  _ handle: OpaquePointer!, _ out: UnsafeMutablePointer<UnsafeMutablePointer<json_t>?>!
) -> llm_status {
  answer(TreeSlot(out)) { () throws(LLMError) in try provider(handle).testConnection() }
}

@_cdecl("llm_provider_status_json") @implementation
public func llm_provider_status_json(
  _ handle: OpaquePointer!, _ out: UnsafeMutablePointer<UnsafeMutablePointer<json_t>?>!
) -> llm_status {
  answer(TreeSlot(out)) { () throws(LLMError) in try provider(handle).status }
}

@_cdecl("llm_capabilities_json") @implementation
public func llm_capabilities_json(
  _ handle: OpaquePointer!, _ out: UnsafeMutablePointer<UnsafeMutablePointer<json_t>?>!
) -> llm_status {
  answer(TreeSlot(out)) { () throws(LLMError) in try provider(handle).capabilities }
}

@_cdecl("llm_chat_json") @implementation
public func llm_chat_json(
  _ handle: OpaquePointer!, _ request: UnsafePointer<json_t>!,
  _ out: UnsafeMutablePointer<UnsafeMutablePointer<json_t>?>!
) -> llm_status {
  answerCall(TreeSlot(out)) { () throws(LLMError) in try provider(handle).chat(try parseRequest(request)) }
}

@_cdecl("llm_stream_json") @implementation
public func llm_stream_json(
  _ handle: OpaquePointer!, _ request: UnsafePointer<json_t>!, _ on_event: llm_event_fn!,
  _ user_data: UnsafeMutableRawPointer!, _ out: UnsafeMutablePointer<UnsafeMutablePointer<json_t>?>!
) -> llm_status {
  answerCall(TreeSlot(out)) { () throws(LLMError) in
    guard let on_event else { throw LLMError(.invalidArgument, "the callback is NULL") }
    return try provider(handle).stream(try parseRequest(request), to: CallbackSink(on_event, user_data))
  }
}

@_cdecl("llm_embed_json") @implementation
public func llm_embed_json(
  _ handle: OpaquePointer!, _ request: UnsafePointer<json_t>!,
  _ out: UnsafeMutablePointer<UnsafeMutablePointer<json_t>?>!
) -> llm_status {
  answerCall(TreeSlot(out)) { () throws(LLMError) in try provider(handle).embed(try parseRequest(request)) }
}

@_cdecl("llm_rerank_json") @implementation
public func llm_rerank_json(
  _ handle: OpaquePointer!, _ request: UnsafePointer<json_t>!,
  _ out: UnsafeMutablePointer<UnsafeMutablePointer<json_t>?>!
) -> llm_status {
  answerCall(TreeSlot(out)) { () throws(LLMError) in try provider(handle).rerank(try parseRequest(request)) }
}

@_cdecl("llm_count_tokens_json") @implementation
public func llm_count_tokens_json(
  _ handle: OpaquePointer!, _ request: UnsafePointer<json_t>!,
  _ out: UnsafeMutablePointer<UnsafeMutablePointer<json_t>?>!
) -> llm_status {
  answer(TreeSlot(out)) { () throws(LLMError) in
    try provider(handle).countTokens(try parseRequest(request))
  }
}

@_cdecl("llm_models_json") @implementation
public func llm_models_json(
  _ handle: OpaquePointer!, _ out: UnsafeMutablePointer<UnsafeMutablePointer<json_t>?>!
) -> llm_status {
  answer(TreeSlot(out)) { () throws(LLMError) in try provider(handle).models() }
}

@_cdecl("llm_model_info_json") @implementation
public func llm_model_info_json(
  _ handle: OpaquePointer!, _ model: UnsafePointer<CChar>!,
  _ out: UnsafeMutablePointer<UnsafeMutablePointer<json_t>?>!
) -> llm_status {
  answer(TreeSlot(out)) { () throws(LLMError) in
    try provider(handle).modelInfo(model.map { String(cString: $0) })
  }
}

@_cdecl("llm_call_start_json") @implementation
public func llm_call_start_json(
  _ handle: OpaquePointer!, _ request: UnsafePointer<json_t>!, _ out: UnsafeMutablePointer<OpaquePointer?>!,
  _ error: UnsafeMutablePointer<UnsafeMutablePointer<json_t>?>!
) -> llm_status {
  makeHandle(out, TreeSlot(error)) { () throws(LLMError) in
    CallHandle(try provider(handle).start(try parseRequest(request)))
  }
}

@_cdecl("llm_call_result_json") @implementation
public func llm_call_result_json(
  _ call: OpaquePointer!, _ out: UnsafeMutablePointer<UnsafeMutablePointer<json_t>?>!
) -> llm_status {
  callResult(call, TreeSlot(out))
}

@_cdecl("llm_provider_types_json") @implementation
public func llm_provider_types_json(_ out: UnsafeMutablePointer<UnsafeMutablePointer<json_t>?>!) -> llm_status {
  answer(TreeSlot(out)) { () throws(LLMError) in Registry.types }
}

@_cdecl("llm_config_validate_json") @implementation
public func llm_config_validate_json(
  _ config: UnsafePointer<json_t>!, _ out: UnsafeMutablePointer<UnsafeMutablePointer<json_t>?>!
) -> llm_status {
  validation(TreeSlot(out)) { () throws(LLMError) in try parseConfig(config) }
}

@_cdecl("llm_load_plugin_json") @implementation
public func llm_load_plugin_json(
  _ path: UnsafePointer<CChar>!, _ error: UnsafeMutablePointer<UnsafeMutablePointer<json_t>?>!
) -> llm_status {
  loadPlugin(path, TreeSlot(error))
}

@_cdecl("llm_render_json") @implementation
public func llm_render_json(
  _ handle: OpaquePointer!, _ request: UnsafePointer<json_t>!,
  _ out: UnsafeMutablePointer<UnsafeMutablePointer<json_t>?>!
) -> llm_status {
  answer(TreeSlot(out)) { () throws(LLMError) in try provider(handle).render(try parseRequest(request)) }
}

@_cdecl("llm_decoder_new_json") @implementation
public func llm_decoder_new_json(
  _ handle: OpaquePointer!, _ request: UnsafePointer<json_t>!, _ http_status: Int32,
  _ out: UnsafeMutablePointer<OpaquePointer?>!, _ error: UnsafeMutablePointer<UnsafeMutablePointer<json_t>?>!
) -> llm_status {
  makeHandle(out, TreeSlot(error)) { () throws(LLMError) in
    try makeDecoder(try provider(handle), try parseRequest(request), http_status)
  }
}

@_cdecl("llm_decoder_finish_json") @implementation
public func llm_decoder_finish_json(
  _ decoder: OpaquePointer!, _ on_event: llm_event_fn!, _ user_data: UnsafeMutableRawPointer!,
  _ out: UnsafeMutablePointer<UnsafeMutablePointer<json_t>?>!
) -> llm_status {
  decoderFinish(decoder, on_event, user_data, TreeSlot(out))
}
