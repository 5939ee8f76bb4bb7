/// The wire formats the library speaks.
public enum DialectKind: Sendable, CaseIterable {
  case openAIChat, openAIResponses, openAICompletions, anthropicMessages, geminiGenerate, ollamaChat, cohereChat
  case bedrockConverse, mock

  /// The name that stands in a configuration's `dialect` and in documents.
  public var name: StaticText {
    switch self {
    case .openAIChat: "openai-chat"
    case .openAIResponses: "openai-responses"
    case .openAICompletions: "openai-completions"
    case .anthropicMessages: "anthropic-messages"
    case .geminiGenerate: "gemini-generate"
    case .ollamaChat: "ollama-chat"
    case .cohereChat: "cohere-chat"
    case .bedrockConverse: "bedrock-converse"
    case .mock: "mock"
    }
  }

  /// The dialect of that name.
  public init?(name: String) {
    for kind in DialectKind.allCases where kind.name.matches(name) {
      self = kind
      return
    }
    return nil
  }
}

/// How a key is shown to a service.
public enum AuthScheme: Sendable {
  /// `Authorization: Bearer KEY`
  case bearer
  /// A header field of the service's own.
  case header(String)
  /// A header field with a word before the key, such as `Authorization: Api-Key KEY`.
  case prefixedHeader(String, prefix: String)
  /// A query parameter.
  case query(String)
  /// AWS Signature Version 4, or a bearer token where there is one.
  case sigV4(service: String)
  /// No key.
  case none
}

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
    ("rerank_input", .rerankInput),
  ]
}

/// The addresses of a service's operations below its base URL; nil where it has none or keeps to the dialect's own.
public struct ServicePaths: Sendable {
  /// Generation.
  public var chat: String?
  /// Embeddings.
  public var embeddings: String?
  /// The list of models.
  public var models: String?
  /// Rankings of documents.
  public var rerank: String?

  /// Names what differs.
  public init(chat: String? = nil, embeddings: String? = nil, models: String? = nil, rerank: String? = nil) {
    self.chat = chat
    self.embeddings = embeddings
    self.models = models
    self.rerank = rerank
  }
}

/// One provider: a row of the catalogue. It is put together where it is made and not changed afterwards; who wants it
/// otherwise changes a copy.
public final class ProviderProfile: @unchecked Sendable {
  /// The `type` of a configuration.
  public var name: String
  /// For people.
  public var label: String
  /// One sentence for people.
  public var summary: String
  /// The wire format.
  public var dialect: DialectKind
  /// Where the service is; empty where only the user knows.
  public var baseURL: String
  /// Environment variables that hold the key, the first that is set wins.
  public var keyVariables: [String]
  /// Environment variables that may hold another base URL, the first that is set wins.
  public var baseURLVariables: [String]
  /// How the key is shown.
  public var auth: AuthScheme
  /// Addresses that differ from the dialect's.
  public var paths: ServicePaths
  /// Departures from the wire format.
  public var quirks: Quirks
  /// What the service can do.
  public var capabilities: Capabilities
  /// The model where neither configuration nor request names one.
  public var defaultModel: String?
  /// Header fields sent always.
  public var headers: [HTTPHeader]
  /// What a type of the program's own says beyond a row; nil for the library's.
  public var foreign: ForeignProfile?

  /// Makes a row; what is left out is what most services are.
  @inline(never)
  public init(
    _ name: String, _ label: String, _ summary: String = "", dialect: DialectKind = .openAIChat, baseURL: String,
    keys: [String] = [], auth: AuthScheme = .bearer, paths: ServicePaths = ServicePaths(), quirks: Quirks = [],
    capabilities: Capabilities = .chatService, defaultModel: String? = nil, headers: [HTTPHeader] = [],
    baseURLVariables: [String] = []
  ) {
    self.name = name
    self.label = label
    self.summary = summary
    self.dialect = dialect
    self.baseURL = baseURL
    self.keyVariables = keys
    self.auth = auth
    self.paths = paths
    self.quirks = quirks
    self.capabilities = capabilities
    self.defaultModel = defaultModel
    self.headers = headers
    self.baseURLVariables = baseURLVariables
  }

