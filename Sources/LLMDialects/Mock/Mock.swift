import LLMConfig
import LLMCore
import Synchronization

/// A provider without a network: it echoes the last message, or answers by a script, in pieces, with pauses and
/// failures as configured. What it "sends" are the bytes of an OpenAI-compatible service, so that all that is real but
/// the socket is exercised.
///
/// The script is the configuration's `mock` member: `responses` (each a text, or an object of `content`,
/// `reasoning_content`, `refusal`, `tool_calls`, `finish_reason`, `usage`, `error`, `fail`, `truncate_after`, `body`,
/// `delay_ms`, `first_delay_ms`, `chunk_size`), and for all of them `chunk_size`, `delay_ms`, `first_delay_ms`, `loop`.
public final class Mock: ChatCompletionsNeighbour {
  /// What it speaks.
  public let chat = OpenAIChat()
  private let answered = Atomic<Int>(0)

  /// A script is played from its start.
  public init() {}

  /// As an OpenAI-compatible service would get it.
  public func encodeChat(_ request: ChatRequest, _ context: RequestContext) throws(LLMError) -> HTTPRequest {
    try chat.encodeChat(request, context)
  }
  /// OpenAI's.
  public func makeChatDecoder(_ context: RequestContext) -> any ChatDecoder { chat.makeChatDecoder(context) }

  /// Plays the next response of the script, or the echo.
  public func makeLocalExchange(
    _ operation: Operation, _ request: JSON, _ context: RequestContext
  ) -> (any LocalExchange)? {
    switch operation {
    case .chat: MockExchange(MockAnswer(script: nextResponse(context), request, context), context)
    case .embeddings: MockExchange(whole: MockEmbeddings.response(to: request, context))
    case .models: MockExchange(whole: MockModels.list)
    case .rerank: MockExchange(whole: MockRanking.response(to: request))
    case .tokenCount, .modelInfo: nil
    }
  }

  private func nextResponse(_ context: RequestContext) -> JSON? {
    guard let script = context.endpoint.settings["mock"], let responses = script["responses"], responses.count > 0
    else {
      return nil
    }
    let turn = answered.add(1, ordering: .relaxed).oldValue
    let loops = script.bool("loop") ?? true
    return responses[loops ? turn % responses.count : min(turn, responses.count - 1)]
  }
}
