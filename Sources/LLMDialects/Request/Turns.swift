import LLMCore

/// The turns of services that want user and model to alternate, the user first: neighbours of one role become one turn,
/// and the results of tools stand at its beginning, where the services look for them.
struct AlternatingTurns {
  private struct Turn {
    let isUser: Bool
    var results: [JSON] = []
    var blocks: [JSON] = []
  }

  private var turns: [Turn] = []

  /// Whether nothing was said yet.
  var isEmpty: Bool { turns.isEmpty }
  /// Whether the model speaks first, which these services refuse.
  private var startsWithModel: Bool { turns.first.map { !$0.isUser } ?? false }

  /// Adds what a user said.
  mutating func addUser(_ blocks: [JSON]) { add(blocks, isUser: true, asResults: false) }
  /// Adds what tools answered.
  mutating func addResults(_ blocks: [JSON]) { add(blocks, isUser: true, asResults: true) }
  /// Adds what the model said.
  mutating func addModel(_ blocks: [JSON]) { add(blocks, isUser: false, asResults: false) }

  /// Lets the user speak first: what the system said where nobody speaks, else a word before the model's.
  mutating func mendBeginning(_ system: inout [JSON], _ word: JSON, _ context: RequestContext) throws(LLMError) {
    if isEmpty {
      guard !system.isEmpty else {
        throw LLMError(.invalidRequest, "the messages are all empty: there is nothing to send", param: "/messages")
      }
      try context.warn(
        "changed_parameter", "the service wants a user's message; the system message was sent as one",
        param: "/messages")
      addUser(system)
      system = []
    } else if startsWithModel {
      try context.warn(
        "changed_parameter", "the service wants the user to speak first; \"Continue.\" was put before the messages",
        param: "/messages")
      turns.insert(Turn(isUser: true, blocks: [word]), at: 0)
    }
  }

  /// Rewrites the last block where the model speaks last: an answer begun for it. Nil takes the block away.
  mutating func mapLastModelBlock(_ change: (JSON) -> JSON?) {
    guard let last = turns.indices.last, !turns[last].isUser, let block = turns[last].blocks.popLast() else { return }
    if let changed = change(block) { turns[last].blocks.append(changed) }
    if turns[last].blocks.isEmpty { turns.removeLast() }
  }

  /// The `messages` member: `{"role","content":[…]}` each.
  var messages: JSON {
    .array(
      turns.map { turn in
        let message = JSON.object()
        message.set("role", turn.isUser ? "user" : "assistant")
        message.set("content", .array(turn.results + turn.blocks))
        return message
      })
  }

  private mutating func add(_ blocks: [JSON], isUser: Bool, asResults: Bool) {
    guard !blocks.isEmpty else { return }
    if turns.last?.isUser != isUser { turns.append(Turn(isUser: isUser)) }
    let last = turns.count - 1
    if asResults {
      turns[last].results += blocks
    } else {
      turns[last].blocks += blocks
    }
  }
}

extension RequestContext {
  /// Services that keep system messages apart have them at the beginning.
  func warnMoved(_ message: ChatMessage) throws(LLMError) {
    try warn(
      "changed_parameter", "the service takes system messages at the beginning only; this one was moved there",
      param: message.pointer)
  }
}

/// The ids of tool calls, as services take them that allow letters, digits, `_` and `-` only: ids of other services
/// are made to fit, the same way in calls and in results.
func portableToolID(_ id: String) -> String {
  let allowed = { (byte: UInt8) in byte.isASCIIAlphanumeric || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") }
  if id.utf8.allSatisfy(allowed) { return id }
  return String(decoding: id.utf8.map { allowed($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
}
