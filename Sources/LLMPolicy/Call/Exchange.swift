import LLMConfig
import LLMCore
import LLMDialects

/// What a caller asks for, checked.
public final class CallRequest {
  /// Which operation.
  public let operation: Operation
  /// The caller's document; for a chat with its shorthands resolved. `llm` may be in it.
  public let document: JSON
  /// The typed view of a chat request.
  public let chat: ChatRequest?
  /// Whether the answer is wanted piece by piece.
  public let isStreaming: Bool
  /// The configuration's settings with the request's own over them.
  public let settings: CallSettings
  /// The request's `llm`, for targets with settings of their own.
  public let llm: JSON?

  /// A chat.
  @inline(never)
  public init(chat: ChatRequest, isStreaming: Bool, settings: CallSettings, llm: JSON? = nil) {
    operation = .chat
    self.llm = llm
    document = chat.source
    self.chat = chat
    self.isStreaming = isStreaming
    self.settings = settings
  }

  /// A count of a chat request's tokens, by the service.
  @inline(never)
  public init(tokenCountOf chat: ChatRequest, settings: CallSettings) {
    operation = .tokenCount
    llm = nil
    document = chat.source
    self.chat = chat
    isStreaming = false
    self.settings = settings
  }

  /// Anything else.
  @inline(never)
  public init(_ operation: Operation, _ document: JSON, settings: CallSettings, llm: JSON? = nil) {
    self.operation = operation
    self.llm = llm
    self.document = document
    chat = nil
    isStreaming = false
    self.settings = settings
  }
}

/// One attempt's request and the reader of its response.
final class Exchange {
  private enum Reader {
    case answer(ResponseReader)
    case document(DocumentReader)
  }

  let context: RequestContext
  /// Takes out of what is said what the service, the call and the request itself have of secrets.
  let blotter: Blotter
  private let request: CallRequest
  private let dialect: any Dialect
  private let reader: Reader
  private let encoded: HTTPRequest?
  private(set) var hasHead = false
  private var head: HTTPHead?
  private var documentUsage: Usage?

  /// Encodes first, so that what the service cannot take is known before START is told (and before there is an object,
  /// which Embedded Swift would leak).
  convenience init(
    _ request: CallRequest, _ target: Target, _ context: RequestContext, sink: (any EventSink)?
  ) throws(LLMError) {
    let dialect = target.dialect(for: context.modelProfile)
    try Exchange.checkAbilities(of: context.modelProfile, request.chat)
    let encoded = dialect.isLocal(request.operation) ? nil : try Exchange.encode(request, dialect, context)
    self.init(
      request, dialect, context, encoded: encoded,
      reader: request.operation == .chat
        ? .answer(ResponseReader(dialect: dialect, context: context, sink: sink))
        : .document(DocumentReader(dialect: dialect, context: context)))
  }

  private init(
    _ request: CallRequest, _ dialect: any Dialect, _ context: RequestContext, encoded: HTTPRequest?, reader: Reader
  ) {
    self.request = request
    self.dialect = dialect
    self.context = context
    let known = context.blotter
    blotter = encoded.map { known.adding($0) } ?? known
    self.encoded = encoded
    self.reader = reader
  }

  /// What the catalogue knows a model to lack is refused here, which costs no round trip.
  private static func checkAbilities(of model: ModelProfile?, _ chat: ChatRequest?) throws(LLMError) {
    guard let model, let chat, !model.capabilities.isEmpty, !model.capabilities.contains(.vision) else { return }
    for message in chat.messages {
      for part in message.parts where part.isImage {
        throw LLMError(.unsupported, "the model \(model.id) takes no images", param: part.pointer)
      }
    }
  }

  private static func encode(
    _ request: CallRequest, _ dialect: any Dialect, _ context: RequestContext
  ) throws(LLMError) -> HTTPRequest? {
    switch request.operation {
    case .chat: return try request.chat.map { chat throws(LLMError) in try dialect.encodeChat(chat, context) }
    case .embeddings: return try dialect.encodeEmbeddings(request.document, context)
    case .models: return try dialect.encodeModels(cursor: request.document.string("cursor"), context)
    case .tokenCount:
      return try request.chat.flatMap { chat throws(LLMError) in try dialect.encodeTokenCount(chat, context) }
    case .modelInfo:
      return try dialect.encodeModelInfo(request.document.string("model") ?? context.model, context)
    case .rerank: return try dialect.encodeRerank(request.document, context)
    }
  }

