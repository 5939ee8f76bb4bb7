import LLMConfig
import LLMCore

/// What is known of providers and models: the rows built in, with a user's own over them. Immutable, so that calls in
/// flight keep the one they began with.
public final class Catalog: ProviderSource {
  /// The rows built in.
  public static let builtIn = Catalog(users: [])

  /// The user's files, the last one first.
  private let users: [UserCatalog]

  private init(users: [UserCatalog]) { self.users = users }

  /// A catalogue with the user's rows over this one's.
  public func adding(_ user: UserCatalog) -> Catalog { Catalog(users: [user] + users) }

  /// A catalogue with the rows of the user's file over this one's.
  public func adding(contentsOf path: String) throws(LLMError) -> any ProviderSource {
    adding(try UserCatalog(contentsOf: path, over: self))
  }
}

// MARK: - Providers

extension Catalog {
  /// The row of a provider, by its name or another by which it is known.
  public func provider(_ name: String) -> ProviderProfile? {
    if let profile = exactProvider(name) { return profile }
    return ProviderTable.provider(knownAs: name).flatMap { exactProvider($0) }
  }

  private func exactProvider(_ name: String) -> ProviderProfile? {
    for user in users {
      for profile in user.providers where profile.name == name { return profile }
    }
    return ProviderTable.provider(name)
  }

  /// When the service of that name ended, and where it went; nil for one that goes on, or is not known.
  public func notice(about name: String) -> String? {
    if exactProvider(name) != nil { return nil }
    return ProviderTable.notice(about: name)
      ?? ProviderTable.provider(knownAs: name).flatMap { ProviderTable.notice(about: $0) }
  }

  /// The environment variables of a provider's key.
  public func keyVariables(of name: String) -> [String] {
    for user in users {
      for profile in user.providers where profile.name == name { return profile.keyVariables }
    }
    return ProviderTable.keyVariables(of: name)
  }

  /// Every name that `provider` takes, `auto` included: for "did you mean".
  public var providerNames: [String] {
    let own = users.flatMap { $0.providers }.map { $0.name }
    return [AutoDetection.type] + own + ProviderTable.names + ProviderTable.aliases.map { $0.alias }
  }

  /// All rows of providers, the user's own first, each name once.
  public var providers: [ProviderProfile] {
    var rows: [ProviderProfile] = []
    for profile in users.flatMap({ $0.providers }) where !rows.contains(where: { $0.name == profile.name }) {
      rows.append(profile)
    }
    let own = rows.map { $0.name }
    return rows + ProviderTable.providers.filter { !own.contains($0.name) }
  }
}

// MARK: - Models

extension Catalog {
  /// The row of a model: that of exactly this id, else what is left of the id when it is taken for
  ///
  /// 1. a path, `models/x`, `publishers/google/models/x`, an ARN, or `vendor/x`: where the vendor is another provider,
  ///    its row counts without the prices, which are another's, and neither case nor `4.5` for `4-5` matters;
  /// 2. a Bedrock inference profile, `us.x`, `eu.x`, `apac.x`, `global.x`, …, at the region's prices;
  /// 3. a variant, `x:free`, `x:latest`, or a fine-tuned model, `ft:x:org::id`;
  /// 4. a dated or numbered one, `x-2024-08-06`, `x-20250929`, `x@20250929`, `x-2512`, `x-001`, `x-latest`. Where `x`
  ///    has no version in it, it is whatever is newest, and only `x-latest` is the same;
  /// 5. one of its family, of which only the family's rules are known, and no price.
  ///
  /// The row says the id that was asked for. Taken together the steps mend `us.anthropic.x` and `openai/x-2024-08-06`.
  public func model(_ id: String, of provider: String) -> ModelProfile? {
    guard let model = exactModel(id, of: provider) ?? fallback(for: id, of: provider) else { return nil }
    if model.id == id, model.provider == provider { return model }
    let named = model.copy()
    named.id = id
    named.provider = provider
    return named
  }

  /// All models of a provider, the user's own first.
  public func models(of provider: String) -> [ModelProfile] {
    var models: [ModelProfile] = []
    for user in users {
      let known = models
      models += user.models(of: provider).filter { row in !known.contains { $0.id == row.id } }
    }
    let own = models
    return models + builtInModels(of: provider).filter { row in !own.contains { $0.id == row.id } }
  }

  private func builtInModels(of provider: String) -> [ModelProfile] {
    let models = ModelTable.models(of: provider)
    guard let relative = relative(of: provider) else { return models }
    let others = ModelTable.models(of: relative.other.text).filter { row in !models.contains { $0.id == row.id } }
    return models + others.map { adopted($0, by: provider, samePrices: relative.samePrices) }
  }

  func exactModel(_ id: String, of provider: String) -> ModelProfile? {
    for user in users {
      if let model = user.model(id, of: provider) { return model }
    }
    if let model = ModelTable.model(id, of: provider) { return model }
    guard let relative = relative(of: provider), let model = ModelTable.model(id, of: relative.other.text) else {
      return nil
    }
    return adopted(model, by: provider, samePrices: relative.samePrices)
  }

  private func relative(of provider: String) -> (provider: StaticText, other: StaticText, samePrices: Bool)? {
    for relative in Models.relatives where relative.provider.matches(provider) { return relative }
    return nil
  }

  private func adopted(_ model: ModelProfile, by provider: String, samePrices: Bool) -> ModelProfile {
    let model = model.copy()
    model.provider = provider
    if !samePrices { model.forgetPrices() }
    return model
  }
}

