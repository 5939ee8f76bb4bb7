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
  /// What it costs.
  public var prices: ModelPrices
  /// What it can do. What is neither here nor in `lacks` is not known, and left to the service to say.
  public var capabilities: Capabilities
  /// What it is known not to do.
  public var lacks: Capabilities = []
  /// What it refuses.
  public var refusals: ModelRefusals = []
  /// What it refuses as long as it thinks.
  public var thinkingRefusals: ModelRefusals = []
  /// The efforts that it takes, its default first; empty where that is not known.
  public var efforts: [ReasoningEffort] = []
  /// Whether it calls functions while it thinks through the Responses interface alone.
  public var needsResponsesForTools = false
  /// The day after which it is gone, "YYYY-MM-DD"; nil unknown.
  public var deprecatedOn: String?
  /// The model to use then.
  public var successor: String?
  /// The day from when the row is, "YYYY-MM-DD"; nil unknown.
  public var asOf: String?
  /// Parameters laid under every request's (a user's own file).
  public var extraParameters: JSON?
  /// The wire format it needs where that is not its provider's; nil for the provider's.
  public var dialect: DialectKind?
  /// The length of an embedding's vector; 0 unknown.
  public var dimensions: Int64

  /// Makes a row of what is known.
  public init(
    provider: String, id: String, label: String? = nil, purpose: ModelPurpose = .chat, contextWindow: Int64 = 0,
    maxOutput: Int64 = 0, inputPrice: Price = .unknown, outputPrice: Price = .unknown,
    cacheReadPrice: Price = .unknown, cacheWritePrice: Price = .unknown, capabilities: Capabilities = [],
    deprecatedOn: String? = nil,
    extraParameters: JSON? = nil, dialect: DialectKind? = nil, dimensions: Int64 = 0
  ) {
    self.provider = provider
    self.id = id
    self.label = label ?? id
    self.purpose = purpose
    self.contextWindow = contextWindow
    self.maxOutput = maxOutput
    prices = ModelPrices()
    self.capabilities = capabilities
    self.deprecatedOn = deprecatedOn
    self.extraParameters = extraParameters
    self.dialect = dialect
    self.dimensions = dimensions
    for (unit, price) in [
      (PricedUnit.input, inputPrice), (.output, outputPrice), (.cacheRead, cacheReadPrice),
      (.cacheWrite, cacheWritePrice),
    ] where price.isKnown { prices[unit] = price }
  }

  /// Another row that says the same.
  public func copy() -> ModelProfile {
    let copy = ModelProfile(
      provider: provider, id: id, label: label, purpose: purpose, contextWindow: contextWindow, maxOutput: maxOutput,
      capabilities: capabilities, deprecatedOn: deprecatedOn, extraParameters: extraParameters, dialect: dialect,
      dimensions: dimensions)
    copy.prices = prices
    copy.lacks = lacks
    copy.refusals = refusals
    copy.thinkingRefusals = thinkingRefusals
    copy.efforts = efforts
    copy.needsResponsesForTools = needsResponsesForTools
    copy.successor = successor
    copy.asOf = asOf
    return copy
  }
}

extension ModelProfile {
  /// For a million tokens of input.
  public var inputPrice: Price { prices[.input] }
  /// For a million tokens of output.
  public var outputPrice: Price { prices[.output] }
  /// For a million tokens read from the prompt cache.
  public var cacheReadPrice: Price { prices[.cacheRead] }
  /// For a million tokens written to the prompt cache.
  public var cacheWritePrice: Price { prices[.cacheWrite] }

  /// Whether it thinks when asked by that effort; nil for its default. Unknown counts as no.
  public func thinks(_ effort: String?) -> Bool {
    guard let effort else { return efforts.first.map { $0 != .none } ?? false }
    return ReasoningEffort(name: effort).map { $0.nearest(among: efforts) != .none } ?? true
  }

  /// Whether it refuses anything, with whatever effort.
  public var refusesAnything: Bool { !refusals.isEmpty || !thinkingRefusals.isEmpty }

  /// What it refuses of a request with that effort.
  public func refusals(_ effort: String?) -> ModelRefusals {
    thinks(effort) ? refusals.union(thinkingRefusals) : refusals
  }
}
