import Foundation
import LLMConfig
import LLMCore
import LLMTestSupport
import Testing

@testable import LLMDialects

/// What real services sent, as an independent program reads it, against what this library understands: text, thinking,
/// tool calls, finish reason, usage and errors, whole, byte by byte and at random cuts. The recordings are no part of
/// the project; without them the test says that it is skipped.
@Suite struct CorpusTests {
  /// The APIs whose recordings are read, and the dialect that reads them.
  static let dialects: [(api: String, dialect: String)] = [
    ("chat", "openai-chat"), ("responses", "openai-responses"), ("messages", "anthropic-messages"),
    ("converse", "bedrock-converse"), ("converse_stream", "bedrock-converse"),
    ("generate", "gemini-generate"), ("stream_generate", "gemini-generate"), ("ollama_chat", "ollama-chat"),
    ("ollama_generate", "ollama-chat"), ("cohere_chat", "cohere-chat"),
  ]

  /// Recordings of several requests that stand one behind the other in one body, which no service sends: the end of the
  /// first answer is the end.
  static let glued: [String] = [
    "openai/responses-vercel-openai-responses-openai-reasoning-encrypted-content.1.chunks-0",
    "openai/responses-vercel-openai-responses-openai-shell-tool.1.chunks-0",
    "azure/responses-vercel-azure-azure-reasoning-encrypted-content.1.chunks-0",
    "anthropic/messages-vercel-anthropic-anthropic-programmatic-tool-calling.1.chunks-0",
    "anthropic/messages-vercel-anthropic-anthropic-tool-search-bm25.1.chunks-0",
    "anthropic/messages-vercel-anthropic-anthropic-tool-search-deferred-bm25.chunks-0",
    "anthropic/messages-vercel-anthropic-anthropic-tool-search-deferred-regex.chunks-0",
  ]

  /// Recordings that the independent reader and this library rightly read differently, and why.
  static let disputed: [(id: String, why: String)] = [
    (
      "openai/responses-vercel-openai-responses-openai-custom-tool.1-0",
      "a call of a custom tool is a tool call: the program has to answer it"
    ),
    (
      "openai/responses-vercel-openai-responses-openai-custom-tool.1.chunks-0",
      "a call of a custom tool is a tool call: the program has to answer it"
    ),
    (
      "openai/responses-vercel-openai-responses-openai-shell-container.1.chunks-0",
      "edited by hand: the deltas say another text than the item at the end"
    ),
    (
      "google/stream_generate-vercel-google-google-stream-no-args-tool-call.chunks-0",
      "the arguments arrive in pieces (`partialArgs`), which the independent reader does not put together"
    ),
    (
      "google/stream_generate-vercel-google-google-stream-tool-call-arguments.chunks-0",
      "the arguments arrive in pieces (`partialArgs`), which the independent reader does not put together"
    ),
    (
      "google/stream_generate-vercel-google-google-stream-tool-call-array-arguments-missing-terminal-244eb0-0",
      "the arguments arrive in pieces (`partialArgs`), which the independent reader does not put together"
    ),
    (
      "google/stream_generate-vercel-google-google-vertex-stream-tool-call-arguments-nested.1.chunks-0",
      "the arguments arrive in pieces (`partialArgs`), which the independent reader does not put together"
    ),
    (
      "anthropic/messages-vercel-anthropic-spliced-message-start.chunks-0",
      "made by hand: a second message starts inside a tool call, which is an error"
    ),
    (
      "bedrock/converse-rubyllm-chat-citations-with-bedrock-claude-haiku-4-5-cites-pdf-document-cfd095-0",
      "the text within citations is part of the answer"
    ),
    (
      "bedrock/converse-rubyllm-chat-citations-with-bedrock-claude-haiku-4-5-cites-text-documen-28f9c8-0",
      "the text within citations is part of the answer"
    ),
    (
      "bedrock/converse-rubyllm-chat-citations-with-bedrock-claude-haiku-4-5-cites-tool-results-946e9f-1",
      "the text within citations is part of the answer"
    ),
    (
      "bedrock/converse-rubyllm-chat-web-search-with-bedrock-amazon-nova-2-lite-v1-0-grounds-th-b03559-0",
      "a tool that the service itself ran is not the program's to answer"
    ),
    (
      "bedrock/converse_stream-rubyllm-chat-web-search-with-bedrock-amazon-nova-2-lite-v1-0-streams-gr-42a508-0",
      "a tool that the service itself ran is not the program's to answer"
    ),
  ]

