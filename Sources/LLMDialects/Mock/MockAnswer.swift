import LLMConfig
import LLMCore

/// What the mock says to one request.
struct MockAnswer {
  let content: String
  let message: JSON
  let finishReason: String
  let usage: JSON
  let error: JSON?
  let failure: String?
  let rawBody: String?
  let truncateAfter: Int?
  let chunkSize: Int
  let delay: Microseconds
  let firstDelay: Microseconds

  init(script: JSON?, _ request: JSON, _ context: RequestContext) {
    let common = context.endpoint.settings["mock"] ?? JSON.object()
    let own = script?.isObject == true ? (script ?? common) : JSON.object()
    let setting = { (name: String) in own[named: name] ?? common[named: name] }
    let prompt = MockAnswer.lastText(request)
    let hasOwnMessage = own["tool_calls"] != nil || own["refusal"] != nil
    content = script?.string ?? own.string("content") ?? (hasOwnMessage ? "" : prompt)
    message = own
    finishReason = own.string("finish_reason") ?? (own["tool_calls"] == nil ? "stop" : "tool_calls")
    error = own["error"]
    failure = own.string("fail")
    rawBody = own.string("body")
    truncateAfter = own.int("truncate_after").map { Int(clamping: $0) }
    chunkSize = max(1, Int(clamping: setting("chunk_size")?.int ?? 4))
    delay = .milliseconds(setting("delay_ms")?.int ?? 0)
    firstDelay = .milliseconds(setting("first_delay_ms")?.int ?? 0)
    usage = own["usage"] ?? MockAnswer.usage(prompt: prompt, answer: content)
  }

  /// The last message of the user's, or of a tool.
  private static func lastText(_ request: JSON) -> String {
    for message in request.elements("messages").reversed() {
      let role = message.string("role")
      guard role == "user" || role == "tool", let content = message["content"] else { continue }
      return content.string ?? content.elements.reduce("") { $0 + ($1.string("text") ?? "") }
    }
    return ""
  }

  /// A token is four bytes here, rounded up.
  private static func usage(prompt: String, answer: String) -> JSON {
    let (input, output) = ((prompt.utf8.count + 3) / 4, (answer.utf8.count + 3) / 4)
    let usage = JSON.object()
    usage.set("prompt_tokens", input)
    usage.set("completion_tokens", output)
    usage.set("total_tokens", input + output)
    return usage
  }

  /// The tool calls as the service would send them.
  var toolCalls: [JSON] {
    message.elements("tool_calls").enumerated().map { index, scripted in
      let function = (scripted["function"] ?? scripted).copy()
      let arguments = function["arguments"] ?? JSON.object()
      for name in ["id", "type"] { function.remove(named: name) }
      function.set("arguments", arguments.isString ? arguments : .string(arguments.text))
      let call = JSON.object()
      call.set("index", index)
      call.set("id", scripted["id"] ?? .string(formatted("call_mock_\(index)")))
      call.set("type", "function")
      call.set("function", function)
      return call
    }
  }
}
