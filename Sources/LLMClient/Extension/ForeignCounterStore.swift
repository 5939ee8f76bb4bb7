import LLMCore
import LLMPolicy

/// The functions of a store of the program's own, as the C interface hands them in. They answer with a status; an `error`
/// is what the function had to say about its failure.
public protocol ForeignStoreCode: AnyObject, Sendable {
  /// An instance for a configuration; nil refuses it.
  func create(_ config: UnsafePointer<CChar>, error: inout ByteBuffer?) -> UnsafeMutableRawPointer?
  /// The end of an instance.
  func destroy(_ instance: UnsafeMutableRawPointer)
  /// Whether it runs scripts, and so knows `update`.
  var runsScripts: Bool { get }
  /// Carries out an operation.
  func perform(_ operation: StoreOperation, _ instance: UnsafeMutableRawPointer, error: inout ByteBuffer?) -> Int32
}

/// A store type of the program's own.
final class ForeignStoreType: Sendable {
  let name: String
  let code: any ForeignStoreCode

  init(_ name: String, _ code: any ForeignStoreCode) {
    self.name = name
    self.code = code
  }
}

/// One instance of a store of the program's own: made once, ended once.
final class ForeignCounterStore: CounterStore, @unchecked Sendable {
  private let type: ForeignStoreType
  private let pointer: UnsafeMutableRawPointer

  private init(_ type: ForeignStoreType, _ pointer: UnsafeMutableRawPointer) {
    self.type = type
    self.pointer = pointer
  }

  convenience init(_ type: ForeignStoreType, _ config: ByteBuffer) throws(LLMError) {
    var error: ByteBuffer?
    guard let pointer = type.code.create(config.terminated(), error: &error) else {
      throw ForeignText.error(
        error, usual: .invalidConfig, unsaid: "the store type \"\(type.name)\" refused the configuration")
    }
    self.init(type, pointer)
  }

  deinit { type.code.destroy(pointer) }

  var updates: Bool { type.code.runsScripts }

  func perform(_ operation: StoreOperation) throws(LLMError) {
    var error: ByteBuffer?
    let status = type.code.perform(operation, pointer, error: &error)
    guard status < 0 else { return }
    throw ForeignText.error(
      error, usual: ErrorCode(rawValue: status) ?? .plugin, unsaid: "the store failed and gave no reason")
  }
}
