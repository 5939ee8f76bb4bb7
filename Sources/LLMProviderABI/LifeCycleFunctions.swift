// The names are the header's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CLLMProvider
import CSystem
import LLMClient
import LLMCore

@_cdecl("llm_provider_new") @implementation
public func llm_provider_new(
  _ config_json: UnsafePointer<CChar>!, _ out: UnsafeMutablePointer<OpaquePointer?>!,
  _ error_json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!
) -> llm_status {
  makeHandle(out, TextSlot(error_json)) { () throws(LLMError) in
    try Provider(try parseConfig(config_json), loadPlugin: register)
  }
}

@_cdecl("llm_provider_retain") @implementation
public func llm_provider_retain(_ provider: OpaquePointer!) -> OpaquePointer! {
  if let provider { _ = Unmanaged<Provider>.fromOpaque(UnsafeRawPointer(provider)).retain() }
  return provider
}

@_cdecl("llm_provider_free") @implementation
public func llm_provider_free(_ provider: OpaquePointer!) { release(provider, Provider.self) }

@_cdecl("llm_connect") @implementation
public func llm_connect(
  _ handle: OpaquePointer!, _ json_out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!
) -> llm_status {
  answer(TextSlot(json_out)) { () throws(LLMError) in try provider(handle).connect() }
}

@_cdecl("llm_disconnect") @implementation
public func llm_disconnect(_ provider: OpaquePointer!) { object(provider, Provider.self)?.disconnect() }

@_cdecl("llm_is_available") @implementation
public func llm_is_available(_ provider: OpaquePointer!) -> Int32 {
  object(provider, Provider.self)?.isAvailable == true ? 1 : 0
}

@_cdecl("llm_test_connection") @implementation
public func llm_test_connection(
  _ handle: OpaquePointer!, _ json_out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!
) -> llm_status {
  answer(TextSlot(json_out)) { () throws(LLMError) in try provider(handle).testConnection() }
}

@_cdecl("llm_provider_status") @implementation
public func llm_provider_status(
  _ handle: OpaquePointer!, _ json_out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!
) -> llm_status {
  answer(TextSlot(json_out)) { () throws(LLMError) in try provider(handle).status }
}

@_cdecl("llm_capabilities") @implementation
public func llm_capabilities(
  _ handle: OpaquePointer!, _ json_out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!
) -> llm_status {
  answer(TextSlot(json_out)) { () throws(LLMError) in try provider(handle).capabilities }
}
