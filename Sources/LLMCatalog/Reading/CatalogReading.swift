import LLMConfig
import LLMCore

/// Reads a user's file in the project's own format.
struct CatalogReading {
  var problems = ConfigProblems(.invalidConfig)
  private let base: Catalog
  /// Keys of a provider's row that another reader takes.
  private let extraProviderKeys: [String]

  init(base: Catalog, extraProviderKeys: [String] = []) {
    self.base = base
    self.extraProviderKeys = extraProviderKeys
  }

  private static let providerKeys: [StaticText] = [
    "name", "label", "description", "dialect", "base_url", "base_url_variables", "key_variables", "auth", "paths",
    "quirks", "capabilities", "model", "headers",
  ]
  private static let modelKeys: [StaticText] = [
    "provider", "id", "label", "type", "context_window", "max_output_tokens", "dimensions", "prices", "capabilities",
    "lacks", "refuses", "refuses_thinking", "reasoning_efforts", "responses_for_tools", "deprecated_on", "successor",
    "as_of", "extra_params", "dialect",
  ]

  /// All rows of the document.
  mutating func rows(of document: JSON) -> (providers: [ProviderProfile], models: [ModelProfile]) {
    checkKeys(of: document, known: ["providers", "models"])
    var providers: [ProviderProfile] = []
    forEachRow(of: document, in: "providers") { reading, row in
      if let profile = reading.provider(row) { providers.append(profile) }
    }
    var models: [ModelProfile] = []
    forEachRow(of: document, in: "models") { reading, row in
      if let profile = reading.model(row) { models.append(profile) }
    }
    return (providers, models)
  }

  private mutating func forEachRow(
    of document: JSON, in list: String, _ body: (inout CatalogReading, JSON) -> Void
  ) {
    problems.enter(list)
    for (index, row) in (document[named: list]?.elements ?? []).enumerated() {
      problems.enter(formatted("\(index)"))
      body(&self, row)
      problems.leave()
    }
    problems.leave()
  }

  // MARK: Rows

  private mutating func provider(_ row: JSON) -> ProviderProfile? {
    checkKeys(of: row, known: Self.providerKeys, extraProviderKeys)
    guard let name = requiredText("name", of: row) else { return nil }
    let profile = base.provider(name)?.copy() ?? ProviderProfile(name, name, baseURL: "", quirks: [])
    profile.name = name
    read("label", of: row, into: &profile.label)
    read("description", of: row, into: &profile.summary)
    read("base_url", of: row, into: &profile.baseURL)
    profile.baseURLVariables = texts("base_url_variables", of: row) ?? profile.baseURLVariables
    profile.keyVariables = texts("key_variables", of: row) ?? profile.keyVariables
    profile.dialect = dialect(of: row) ?? profile.dialect
    profile.defaultModel = text("model", of: row) ?? profile.defaultModel
    if let auth = row["auth"] { profile.auth = self.auth(auth) ?? profile.auth }
    if let paths = row["paths"] { profile.paths = self.paths(paths) }
    if let names = texts("quirks", of: row) { profile.quirks = quirks(names) }
    if let names = texts("capabilities", of: row) { profile.capabilities = capabilities(names) }
    let headers = HeaderReading.headers(in: row, key: "headers", problems: &problems)
    if !headers.isEmpty { profile.headers = headers }
    return profile
  }

  private mutating func model(_ row: JSON) -> ModelProfile? {
    checkKeys(of: row, known: Self.modelKeys)
    guard let named = requiredText("provider", of: row), let id = requiredText("id", of: row) else { return nil }
    let provider = base.provider(named)?.name ?? named
    let model =
      base.exactModel(id, of: provider)?.copy()
      ?? ModelProfile(provider: provider, id: id, label: modelLabel(of: id))
    read("label", of: row, into: &model.label)
    model.purpose = purpose(of: row) ?? model.purpose
    read("context_window", of: row, into: &model.contextWindow)
    read("max_output_tokens", of: row, into: &model.maxOutput)
    read("dimensions", of: row, into: &model.dimensions)
    if let prices = row["prices"] {
      problems.enter("prices")
      readPrices(prices, into: model)
      problems.leave()
    }
    readAbilities(row, into: model)
    model.deprecatedOn = text("deprecated_on", of: row) ?? model.deprecatedOn
    model.successor = text("successor", of: row) ?? model.successor
    model.asOf = text("as_of", of: row)
    model.extraParameters = row["extra_params"] ?? model.extraParameters
    if let extra = row["extra_params"], !extra.isObject { reportType(extra, at: "extra_params", expected: "object") }
    model.dialect = dialect(of: row) ?? model.dialect
    return model
  }

  private mutating func readAbilities(_ row: JSON, into model: ModelProfile) {
    if let names = texts("capabilities", of: row) {
      model.capabilities = capabilities(names)
      model.lacks.subtract(model.capabilities)
    }
    if let names = texts("lacks", of: row) {
      model.lacks = capabilities(names)
      model.capabilities.subtract(model.lacks)
    }
    model.refusals = refusals("refuses", of: row) ?? model.refusals
    model.thinkingRefusals = refusals("refuses_thinking", of: row) ?? model.thinkingRefusals
    if let names = texts("reasoning_efforts", of: row) { model.efforts = efforts(names) }
    if let needs = row["responses_for_tools"] {
      model.needsResponsesForTools = needs.bool ?? false
      if needs.bool == nil { reportType(needs, at: "responses_for_tools", expected: "boolean") }
    }
  }

  // MARK: Members

