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

  /// Whether nothing was said.
  var isEmpty: Bool { turns.isEmpty }
  /// Whether the model speaks first, which these services refuse.
  var startsWithModel: Bool { turns.first.map { !$0.isUser } ?? false }

  /// Adds what a user said.
  mutating func addUser(_ blocks: [JSON]) { add(blocks, isUser: true, asResults: false) }
  /// Adds what tools answered.
  mutating func addResults(_ blocks: [JSON]) { add(blocks, isUser: true, asResults: true) }
  /// Adds what the model said.
  mutating func addModel(_ blocks: [JSON]) { add(blocks, isUser: false, asResults: false) }

  /// Puts a turn of the user's before all others.
  mutating func prependUser(_ blocks: [JSON]) { turns.insert(Turn(isUser: true, blocks: blocks), at: 0) }

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
        message.set("role", .string(turn.isUser ? "user" as StaticString : "assistant"))
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

/// The ids of tool calls, as services take them that allow letters, digits, `_` and `-` only: ids of other services
/// are made to fit, the same way in calls and in results.
func portableToolID(_ id: String) -> String {
  let allowed = { (byte: UInt8) in byte.isASCIIAlphanumeric || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") }
  if id.utf8.allSatisfy(allowed) { return id }
  return String(decoding: id.utf8.map { allowed($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
}

/// Structured output by a tool: services without a JSON mode are made to call a tool whose arguments are the answer.
/// A decoder delivers such a call as the answer's text.
enum AnswerTool {
  /// The tool's name, by which decoders know it.
  static let name: StaticString = "llm_json_response"
  /// What the model is told of it.
  static let summary: StaticString = "Gives the final answer to the user. Call it once, with the whole answer."

  /// The schema of "some JSON object".
  static var anyObject: JSON {
    let schema = JSON.object()
    schema.set("type", .string("object" as StaticString))
    schema.set("additionalProperties", .boolean(true))
    return schema
  }
}

extension JSON {
  /// An object with the members that are not nil.
  static func make(_ members: KeyValuePairs<StaticString, JSON?>) -> JSON {
    let object = JSON.object()
    for (name, value) in members { object.set(name.text, value) }
    return object
  }

  /// A string; nil for nil.
  static func text(_ value: String?) -> JSON? { value.map { .string($0) } }
  /// A constant.
  static func word(_ value: StaticString) -> JSON { .string(value) }
}

/// An object out of what a peer sent piece by piece; an empty one where that is none.
func parsedObject(_ bytes: UnsafeRawBufferPointer) -> JSON {
  do throws(LLMError) {
    let value = try parsePeerJSON(bytes)
    return value.isObject ? value : .object()
  } catch { return .object() }
}
