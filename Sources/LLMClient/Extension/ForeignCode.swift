import LLMConfig
import LLMCore

/// The functions of a provider type of the program's own, as the C interface hands them in. Texts are NUL-terminated; an
/// `error` is what the function had to say about its failure.
public protocol ForeignCode: AnyObject, Sendable {
  /// Whether it answers by itself, in place of encoding requests and decoding responses.
  var isEngine: Bool { get }
  /// Whether it can list its models.
  var listsModels: Bool { get }

  /// An instance for a configuration; nil refuses it.
  func create(_ config: UnsafePointer<CChar>, error: inout ByteBuffer?) -> UnsafeMutableRawPointer?
  /// The end of an instance.
  func destroy(_ instance: UnsafeMutableRawPointer)
  /// The HTTP request for a chat request, as a document.
  func encode(
    _ instance: UnsafeMutableRawPointer, _ request: UnsafePointer<CChar>, error: inout ByteBuffer?
  ) -> ByteBuffer?
  /// Reads a frame; nil after the last one.
  func decode(
    _ instance: UnsafeMutableRawPointer, status: Int, frame: ByteBuffer?, to emitter: Emitter
  ) -> Int32
  /// Answers a chat request.
  func execute(_ instance: UnsafeMutableRawPointer, _ request: UnsafePointer<CChar>, to emitter: Emitter) -> Int32
  /// The models, as a document.
  func models(_ instance: UnsafeMutableRawPointer, error: inout ByteBuffer?) -> ByteBuffer?
}

/// One instance of a type of the program's own: made once, ended once.
final class ForeignInstance: @unchecked Sendable {
  let type: ForeignType
  let pointer: UnsafeMutableRawPointer
  var code: any ForeignCode { type.code }

  private init(_ type: ForeignType, _ pointer: UnsafeMutableRawPointer) {
    self.type = type
    self.pointer = pointer
  }

  /// An instance for a configuration.
  convenience init(_ type: ForeignType, _ endpoint: Endpoint) throws(LLMError) {
    let config = ForeignInstance.configuration(endpoint)
    defer { config.wipe() }
    var error: ByteBuffer?
    guard let pointer = type.code.create(config.terminated(), error: &error) else {
      throw ForeignText.error(
        error, usual: .invalidConfig, unsaid: "the provider type \"\(type.name)\" refused the configuration")
    }
    self.init(type, pointer)
  }

  deinit { type.code.destroy(pointer) }

  /// What `create` is told: the configuration with everything filled in.
  private static func configuration(_ endpoint: Endpoint) -> ByteBuffer {
    let document = endpoint.settings.copy()
    document.set("type", endpoint.profile.name)
    document.set("name", endpoint.name)
    document.set("model", (endpoint.defaultModel ?? endpoint.profile.defaultModel).map { .string($0) })
    if !endpoint.baseURL.isEmpty { document.set("base_url", endpoint.baseURL) }
    document.set("api_key", endpoint.apiKey.map { .string($0.bytes) })
    // Room for all of it, since a buffer that grows leaves copies of the key behind.
    let config = ByteBuffer(capacity: 4096)
    document.write(into: config)
    return config
  }

}

/// What the program's own code said, read.
public enum ForeignText {
  /// The error behind what a function said: text, `{"code","message","param"}`, or a whole error document.
  @inline(never)
  public static func error(_ said: ByteBuffer?, usual: ErrorCode, unsaid: Message) -> LLMError {
    guard let said, !said.isEmpty else { return LLMError(usual, unsaid) }
    guard let document = document(said.bytes) else { return LLMError(usual, text: said.string) }
    let error = document["error"] ?? document
    let code = error["code"]?.string.flatMap { ErrorCode(name: $0) } ?? usual
    return LLMError(code, text: error["message"]?.string ?? unsaid.text, param: error["param"]?.string)
  }

  /// The value in the bytes; nil where they are no JSON.
  static func value(_ bytes: UnsafeRawBufferPointer) -> JSON? {
    do throws(JSONSyntaxError) {
      return try JSON.parse(bytes)
    } catch { return nil }
  }

  /// The object in the bytes; nil where it is none.
  static func document(_ bytes: UnsafeRawBufferPointer) -> JSON? {
    guard let value = value(bytes), value.isObject else { return nil }
    return value
  }
}