  private mutating func auth(_ auth: JSON) -> AuthScheme? {
    switch (auth.string, auth.string("header"), auth.string("query")) {
    case ("bearer", _, _): return .bearer
    case ("none", _, _): return AuthScheme.none
    case (_, let header?, nil) where header.isHeaderName:
      let prefix = auth.string("prefix") ?? ""
      return prefix.isEmpty ? .header(header) : .prefixedHeader(header, prefix: prefix)
    case (_, nil, let query?): return .query(query)
    default:
      problems.report(
        at: "auth", "expected \"bearer\", \"none\", {\"header\":…} or {\"query\":…}\(problems.place)/auth")
      return nil
    }
  }

  private mutating func paths(_ paths: JSON) -> ServicePaths {
    problems.enter("paths")
    defer { problems.leave() }
    checkKeys(of: paths, known: ["chat", "embeddings", "models", "rerank"])
    return ServicePaths(
      chat: text("chat", of: paths), embeddings: text("embeddings", of: paths), models: text("models", of: paths),
      rerank: text("rerank", of: paths))
  }

  private mutating func dialect(of row: JSON) -> DialectKind? {
    guard let name = text("dialect", of: row) else { return nil }
    if let kind = DialectKind(name: name) { return kind }
    reportWord(name, at: "dialect", among: DialectKind.allCases.map { $0.name.text })
    return nil
  }

  private mutating func purpose(of row: JSON) -> ModelPurpose? {
    guard let name = text("type", of: row) else { return nil }
    if let purpose = ModelPurpose(name: name) { return purpose }
    reportWord(name, at: "type", among: ModelPurpose.names.map { $0.name.text })
    return nil
  }

  private mutating func quirks(_ names: [String]) -> Quirks {
    var quirks: Quirks = []
    for name in names {
      if let quirk = Quirks(name: name) {
        quirks.insert(quirk)
      } else {
        reportWord(name, at: "quirks", among: Quirks.names.map { $0.name.text })
      }
    }
    return quirks
  }

  private mutating func capabilities(_ names: [String]) -> Capabilities {
    var capabilities: Capabilities = []
    for name in names {
      if let capability = Capabilities(name: name) {
        capabilities.insert(capability)
      } else {
        reportWord(name, at: "capabilities", among: Capabilities.names.map { $0.name.text })
      }
    }
    return capabilities
  }

  private mutating func refusals(_ key: String, of row: JSON) -> ModelRefusals? {
    guard let names = texts(key, of: row) else { return nil }
    var refusals: ModelRefusals = []
    for name in names {
      if let named = ModelRefusals(name: name) {
        refusals.formUnion(named)
      } else {
        reportWord(name, at: key, among: ModelRefusals.names.map { $0.name.text })
      }
    }
    return refusals
  }

  private mutating func efforts(_ names: [String]) -> [ReasoningEffort] {
    let known = ReasoningEffort.allCases.map { $0.name.text }
    for name in names where !known.contains(name) { reportWord(name, at: "reasoning_efforts", among: known) }
    return names.compactMap { ReasoningEffort(name: $0) }
  }

  private mutating func requiredText(_ key: String, of row: JSON) -> String? {
    guard let text = text(key, of: row), !text.isEmpty else {
      problems.report(at: key, "\"\(key)\" is missing\(problems.place)")
      return nil
    }
    return text
  }

  private mutating func text(_ key: String, of row: JSON) -> String? {
    guard let member = row[named: key] else { return nil }
    if member.string == nil { reportType(member, at: key, expected: "string") }
    return member.string
  }

  private mutating func texts(_ key: String, of row: JSON) -> [String]? {
    guard let member = row[named: key] else { return nil }
    let texts = member.elements.compactMap { $0.string }
    if !member.isArray || texts.count != member.count { reportType(member, at: key, expected: "array of strings") }
    return texts
  }

  private mutating func read(_ key: String, of row: JSON, into target: inout String) {
    target = text(key, of: row) ?? target
  }

  private mutating func read(_ key: String, of row: JSON, into target: inout Int64) {
    guard let member = row[named: key] else { return }
    guard let number = member.int, number >= 0 else {
      return reportType(member, at: key, expected: "integer not below 0")
    }
    target = number
  }

  // MARK: Problems

  mutating func checkKeys(of row: JSON, known: [StaticText], _ others: [String] = []) {
    guard row.isObject else {
      return problems.report("expected object, found \(row.kind.name.text)\(problems.place)")
    }
    let names = known.map { $0.text } + others
    for (key, _) in row.members where !names.contains(key) {
      let nearest = nearestName(to: key, among: names)
      problems.enter(key)
      problems.report("unknown key \"\(key)\"\(problems.place)\(didYouMean(nearest))", suggestion: nearest)
      problems.leave()
    }
  }

  mutating func reportType(_ value: JSON, at key: String, expected: String) {
    problems.enter(key)
    problems.report("expected \(expected), found \(value.kind.name.text)\(problems.place)")
    problems.leave()
  }

  private mutating func reportWord(_ word: String, at key: String, among words: [String]) {
    let nearest = nearestName(to: word, among: words)
    problems.enter(key)
    problems.report("unknown \"\(word)\"\(problems.place)\(didYouMean(nearest))", suggestion: nearest)
    problems.leave()
  }
}

extension ModelPurpose {
  /// Names in documents.
  static let names: [(name: StaticText, purpose: ModelPurpose)] = [
    ("chat", .chat), ("completion", .completion), ("embedding", .embedding), ("image", .image), ("audio", .audio),
    ("rerank", .rerank), ("other", .other),
  ]

  init?(name: String) {
    for (own, purpose) in ModelPurpose.names where own.matches(name) {
      self = purpose
      return
    }
    return nil
  }

  var name: StaticText {
    for (name, purpose) in ModelPurpose.names where purpose == self { return name }
    return "other"
  }
}