  @Test(
    .enabled(if: Corpus.isThere, "no recordings in \(Corpus.folder.path) (LLM_CORPUS names another folder)"),
    arguments: dialects.map(\.api))
  func recordingsAreUnderstood(api: String) throws {
    let dialect = try #require(Self.dialects.first { $0.api == api }?.dialect)
    let cases = try Corpus.cases(of: api).filter { recorded in
      !Self.disputed.contains { $0.id == recorded.id } && !Self.glued.contains(recorded.id)
    }
    let problems = cases.compactMap { $0.firstProblem(dialect) }
    print("\(api): \(cases.count - problems.count) of \(cases.count) recordings understood")
    for problem in problems { print("  " + problem) }
    #expect(problems.isEmpty)
  }
}

/// The folder of recordings.
enum Corpus {
  static let folder =
    ProcessInfo.processInfo.environment["LLM_CORPUS"].map { URL(fileURLWithPath: $0) }
    ?? packageRoot.appending(path: "../shared/corpus").standardizedFileURL

  static var isThere: Bool { FileManager.default.fileExists(atPath: folder.appending(path: "index.jsonl").path) }

  /// The recordings of an API that the independent reader has an opinion on.
  static func cases(of api: String) throws -> [RecordedCase] {
    let index = try String(contentsOf: folder.appending(path: "index.jsonl"), encoding: .utf8)
    let rows = try index.split(separator: "\n").map { try JSON.parse(String($0)) }.filter { $0["api"]?.string == api }
    let readings = try read(rows.compactMap { $0["id"]?.string })
    return zip(rows, readings).compactMap { row, reading in
      reading.isObject && row["stream"]?.string != "json_array" ? RecordedCase(row: row, expected: reading) : nil
    }
  }

  /// What the independent reader, a Python program that comes with the recordings, makes of each.
  private static func read(_ ids: [String]) throws -> [JSON] {
    let reader = Process()
    reader.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    reader.arguments =
      ["python3", folder.appending(path: "../tools/oracle.py").path]
      + ids.map { folder.appending(path: $0).path }
    let output = Pipe()
    reader.standardOutput = output
    try reader.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    reader.waitUntilExit()
    return try text.split(separator: "\n").map { try JSON.parse(String($0)) }
  }
}

/// One recording with what it is to be understood as.
struct RecordedCase {
  let row: JSON
  let expected: JSON

  var id: String { row["id"]?.string ?? "" }
  private var isStream: Bool { row["stream"] != nil }
  private var status: Int { Int(row["status"]?.int ?? 200) }

  /// What is wrong with the library's understanding; nil where nothing is.
  func firstProblem(_ dialect: String) -> String? {
    for cut in [Cut.whole, .everyByte, .atRandom(seed: 7)] {
      if let problem = problem(cut, dialect) { return "\(id), \(cut): \(problem)" }
    }
    return nil
  }

  private func problem(_ cut: Cut, _ dialect: String) -> String? {
    guard let endpoint = try? TestEndpoint(JSON.object(), defaultDialect: dialect),
      let body = try? Data(contentsOf: Corpus.folder.appending(path: id + "/response.body"))
    else { return "cannot be read" }
    let recording = Recording(
      Array(body), cut, head: HTTPHead(status: status), dialect: Dialects.make(endpoint.dialect),
      context: endpoint.context(isStreaming: isStream))
    if status >= 400 || expected["error"] != nil { return problemWithError(recording) }
    return problemWithEnd(recording) ?? problemWithAnswer(recording)
  }

  private func problemWithError(_ recording: Recording) -> String? {
    guard let error = recording.error else { return "an error taken for an answer" }
    let arrived = message(recording)["content"]?.string ?? ""
    if status == 200, isStream, arrived != expected["text"]?.string { return "the partial text is lost" }
    return status < 400 || Self.codes(of: status).contains(error.code) ? nil : "HTTP \(status) read as \(error.code)"
  }

