import CSystem
import LLMCore
import LLMDialects

/// Takes what a provider of the program's own says of one answer, and holds it to the rules: what breaks them fails the
/// call and is not passed on.
public final class Emitter {
  /// Requests ask for a handful of answers; more are a mistake.
  private static let choiceLimit: UInt32 = 256

  private struct ToolCall {
    let choice: UInt32
    let index: UInt32
    let handle: ResponseBuilder.ToolHandle
    var hasEnded = false
  }

  private let builder: ResponseBuilder
  /// Of an engine's answer; a decoder's is asked for by the driver.
  private let host: (any EngineHost)?
  private let mayEmit: Bool
  private var failure: LLMError?
  private var finished: [UInt32] = []
  private var toolCalls: [ToolCall] = []
  private var state: UnsafeMutableRawPointer?
  private var stateSize = 0
  /// The name of the event under way.
  public let frameName = ByteBuffer(capacity: 32)

  init(_ builder: ResponseBuilder, host: (any EngineHost)? = nil, mayEmit: Bool = true) {
    self.builder = builder
    self.host = host
    self.mayEmit = mayEmit
  }

  deinit { free(state) }

  // MARK: What the provider asks for

  /// Says one thing; false where nobody wants more.
  public func emit(_ event: Event) -> Bool {
    guard failure == nil, !builder.isCancelled else { return false }
    do throws(LLMError) {
      guard mayEmit else { throw broken("it emitted events for an error response") }
      try pass(on: event)
    } catch {
      fail(error)
    }
    return failure == nil && wantsMore(hasWritten: true)
  }

  /// Whether nobody wants the answer any more.
  public var isCancelled: Bool { failure != nil || !wantsMore(hasWritten: false) }

  /// Fails the call; the first failure counts.
  public func fail(code: Int32, message: String?) {
    let known = ErrorCode(rawValue: code) ?? .plugin
    fail(message.map { LLMError(known, text: $0, stage: .stream) } ?? Emitter.unexplained(known))
  }

  /// Zeroed memory that lives as long as the answer; nil where there is none, or less was asked for first.
  public func state(size: Int) -> UnsafeMutableRawPointer? {
    guard size > 0 else { return nil }
    if state == nil {
      state = calloc(1, size)
      stateSize = state == nil ? 0 : size
    }
    return size <= stateSize ? state : nil
  }

  private func wantsMore(hasWritten: Bool) -> Bool {
    host?.wantsMore(now: SystemClock.shared.now, hasWritten: hasWritten) ?? !builder.isCancelled
  }

  private func fail(_ error: LLMError) {
    if failure == nil { failure = error }
  }

  // MARK: What became of it

  /// Throws the failure, or the error that a function's result stands for; whether it said that the answer is complete.
  func settle(_ result: Int32) throws(LLMError) -> Bool {
    if let failure { throw failure }
    if result < 0 {
      throw Emitter.unexplained(ErrorCode(rawValue: result) ?? .plugin)
    }
    return result > 0
  }

  private static func unexplained(_ code: ErrorCode) -> LLMError {
    LLMError(code, "the provider failed with \(code.name) and gave no reason", stage: .stream)
  }

  // MARK: Events

  private func pass(on event: Event) throws(LLMError) {
    guard event.choice < Self.choiceLimit else { throw broken("it emitted for choice \(Int64(event.choice))") }
    let choice = Int(event.choice)
    switch event.kind {
    case .text:
      try checkOpen(event)
      builder.text(event.data, choice: choice)
    case .reasoning:
      try checkOpen(event)
      builder.reasoning(event.data, choice: choice)
    case .refusal:
      try checkOpen(event)
      builder.refusal(.string(event.data), choice: choice)
    case .toolCall: try beginTool(event)
    case .toolArguments:
      try checkOpen(event)
      builder.toolArguments(toolCalls[try toolPlace(event)].handle, event.data)
    case .toolCallEnd: try endTool(event)
    case .source:
      try checkOpen(event)
      builder.source(try document(event), choice: choice)
    case .response:
      let document = try document(event)
      builder.response(
        id: document.string("id"), model: document.string("model"), created: document.int("created"))
    case .usage: builder.report(Usage(openAI: try document(event)))
    case .ping: builder.ping()
    case .finish: try finish(event)
    case .error, .cancelled: throw error(event)
    case .start, .retry, .raw: break
    }
  }

  @inline(never)
  private func broken(_ message: Message) -> LLMError {
    LLMError(.plugin, "the provider broke the rules: \(message.text)", stage: .stream)
  }

  private func checkOpen(_ event: Event) throws(LLMError) {
    if finished.contains(event.choice) { throw broken("it emitted content after FINISH") }
  }

  private func document(_ event: Event) throws(LLMError) -> JSON {
    guard let document = ForeignText.document(event.data) else {
      throw broken("the data of an event of type \(event.kind.rawValue) is no JSON object")
    }
    return document
  }

  private func beginTool(_ event: Event) throws(LLMError) {
    try checkOpen(event)
    guard let name = event.name.map({ String(cString: $0) }), !name.isEmpty else {
      throw broken("it began a tool call without a name")
    }
    guard place(of: event) == nil else { throw broken("it began tool call \(Int64(event.index)) twice") }
    let handle = try builder.beginTool(
      choice: Int(event.choice), id: event.id.map { String(cString: $0) }, name: name,
      serviceIndex: Int(event.index))
    toolCalls.append(ToolCall(choice: event.choice, index: event.index, handle: handle))
  }

  private func endTool(_ event: Event) throws(LLMError) {
    let place = try toolPlace(event)
    toolCalls[place].hasEnded = true
    builder.endTool(toolCalls[place].handle)
  }

  private func place(of event: Event) -> Int? {
    toolCalls.firstIndex { $0.choice == event.choice && $0.index == event.index }
  }

  private func toolPlace(_ event: Event) throws(LLMError) -> Int {
    guard let place = place(of: event) else { throw broken("tool call \(Int64(event.index)) never began") }
    if toolCalls[place].hasEnded { throw broken("tool call \(Int64(event.index)) has ended") }
    return place
  }

  /// A word, or the whole result that another provider's FINISH carries.
  private func finish(_ event: Event) throws(LLMError) {
    if let result = ForeignText.document(event.data) {
      builder.response(id: result.string("id"), model: result.string("model"), created: result.int("created"))
      if let usage = result["usage"] { builder.report(Usage(openAI: usage)) }
      for choice in result.elements("choices") {
        let index = choice.int("index") ?? 0
        guard (0..<Int64(Self.choiceLimit)).contains(index) else { continue }
        finish(choice.string("finish_reason") ?? "stop", choice: UInt32(index))
      }
      return
    }
    finish(event.data.isEmpty ? "stop" : String(decoding: event.data, as: UTF8.self), choice: event.choice)
  }

  private func finish(_ word: String, choice: UInt32) {
    builder.finish(word, choice: Int(choice))
    if !finished.contains(choice) { finished.append(choice) }
  }

  /// What another provider's ERROR or CANCELLED says.
  private func error(_ event: Event) -> LLMError {
    let error = ForeignText.document(event.data)?["error"]
    let named = error?.string("code").flatMap { ErrorCode(name: $0) }
    let code = named ?? (event.kind == .cancelled ? .cancelled : .plugin)
    var result = LLMError(
      code, text: error?["message"]?.string ?? "the provider failed and gave no reason", stage: .stream)
    result.status = error?["status"]?.int.map { Int(clamping: $0) }
    result.retryAfterMilliseconds = error?["retry_after_ms"]?.int
    result.providerError = error?["provider_error"]
    return result
  }
}
