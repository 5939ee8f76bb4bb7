import LLMConfig
import LLMCore

/// Reads rows of the built-in table of providers.
enum ProviderTable {
  /// The row of exactly that name.
  static func provider(_ name: String) -> ProviderProfile? {
    Providers.rows.utf8Bytes.line(startingWith: name).map { profile(from: $0) }
  }

  /// Whether there is a row of that name; cheaper than reading it.
  static func contains(_ name: String) -> Bool { Providers.rows.utf8Bytes.line(startingWith: name) != nil }

  /// The environment variables of a provider's key, without reading the rest of its row.
  static func keyVariables(of name: String) -> [String] {
    guard let line = Providers.rows.utf8Bytes.line(startingWith: name) else { return [] }
    var columns = TableColumns(line, separator: bar)
    for _ in 0..<4 { columns.skip() }
    return columns.list
  }

  /// The names of all rows.
  static var names: [String] {
    var names: [String] = []
    Providers.rows.utf8Bytes.forEachLine { line in
      var columns = TableColumns(line, separator: bar)
      if let name = columns.text { names.append(name) }
      return true
    }
    return names
  }

  /// The provider that is known by another name; nil where it is nobody's.
  static func provider(knownAs name: String) -> String? {
    Providers.aliases.utf8Bytes.line(startingWith: name).flatMap { rest(of: $0) }
  }

  /// What became of a service that has ended.
  static func notice(about name: String) -> String? {
    Providers.ended.utf8Bytes.line(startingWith: name).flatMap { rest(of: $0) }
  }

  /// All other names.
  static var aliases: [(alias: String, provider: String)] {
    var aliases: [(alias: String, provider: String)] = []
    Providers.aliases.utf8Bytes.forEachLine { line in
      var columns = TableColumns(line, separator: space)
      if let alias = columns.text, let provider = columns.text { aliases.append((alias, provider)) }
      return true
    }
    return aliases
  }

  /// What stands behind the first word of a line.
  private static func rest(of line: UnsafeRawBufferPointer) -> String? {
    line.firstOffset(of: space).map { String(decoding: line[($0 + 1)...], as: UTF8.self) }
  }

  /// All rows.
  static var providers: [ProviderProfile] {
    var rows: [ProviderProfile] = []
    Providers.rows.utf8Bytes.forEachLine { line in
      rows.append(profile(from: line))
      return true
    }
    return rows
  }

  private static func profile(from line: UnsafeRawBufferPointer) -> ProviderProfile {
    var columns = TableColumns(line, separator: bar)
    let name = columns.text ?? ""
    let profile = ProviderProfile(name, columns.text ?? name, baseURL: "", quirks: usualQuirks)
    profile.summary = columns.text ?? ""
    profile.baseURL = columns.text ?? ""
    profile.keyVariables = columns.list
    guard let options = columns.next() else { return profile }
    var words = TableColumns(options, separator: space)
    while let word = words.next() { apply(option: word, to: profile) }
    return profile
  }

  private static func apply(option: UnsafeRawBufferPointer, to profile: ProviderProfile) {
    guard let sign = option.firstOffset(of: UInt8(ascii: "=")) else { return }
    let key = UnsafeRawBufferPointer(rebasing: option[..<sign])
    let value = String(decoding: option[(sign + 1)...], as: UTF8.self)
    if key.elementsEqual("can".utf8) { profile.capabilities = capabilities(value) }
    if key.elementsEqual("quirks".utf8) { profile.quirks = quirks(value) }
    if key.elementsEqual("model".utf8) { profile.defaultModel = value }
    if key.elementsEqual("url_env".utf8) { profile.baseURLVariables = value.pieces(separatedBy: comma) }
    if key.elementsEqual("url_path".utf8) { profile.baseURLPath = value }
    if key.elementsEqual("token_env".utf8) { profile.tokenVariables = value.pieces(separatedBy: comma) }
    if key.elementsEqual("headers".utf8) { profile.headers = headers(value) }
    if key.elementsEqual("auth".utf8) { profile.auth = auth(value) }
    if key.elementsEqual("dialect".utf8) { profile.dialect = DialectKind(name: value) ?? profile.dialect }
    if key.elementsEqual("chat".utf8) { profile.paths.chat = value }
    if key.elementsEqual("responses".utf8) { profile.paths.responses = value }
    if key.elementsEqual("embeddings".utf8) { profile.paths.embeddings = value }
    if key.elementsEqual("models".utf8) { profile.paths.models = value }
    if key.elementsEqual("rerank".utf8) { profile.paths.rerank = value }
  }