  /// The codes that a status may become, by what its body says.
  private static func codes(of status: Int) -> [ErrorCode] {
    switch status {
    case 400:
      [
        .invalidRequest, .contextLength, .contentFilter, .unsupported, .authentication, .notFound, .permission,
        .quotaExceeded,
      ]
    case 401: [.authentication]
    case 402: [.quotaExceeded]
    case 403: [.permission, .authentication, .quotaExceeded, .contentFilter]
    case 404: [.notFound]
    case 429: [.rateLimited, .quotaExceeded]
    case 503: [.overloaded, .serverError]
    case 500...: [.serverError]
    default: [.invalidRequest]
    }
  }

  private func problemWithEnd(_ recording: Recording) -> String? {
    let finish = expected["finish"]?.string
    guard let error = recording.error else {
      let isOpen = isStream && finish == nil && (expected["tool_calls"]?.count ?? 0) == 0
      return isOpen ? "a stream without an end taken for whole" : nil
    }
    let isCutOff = error.code == .streamTruncated && finish == nil
    return isCutOff || finish?.startsWith("other") ?? false ? nil : "\(error.code): \(error.message)"
  }

  private func message(_ recording: Recording) -> JSON { recording.response?["choices"]?[0]?["message"] ?? .object() }

  private func problemWithAnswer(_ recording: Recording) -> String? {
    let message = message(recording)
    let text = expected["text"]?.string ?? ""
    if (message["content"]?.string ?? "") != text { return "text: \(message.text) for \(text)" }
    let told = String(
      decoding: recording.events.filter { $0.kind == .text && $0.choice == 0 }.flatMap { $0.data }, as: UTF8.self)
    if told != text { return "the text in events differs" }
    return problemWithTools(message) ?? problemWithReasoning(message) ?? problemWithFinish(recording)
      ?? problemWithUsage(recording)
  }

  private func problemWithTools(_ message: JSON) -> String? {
    let calls = (message["tool_calls"]?.elements ?? []).map { call in
      let (text, document) = (call["function"]?["arguments"]?.string?.trimmed ?? "", JSON.object())
      document.set("name", call["function"]?["name"])
      document.set("arguments", text.isEmpty ? .object() : (try? JSON.parse(text)) ?? unreadable(text))
      return document
    }
    if (message["tool_calls"]?.elements ?? []).contains(where: { $0["id"]?.string?.isEmpty ?? true }) {
      return "a tool call without an id"
    }
    let wanted = expected["tool_calls"] ?? JSON.array()
    return JSON.array(calls).equals(wanted) ? nil : "tools: \(JSON.array(calls).text) for \(wanted.text)"
  }

  private func unreadable(_ text: String) -> JSON {
    let document = JSON.object()
    document.set("?", .string(text))
    return document
  }

  private func problemWithReasoning(_ message: JSON) -> String? {
    let wanted = expected["reasoning"]?.string?.trimmed ?? ""
    let reasoning = message["reasoning_content"]?.string?.trimmed ?? ""
    return wanted.isEmpty || wanted == reasoning ? nil : "reasoning: \(reasoning) for \(wanted)"
  }

  private func problemWithFinish(_ recording: Recording) -> String? {
    guard let wanted = expected["finish"]?.string, !wanted.startsWith("other") else { return nil }
    let finish = recording.response?["choices"]?[0]?["finish_reason"]?.string ?? "none"
    let isSettled = (expected["tool_calls"]?.count ?? 0) > 0 && wanted == "stop" && finish == "tool_calls"
    return finish == wanted || isSettled ? nil : "finish: \(finish) for \(wanted)"
  }

  private func problemWithUsage(_ recording: Recording) -> String? {
    for (ours, theirs) in [("prompt_tokens", "prompt"), ("completion_tokens", "completion")] {
      let (count, wanted) = (recording.response?["usage"]?[named: ours]?.int, expected[named: theirs]?.int)
      if wanted != nil, count != wanted { return "\(ours): \(count ?? -1) for \(wanted ?? -1)" }
    }
    return nil
  }
}
