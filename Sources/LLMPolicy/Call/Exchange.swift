import LLMCatalog
import LLMConfig
import LLMCore
import LLMDialects

/// How an attempt's request leaves.
enum Sending {
  /// Over the network; or to a mock, which stands for a service and answers within the process.
  case http(HTTPRequest)
  /// Nothing is sent: an engine answers within the process.
  case engine
  /// The service has no way to be asked.
  case nowhere
}

/// One attempt's request and the reader of its response.
final class Exchange {
  private enum Reader {
    case answer(ResponseReader)
    case document(DocumentReader)
  }

  let context: RequestContext
  /// How the request leaves; encoded before START is told, so that what the service cannot take is known by then.
  let sending: Sending
  /// Takes out of what is said what the service, the call and the request itself have of secrets.
  let blotter: Blotter
  private let request: CallRequest
  private let dialect: any Dialect
  private let reader: Reader
  private(set) var hasHead = false
  private var documentUsage: Usage?

  /// The exchange, or an error without secrets.
  static func make(
    _ request: CallRequest, _ target: Target, _ context: RequestContext, sink: (any EventSink)?
  ) throws(LLMError) -> Exchange {
    do throws(LLMError) {
      return try Exchange(request, target, context, sink: sink)
    } catch { throw context.blotter.blot(error) }
  }

  /// Encodes first: there is to be no object yet when that fails, which Embedded Swift would leak.
  convenience init(
    _ request: CallRequest, _ target: Target, _ context: RequestContext, sink: (any EventSink)?
  ) throws(LLMError) {
    let dialect = try target.dialect(for: request, context)
    let sending = try Exchange.sending(request, dialect, context)
    self.init(
      request, dialect, context, sending,
      request.operation == .chat
        ? .answer(ResponseReader(dialect: dialect, context: context, sink: sink))
        : .document(DocumentReader(dialect: dialect, context: context)))
  }

  private init(
    _ request: CallRequest, _ dialect: any Dialect, _ context: RequestContext, _ sending: Sending, _ reader: Reader
  ) {
    self.request = request
    self.dialect = dialect
    self.context = context
    self.sending = sending
    if case .http(let request) = sending {
      blotter = context.blotter.adding(request)
    } else {
      blotter = context.blotter
    }
    self.reader = reader
  }

  private static func sending(
    _ request: CallRequest, _ dialect: any Dialect, _ context: RequestContext
  ) throws(LLMError) -> Sending {
    if dialect.isLocal(request.operation) { return .engine }
    return try encode(request, dialect, context).map { .http($0) } ?? .nowhere
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
    case .modelInfo: return try dialect.encodeModelInfo(request.model ?? context.model, context)
    case .rerank: return try dialect.encodeRerank(request.document, context)
    }
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

  /// In money: what the service says that it asks for, else where the tokens are known and the catalogue knows the
  /// model's prices.
  var cost: Cost? {
    guard let usage else { return nil }
    if let stated = usage.paid.stated { return Cost(stated: stated) }
    guard let model = context.modelProfile else { return nil }
    var details = usage.paid
    details.modes = builder?.servedModes ?? details.modes
    return Catalog.cost(
      of: PaidTokens(
        prompt: usage.prompt, completion: usage.completion, cached: usage.cached, cacheWrite: usage.cacheWrite,
        reasoning: usage.reasoning, details: details),
      model: model, at: context.unixSeconds)
  }

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

  /// The body is over. The document is the response of what is no chat; a chat's answer is in the builder.
  func finish() throws(LLMError) -> (state: ReadingState, document: JSON?) {
    switch reader {
    case .answer(let reader):
      try reader.finish()
      if context.settings.estimatesUsage { TokenEstimate.complete(reader.builder, request.chat) }
      return (reader.builder.isCancelled ? .cancelled : .ended, nil)
    case .document(let reader):
      let result = try Memory.granted(3 &* reader.size) { () throws(LLMError) in
        let document = try reader.document()
        do throws(LLMError) {
          return try decode(document)
        } catch {
          throw reader.complete(error)
        }
      }
      guard let result else { throw .noMemory }
      return (.ended, result)
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
