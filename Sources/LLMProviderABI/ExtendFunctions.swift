// The names are the header's.
// swift-format-ignore-file: AlwaysUseLowerCamelCase

import CLLMProvider
import CSystem
import LLMClient
import LLMCore
import LLMPolicy

// `llm_provider_extend.h`: types of the program's own, and plugins that bring them.

@_cdecl("llm_register_provider") @implementation
public func llm_register_provider(
  _ type: UnsafePointer<CChar>!, _ vtable: UnsafePointer<llm_provider_vtable>!,
  _ error_json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!
) -> llm_status {
  report(TextSlot(error_json)) { () throws(LLMError) in
    guard let type, let vtable else {
      throw LLMError(.invalidArgument, "the provider type's name or its table is NULL")
    }
    let table = copied(vtable, llm_provider_vtable(), stated: vtable.pointee.struct_size)
    let metadata = table.metadata_json.map { ByteBuffer(copying: $0) }
    try ForeignTypes.register(String(cString: type), metadata: metadata, try ForeignTable(table))
  }
}

@_cdecl("llm_register_store") @implementation
public func llm_register_store(
  _ type: UnsafePointer<CChar>!, _ vtable: UnsafePointer<llm_store_vtable>!,
  _ error_json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!
) -> llm_status {
  report(TextSlot(error_json)) { () throws(LLMError) in
    guard let type, let vtable else {
      throw LLMError(.invalidArgument, "the store type's name or its table is NULL")
    }
    let table = copied(vtable, llm_store_vtable(), stated: vtable.pointee.struct_size)
    guard
      table.create != nil, table.get != nil, table.set != nil, table.add != nil, table.compare_and_set != nil,
      table.remove != nil
    else { throw LLMError(.plugin, "the store's table lacks one of its functions; only \"destroy\" may be NULL") }
    try StoreRegistry.register(String(cString: type), StoreFunctions(table))
  }
}

@_cdecl("llm_load_plugin") @implementation
public func llm_load_plugin(
  _ path: UnsafePointer<CChar>!, _ error_json: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>!
) -> llm_status {
  loadPlugin(path, TextSlot(error_json))
}

func loadPlugin<Slot: DocumentSlot>(_ path: UnsafePointer<CChar>?, _ slot: Slot) -> llm_status {
  report(slot) { () throws(LLMError) in
    guard let path else { throw LLMError(.invalidArgument, "the plugin's path is NULL") }
    try Plugins.load(String(cString: path), register)
  }
}

/// Runs the body of a function without a result.
private func report<Slot: DocumentSlot>(_ slot: Slot, _ body: () throws(LLMError) -> Void) -> llm_status {
  do throws(LLMError) {
    try body()
    slot.put(nil)
    return llm_status(LLM_OK)
  } catch {
    slot.put(errorDocument(error))
    return error.code.rawValue
  }
}

/// Calls what a plugin exports.
@inline(never)
func register(_ symbol: UnsafeMutableRawPointer) throws(LLMError) {
  guard let enter = unsafeBitCast(symbol, to: llm_plugin_register_fn?.self) else { return }
  var host = llm_plugin_host(
    struct_size: MemoryLayout<llm_plugin_host>.size, version: UInt32(LLM_VERSION_NUMBER),
    register_provider: { llm_register_provider($0, $1, $2) },
    register_store: { llm_register_store($0, $1, $2) })
  var said: ByteBuffer?
  let status = collecting(&said) { enter(&host, $0) }
  if status < 0 {
    let code = ErrorCode(rawValue: status) ?? .plugin
    throw ForeignText.error(said, usual: code, unsaid: "\(code.name), and no reason given")
  }
}

/// The table as far as its size says that it is there.
private func copied<Table>(_ vtable: UnsafePointer<Table>, _ empty: Table, stated: Int) -> Table {
  var table = empty
  let size = min(Int(clamping: UInt(bitPattern: stated)), MemoryLayout<Table>.size)
  withUnsafeMutableBytes(of: &table) { $0.copyMemory(from: UnsafeRawBufferPointer(start: vtable, count: size)) }
  return table
}

