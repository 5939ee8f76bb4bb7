import LLMCore

extension OpenAIRequest {
  /// The same id becomes the same short one in the call and in its answer.
  func shortenToolIDs(of message: JSON) {
    if let id = message.string("tool_call_id") { message.set("tool_call_id", shortToolID(id)) }
    guard let calls = message["tool_calls"], calls.isArray else { return }
    message.set(
      "tool_calls",
      .array(
        calls.elements.map { call in
          let short = call.copy()
          short.set("id", call.string("id").map { .string(shortToolID($0)) })
          return short
        }))
  }

  private func shortToolID(_ id: String) -> String {
    let length = 9
    if id.utf8.count == length, id.utf8.allSatisfy({ $0.isASCIIAlphanumeric }) { return id }
    var hash = fnv1a(id.utf8)
    var digits: [UInt8] = []
    for _ in 0..<length {
      let digit = UInt8(hash % 36)
      digits.append(digit < 10 ? 0x30 &+ digit : 0x57 &+ digit)
      hash /= 36
    }
    return String(decoding: digits, as: UTF8.self)
  }
}
