// The names are the header's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CLLMProvider
import CSystem
import LLMClient
import LLMCore
import LLMPolicy

@_cdecl("llm_render") @implementation
public func llm_render(
  _ handle: OpaquePointer!, _ request_json: UnsafePointer<CChar>!,
  _ json_out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!
) -> llm_status {
  answer(TextSlot(json_out)) { () throws(LLMError) in
    try provider(handle).render(try parseRequest(request_json))
  }
}

@_cdecl("llm_decoder_new") @implementation
public func llm_decoder_new(
  _ handle: OpaquePointer!, _ request_json: UnsafePointer<CChar>!, _ http_status: Int32,
  _ out: UnsafeMutablePointer<OpaquePointer?>!, _ error_json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!
) -> llm_status {
  makeHandle(out, TextSlot(error_json)) { () throws(LLMError) in
    try makeDecoder(try provider(handle), try parseRequest(request_json), http_status)
  }
}

func makeDecoder(_ provider: Provider, _ request: JSON, _ status: Int32) throws(LLMError) -> ResponseDecoder {
  guard (100...599).contains(status) else {
    throw LLMError(.invalidArgument, "\(status) is no HTTP status")
  }
  return try provider.decoder(for: request, status: Int(status))
}

@_cdecl("llm_decoder_feed") @implementation
public func llm_decoder_feed(
  _ decoder: OpaquePointer!, _ bytes: UnsafeRawPointer!, _ len: Int, _ on_event: llm_event_fn!,
  _ user_data: UnsafeMutableRawPointer!
) -> llm_status {
  guard let decoder = object(decoder, ResponseDecoder.self), bytes != nil || len == 0, len >= 0 else {
    return llm_status(LLM_E_INVALID_ARGUMENT)
  }
  let piece = UnsafeRawBufferPointer(start: bytes, count: len)
  let outcome = Memory.watching { decoder.feed(piece, to: callbackSink(on_event, user_data, decoder)) }
  guard let outcome else { return llm_status(LLM_OK) }
  return outcome.code?.rawValue ?? llm_status(LLM_DONE)
}

@_cdecl("llm_decoder_finish") @implementation
public func llm_decoder_finish(
  _ decoder: OpaquePointer!, _ on_event: llm_event_fn!, _ user_data: UnsafeMutableRawPointer!,
  _ json_out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!
) -> llm_status {
  decoderFinish(decoder, on_event, user_data, TextSlot(json_out))
}

func decoderFinish<Slot: DocumentSlot>(
  _ decoder: OpaquePointer?, _ on_event: llm_event_fn?, _ user_data: UnsafeMutableRawPointer?, _ slot: Slot
) -> llm_status {
  guard let decoder = object(decoder, ResponseDecoder.self) else {
    return Memory.watching { conclude(slot, LLMError(.invalidArgument, "the decoder is NULL")) }
  }
  return answerCall(slot, again: true) { () throws(LLMError) in
    guard let outcome = decoder.finish(to: callbackSink(on_event, user_data, decoder)) else {
      throw LLMError(.internal, "the decoder ended without an outcome")
    }
    return outcome
  }
}

private func callbackSink(
  _ on_event: llm_event_fn?, _ user_data: UnsafeMutableRawPointer?, _ decoder: ResponseDecoder
) -> CallbackSink? {
  on_event.map { CallbackSink($0, user_data, renderer: decoder.renderer) }
}

@_cdecl("llm_decoder_free") @implementation
public func llm_decoder_free(_ decoder: OpaquePointer!) { release(decoder, ResponseDecoder.self) }
