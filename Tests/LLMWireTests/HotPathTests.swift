import CSystem
import LLMCore
import LLMWire
import Testing

@Suite struct HotPathTests {
  static let openAI = [
    HotField("id", .same(0)), HotField("object", .skip), HotField("created", .skip), HotField("model", .same(1)),
    HotField("service_tier", .skip), HotField("system_fingerprint", .skip), HotField("usage", .null),
    HotField("choices.0.index", .integer(0)), HotField("choices.0.delta.role", .skip),
    HotField("choices.0.delta.content", .text), HotField("choices.0.delta.reasoning_content", .reasoning),
    HotField("choices.0.finish_reason", .null), HotField("choices.0.logprobs", .null), HotField("obfuscation", .skip),
  ]

  static let anthropic = [
    HotField("type", .constant("content_block_delta")), HotField("index", .integer(0)), HotField("delta.type", .skip),
    HotField("delta.text", .text), HotField("delta.thinking", .reasoning), HotField("delta.partial_json", .arguments),
  ]

  struct Match: Equatable, Sendable {
    var kind: HotPath.Payload
    var payload: String
    var integer = 0
  }

  static func match(_ path: HotPath, _ frame: [UInt8]) -> Match? {
    withExactBytes(frame) { bytes in
      guard path.match(bytes) else { return nil }
      return Match(kind: path.kind, payload: text(path.payload), integer: path.integer(0))
    }
  }

  static func match(_ path: HotPath, _ frame: String) -> Match? { match(path, Array(frame.utf8)) }

  static func openAIPath() -> HotPath {
    let path = HotPath(openAI)
    withExactBytes("id-1") { path.remember(0, $0) }
    withExactBytes("gpt") { path.remember(1, $0) }
    return path
  }

  /// A frame around members of its delta, with what else is in the choice and in the frame.
  static func frame(_ delta: String, choice: String = "", rest: String = "", index: Int = 0, id: String = "id-1")
    -> String
  {
    "{\"id\":\"\(id)\",\"object\":\"chat.completion.chunk\",\"created\":1741570283,\"model\":\"gpt\","
      + "\"choices\":[{\"index\":\(index),\"delta\":{\(delta)},\"logprobs\":null,\"finish_reason\":null\(choice)}]\(rest)}"
  }

  static let accepted: [(String, Match)] = [
    (frame("\"content\":\"Hi\""), Match(kind: .text, payload: "Hi")),
    (frame("\"content\":\"Hi\"", index: 3), Match(kind: .text, payload: "Hi", integer: 3)),
    (frame("\"role\":\"assistant\",\"content\":\"Hi\""), Match(kind: .text, payload: "Hi")),
    (frame("\"content\":\"a\\nb\\u00e9\\\"\""), Match(kind: .text, payload: "a\nbé\"")),
    (frame("\"content\":\"你好 😀\""), Match(kind: .text, payload: "你好 😀")),
    (frame("\"content\":\"\""), Match(kind: .empty, payload: "")),
    (frame("\"content\":null"), Match(kind: .empty, payload: "")),
    (frame("\"content\":null,\"reasoning_content\":\"why\""), Match(kind: .reasoning, payload: "why")),
    (frame("\"content\":\"\",\"reasoning_content\":\"why\""), Match(kind: .reasoning, payload: "why")),
    (frame("\"reasoning_content\":null,\"content\":\"x\""), Match(kind: .text, payload: "x")),
    (frame("\"content\":\"x\",\"refusal\":null,\"tool_calls\":null"), Match(kind: .text, payload: "x")),
    (frame("\"refusal\":null,\"content\":\"x\""), Match(kind: .text, payload: "x")),
    (frame("\"content\":\"x\"", rest: ",\"usage\":null,\"obfuscation\":\"aB3\""), Match(kind: .text, payload: "x")),
    (frame("\"content\":\"x\"", rest: ",\"service_tier\":[1,{\"a\":\"b\"}]"), Match(kind: .text, payload: "x")),
    (
      " { \"choices\" : [ { \"delta\" : { \"content\" : \"x\" } , \"index\" : 2 } ] , \"id\" : \"id-1\" } \n",
      Match(kind: .text, payload: "x", integer: 2)
    ),
    ("{\"choices\":[{\"delta\":{\"content\":\"x\"}}]}", Match(kind: .text, payload: "x")),
  ]

