// The names are the header's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CLLMProvider
import CSystem
import LLMClient
import LLMCore

@_cdecl("llm_provider_types") @implementation
public func llm_provider_types(_ json_out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!) -> llm_status {
  answer(TextSlot(json_out)) { () throws(LLMError) in Registry.types }
}

@_cdecl("llm_config_validate") @implementation
public func llm_config_validate(
  _ config_json: UnsafePointer<CChar>!, _ json_out: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!
) -> llm_status {
  validation(TextSlot(json_out)) { () throws(LLMError) in try parseConfig(config_json) }
}

func validation<Slot: DocumentSlot>(_ slot: Slot, _ config: () throws(LLMError) -> JSON) -> llm_status {
  Memory.watching {
    do throws(LLMError) {
      let verdict = Registry.validate(try config())
      return conclude(slot, verdict.code?.rawValue ?? llm_status(LLM_OK), verdict.document)
    } catch {
      return conclude(slot, error)
    }
  }
}
