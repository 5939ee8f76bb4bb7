import CSystem
import LLMConfig
import LLMCore

@testable import LLMPolicy

/// Bytes of a store, as anybody who may write there leaves them: a window, and a table. Nothing traps, nothing outside is
/// touched, and what was read and written once is read alike again.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  let bytes = UnsafeRawBufferPointer(start: start, count: count)
  useAsWindow(bytes)
  useAsTable(bytes)
  return 0
}

private let now: Microseconds = 1_700_000_000_000_000

private func useAsWindow(_ bytes: UnsafeRawBufferPointer) {
  guard let window = LimitWindow(bytes) else { return }
  let value = ByteBuffer()
  value.append(bytes)
  var settings = LimitSettings()
  (settings.requests, settings.tokens, settings.concurrency) = (10, 1000, 5)
  let length = LimitWindow.sliceLength(settings)
  // At a moment that the input has in it, so that its slices count.
  let moments = [now, (window.slices.first?.id ?? 0).multipliedReportingOverflow(by: length).partialValue]
  for moment in moments where (0...(1 << 52)).contains(moment) {
    var change = LimitWindow.Change(of: 100, settings, unixNow: moment)
    for asks in [true, false] {
      let update = LimitUpdate(
        change, asksForLeave: asks, backlog: window, settings, owner: 1, unixNow: moment)
      let new = update.newValue(for: value)
      _ = update.refusal()
      demand(new.map { LimitWindow($0) != nil } != false, "a window that was written is none")
      let used = update.window.used
      demand(used.requests >= 0 && used.tokens >= 0 && update.window.held >= 0, "a count is below 0")
      (change.requests, change.tokens, change.held) = (.min, .min, .min)
    }
  }
}

private func useAsTable(_ bytes: UnsafeRawBufferPointer) {
  let shape = StoreTable.Shape(slots: 16, slotSize: 128)
  let storage = StoreMemory(size: shape.size)
  let table = StoreTable(storage, shape)
  storage.bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes.prefix(shape.size)))
  do throws(LLMError) {
    if try !table.isSound() {
      try table.format(isBlank: true)
    }
    try table.repair()
    for key in ["a", "bc", "limit1:p/-:60000"] {
      try table.perform(StoreOperation(.get, key, unixNow: now))
      let addition = StoreOperation(.add, key, unixNow: now)
      addition.amount = -1
      do throws(LLMError) {
        try table.perform(addition)
        demand(addition.sum >= 0, "a sum is below 0")
      } catch { demand(error.refuses, "memory was lost") }
      let setting = StoreOperation(.set, key, unixNow: now)
      setting.value = ByteBuffer()
      setting.value?.append("value")
      try table.perform(setting)
      let reading = StoreOperation(.get, key, unixNow: now)
      try table.perform(reading)
      demand(reading.found?.string == "value", "a value is not found again")
      try table.perform(StoreOperation(.delete, key, unixNow: now))
    }
  } catch { demand(false, "memory was lost") }
}
