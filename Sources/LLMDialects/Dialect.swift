import LLMConfig
import LLMCore
import LLMWire

/// How a dialect's streams are cut into frames.
public enum Framing: Sendable {
  case sse, ndjson, eventStream
  /// Lines of JSON, whether or not the answer was asked for piece by piece.
  case lines
  /// Not at all: a response is one frame.
  case whole
}

/// A wire format: pure, without sockets, clock or globals. It turns a normalized request into one HTTP request, and fed
/// frames into the builder's normalized events. One file per API family.
public protocol Dialect: AnyObject, Sendable {
  /// How streams are framed.
  var framing: Framing { get }

  /// The request for an answer.
  func encodeChat(_ request: ChatRequest, _ context: RequestContext) throws(LLMError) -> HTTPRequest
  /// A decoder for one answer, whole or in frames.
  func makeChatDecoder(_ context: RequestContext) -> any ChatDecoder

  /// The request for embeddings (an OpenAI embeddings request).
  func encodeEmbeddings(_ request: JSON, _ context: RequestContext) throws(LLMError) -> HTTPRequest
  /// The answer as an OpenAI embeddings response.
  func decodeEmbeddings(_ body: JSON, _ context: RequestContext) throws(LLMError) -> JSON

  /// The request for a page of the list of models; the cursor is what the page before gave.
  func encodeModels(cursor: String?, _ context: RequestContext) throws(LLMError) -> HTTPRequest
  /// The page: each model an object with at least `id`; and the cursor of the next page.
  func decodeModels(_ body: JSON, _ context: RequestContext) throws(LLMError) -> (models: [JSON], cursor: String?)

  /// Whether the service tells about one model; else the list says it all.
  func describesModels(_ quirks: Quirks) -> Bool
  /// The request for what the service knows of one model; nil where the list says it all.
  func encodeModelInfo(_ model: String, _ context: RequestContext) throws(LLMError) -> HTTPRequest?
  /// The model: an object with at least `id`, as in the list.
  func decodeModelInfo(_ body: JSON, _ model: String, _ context: RequestContext) throws(LLMError) -> JSON

  /// The request for the service's own count of a chat request's tokens; nil where it has none.
  func encodeTokenCount(_ request: ChatRequest, _ context: RequestContext) throws(LLMError) -> HTTPRequest?
  /// The number of input tokens.
  func decodeTokenCount(_ body: JSON, _ context: RequestContext) throws(LLMError) -> Int64

  /// The request for a ranking of documents (`{query, documents, top_n, model}`).
  func encodeRerank(_ request: JSON, _ context: RequestContext) throws(LLMError) -> HTTPRequest
  /// The ranking, the best document first; of use only beside the request.
  func decodeRerank(_ body: JSON, _ request: JSON, _ context: RequestContext) throws(LLMError) -> JSON

  /// The exchange, where it needs no network; nil sends the encoded request.
  func makeLocalExchange(
    _ operation: Operation, _ request: JSON, _ context: RequestContext
  ) -> (any LocalExchange)?

  /// Whether an operation needs no network, so that nothing is encoded for it.
  func isLocal(_ operation: Operation) -> Bool

  /// The part of an error response that describes the error. `body` is nil where it was no JSON.
  func serviceError(in body: JSON) -> ServiceError
}

/// Reads one answer into a builder.
public protocol ChatDecoder: AnyObject {
  /// The response's head, ahead of all else.
  func receive(head: HTTPHead)
  /// Reads a frame of a stream.
  func decode(_ frame: Frame, into builder: ResponseBuilder) throws(LLMError)
  /// Reads an answer that came whole.
  func decode(whole body: JSON, into builder: ResponseBuilder) throws(LLMError)
  /// Reads an answer that came whole, whatever it is made of.
  func decode(bytes body: UnsafeRawBufferPointer, into builder: ResponseBuilder) throws(LLMError)
  /// The error behind a status that is none of success; nil leaves it to `serviceError`.
  func error(in body: UnsafeRawBufferPointer, _ builder: ResponseBuilder) -> LLMError?
  /// The bytes are over: last words, such as what only makes sense once all has come.
  func finish(into builder: ResponseBuilder) throws(LLMError)
}

extension ChatDecoder {
  /// Most do not care for it.
  public func receive(head: HTTPHead) {}
  /// Most are made of JSON.
  public func decode(bytes body: UnsafeRawBufferPointer, into builder: ResponseBuilder) throws(LLMError) {
    try decode(whole: try builder.readJSON(body), into: builder)
  }
  /// Most say it in a common shape.
  public func error(in body: UnsafeRawBufferPointer, _ builder: ResponseBuilder) -> LLMError? { nil }
  /// Most have nothing to add.
  public func finish(into builder: ResponseBuilder) throws(LLMError) {}
}

extension Dialect {
  /// Most stream by server-sent events.
  public var framing: Framing { .sse }

  /// A service without embeddings.
  public func encodeEmbeddings(_ request: JSON, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    throw context.unsupported("embeddings")
  }
  /// Never asked for where nothing is encoded.
  public func decodeEmbeddings(_ body: JSON, _ context: RequestContext) throws(LLMError) -> JSON {
    throw context.unsupported("embeddings")
  }
  /// A service that lists no models.
  public func encodeModels(cursor: String?, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    throw context.unsupported("a list of models")
  }
  /// Never asked for where nothing is encoded.
  public func decodeModels(
    _ body: JSON, _ context: RequestContext
  ) throws(LLMError) -> (models: [JSON], cursor: String?) {
    throw context.unsupported("a list of models")
  }
  /// A service whose list of models says it all.
  public func describesModels(_ quirks: Quirks) -> Bool { false }
  /// A service whose list of models says it all.
  public func encodeModelInfo(_ model: String, _ context: RequestContext) throws(LLMError) -> HTTPRequest? { nil }
  /// Never asked for where nothing is encoded.
  public func decodeModelInfo(_ body: JSON, _ model: String, _ context: RequestContext) throws(LLMError) -> JSON {
    throw context.unsupported("a description of a model")
  }
  /// A service that does not count.
  public func encodeTokenCount(_ request: ChatRequest, _ context: RequestContext) throws(LLMError) -> HTTPRequest? {
    nil
  }
  /// Never asked for where nothing is encoded.
  public func decodeTokenCount(_ body: JSON, _ context: RequestContext) throws(LLMError) -> Int64 {
    throw context.unsupported("a count of tokens")
  }
  /// A service that ranks no documents.
  public func encodeRerank(_ request: JSON, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    throw context.unsupported("ranking of documents")
  }
  /// Those that rank answer in much the same shape.
  public func decodeRerank(_ body: JSON, _ request: JSON, _ context: RequestContext) throws(LLMError) -> JSON {
    try Rerank.decode(body, request, context)
  }
  /// Services are reached over the network.
  public func makeLocalExchange(
    _ operation: Operation, _ request: JSON, _ context: RequestContext
  ) -> (any LocalExchange)? { nil }
  /// Services are reached over the network.
  public func isLocal(_ operation: Operation) -> Bool { false }
  /// The common shapes: `{"error":{…}}`, `{"error":"…"}`, `{"message":…}`, `{"detail":…}`.
  public func serviceError(in body: JSON) -> ServiceError { ServiceError(body) }
}
