import LLMCore
import LLMWire

/// A run of text of one sort, with the joiner that keeps characters whole between deltas.
final class TextChannel {
  let buffer = ByteBuffer()
  var joiner = UTF8Joiner()
}

/// One piece of an answer's content, in the order in which the service gave them.
public struct AnswerBlock {
  /// What a block holds.
  public enum Kind: Sendable { case text, reasoning, refusal, tool, opaque }

  /// What it holds.
  public let kind: Kind
  /// The service's own number for it; -1 where it numbers nothing.
  let key: Int
  /// The number among the blocks that are no tool calls; for a tool call the number among the tool calls.
  public let ordinal: Int
  /// Where its text lies in the channel of its kind.
  var start: Int
  var end: Int
  /// The service's signature over it, to be sent back unchanged.
  public var signature: ByteBuffer?
  /// What the library passes through without reading: redacted thinking, results of the service's own tools, …
  public var opaque: JSON?
}

/// A tool call as it arrives.
final class ToolCallParts {
  let arguments = TextChannel()
  var balance = ObjectBalance()
  let id = ByteBuffer()
  let name = ByteBuffer()
  /// The service's own id and number, by which later deltas name it.
  var serviceID = ""
  var serviceIndex: Int?
  /// Whether its input is plain text and not a JSON object (OpenAI's custom tools).
  var isCustom = false
  var extraContent: JSON?
  var isAnnounced = false
  var hasEnded = false
}

/// One of `n` answers as it arrives.
final class ChoiceParts {
  let index: Int
  let text = TextChannel()
  /// Most answers have none of these.
  private(set) var reasoning: TextChannel?
  private(set) var refusal: TextChannel?
  var blocks: [AnswerBlock] = []
  var plainBlockCount = 0
  var tools: [ToolCallParts] = []
  var finish: FinishReason?
  var rawFinish: String?
  var logprobs: JSON?
  var annotations: [JSON] = []
  var reasoningDetails: [ReasoningDetailParts] = []
  var extraContent: JSON?
  /// Further members of the message (`audio`, `images`, …).
  var messageExtras: JSON?
  /// Those of them that arrive in pieces.
  var growingExtras: [(name: String, parts: GrowingObject)] = []

  init(index: Int) { self.index = index }

  func channel(_ kind: AnswerBlock.Kind) -> TextChannel {
    switch kind {
    case .reasoning: return ChoiceParts.known(&reasoning)
    case .refusal: return ChoiceParts.known(&refusal)
    default: return text
    }
  }

  private static func known(_ channel: inout TextChannel?) -> TextChannel {
    if let channel { return channel }
    let new = TextChannel()
    channel = new
    return new
  }

  /// The place in `blocks` of the block that text of this kind goes on in: the last one, if it is of the kind and the
  /// service's number is the same; else a new one.
  func openBlock(_ kind: AnswerBlock.Kind, key: Int) -> Int {
    if let last = blocks.last, last.kind == kind, last.key == key { return blocks.count - 1 }
    let start = channel(kind).buffer.count
    blocks.append(AnswerBlock(kind: kind, key: key, ordinal: plainBlockCount, start: start, end: start))
    plainBlockCount += 1
    return blocks.count - 1
  }
}
