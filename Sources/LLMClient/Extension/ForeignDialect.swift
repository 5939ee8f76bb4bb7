import LLMConfig
import LLMCore
import LLMDialects
import LLMWire

/// A provider of the program's own as a dialect: either kind, HTTP dialect or engine.
final class ForeignDialect: Dialect {
  private let instance: ForeignInstance

  init(_ instance: ForeignInstance) { self.instance = instance }

  var framing: Framing { instance.type.framing }

  func isLocal(_ operation: Operation) -> Bool {
    switch operation {
    case .chat: instance.code.isEngine
    case .models: instance.code.listsModels || !instance.type.models.isEmpty
    default: false
    }
  }

  func encodeChat(_ request: ChatRequest, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    guard !instance.code.isEngine else { throw context.unsupported("HTTP request") }
    var error: ByteBuffer?
    let text = ForeignDialect.text(of: request.json, context)
    guard let document = instance.code.encode(instance.pointer, text.terminated(), error: &error) else {
      throw ForeignText.error(
        error, usual: error == nil ? .plugin : .invalidRequest,
        unsaid: "\(context.endpoint.profile.label) encoded no request and gave no reason")
    }
    return try ForeignRequest(document, context).request()
  }

  /// What `encode` and `execute` are told.
  static func text(of request: JSON, _ context: RequestContext) -> ByteBuffer {
    let document = request.copy()
    document.remove("llm")
    document.set("model", context.model)
    document.remove("stream")
    if context.isStreaming { document.set("stream", true) }
    let text = ByteBuffer(capacity: 1024)
    document.write(into: text)
    return text
  }

  func makeChatDecoder(_ context: RequestContext) -> any ChatDecoder { ForeignDecoder(instance) }

  func makeLocalExchange(
    _ operation: Operation, _ request: JSON, _ context: RequestContext
  ) -> (any LocalExchange)? {
    guard isLocal(operation) else { return nil }
    switch operation {
    case .chat: return ForeignExecution(instance, ForeignDialect.text(of: request, context))
    default: return ForeignModelList(instance)
    }
  }

  func decodeModels(
    _ body: JSON, _ context: RequestContext
  ) throws(LLMError) -> (models: [JSON], cursor: String?) {
    guard let list = body.isArray ? body : body["data"], list.isArray else {
      throw LLMError(.plugin, "\(context.endpoint.profile.label) gave no list of models", stage: .decode)
    }
    return (list.elements.compactMap { model in model.isString ? ForeignDialect.named(model) : model }, nil)
  }

  private static func named(_ id: JSON) -> JSON {
    let model = JSON.object()
    model.set("id", id)
    model.set("object", "model")
    return model
  }
}

/// Hands frames to the provider's `decode`.
private final class ForeignDecoder: ChatDecoder {
  private let instance: ForeignInstance
  private let frame = ByteBuffer()
  private var emitter: Emitter?
  private var isDone = false
  private var isWhole = false
  private var status = 200

  init(_ instance: ForeignInstance) { self.instance = instance }

  func receive(head: HTTPHead) { status = head.status }

  func decode(_ frame: Frame, into builder: ResponseBuilder) throws(LLMError) {
    let emitter = self.emitter(for: builder)
    emitter.frameName.removeAll()
    emitter.frameName.append(frame.event)
    try decode(frame.data, builder, emitter)
  }

  func decode(bytes body: UnsafeRawBufferPointer, into builder: ResponseBuilder) throws(LLMError) {
    isWhole = true
    try decode(body, builder, emitter(for: builder))
  }

  func decode(whole body: JSON, into builder: ResponseBuilder) throws(LLMError) {
    let text = ByteBuffer()
    body.write(into: text)
    try decode(bytes: text.bytes, into: builder)
  }

  func finish(into builder: ResponseBuilder) throws(LLMError) {
    guard !isDone, !isWhole else { return }
    let emitter = emitter(for: builder)
    emitter.frameName.removeAll()
    try settle(instance.code.decode(instance.pointer, status: status, frame: nil, to: emitter), builder, emitter)
  }

  func error(in body: UnsafeRawBufferPointer, _ builder: ResponseBuilder) -> LLMError? {
    let emitter = Emitter(builder, mayEmit: false)
    frame.removeAll()
    frame.append(body)
    do throws(LLMError) {
      let result = instance.code.decode(instance.pointer, status: status, frame: frame, to: emitter)
      _ = try emitter.settle(result)
      return nil
    } catch {
      var error = error
      error.status = status
      error.stage = .firstByte
      error.providerError = ForeignText.value(body)
      return error
    }
  }

  private func emitter(for builder: ResponseBuilder) -> Emitter {
    if let emitter { return emitter }
    let new = Emitter(builder)
    emitter = new
    return new
  }

  private func decode(
    _ bytes: UnsafeRawBufferPointer, _ builder: ResponseBuilder, _ emitter: Emitter
  ) throws(LLMError) {
    guard !isDone else { return }
    frame.removeAll()
    frame.append(bytes)
    guard !frame.isExhausted else { throw LLMError(.noMemory, "there is no memory for a frame", stage: .stream) }
    try settle(instance.code.decode(instance.pointer, status: status, frame: frame, to: emitter), builder, emitter)
  }

  private func settle(_ result: Int32, _ builder: ResponseBuilder, _ emitter: Emitter) throws(LLMError) {
    guard try emitter.settle(result) else { return }
    isDone = true
    builder.end()
  }
}

/// Runs the provider's `execute`.
private final class ForeignExecution: LocalExchange, LocalEngine {
  private let instance: ForeignInstance
  private let request: ByteBuffer
  private var hasRun = false

  init(_ instance: ForeignInstance, _ request: ByteBuffer) {
    self.instance = instance
    self.request = request
  }

  func next(now: Microseconds) -> LocalStep {
    if hasRun { return .ended }
    hasRun = true
    return .run(self)
  }

  var now: Microseconds { SystemClock.shared.now }

  func run(for host: any EngineHost) throws(LLMError) {
    let emitter = Emitter(host.builder, host: host)
    let result = instance.code.execute(instance.pointer, request.terminated(), to: emitter)
    _ = try emitter.settle(result)
  }
}

/// Plays the provider's list of models as a response.
private final class ForeignModelList: LocalExchange {
  private let instance: ForeignInstance
  private var steps: [LocalStep]?

  init(_ instance: ForeignInstance) { self.instance = instance }

  func next(now: Microseconds) -> LocalStep {
    var left = steps ?? list()
    let step = left.isEmpty ? LocalStep.ended : left.removeFirst()
    steps = left
    return step
  }

  private func list() -> [LocalStep] {
    do throws(LLMError) {
      return [.head(HTTPHead(status: 200)), .bytes(try document())]
    } catch {
      return [
        .failed(TransportFailure(error.code, stage: .decode, message: error.message, wasNotSent: true))
      ]
    }
  }

  private func document() throws(LLMError) -> ByteBuffer {
    let label = instance.type.profile.label
    guard instance.code.listsModels else {
      let text = ByteBuffer()
      JSON.array(instance.type.models.map { $0.id }).write(into: text)
      return text
    }
    var error: ByteBuffer?
    guard let text = instance.code.models(instance.pointer, error: &error) else {
      throw ForeignText.error(error, usual: .plugin, unsaid: "\(label) listed no models and gave no reason")
    }
    guard ForeignText.value(text.bytes) != nil else {
      throw LLMError(.plugin, "\(label) gave a list of models that is no JSON")
    }
    return text
  }
}
