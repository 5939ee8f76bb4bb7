import Foundation
import LLMCore
import Testing

@testable import LLMCatalog
@testable import LLMConfig

/// The models where neither configuration nor request names one.
@Suite struct DefaultModelTests {
  private static let rows = Catalog.builtIn.providers.filter { $0.defaultModel != nil }

  /// The day of the build's commit; of a source archive, which has none, the day from which the rows are.
  private static let day: String = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let git = Process()
    let output = Pipe()
    git.executableURL = URL(filePath: "/usr/bin/env")
    git.arguments = ["git", "-C", root.path, "log", "-1", "--format=%cs"]
    (git.standardOutput, git.standardError) = (output, FileHandle.nullDevice)
    try? git.run()
    git.waitUntilExit()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self).trimmed
    return text.utf8.count == 10 ? text : Models.asOf.description
  }()

  @Test(arguments: rows) func noneHasEnded(row: ProviderProfile) throws {
    let model = try #require(row.defaultModel)
    guard let end = Catalog.builtIn.model(model, of: row.name)?.deprecatedOn else { return }
    #expect(end > Self.day, "\(row.name)'s \(model) ended on \(end); docs/internals/catalogue.md")
  }

  @Test(arguments: rows) func eachIsWhatTheServiceIsFor(row: ProviderProfile) throws {
    guard let model = Catalog.builtIn.model(row.defaultModel ?? "", of: row.name) else { return }
    let isForVectors = !row.capabilities.contains(.streaming)
    #expect(model.purpose == (isForVectors ? .embedding : .chat))
  }
}
