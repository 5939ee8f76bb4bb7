import LLMConfig
import LLMCore
import LLMDialects
import LLMWire

/// A wire format in one file: the service takes `{"shout": "…"}` and answers with server-sent events, `{"echo": "…"}`
/// as often as it likes, then `{"end": "stop"}`.
public final class ShoutDialect: Dialect {
  /// Stateless.
  public init() {}

  /// The last message, as the service wants it.
  public func encodeChat(_ request: ChatRequest, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    try request.warnOfUnused(except: ["max_tokens"], context)
    let body = JSON.object()
    body.set("shout", request.messages.last.map { .string($0.parts.reduce("") { $0 + ($1.text ?? "") }) })
    body.set("limit", request.maxTokens.map { .integer($0) })
    return context.makeRequest(path: context.endpoint.paths.chat ?? "/shout", body: body)
  }

  /// One decoder for events and whole answers.
  public func makeChatDecoder(_ context: RequestContext) -> any ChatDecoder { ShoutDecoder() }
}

private final class ShoutDecoder: ChatDecoder {
  func decode(_ frame: Frame, into builder: ResponseBuilder) throws(LLMError) {
    try decode(whole: try readPeerJSON(frame.data), into: builder)
  }

  func decode(whole body: JSON, into builder: ResponseBuilder) throws(LLMError) {
    builder.text(body["echo"])
    guard let reason = body["end"]?.string else { return }
    builder.finish(reason)
    builder.end()
  }
}
