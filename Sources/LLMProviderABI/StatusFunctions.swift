// The names are the header's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CLLMProvider
import CSystem
import LLMCore

private func constant(_ text: StaticText) -> UnsafePointer<CChar> { text.cString }

@_cdecl("llm_status_name") @implementation
public func llm_status_name(_ status: llm_status) -> UnsafePointer<CChar>! {
  switch Int(status) {
  case LLM_OK: constant("ok")
  case LLM_DONE: constant("done")
  case LLM_PENDING: constant("pending")
  default: constant(ErrorCode(rawValue: status)?.name ?? "unknown")
  }
}

@_cdecl("llm_version") @implementation
public func llm_version() -> UnsafePointer<CChar>! { constant("0.1.0") }

@_cdecl("llm_version_number") @implementation
public func llm_version_number() -> UInt32 { UInt32(LLM_VERSION_NUMBER) }

@_cdecl("llm_free") @implementation
public func llm_free(_ memory: UnsafeMutableRawPointer!) { free(memory) }
