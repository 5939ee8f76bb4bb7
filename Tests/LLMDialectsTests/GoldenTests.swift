import Foundation
import LLMCore
import LLMWire
import Testing

@testable import LLMDialects

/// Runs every case of Tests/Golden. With LLM_GOLDEN_UPDATE=1 in the environment the expected files are written in place
/// of being compared, to be reviewed by eye.
@Suite struct GoldenTests {
  static let isUpdating = ProcessInfo.processInfo.environment["LLM_GOLDEN_UPDATE"] == "1"
  /// Truncation at every offset costs the square of a body's length.
  static let longestBody = 16_000

  @Test func thereAreCases() { #expect(!GoldenCase.all.isEmpty) }

  @Test(arguments: GoldenCase.all) func golden(_ golden: GoldenCase) throws {
    var returned: [String: JSON] = [:]
    for turn in golden.turns {
      let exchange = try GoldenExchange(turn, returned: returned)
      let isSent = try checkRequest(turn, exchange)
      guard isSent, let recording = try checkResponse(turn, exchange) else { continue }
      returned[turn.name] = recording.response?["choices"]?[0]?["message"]
    }
  }

  // MARK: The request

  /// Compares what is sent; false where the request was refused, as expected, and nothing is sent.
  private func checkRequest(_ turn: GoldenTurn, _ exchange: GoldenExchange) throws -> Bool {
    let context = exchange.makeContext()
    let before = exchange.request?.text
    defer { #expect(exchange.request?.text == before, "an encoder changes the caller's request") }
    do throws(LLMError) {
      let http = try exchange.encode(context)
      compare(turn, "http.txt", http?.goldenText)
    } catch {
      let document = JSON.object()
      document.set("error", error.document)
      compare(turn, "error.json", document.canonicalText)
      return false
    }
    compare(turn, "warnings.json", context.warnings.isEmpty ? nil : JSON.array(context.warnings).canonicalText)
    return true
  }

  // MARK: The response

  private func checkResponse(_ turn: GoldenTurn, _ exchange: GoldenExchange) throws -> Recording? {
    var (head, body) = (turn.head, turn.data("response.bin").map { Array($0) })
    if let local = try exchange.localResponse() {
      if let failure = local.failure {
        compare(turn, "error.json", "\"\(failure.code.name) at \(failure.stage.name): \(failure.message)\"")
        return nil
      }
      (head, body) = (local.head, local.body)
    }
    guard let body else { return nil }
    try #require(body.count <= Self.longestBody, "\(turn.name)'s body is too long to be truncated at every offset")
    guard exchange.kind == .chat else {
      try checkDocument(turn, exchange, head, body)
      return nil
    }
    let whole = record(body, .whole, head, exchange)
    compare(turn, "events.jsonl", whole.events.isEmpty ? nil : whole.events.map(\.line).joined(separator: "\n"))
    compare(turn, "result.json", whole.error == nil ? whole.outcome.canonicalText : nil)
    compare(turn, "error.json", whole.error == nil ? nil : whole.outcome.canonicalText)
    compare(turn, "noted.json", whole.notes.isEmpty ? nil : JSON.array(whole.notes).canonicalText)
    for cut in Cut.all { checkSame(whole, record(body, cut, head, exchange), "\(cut)") }
    checkTruncations(of: body, whole, head, exchange)
    return whole
  }

  private func record(
    _ body: [UInt8], _ cut: Cut, _ head: HTTPHead, _ exchange: GoldenExchange
  ) -> Recording {
    Recording(body, cut, head: head, dialect: exchange.makeDialect(), context: exchange.makeContext())
  }

  private func checkDocument(
    _ turn: GoldenTurn, _ exchange: GoldenExchange, _ head: HTTPHead, _ body: [UInt8]
  ) throws {
    let document = try body.withUnsafeBytes { bytes in try parsePeerJSON(bytes) }
    do throws(LLMError) {
      let context = exchange.makeContext()
      guard head.status == 200 else {
        throw exchange.makeDialect().serviceError(in: document).error(status: head.status, stage: .firstByte)
      }
      compare(turn, "result.json", try exchange.decodeDocument(document, context).canonicalText)
    } catch {
      let wrapped = JSON.object()
      wrapped.set("error", error.document)
      compare(turn, "error.json", wrapped.canonicalText)
    }
  }

  private func checkSame(_ expected: Recording, _ actual: Recording, _ how: String) {
    #expect(actual.events.map(\.line) == expected.events.map(\.line), "the events differ, \(how)")
    #expect(actual.outcome.canonicalText == expected.outcome.canonicalText, "the outcome differs, \(how)")
    #expect(actual.notes.map(\.text) == expected.notes.map(\.text), "the warnings differ, \(how)")
  }

  /// A body that breaks off anywhere is an error with what had arrived, or it had come to its end: then nothing of the
  /// answer is missing.
  private func checkTruncations(of body: [UInt8], _ whole: Recording, _ head: HTTPHead, _ exchange: GoldenExchange) {
    let choices = whole.response?["choices"]?.canonicalText
    for length in 0..<body.count {
      let part = record(Array(body.prefix(length)), .whole, head, exchange)
      let told = part.events.prefix(part.countBeforeEnd)
      guard told.elementsEqual(whole.events.prefix(told.count)) else {
        Issue.record("cut off after \(length) bytes, it tells what the whole does not: \(told.suffix(2).map(\.line))")
        return
      }
      guard part.error == nil else { continue }
      guard whole.error == nil, part.response?["choices"]?.canonicalText == choices else {
        Issue.record("cut off after \(length) bytes, it is taken for whole: \(part.outcome.text)")
        return
      }
    }
  }

  // MARK: Files

  /// Compares with a file; nil is for a file that must not be there. JSON is compared as JSON.
  private func compare(_ turn: GoldenTurn, _ file: String, _ actual: String?) {
    let place = turn.folder.appending(path: file)
    guard !Self.isUpdating else {
      try? FileManager.default.removeItem(at: place)
      try? actual.map { try Data(($0 + "\n").utf8).write(to: place) }
      return
    }
    let expected = turn.text(file)
    #expect(canonical(actual, file) == canonical(expected, file), "\(turn.folder.lastPathComponent)/\(file)")
  }

  private func canonical(_ text: String?, _ file: String) -> String? {
    guard let text, file.endsWith(".json") else { return text }
    return (try? JSON.parse(text))?.canonicalText ?? text
  }
}