  func encode() throws(LLMError) -> HTTPRequest {
    guard let encoded else { throw context.unsupported("such an operation") }
    return encoded
  }

  /// What would be sent; where nothing would, what is asked.
  func description(of request: CallRequest) -> HTTPRequest {
    if let encoded { return encoded }
    let body = ByteBuffer(capacity: 1024)
    (request.chat?.json ?? request.document).write(into: body)
    return HTTPRequest(url: context.endpoint.profile.name + ":" + context.model, body: body)
  }

  /// The exchange, where it needs no network.
  func makeLocalExchange() -> (any LocalExchange)? {
    dialect.makeLocalExchange(request.operation, request.chat?.json ?? request.document, context)
  }

  var builder: ResponseBuilder? {
    if case .answer(let reader) = reader { return reader.builder }
    return nil
  }

  /// Tokens, as far as known.
  var usage: Usage? { builder?.usage ?? documentUsage }

  /// Whether any content was handed over; a document is handed over when it is whole, or not at all.
  var hasContent: Bool { builder?.hasContent ?? false }
  var isCancelled: Bool { builder?.isCancelled ?? false }
  var providerRequestID: String? {
    switch reader {
    case .answer(let reader): reader.requestID
    case .document(let reader): reader.requestID
    }
  }

  func receive(head: HTTPHead) {
    hasHead = true
    switch reader {
    case .answer(let reader): reader.receive(head: head)
    case .document(let reader): reader.receive(head: head)
    }
  }

  func receive(_ bytes: UnsafeRawBufferPointer) throws(LLMError) -> ReadingState {
    switch reader {
    case .answer(let reader): return try reader.receive(bytes)
    case .document(let reader):
      try reader.receive(bytes)
      return .goesOn
    }
  }

  /// There will be no response: an engine writes the answer.
  func expectWriting() {
    hasHead = true
    if case .answer(let reader) = reader { reader.expectWriting() }
  }

  func abandon() {
    if case .answer(let reader) = reader { reader.abandon() }
  }

  /// The response of what is no chat; a chat's answer is in the builder.
  func finish() throws(LLMError) -> JSON? {
    switch reader {
    case .answer(let reader):
      try reader.finish()
      if context.settings.estimatesUsage { TokenEstimate.complete(reader.builder, request.chat) }
      return nil
    case .document(let reader):
      let document = try Memory.granted(3 &* reader.size) { () throws(LLMError) in
        let document = try reader.document()
        do throws(LLMError) {
          return try decode(document)
        } catch {
          throw reader.complete(error)
        }
      }
      guard let document else { throw .noMemory }
      return document
    }
  }

  private func decode(_ body: JSON) throws(LLMError) -> JSON {
    switch request.operation {
    case .chat: return body
    case .embeddings:
      return counted(try EmbeddingAnswer.checked(try dialect.decodeEmbeddings(body, context), for: request.document))
    case .rerank: return counted(try dialect.decodeRerank(body, request.document, context))
    case .modelInfo: return try dialect.decodeModelInfo(body, context.model, context)
    case .models:
      let page = try dialect.decodeModels(body, context)
      let document = JSON.object()
      document.set("models", .array(page.models))
      document.set("cursor", page.cursor)
      return document
    case .tokenCount:
      let document = JSON.object()
      document.set("input_tokens", try dialect.decodeTokenCount(body, context))
      return document
    }
  }

  /// Notes its tokens: by an estimate where the service told none and the caller wants one.
  private func counted(_ document: JSON) -> JSON {
    if context.settings.estimatesUsage, document["usage", "prompt_tokens"] == nil {
      let usage = document["usage"] ?? .object()
      let tokens = TokenEstimate.tokens(inInputOf: request.document)
      usage.set("prompt_tokens", tokens)
      usage.set("total_tokens", tokens)
      usage.set("estimated", true)
      document.set("usage", usage)
    }
    documentUsage = document["usage"].map { Usage(openAI: $0) }
    return document
  }
}
