import LLMCore
import LLMPolicy
import Testing

@testable import LLMClient

/// Bytes that stay where they are, with a NUL behind them.
private func stay(_ text: String) -> UnsafeRawBufferPointer {
  let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: text.utf8.count + 1, alignment: 1)
  storage.copyBytes(from: Array(text.utf8) + [0])
  return UnsafeRawBufferPointer(rebasing: storage.prefix(text.utf8.count))
}

private func cString(_ text: String) -> UnsafePointer<CChar>? {
  stay(text).baseAddress?.assumingMemoryBound(to: CChar.self)
}

struct EventRendererTests {
  private let renderer = EventRenderer(created: 17)

  private func rendered(_ event: Event) throws -> JSON? {
    try renderer.render(event).map { try JSON.parse($0) }
  }

  private func choice(_ event: Event) throws -> String? { try rendered(event)?["choices"]?[0]?.text }

  @Test func envelope() throws {
    renderer.note(Event(.start, data: stay("{}"), name: cString("asked")))
    renderer.note(Event(.response, data: stay("{}"), id: cString("r1"), name: cString("big")))
    let chunk = try #require(try rendered(Event(.text, data: stay("x"))))
    #expect(chunk["id"]?.string == "r1" && chunk["model"]?.string == "big" && chunk["created"]?.int == 17)
    #expect(chunk["object"]?.string == "chat.completion.chunk")
  }

  @Test(arguments: [
    (EventKind.response, "{}", #"{"role":"assistant"}"#), (.text, "Zü\n", #"{"content":"Zü\n"}"#),
    (.reasoning, "hm", #"{"reasoning_content":"hm"}"#), (.refusal, "no", #"{"refusal":"no"}"#),
    (.source, #"{"url":"u"}"#, #"{"annotations":[{"url":"u"}]}"#),
  ])
  func deltas(kind: EventKind, data: String, delta: String) throws {
    #expect(
      try choice(Event(kind, choice: 2, data: stay(data))) == #"{"index":2,"delta":\#(delta),"finish_reason":null}"#)
  }

  @Test func toolCalls() throws {
    let call = Event(.toolCall, index: 1, id: cString("c1"), name: cString("f"))
    #expect(
      try choice(call) == #"{"index":0,"delta":{"tool_calls":[{"index":1,"id":"c1","type":"function","#
        + #""function":{"name":"f","arguments":""}}]},"finish_reason":null}"#)
    let arguments = Event(.toolArguments, index: 1, data: stay("{\"a\""), id: cString("c1"), name: cString("f"))
    #expect(
      try choice(arguments) == #"{"index":0,"delta":{"tool_calls":[{"index":1,"function":{"arguments":"{\"a\""}}]},"#
        + #""finish_reason":null}"#)
  }

  @Test func ends() throws {
    let usage = try rendered(Event(.usage, data: stay(#"{"total_tokens":3}"#)))
    #expect(usage?["choices"]?.count == 0 && usage?["usage"]?["total_tokens"]?.int == 3)
    let finish = try rendered(
      Event(
        .finish,
        data: stay(#"{"choices":[{"index":0,"finish_reason":"stop"},{"index":1,"finish_reason":"length"}]}"#)))
    #expect(
      finish?["choices"]?.text
        == #"[{"index":0,"delta":{},"finish_reason":"stop"},{"index":1,"delta":{},"finish_reason":"length"}]"#)
    #expect(try rendered(Event(.error, data: stay(#"{"error":{}}"#)))?.text == #"{"error":{}}"#)
    #expect(try rendered(Event(.cancelled, data: stay(#"{"error":{}}"#)))?.text == #"{"error":{}}"#)
  }

  @Test(arguments: [EventKind.start, .toolCallEnd, .ping, .retry, .raw]) func withoutCounterpart(kind: EventKind) {
    #expect(renderer.render(Event(kind, data: stay("{}"))) == nil)
  }

  @Test func brokenDocumentsAreNothing() {
    renderer.note(Event(.response, data: stay("no JSON")))
    #expect(renderer.render(Event(.error, data: stay("no JSON"))) == nil)
    #expect(renderer.render(Event(.finish, data: stay("no JSON"))) != nil)
  }
}

struct EventQueueTests {
  @Test func inOrderAndWhole() {
    let queue = EventQueue()
    #expect(queue.isEmpty && queue.pop() == nil)
    var expected: [String] = []
    for number in 0..<500 {
      let event = Event(
        number % 3 == 0 ? .toolArguments : .text, choice: UInt32(number % 2), index: UInt32(number),
        data: stay(String(repeating: "x", count: number)), id: number % 3 == 0 ? cString("id \(number)") : nil,
        name: number % 6 == 0 ? cString("name") : nil)
      #expect(queue.receive(event))
      expected.append(line(event))
    }
    for text in expected { #expect(queue.pop().map { line($0) } == text) }
    #expect(queue.isEmpty && queue.pop() == nil && queue.pop() == nil)
  }

  @Test func eventsEndWithNUL() throws {
    let queue = EventQueue()
    for text in ["", "a\0b", "c"] { _ = queue.receive(Event(.text, data: stay(text))) }
    for text in ["", "a\0b", "c"] {
      let event = try #require(queue.pop())
      #expect(String(decoding: event.data, as: UTF8.self) == text)
      let end = try #require(event.data.baseAddress) + event.data.count
      #expect(end.load(as: UInt8.self) == 0)
    }
  }

  @Test func usedAgain() {
    let queue = EventQueue()
    for round in 0..<100 {
      _ = queue.receive(Event(.text, data: stay("round \(round)")))
      #expect(queue.pop().map { String(decoding: $0.data, as: UTF8.self) } == "round \(round)")
      #expect(queue.pop() == nil)
    }
  }

  @Test func whatIsDroppedLeavesRoom() {
    let queue = EventQueue()
    for _ in 0..<3 { _ = queue.receive(Event(.text, data: stay("x"))) }
    queue.removeAll()
    #expect(queue.isEmpty && queue.pop() == nil)
    _ = queue.receive(Event(.text, data: stay("y")))
    #expect(queue.pop().map { String(decoding: $0.data, as: UTF8.self) } == "y")
  }
}