/// Runs a function that may leave a text behind, and takes the text.
private func collecting<Result>(
  _ error: inout ByteBuffer?, _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  var text: UnsafeMutablePointer<CChar>?
  let result = body(&text)
  error = adopted(text)
  return result
}

/// A text that the program allocated, copied and freed.
private func adopted(_ text: UnsafeMutablePointer<CChar>?) -> ByteBuffer? {
  guard let text else { return nil }
  defer { free(text) }
  return ByteBuffer(copying: text)
}

extension ByteBuffer {
  fileprivate convenience init(copying text: UnsafePointer<CChar>) {
    self.init()
    append(UnsafeRawBufferPointer(start: text, count: strlen(text)))
  }
}

// MARK: - The table

/// `llm_provider_vtable`.
private final class ForeignTable: ForeignCode, @unchecked Sendable {
  private let table: llm_provider_vtable

  init(_ table: llm_provider_vtable) throws(LLMError) {
    self.table = table
    guard table.create != nil else { throw LLMError(.plugin, "the provider's table has no \"create\"") }
    let isDialect = table.encode != nil || table.decode != nil
    guard isDialect != (table.execute != nil) else {
      let found: StaticString = isDialect ? "both" : "neither"
      throw LLMError(
        .plugin, "a provider's table has either \"encode\" and \"decode\", or \"execute\": this one has \(found)")
    }
    guard !isDialect || (table.encode != nil && table.decode != nil) else {
      let lacking: StaticString = table.encode == nil ? "encode" : "decode"
      throw LLMError(.plugin, "the provider's table lacks \"\(lacking)\"")
    }
  }

  var isEngine: Bool { table.execute != nil }
  var listsModels: Bool { table.models != nil }

  func create(_ config: UnsafePointer<CChar>, error: inout ByteBuffer?) -> UnsafeMutableRawPointer? {
    collecting(&error) { table.create?(config, $0) }
  }

  func destroy(_ instance: UnsafeMutableRawPointer) { table.destroy?(instance) }

  func encode(
    _ instance: UnsafeMutableRawPointer, _ request: UnsafePointer<CChar>, error: inout ByteBuffer?
  ) -> ByteBuffer? {
    adopted(collecting(&error) { table.encode?(instance, request, $0) })
  }

  func decode(_ instance: UnsafeMutableRawPointer, status: Int, frame: ByteBuffer?, to emitter: Emitter) -> Int32 {
    withEmitter(emitter) { emit in
      table.decode?(
        instance, emit.pointee.internal, Int32(clamping: status), frame?.terminated(), frame?.count ?? 0, emit) ?? 0
    }
  }

  func execute(
    _ instance: UnsafeMutableRawPointer, _ request: UnsafePointer<CChar>, to emitter: Emitter
  ) -> Int32 {
    withEmitter(emitter) { emit in table.execute?(instance, request, emit) ?? 0 }
  }

  func models(_ instance: UnsafeMutableRawPointer, error: inout ByteBuffer?) -> ByteBuffer? {
    adopted(collecting(&error) { table.models?(instance, $0) })
  }
}

/// `llm_store_vtable`.
private final class StoreFunctions: ForeignStoreCode, @unchecked Sendable {
  private let table: llm_store_vtable

  init(_ table: llm_store_vtable) { self.table = table }

  func create(_ config: UnsafePointer<CChar>, error: inout ByteBuffer?) -> UnsafeMutableRawPointer? {
    collecting(&error) { table.create?(config, $0) }
  }

  func destroy(_ instance: UnsafeMutableRawPointer) { table.destroy?(instance) }

  var runsScripts: Bool { table.run_script != nil }

  func perform(
    _ operation: StoreOperation, _ instance: UnsafeMutableRawPointer, error: inout ByteBuffer?
  ) -> Int32 {
    collecting(&error) { perform(operation, instance, $0) ?? 0 }
  }

