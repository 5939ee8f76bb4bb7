// The names are the header's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CLLMProvider
import LLMClient
import LLMCore

@_cdecl("llm_provider_set_observer") @implementation
public func llm_provider_set_observer(
  _ provider: OpaquePointer!, _ observer: llm_observer_fn!, _ user_data: UnsafeMutableRawPointer!
) {
  object(provider, Provider.self)?.setObserver(observer, userData: user_data)
}

@_cdecl("llm_provider_set_progress") @implementation
public func llm_provider_set_progress(
  _ provider: OpaquePointer!, _ progress: llm_progress_fn!, _ user_data: UnsafeMutableRawPointer!
) {
  object(provider, Provider.self)?.setProgress(progress, userData: user_data)
}

@_cdecl("llm_set_log") @implementation
public func llm_set_log(_ log: llm_log_fn!, _ level: Int32, _ user_data: UnsafeMutableRawPointer!) {
  Log.set(log, level: level, userData: user_data)
}

@_cdecl("llm_metrics") @implementation
public func llm_metrics(
  _ provider: OpaquePointer!, _ text_out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!
) -> llm_status {
  Memory.watching {
    let text = Metrics.text(of: object(provider, Provider.self))
    text_out?.pointee = Memory.hasRunOut ? nil : text.takeCString()
    return llm_status(Memory.hasRunOut ? LLM_E_NO_MEMORY : LLM_OK)
  }
}