  /// Another row that says the same.
  public func copy() -> ProviderProfile {
    let copy = ProviderProfile(
      name, label, summary, dialect: dialect, baseURL: baseURL, keys: keyVariables, auth: auth, paths: paths,
      quirks: quirks, capabilities: capabilities, defaultModel: defaultModel, headers: headers,
      baseURLVariables: baseURLVariables)
    copy.foreign = foreign
    return copy
  }
}

/// What a provider type of the program's own says of itself that no row of the catalogue has.
public final class ForeignProfile: Sendable {
  /// The implementation's name.
  public let name: String?
  /// The implementation's version.
  public let version: String?
  /// JSON Schema of the configuration keys that are its own.
  public let configSchema: JSON

  /// Puts it together.
  public init(name: String?, version: String?, configSchema: JSON) {
    self.name = name
    self.version = version
    self.configSchema = configSchema
  }
}

extension Capabilities {
  /// What nearly every chat service can do.
  public static let chatService: Capabilities = [
    .streaming, .tools, .parallelTools, .toolChoice, .jsonMode, .jsonSchema, .systemMessages, .modelList,
  ]
}

/// What a model is for.
public enum ModelPurpose: Sendable { case chat, completion, embedding, image, audio, rerank, other }

/// One model of one provider: a row of the catalogue, or of the user's own file. It is put together where it is made and
/// not changed afterwards; who wants it otherwise changes a copy.
public final class ModelProfile: @unchecked Sendable {
  /// The provider's row.
  public var provider: String
  /// The model's id, as requests name it.
  public var id: String
  /// For people; the id where there is nothing better.
  public var label: String
  /// What it is for.
  public var purpose: ModelPurpose
  /// Tokens of input and output together; 0 unknown.
  public var contextWindow: Int64
  /// Tokens of output at most; 0 unknown.
  public var maxOutput: Int64
  /// US dollars per million tokens; negative unknown.
  public var inputPrice: Double
  /// US dollars per million tokens; negative unknown.
  public var outputPrice: Double
  /// For tokens read from the prompt cache; negative unknown.
  public var cacheReadPrice: Double
  /// For tokens written to the prompt cache; negative unknown.
  public var cacheWritePrice: Double
  /// What it can do; empty where that is not known.
  public var capabilities: Capabilities
  /// The day after which it is gone, "YYYY-MM-DD"; nil unknown.
  public var deprecatedOn: String?
  /// Parameters laid under every request's (a user's own file).
  public var extraParameters: JSON?
  /// The wire format it needs where that is not its provider's; nil for the provider's.
  public var dialect: DialectKind?
  /// The length of an embedding's vector; 0 unknown.
  public var dimensions: Int64

  /// Makes a row of what is known.
  public init(
    provider: String, id: String, label: String? = nil, purpose: ModelPurpose = .chat, contextWindow: Int64 = 0,
    maxOutput: Int64 = 0, inputPrice: Double = -1, outputPrice: Double = -1, cacheReadPrice: Double = -1,
    cacheWritePrice: Double = -1, capabilities: Capabilities = [], deprecatedOn: String? = nil,
    extraParameters: JSON? = nil, dialect: DialectKind? = nil, dimensions: Int64 = 0
  ) {
    self.provider = provider
    self.id = id
    self.label = label ?? id
    self.purpose = purpose
    self.contextWindow = contextWindow
    self.maxOutput = maxOutput
    self.inputPrice = inputPrice
    self.outputPrice = outputPrice
    self.cacheReadPrice = cacheReadPrice
    self.cacheWritePrice = cacheWritePrice
    self.capabilities = capabilities
    self.deprecatedOn = deprecatedOn
    self.extraParameters = extraParameters
    self.dialect = dialect
    self.dimensions = dimensions
  }

  /// Another row that says the same.
  public func copy() -> ModelProfile {
    ModelProfile(
      provider: provider, id: id, label: label, purpose: purpose, contextWindow: contextWindow, maxOutput: maxOutput,
      inputPrice: inputPrice, outputPrice: outputPrice, cacheReadPrice: cacheReadPrice,
      cacheWritePrice: cacheWritePrice, capabilities: capabilities, deprecatedOn: deprecatedOn,
      extraParameters: extraParameters, dialect: dialect, dimensions: dimensions)
  }
}
