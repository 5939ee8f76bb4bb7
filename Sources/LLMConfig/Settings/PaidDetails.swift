/// Tokens that are not of text, as parts of others; nil for what the service did not say.
public struct MediaTokens: Sendable {
  /// Of the input, cached ones included.
  public var input: Int64?
  /// Of the output.
  public var output: Int64?
  /// Of what was read from the prompt cache.
  public var cached: Int64?

  /// What is known.
  public init(input: Int64? = nil, output: Int64? = nil, cached: Int64? = nil) {
    self.input = input
    self.output = output
    self.cached = cached
  }
}

/// What is paid for beside the usual counts of tokens, or as parts of them.
public struct PaidDetails: Sendable {
  /// What of the input written to the prompt cache is kept for longer than is usual.
  public var cacheWriteLong: Int64?
  /// Thinking that the service does not count as a part of the output.
  public var reasoningBeside: Int64?
  /// Tokens of sound.
  public var audio = MediaTokens()
  /// Tokens of pictures.
  public var image = MediaTokens()
  /// Searches that the service made.
  public var searches: Int64?
  /// How it was served, as the service calls it: a tier, a speed, a region.
  public var modes: [String] = []
  /// What it cost in picodollars, as the service itself says.
  public var stated: Int64?

  /// Nothing known.
  public init() {}

  /// Takes over what the later report knows.
  public mutating func merge(_ later: PaidDetails) {
    cacheWriteLong = later.cacheWriteLong ?? cacheWriteLong
    reasoningBeside = later.reasoningBeside ?? reasoningBeside
    audio.merge(later.audio)
    image.merge(later.image)
    searches = later.searches ?? searches
    if !later.modes.isEmpty { modes = later.modes }
    stated = later.stated ?? stated
  }
}

extension MediaTokens {
  fileprivate mutating func merge(_ later: MediaTokens) {
    input = later.input ?? input
    output = later.output ?? output
    cached = later.cached ?? cached
  }
}