// MARK: - Ids that stand for others

extension Catalog {
  private func fallback(for id: String, of provider: String) -> ModelProfile? {
    var rest = ModelID(id)
    let vendor = rest.dropPath()
    if let model = plainFallback(for: rest, of: provider) { return model }
    guard let vendor, let other = self.provider(vendor.asciiLowercased), other.name != provider else { return nil }
    let lower = rest.text.asciiLowercased
    let model = fallback(among: [rest.text, lower, lower.withHyphenatedVersion], of: other.name)?.copy()
    model?.forgetService()
    return model
  }

  /// The first of an id's spellings that has a row; else what is known of its family.
  private func fallback(among spellings: [String], of provider: String) -> ModelProfile? {
    for spelling in spellings {
      if let model = plainFallback(for: ModelID(spelling), of: provider, orFamily: false) { return model }
    }
    for spelling in spellings {
      if let family = ModelTable.family(of: spelling, provider) { return family }
    }
    return nil
  }

  private func plainFallback(for id: ModelID, of provider: String, orFamily: Bool = true) -> ModelProfile? {
    var id = id
    if let model = exactModel(id.text, of: provider) { return model }
    let region = id.dropRegion()
    let row = unregionalFallback(for: id, of: provider)
    let found = row ?? (orFamily ? ModelTable.family(of: id.text, provider) : nil)
    guard let region, let found else { return found }
    let model = found.copy()
    model.prices = model.prices.served(in: region)
    return model
  }

  private func unregionalFallback(for whole: ModelID, of provider: String) -> ModelProfile? {
    var id = whole
    if let model = exactModel(id.text, of: provider) { return model }
    while id.dropVariant() {
      if let model = exactModel(id.text, of: provider) { return model }
    }
    if id.dropDate(), let model = exactModel(id.text, of: provider) { return model }
    return nil
  }
}

extension ModelPrices {
  /// The prices in a region: its own, else those of any but the whole world.
  fileprivate func served(in region: String) -> ModelPrices {
    let isPriced = modes.contains { $0.name == region }
    return isPriced || region == "global" ? served(region) : served("region")
  }
}

/// An id that loses what does not matter, piece by piece.
struct ModelID {
  private(set) var text: String

  init(_ text: String) { self.text = text }

  private static let regions: [StaticText] = [
    "us.", "eu.", "apac.", "global.", "us-gov.", "jp.", "au.", "ca.", "in.", "sa.", "mx.",
  ]

  /// Drops all up to the last slash; answers what stood before it: the vendor, perhaps.
  mutating func dropPath() -> String? {
    guard let slash = text.utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
    let path = String(decoding: text.utf8[..<slash], as: UTF8.self)
    text = String(decoding: text.utf8[text.utf8.index(after: slash)...], as: UTF8.self)
    return path
  }

  /// Drops a Bedrock inference profile's region, and answers it.
  mutating func dropRegion() -> String? {
    for region in Self.regions where text.startsWith(region.text) {
      text = text.dropping(bytes: region.utf8.count)
      return region.text.keeping(bytes: region.utf8.count - 1)
    }
    return nil
  }

  /// Drops all from the last colon on.
  mutating func dropVariant() -> Bool {
    guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else { return false }
    text = String(decoding: text.utf8[..<colon], as: UTF8.self)
    return true
  }

  /// Drops `-latest` at the end; or a date or a number of at least three digits, where a version stands before it.
  mutating func dropDate() -> Bool {
    if let at = text.utf8.firstIndex(of: UInt8(ascii: "@")) {
      text = String(decoding: text.utf8[..<at], as: UTF8.self)
      return true
    }
    let bytes = Array(text.utf8)
    let isAlias = text.endsWith("-latest")
    let length = isAlias ? "-latest".utf8.count : Self.dateLength(bytes)
    guard length > 0, isAlias || bytes.dropLast(length).contains(where: { $0.isASCIIDigit }) else { return false }
    text = text.keeping(bytes: bytes.count - length)
    return true
  }

  private static func dateLength(_ bytes: [UInt8]) -> Int {
    let hyphen = UInt8(ascii: "-")
    let digits = bytes.reversed().prefix { $0.isASCIIDigit }.count
    if digits >= 3, digits < bytes.count, bytes[bytes.count - digits - 1] == hyphen { return digits + 1 }
    // "-YYYY-MM-DD"
    let tail = Array(bytes.suffix(11))
    guard tail.count == 11, tail[0] == hyphen, tail[5] == hyphen, tail[8] == hyphen else { return 0 }
    let isDate = tail.enumerated().allSatisfy { [0, 5, 8].contains($0.offset) || $0.element.isASCIIDigit }
    return isDate ? 11 : 0
  }
}

extension String {
  /// With hyphens for dots between digits: "claude-sonnet-4.5" is "claude-sonnet-4-5" to its maker.
  fileprivate var withHyphenatedVersion: String {
    String(decoding: utf8.map { $0 == UInt8(ascii: ".") ? UInt8(ascii: "-") : $0 }, as: UTF8.self)
  }
}

extension ModelProfile {
  fileprivate func forgetPrices() { prices = ModelPrices() }

  /// What holds at the vendor's own service, and need not at a gateway: prices, interface, refusals, its end.
  fileprivate func forgetService() {
    forgetPrices()
    dialect = nil
    needsResponsesForTools = false
    (refusals, thinkingRefusals, efforts) = ([], [], [])
    (deprecatedOn, successor) = (nil, nil)
  }
}