  private func perform(
    _ operation: StoreOperation, _ instance: UnsafeMutableRawPointer,
    _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  ) -> Int32? {
    let (key, now) = (operation.key.terminated(), operation.unixNow)
    let life = operation.timeToLive > 0 ? max(1, operation.timeToLive / 1000) : 0
    let value = operation.value?.terminated()
    let length = operation.value?.count ?? 0
    switch operation.kind {
    case .get:
      var found: UnsafeMutablePointer<CChar>?
      var count = 0
      let status = table.get?(instance, key, now, &found, &count, error)
      operation.found = taken(found, count)
      return status
    case .set: return table.set?(instance, key, value, length, life, now, error)
    case .add: return table.add?(instance, key, operation.amount, life, now, &operation.sum, error)
    case .compareAndSet:
      var isSwapped: Int32 = 0
      let status = table.compare_and_set?(
        instance, key, operation.expected?.terminated(), operation.expected?.count ?? 0, value, length, life, now,
        &isSwapped, error)
      operation.isSwapped = isSwapped != 0
      return status
    case .delete: return table.remove?(instance, key, now, error)
    case .update: return update(operation, instance, error)
    }
  }

  private func update(
    _ operation: StoreOperation, _ instance: UnsafeMutableRawPointer,
    _ error: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  ) -> Int32? {
    guard let update = operation.update, let run = table.run_script else { return llm_status(LLM_E_UNSUPPORTED) }
    var found: UnsafeMutablePointer<CChar>?
    var count = 0
    let arguments = update.arguments
    let texts = arguments.map { Optional($0.terminated()) }
    let lengths = arguments.map { $0.count }
    let status = withExtendedLifetime(arguments) {
      run(
        instance, update.script.cString, operation.key.terminated(), texts, lengths, texts.count, operation.unixNow,
        &found, &count, error)
    }
    let answer = taken(found, count)
    if status < 0 { return status }
    return answer.map { update.take(answer: $0) } == true ? status : llm_status(LLM_E_PLUGIN)
  }

  /// A value that the store allocated, copied and freed.
  private func taken(_ value: UnsafeMutablePointer<CChar>?, _ count: Int) -> ByteBuffer? {
    guard let value else { return nil }
    defer { free(value) }
    let buffer = ByteBuffer(capacity: max(0, count))
    buffer.append(UnsafeRawBufferPointer(start: value, count: max(0, count)))
    return buffer
  }
}

// MARK: - The emitter

/// Runs the body with an emitter as C sees it.
private func withEmitter(_ emitter: Emitter, _ body: (UnsafePointer<llm_emitter>) -> Int32) -> Int32 {
  var seen = llm_emitter(
    struct_size: MemoryLayout<llm_emitter>.size,
    event: { emit, event in object(emit).emit(event) ? 0 : 1 },
    is_cancelled: { emit in object(emit)?.isCancelled == false ? 0 : 1 },
    fail: { emit, code, message in
      object(emit)?.fail(code: code, message: message.map { String(cString: $0) })
      return code < 0 ? code : llm_status(LLM_E_PLUGIN)
    },
    state: { emit, size in object(emit)?.state(size: size) },
    frame_name: emitter.frameName.terminated(),
    internal: Unmanaged.passUnretained(emitter).toOpaque())
  return withExtendedLifetime(emitter) { body(&seen) }
}

private func object(_ emit: UnsafePointer<llm_emitter>?) -> Emitter? {
  guard let internals = emit?.pointee.internal else { return nil }
  return Unmanaged<Emitter>.fromOpaque(internals).takeUnretainedValue()
}

extension Optional where Wrapped == Emitter {
  /// Emits an event of the C interface; false where there is nobody to take it.
  fileprivate func emit(_ event: UnsafePointer<llm_event>?) -> Bool {
    guard let emitter = self else { return false }
    guard let event = event?.pointee, Int(event.struct_size) >= MemoryLayout<llm_event>.size else {
      emitter.fail(code: llm_status(LLM_E_PLUGIN), message: "the provider emitted an event without its struct_size")
      return false
    }
    guard event.len >= 0 else {
      emitter.fail(code: llm_status(LLM_E_PLUGIN), message: "the provider emitted more data than there can be")
      return false
    }
    guard let kind = EventKind(rawValue: event.type) else { return !emitter.isCancelled }
    return emitter.emit(
      Event(
        kind, choice: event.choice, index: event.index,
        data: UnsafeRawBufferPointer(start: event.data, count: event.data == nil ? 0 : event.len), id: event.id,
        name: event.name))
  }
}
