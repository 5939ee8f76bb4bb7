import LLMCore

/// Where a service departs from its wire format: data that a dialect reads, so that a service is a row and not a file.
public struct Quirks: OptionSet, Sendable {
  /// The bits.
  public let rawValue: UInt64
  /// From bits.
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Refuses `stream_options`; usage comes by itself or not at all.
  public static let noStreamOptions = Quirks(rawValue: 1 << 0)
  /// Knows only `max_tokens`.
  public static let maxTokens = Quirks(rawValue: 1 << 1)
  /// Knows only `max_completion_tokens`.
  public static let maxCompletionTokens = Quirks(rawValue: 1 << 2)
  /// Knows no `developer` role.
  public static let noDeveloperRole = Quirks(rawValue: 1 << 3)
  /// Refuses `parallel_tool_calls`.
  public static let noParallelToolCalls = Quirks(rawValue: 1 << 4)
  /// Refuses `seed`.
  public static let noSeed = Quirks(rawValue: 1 << 5)
  /// `seed` is called `random_seed`.
  public static let randomSeed = Quirks(rawValue: 1 << 6)
  /// Knows `json_object` and no `json_schema`.
  public static let noJSONSchema = Quirks(rawValue: 1 << 7)
  /// `tool_choice: "required"` is called `"any"`.
  public static let toolChoiceAny = Quirks(rawValue: 1 << 8)
  /// Refuses `frequency_penalty` and `presence_penalty`.
  public static let noPenalties = Quirks(rawValue: 1 << 9)
  /// Refuses `logprobs`.
  public static let noLogprobs = Quirks(rawValue: 1 << 10)
  /// Refuses `n` above 1.
  public static let singleChoice = Quirks(rawValue: 1 << 11)
  /// Refuses `user`.
  public static let noUser = Quirks(rawValue: 1 << 12)
  /// Reasoning goes back in `reasoning_content` (within the turn that calls tools).
  public static let reasoningContentBack = Quirks(rawValue: 1 << 13)
  /// Reasoning goes back in `reasoning_details`.
  public static let reasoningDetailsBack = Quirks(rawValue: 1 << 14)
  /// The reasoning effort is the object `reasoning: {effort}`.
  public static let reasoningObject = Quirks(rawValue: 1 << 15)
  /// Refuses `reasoning_effort`.
  public static let noReasoningEffort = Quirks(rawValue: 1 << 16)
  /// The model stands in the address (Azure's deployments), not in the body.
  public static let modelInPath = Quirks(rawValue: 1 << 17)
  /// Takes `cache_control` on parts, as Anthropic does.
  public static let cacheControl = Quirks(rawValue: 1 << 18)
  /// Wants strings for `content`, not parts, where there is only text.
  public static let flatContent = Quirks(rawValue: 1 << 19)
  /// Refuses `stop`.
  public static let noStop = Quirks(rawValue: 1 << 20)
  /// The thinking comes within the text, between `<think>` and `</think>`.
  public static let thinkTags = Quirks(rawValue: 1 << 21)
  /// Works without a key.
  public static let keyOptional = Quirks(rawValue: 1 << 22)
  /// Runs on the user's machine.
  public static let isLocal = Quirks(rawValue: 1 << 23)
  /// Vertex AI's addresses (project and location in the path) for this dialect.
  public static let vertexPaths = Quirks(rawValue: 1 << 24)
  /// Azure's addresses and `api-version`.
  public static let azurePaths = Quirks(rawValue: 1 << 25)
  /// Wants `temperature` left out, being fixed.
  public static let noTemperature = Quirks(rawValue: 1 << 26)
  /// Cites by `citations` and `search_results` beside the choices.
  public static let searchResults = Quirks(rawValue: 1 << 27)
  /// Wants tool call ids of nine letters and digits.
  public static let shortToolIDs = Quirks(rawValue: 1 << 28)
  /// Refuses members of messages that it does not know, such as `extra_content`.
  public static let strictMessages = Quirks(rawValue: 1 << 29)

  /// Takes an `Idempotency-Key`, so that a request which arrived twice is answered once.
  public static let idempotencyKey = Quirks(rawValue: 1 << 30)
  /// Ranks at most `top_k` documents, where others say `top_n`.
  public static let rerankTopK = Quirks(rawValue: 1 << 31)
  /// Ranks the documents of `input`, where others say `documents`.
  public static let rerankInput = Quirks(rawValue: 1 << 32)
  /// Embeddings come as signed bytes in base64.
  public static let byteEmbeddings = Quirks(rawValue: 1 << 33)

  /// Names in a configuration's `quirks`, in the order of the bits.
  public static let names: [(name: StaticText, flag: Quirks)] = [
    ("no_stream_options", .noStreamOptions), ("max_tokens", .maxTokens),
    ("max_completion_tokens", .maxCompletionTokens), ("no_developer_role", .noDeveloperRole),
    ("no_parallel_tool_calls", .noParallelToolCalls), ("no_seed", .noSeed), ("random_seed", .randomSeed),
    ("no_json_schema", .noJSONSchema), ("tool_choice_any", .toolChoiceAny), ("no_penalties", .noPenalties),
    ("no_logprobs", .noLogprobs), ("single_choice", .singleChoice), ("no_user", .noUser),
    ("reasoning_content_back", .reasoningContentBack), ("reasoning_details_back", .reasoningDetailsBack),
    ("reasoning_object", .reasoningObject), ("no_reasoning_effort", .noReasoningEffort),
    ("model_in_path", .modelInPath), ("cache_control", .cacheControl), ("flat_content", .flatContent),
    ("no_stop", .noStop), ("think_tags", .thinkTags), ("key_optional", .keyOptional), ("is_local", .isLocal),
    ("vertex_paths", .vertexPaths), ("azure_paths", .azurePaths), ("no_temperature", .noTemperature),
    ("search_results", .searchResults), ("short_tool_ids", .shortToolIDs),
    ("strict_messages", .strictMessages), ("idempotency_key", .idempotencyKey), ("rerank_top_k", .rerankTopK),
    ("rerank_input", .rerankInput), ("byte_embeddings", .byteEmbeddings),
  ]
}

extension Quirks {
  /// The names of the quirks in it.
  public var nameList: [String] { Quirks.names.filter { contains($0.flag) }.map { $0.name.text } }

  /// The quirk of that name.
  package init?(name: String) {
    for (own, flag) in Quirks.names where own.text == name {
      self = flag
      return
    }
    return nil
  }
}
