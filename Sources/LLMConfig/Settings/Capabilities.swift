import LLMCore

/// What a provider or a model can do.
public struct Capabilities: OptionSet, Sendable {
  /// The bits.
  public let rawValue: UInt32
  /// From bits.
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  /// Answers arrive piece by piece.
  public static let streaming = Capabilities(rawValue: 1 << 0)
  /// Tools can be called.
  public static let tools = Capabilities(rawValue: 1 << 1)
  /// Several tools in one answer.
  public static let parallelTools = Capabilities(rawValue: 1 << 2)
  /// `tool_choice` is obeyed.
  public static let toolChoice = Capabilities(rawValue: 1 << 3)
  /// `response_format: json_object`.
  public static let jsonMode = Capabilities(rawValue: 1 << 4)
  /// `response_format: json_schema`, held to by the service.
  public static let jsonSchema = Capabilities(rawValue: 1 << 5)
  /// Images in the request.
  public static let vision = Capabilities(rawValue: 1 << 6)
  /// Sound in the request.
  public static let audioInput = Capabilities(rawValue: 1 << 7)
  /// PDF and other files in the request.
  public static let files = Capabilities(rawValue: 1 << 8)
  /// Thinks before it answers, and can be asked to.
  public static let reasoning = Capabilities(rawValue: 1 << 9)
  /// Prompt caching.
  public static let promptCache = Capabilities(rawValue: 1 << 10)
  /// Log probabilities.
  public static let logprobs = Capabilities(rawValue: 1 << 11)
  /// More than one answer (`n`).
  public static let multipleChoices = Capabilities(rawValue: 1 << 12)
  /// `seed` is obeyed.
  public static let seed = Capabilities(rawValue: 1 << 13)
  /// System messages.
  public static let systemMessages = Capabilities(rawValue: 1 << 14)
  /// Searches the web by itself.
  public static let webSearch = Capabilities(rawValue: 1 << 15)
  /// Pictures in the answer.
  public static let imageOutput = Capabilities(rawValue: 1 << 16)
  /// Sound in the answer.
  public static let audioOutput = Capabilities(rawValue: 1 << 17)
  /// `llm_embed`.
  public static let embeddings = Capabilities(rawValue: 1 << 18)
  /// The service lists its models.
  public static let modelList = Capabilities(rawValue: 1 << 19)
  /// The service counts tokens.
  public static let tokenCount = Capabilities(rawValue: 1 << 20)
  /// Ranks documents.
  public static let rerank = Capabilities(rawValue: 1 << 21)

  /// Names in documents, in the order of the bits.
  public static let names: [(name: StaticText, flag: Capabilities)] = [
    ("streaming", .streaming), ("tools", .tools), ("parallel_tools", .parallelTools), ("tool_choice", .toolChoice),
    ("json_mode", .jsonMode), ("json_schema", .jsonSchema), ("vision", .vision), ("audio_input", .audioInput),
    ("files", .files), ("reasoning", .reasoning), ("prompt_cache", .promptCache), ("logprobs", .logprobs),
    ("multiple_choices", .multipleChoices), ("seed", .seed), ("system_messages", .systemMessages),
    ("web_search", .webSearch), ("image_output", .imageOutput), ("audio_output", .audioOutput),
    ("embeddings", .embeddings), ("model_list", .modelList), ("token_count", .tokenCount), ("rerank", .rerank),
  ]
}

extension Capabilities {
  /// What nearly every chat service can do.
  public static let chatService: Capabilities = [
    .streaming, .tools, .parallelTools, .toolChoice, .jsonMode, .jsonSchema, .systemMessages, .modelList,
  ]
}

extension Capabilities {
  /// The names of the capabilities in it.
  public var nameList: [String] { Capabilities.names.filter { contains($0.flag) }.map { $0.name.text } }

  /// The capability of that name.
  package init?(name: String) {
    for (own, flag) in Capabilities.names where own.text == name {
      self = flag
      return
    }
    return nil
  }
}
