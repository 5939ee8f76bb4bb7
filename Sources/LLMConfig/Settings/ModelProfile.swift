import LLMCore

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