  private static func auth(_ value: String) -> AuthScheme {
    let parts = value.pieces(separatedBy: colon)
    guard parts.count == 2 else { return value == "none" ? .none : .bearer }
    switch parts[0] {
    case "aws": return .sigV4(service: parts[1])
    case "bearer": return .prefixedHeader(parts[1], prefix: "Bearer ")
    case "query": return .query(parts[1])
    default: return .header(parts[1])
    }
  }

  private static func headers(_ value: String) -> [HTTPHeader] {
    value.pieces(separatedBy: comma).map { field in
      let parts = field.pieces(separatedBy: colon)
      return HTTPHeader(parts[0], parts.count > 1 ? parts[1] : "")
    }
  }

  private static let usualQuirks: Quirks = [.maxTokens, .noDeveloperRole]

  private static func quirks(_ value: String) -> Quirks {
    var quirks: Quirks = []
    for word in value.pieces(separatedBy: comma) {
      quirks.formUnion(word == "usual" ? usualQuirks : Quirks(name: word) ?? [])
    }
    return quirks
  }
}

// MARK: - Capabilities

extension ProviderTable {
  /// "open+files-vision": a group, with capabilities added and taken away.
  private static func capabilities(_ value: String) -> Capabilities {
    var capabilities: Capabilities = []
    var word: [UInt8] = []
    var sign = UInt8(ascii: "+")
    func takeWord() {
      let name = String(decoding: word, as: UTF8.self)
      let named = Capabilities(name: name) ?? group(name) ?? []
      if sign == UInt8(ascii: "+") { capabilities.formUnion(named) } else { capabilities.subtract(named) }
      word.removeAll(keepingCapacity: true)
    }
    for byte in value.utf8 {
      if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-") {
        takeWord()
        sign = byte
      } else {
        word.append(byte)
      }
    }
    takeWord()
    return capabilities
  }

  /// What services have in common.
  static func group(_ name: String) -> Capabilities? {
    switch name {
    case "": []
    case "chat": .chatService
    case "json": .chatService.subtracting(.jsonSchema)
    case "hosted": hosted
    case "open": hosted.union(.embeddings)
    case "local": hosted.union([.embeddings, .logprobs])
    case "gateway":
      hosted.union([.embeddings, .files, .audioInput, .promptCache, .logprobs, .webSearch, .imageOutput])
    case "openai": openAI
    case "anthropic":
      [
        .streaming, .tools, .parallelTools, .toolChoice, .jsonSchema, .vision, .files, .reasoning, .promptCache,
        .systemMessages, .webSearch, .modelList, .tokenCount,
      ]
    case "gemini": openAI.subtracting([.audioOutput]).union([.imageOutput, .tokenCount])
    case "ollama": hosted.subtracting(.toolChoice).union(.embeddings)
    case "cohere": hosted.union([.logprobs, .embeddings, .rerank])
    case "bedrock":
      [
        .streaming, .tools, .parallelTools, .toolChoice, .vision, .files, .reasoning, .promptCache, .systemMessages,
        .embeddings,
      ]
    case "mistral": hosted.union([.audioInput, .files, .multipleChoices, .embeddings])
    case "mock": hosted.union([.audioInput, .files, .multipleChoices, .embeddings, .tokenCount, .rerank])
    default: nil
    }
  }

  /// Chat with the abilities of today's open models.
  private static let hosted: Capabilities = .chatService.union([.vision, .reasoning, .seed])
  private static let openAI: Capabilities = .chatService.union([
    .vision, .audioInput, .files, .reasoning, .promptCache, .logprobs, .multipleChoices, .seed, .webSearch,
    .audioOutput, .embeddings,
  ])
}

private let bar = UInt8(ascii: "|")
private let space = UInt8(ascii: " ")
private let comma = UInt8(ascii: ",")
private let colon = UInt8(ascii: ":")
