import Foundation
import LLMCore
import Testing

@testable import LLMCatalog
@testable import LLMConfig

/// The tables of the documentation are made from the library's own. `LLM_WRITE_DOCS=1 swift test --filter
/// DocumentationTests` writes them anew.
@Suite(.serialized) struct DocumentationTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// Compares the part of a page between `<!-- name -->` and `<!-- /name -->`, or writes it.
  private func check(_ name: String, in page: String, is table: String) throws {
    let file = Self.root.appendingPathComponent("docs/\(page)")
    let text = try String(contentsOf: file, encoding: .utf8)
    let start = try #require(text.range(of: "<!-- \(name) -->\n"))
    let end = try #require(text.range(of: "<!-- /\(name) -->"))
    if ProcessInfo.processInfo.environment["LLM_WRITE_DOCS"] == "1" {
      let written = text.replacingCharacters(in: start.upperBound..<end.lowerBound, with: table)
      try written.write(to: file, atomically: true, encoding: .utf8)
    } else {
      #expect(String(text[start.upperBound..<end.lowerBound]) == table, "docs/\(page) lags behind the table")
    }
  }

  private func table(_ columns: [String], _ rows: [[String]]) -> String {
    var lines = [columns, columns.map { _ in "---" }]
    lines += rows
    return lines.map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
  }

  // MARK: Keys

  private func keys(at place: ConfigPlaces) -> String {
    table(
      ["key", "type", "default", "meaning"],
      ConfigSchema.keys.filter { $0.places.contains(place) }.map { key in
        [
          "`\(key.path)`", type(of: key), key.defaultValue.map { "`\($0.text)`" } ?? "",
          meaning(of: key, at: place),
        ]
      })
  }

  private func type(of key: ConfigKey) -> String {
    var text = key.types.names.joined(separator: " or ")
    if key.types.contains(.array), key.elements == .string { text += " of strings" }
    if key.types == .object, key.elements == .string { text += " of strings" }
    if let bounds = key.bounds { text += ", \(bounds.minimum) to \(bounds.maximum)" }
    return text
  }

  private func meaning(of key: ConfigKey, at place: ConfigPlaces) -> String {
    var text = key.summary.description
    if !key.wordList.isEmpty { text += " One of " + key.wordList.map { "`\($0)`" }.joined(separator: ", ") + "." }
    if !key.variableList.isEmpty {
      text += " Else " + key.variableList.map { "`\($0)`" }.joined(separator: ", ") + "."
    }
    if place == .configuration, !key.scope.isEmpty { text += " (For \(key.scope.text).)" }
    return text
  }

  @Test func configurationKeys() throws {
    try check("keys", in: "configuration.md", is: keys(at: .configuration))
    try check("request keys", in: "configuration.md", is: keys(at: .request))
  }

  /// What a quirk is stands once, in the comment at its declaration.
  @Test func quirkNames() throws {
    let sources = Self.root.appendingPathComponent("Sources")
    let files = try #require(FileManager.default.enumerator(at: sources, includingPropertiesForKeys: nil))
    let declared = try files.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
      .map { try String(contentsOf: $0, encoding: .utf8) }.first { $0.contains("struct Quirks: OptionSet") }
    let declaration = /\/\/\/ (.+)\n +public static let \w+ = Quirks\(rawValue: 1 << (\d+)\)/
    var meanings: [UInt64: String] = [:]
    for match in try #require(declared).matches(of: declaration) {
      meanings[1 << (UInt64(match.output.2) ?? 0)] = String(match.output.1)
    }
    let rows = Quirks.names.map {
      ["`\($0.name)`", meanings[$0.flag.rawValue] ?? "(a comment of one line is missing)"]
    }
    try check("quirks", in: "configuration.md", is: table(["quirk", "the service"], rows))
  }

  // MARK: Providers

  private static let columns: [(title: String, flag: Capabilities)] = [
    ("stream", .streaming), ("tools", .tools), ("schema", .jsonSchema), ("images", .vision), ("files", .files),
    ("reasoning", .reasoning), ("cache", .promptCache), ("embed", .embeddings), ("models", .modelList),
    ("count", .tokenCount), ("rank", .rerank),
  ]

  @Test func providers() throws {
    let rows = Catalog.builtIn.providers.map { row in
      [
        "`\(row.name)`", row.label, row.dialect.name.description, keys(of: row),
        row.defaultModel.map { "`\($0)`" } ?? "",
      ] + Self.columns.map { row.capabilities.contains($0.flag) ? "yes" : "" }
    }
    let titles = ["type", "service", "wire format", "key", "model by default"] + Self.columns.map { $0.title }
    try check("providers", in: "providers.md", is: table(titles, rows))
  }

  private func keys(of row: ProviderProfile) -> String {
    var names = row.keyVariables.map { "`\($0)`" }.joined(separator: ", ")
    if case .sigV4 = row.auth { names += ", or AWS credentials" }
    return row.needsKey || names.isEmpty ? names : names + " (optional)"
  }

  @Test func addresses() throws {
    let rows = Catalog.builtIn.providers.map { row in
      [
        "`\(row.name)`", row.baseURL.isEmpty ? "" : "`\(row.baseURL)`",
        row.baseURLVariables.map { "`\($0)`" }.joined(separator: ", "),
        row.quirks.subtracting([.isLocal, .keyOptional]).nameList.map { "`\($0)`" }.joined(separator: ", "),
      ]
    }
    try check(
      "addresses", in: "providers.md", is: table(["type", "base URL", "variables for another", "quirks"], rows))
  }

  @Test func otherNames() throws {
    let rows = ProviderTable.aliases.map { ["`\($0.alias)`", "`\($0.provider)`"] }
    try check("aliases", in: "providers.md", is: table(["name", "type"], rows))
  }

  @Test func modelCounts() throws {
    let rows = Catalog.builtIn.providers.compactMap { row -> [String]? in
      let count = Catalog.builtIn.models(of: row.name).count
      return count == 0 ? nil : ["`\(row.name)`", "\(count)"]
    }
    try check("models", in: "providers.md", is: table(["type", "models with a row"], rows))
  }
}
