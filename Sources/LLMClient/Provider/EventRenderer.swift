import LLMCore

/// Renders events as OpenAI `chat.completion.chunk`s, for programs that pass a stream on. Learns the response's id and
/// model from the events that pass by.
public final class EventRenderer {
  private let rendered = ByteBuffer()
  private let created: Int64
  private var id = "chatcmpl-0"
  private var model = ""

  /// Starts a stream.
  public init(created: Int64) { self.created = created }

  /// Takes note of an event that is delivered.
  public func note(_ event: Event) {
    switch event.kind {
    case .start, .response:
      guard let document = parse(event.data) else { return }
      id = document.string("id") ?? id
      model = document.string("model") ?? model
    default: break
    }
  }

  /// The event as a chunk; nil where OpenAI's stream has no counterpart. Valid until the next one is rendered.
  public func render(_ event: Event) -> UnsafeRawBufferPointer? {
    guard let document = chunk(of: event) else { return nil }
    rendered.removeAll()
    document.write(into: rendered)
    _ = rendered.terminated()
    return rendered.bytes
  }

  private func chunk(of event: Event) -> JSON? {
    let delta = JSON.object()
    switch event.kind {
    case .response: delta.set("role", "assistant")
    case .text: delta.set("content", .string(event.data))
    case .reasoning: delta.set("reasoning_content", .string(event.data))
    case .refusal: delta.set("refusal", .string(event.data))
    case .toolCall, .toolArguments: delta.set("tool_calls", .array([toolDelta(event)]))
    case .source: delta.set("annotations", parse(event.data).map { .array([$0]) })
    case .usage: return usageChunk(event)
    case .finish: return finishChunk(event)
    case .error, .cancelled: return parse(event.data)
    case .start, .toolCallEnd, .ping, .retry, .raw: return nil
    }
    return chunk(choices: [choice(Int(event.choice), delta, finish: .null)])
  }

  private func toolDelta(_ event: Event) -> JSON {
    let function = JSON.object()
    let call = JSON.object()
    call.set("index", Int(event.index))
    if event.kind == .toolCall {
      call.set("id", event.id.map { .string(String(cString: $0)) })
      call.set("type", "function")
      function.set("name", event.name.map { .string(String(cString: $0)) })
    }
    function.set("arguments", .string(event.data))
    call.set("function", function)
    return call
  }

  private func usageChunk(_ event: Event) -> JSON {
    let document = chunk(choices: [])
    document.set("usage", parse(event.data))
    return document
  }

  /// One empty delta with its reason to end for each choice.
  private func finishChunk(_ event: Event) -> JSON {
    let choices = parse(event.data)?["choices"]?.elements ?? []
    return chunk(
      choices: choices.map { choice(Int($0.int("index") ?? 0), .object(), finish: $0["finish_reason"] ?? .null) })
  }

  private func choice(_ index: Int, _ delta: JSON, finish: JSON) -> JSON {
    let choice = JSON.object()
    choice.set("index", index)
    choice.set("delta", delta)
    choice.set("finish_reason", finish)
    return choice
  }

  private func chunk(choices: [JSON]) -> JSON {
    let document = JSON.object()
    document.set("id", id)
    document.set("object", "chat.completion.chunk")
    document.set("created", created)
    document.set("model", model)
    document.set("choices", .array(choices))
    return document
  }

  private func parse(_ bytes: UnsafeRawBufferPointer) -> JSON? {
    do throws(JSONSyntaxError) {
      return try JSON.read(bytes)
    } catch { return nil }
  }
}