  @Test(arguments: accepted)
  func matches(_ frame: String, _ expected: Match) {
    let path = Self.openAIPath()
    // The second time its beginning is known.
    for _ in 0..<3 { #expect(Self.match(path, frame) == expected) }
  }

  static let declined = [
    "", " ", "[DONE]", "null", "[]", "{}", "{", "{\"choices\":[]}", "{\"choices\":null}", "{\"choices\":[{}]}",
    frame(""), frame("\"role\":\"assistant\""),
    frame("\"content\":\"x\"", id: "id-2"), frame("\"content\":\"x\"", id: "id-1x"), frame("\"content\":\"x\"", id: ""),
    frame("\"content\":\"x\"", id: "id-\\u0031"),
    frame("\"content\":\"x\",\"reasoning_content\":\"y\""),
    frame("\"content\":\"x\",\"content\":\"y\""), frame("\"content\":\"x\",\"content\":null"),
    frame("\"content\":\"x\",\"c\\u006fntent\":null"),
    frame("\"content\":1"), frame("\"content\":[\"x\"]"), frame("\"content\":true"),
    frame("\"content\":\"x\",\"refusal\":\"no\""), frame("\"content\":\"x\",\"tool_calls\":[]"),
    frame("\"content\":\"x\",\"audio\":{}"), frame("\"content\":\"x\",\"new\":\"\""),
    frame("\"content\":\"x\",\"contents\":1"),
    frame("\"content\":\"x\"", choice: ",\"finish_reason\":null"), frame("\"content\":\"x\"", choice: ",\"more\":1"),
    frame("\"content\":\"x\"", rest: ",\"usage\":{}"), frame("\"content\":\"x\"", rest: ",\"error\":{\"code\":1}"),
    frame("\"content\":\"x\"", rest: ",\"choices\":[]"), frame("\"content\":\"x\"", rest: ",\"delta\":\"x\""),
    frame("\"content\":\"x\"", rest: ","), frame("\"content\":\"x\"", rest: "}"),
    frame("\"content\":\"x\"", rest: ",\"a\""),
    frame("\"content\":\"x\"") + "x", frame("\"content\":\"x\"") + "{}", frame("\"content\":\"x\n\""),
    frame("\"content\":\"\\x\""), frame("\"content\":\"x"), frame("\"content\":\"x\",\"role\":\"\\ud800\""),
    frame("\"content\":\"x\"").replacing("\"finish_reason\":null", with: "\"finish_reason\":\"stop\""),
    frame("\"content\":\"x\"").replacing("\"logprobs\":null", with: "\"logprobs\":{\"content\":[]}"),
    frame("\"content\":\"x\"").replacing("\"index\":0", with: "\"index\":0.5"),
    frame("\"content\":\"x\"").replacing("\"index\":0", with: "\"index\":99999999999999999999"),
    frame("\"content\":\"x\"").replacing("\"index\":0", with: "\"index\":null"),
    frame("\"content\":\"x\"").replacing("1741570283", with: "1e400"),
    frame("\"content\":\"x\"").replacing("1741570283", with: "01"),
    "{\"choices\":[{\"delta\":{\"content\":\"x\"}},{\"delta\":{\"content\":\"y\"}}]}",
    "{\"choices\":[{\"delta\":{\"content\":\"x\"}},null]}", "{\"choices\":{\"delta\":{\"content\":\"x\"}}}",
    "{\"choices\":[{\"delta\":[{\"content\":\"x\"}]}]}", "{\"choices\":[{\"delta\":null}]}", "{\"content\":\"x\"}",
    "{\"a\":null,\"index\":0,\"choices\":[{\"delta\":{\"content\":\"x\"}}]}",
  ]

  @Test(arguments: declined)
  func declines(_ frame: String) {
    #expect(Self.match(Self.openAIPath(), frame) == nil)
    // So it does when it has just matched one that begins alike.
    let warm = Self.openAIPath()
    #expect(Self.match(warm, Self.frame("\"content\":\"x\"")) != nil)
    #expect(Self.match(warm, frame) == nil)
    #expect(warm.kind == .empty && warm.payload.isEmpty && warm.integer(0) == 0)
    #expect(Self.match(warm, Self.frame("\"content\":\"x\"")) != nil)
  }

  @Test func declinesUntilTheCommonValuesAreKnown() {
    let path = HotPath(Self.openAI)
    let frame = Self.frame("\"content\":\"x\"")
    #expect(Self.match(path, frame) == nil)
    withExactBytes("id-1") { path.remember(0, $0) }
    #expect(Self.match(path, frame) == nil)
    withExactBytes("gpt") { path.remember(1, $0) }
    #expect(Self.match(path, frame) != nil)
    withExactBytes("other") { path.remember(1, $0) }
    #expect(Self.match(path, frame) == nil)
    withExactBytes("needs \"escapes\"") { path.remember(0, $0) }
    withExactBytes("gpt") { path.remember(1, $0) }
    #expect(Self.match(path, Self.frame("\"content\":\"x\"", id: "needs \\\"escapes\\\"")) == nil)
    path.remember(99, UnsafeRawBufferPointer(start: nil, count: 0))
    path.remember(-1, UnsafeRawBufferPointer(start: nil, count: 0))
    #expect(path.integer(99) == 0)
  }

  @Test func matchesAnthropicsDeltas() {
    let path = HotPath(Self.anthropic)
    func frame(_ type: String, _ delta: String) -> String {
      "{\"type\":\"\(type)\",\"index\":7,\"delta\":{\"type\":\"some_delta\",\(delta)}}"
    }
    let delta = "content_block_delta"
    #expect(Self.match(path, frame(delta, "\"text\":\"x\"")) == Match(kind: .text, payload: "x", integer: 7))
    #expect(Self.match(path, frame(delta, "\"thinking\":\"y\"")) == Match(kind: .reasoning, payload: "y", integer: 7))
    let arguments = Match(kind: .arguments, payload: "{\"a\"", integer: 7)
    #expect(Self.match(path, frame(delta, "\"partial_json\":\"{\\\"a\\\"\"")) == arguments)
    #expect(Self.match(path, frame("content_block_start", "\"text\":\"x\"")) == nil)
    #expect(Self.match(path, frame("content_block_deltas", "\"text\":\"x\"")) == nil)
    #expect(Self.match(path, frame(delta, "\"signature\":\"x\"")) == nil)
    #expect(Self.match(path, "{\"index\":0,\"delta\":{\"text\":\"x\"}}") == nil)
  }

  @Test func givesSplitTextToBeJoined() {
    let path = Self.openAIPath()
    var joiner = UTF8Joiner()
    let scratch = ByteBuffer()
    var joined = ""
    for piece in [Array("\\ud83d".utf8), Array("\\ude00".utf8), [0xE2, 0x82], [0xAC]] {
      let frame = Self.frame("\"content\":\"@\"").utf8.flatMap { $0 == UInt8(ascii: "@") ? piece : [$0] }
      withExactBytes(frame) { bytes in
        #expect(path.match(bytes))
        joined += text(joiner.join(path.payload, scratch: scratch))
      }
    }
    #expect(joined == "😀€")
  }

  @Test(arguments: [
    [HotField("a.0", .text)], [HotField("0.a", .text)], [HotField("a", .text), HotField("a.b", .skip)],
    [HotField("a.b", .skip), HotField("a", .text)], [HotField("a", .text), HotField("a", .skip)],
    [HotField("a", .text), HotField("b", .integer(99))], [HotField("a", .text), HotField("b", .same(-1))],
    [HotField("a", .text), HotField("b", .integer(0)), HotField("c", .integer(0))],
  ])
  func declinesEverythingWhenItsTableContradictsItself(_ table: [HotField]) {
    #expect(Self.match(HotPath(table), "{\"a\":\"x\"}") == nil)
  }

  /// A matcher that went through any frames answers as a new one does, and never accepts what jansson would not.
  @Test func agreesWithJanssonAndWithItselfOnMutations() {
    var generator = SeededGenerator(seed: 5)
    let frames = Self.accepted.map { Array($0.0.utf8) }
    let warm = Self.openAIPath()
    let alphabet = Array("{}[]\",:\\0123456789-.eunl \0x".utf8) + [0x80, 0xC3]
    var accepted = 0
    for _ in 0..<100_000 {
      var frame = frames[Int.random(in: 0..<frames.count, using: &generator)]
      for _ in 0..<Int.random(in: 0...2, using: &generator) {
        let place = Int.random(in: 0..<frame.count, using: &generator)
        let byte = alphabet[Int.random(in: 0..<alphabet.count, using: &generator)]
        if Bool.random(using: &generator) { frame[place] = byte } else { frame.insert(byte, at: place) }
      }
      let result = Self.match(warm, frame)
      if result != Self.match(Self.openAIPath(), frame) { Issue.record("depends on the past: \(text(frame))") }
      guard let result else { continue }
      accepted += 1
      let expected = Self.tree(frame)
      if let expected, expected != result { Issue.record("\(result), but jansson \(expected): \(text(frame))") }
      if expected == nil, withExactBytes(frame, Self.isWholeButForItsText) == false {
        Issue.record("jansson refuses \(text(frame))")
      }
    }
    #expect(accepted > 30_000)
  }

  /// What a tree says of the frame, or nil when jansson refuses it.
  private static func tree(_ frame: [UInt8]) -> Match? {
    guard withExactBytes(frame, janssonAccepts) else { return nil }
    let flags = Int(JSON_ALLOW_NUL)
    let root = frame.withUnsafeBytes { bytes in
      bytes.withMemoryRebound(to: CChar.self) { json_loadb($0.baseAddress, $0.count, flags, nil) }
    }
    defer { json_decref(root) }
    let choice = json_array_get(json_object_get(root, "choices"), 0)
    let delta = json_object_get(choice, "delta")
    let integer = Int(json_integer_value(json_object_get(choice, "index")))
    for (key, kind) in [("content", HotPath.Payload.text), ("reasoning_content", .reasoning)] {
      let value = json_object_get(delta, key)
      let bytes = UnsafeRawBufferPointer(start: json_string_value(value), count: json_string_length(value))
      if !bytes.isEmpty { return Match(kind: kind, payload: text(bytes), integer: integer) }
    }
    return Match(kind: .empty, payload: "", integer: integer)
  }

  /// Whether jansson would take the frame, were it not for split text.
  private static func isWholeButForItsText(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let repaired = ByteBuffer()
    guard repairedJSON(bytes, into: repaired) else { return false }
    return withExtendedLifetime(repaired) { janssonAccepts(repaired.bytes) }
  }

  @Test(arguments: ["false", "true", "null", "0", "falsely", "\"false\""]) func aNoIsNothingElse(_ word: String) {
    let path = HotPath([HotField("response", .text), HotField("done", .no)])
    let match = Self.match(path, "{\"response\":\"Hi\",\"done\":\(word)}")
    #expect((match?.payload == "Hi") == (word == "false"))
  }
}
