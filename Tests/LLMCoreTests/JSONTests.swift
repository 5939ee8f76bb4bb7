import CSystem
import LLMCore
import Testing

struct JSONTests {
  @Test(arguments: [
    (0.1, "0.1"), (0.7, "0.7"), (1.0, "1.0"), (-0.0, "-0.0"), (1.0 / 3, "0.3333333333333333"), (1e22, "1e+22"),
    (5e-324, "5e-324"), (1.7976931348623157e308, "1.7976931348623157e+308"), (123456789.125, "123456789.125"),
  ])
  func realsAreWrittenShortest(value: Double, text: String) throws {
    #expect(JSON.real(value).text == text)
    #expect(try JSON.parse(text).double == value)
  }

  @Test func anyRealReadsBackTheSame() throws {
    let random = SplitMix(seed: 11)
    for _ in 0..<2000 {
      let value = Double(bitPattern: random.next())
      guard value.isFinite else { continue }
      #expect(try JSON.parse(JSON.real(value).text).double?.bitPattern == value.bitPattern)
    }
  }

  @Test func whatJSONHasNoWordForIsNull() {
    for value in [Double.nan, .infinity, -.infinity] { #expect(JSON.real(value).isNull) }
  }

  @Test(arguments: [Int64.min, -1, 0, 1, 9_007_199_254_740_993, .max]) func integersAreExact(value: Int64) throws {
    #expect(JSON.integer(value).text == "\(value)")
    #expect(try JSON.parse("\(value)").int == value)
  }

  @Test(arguments: [("1.0", Int64(1)), ("-3.0", -3), ("1e3", 1000), ("9.007199254740992e15", 9_007_199_254_740_992)])
  func wholeRealsAreIntegers(text: String, value: Int64) throws {
    #expect(try JSON.parse(text).int == value)
  }

  @Test(arguments: ["1.5", "1e300", "-1e300", "9.3e18", "\"1\"", "true", "null"])
  func othersAreNone(text: String) throws {
    #expect(try JSON.parse(text).int == nil)
  }

  @Test func stringsAreEscapedAsFarAsNeeded() throws {
    let every = String(decoding: (0..<0x80).map { UInt8($0) }, as: UTF8.self)
    let text = JSON.string(every).text
    #expect(text.contains(#"\u0000\u0001"#) && text.contains(#"\b\t\n\u000b\f\r"#) && text.contains(##" !\"#"##))
    #expect(text.contains("/") && !text.contains(#"\/"#) && text.contains("\u{7F}"))
    #expect(try JSON.parse(text).string == every)
    #expect(JSON.string("Zürich 😀 \u{2028}").text == "\"Zürich 😀 \u{2028}\"")
  }

  @Test func documentsSurvive() throws {
    for text in [
      "{}", "[]", "null", "true", "false", #"{"a":[1,2.5,"x",null,{"b":{}}],"c":""}"#, #"{"":[[],[[]]]}"#,
      #"["\u0000"]"#,
    ] {
      #expect(try JSON.parse(text).text == text)
    }
  }

  @Test func membersKeepTheirOrder() throws {
    let keys = (0..<100).map { "key \(($0 * 37) % 100)" }
    let object = JSON.object()
    for key in keys { object.set(named: key, .boolean(true)) }
    #expect(object.members.map { $0.key } == keys)
    #expect(try JSON.parse(object.text).members.map { $0.key } == keys)
  }

  @Test func missingAndNullAreTheSameToAReader() throws {
    let json = try JSON.parse(#"{"null":null,"list":[1]}"#)
    #expect(json["null"] == nil && json["missing"] == nil && json.has("null") && !json.has("missing"))
    #expect(json.member("null")?.isNull == true)
    #expect(json["list"]?[0]?.int == 1 && json["list"]?[1] == nil && json["list"]?[-1] == nil)
    #expect(json["list"]?["x"] == nil && json[0] == nil && json["list"]?[0]?["x"] == nil)
  }

  @Test func wrongTypesAreNothing() throws {
    let json = try JSON.parse(#"["s",1,1.5,true,null,{},[]]"#)
    #expect(json.elements.map { $0.string } == ["s", nil, nil, nil, nil, nil, nil])
    #expect(json.elements.map { $0.bool } == [nil, nil, nil, true, nil, nil, nil])
    #expect(json.elements.map { $0.double } == [nil, 1, 1.5, nil, nil, nil, nil])
    #expect(json.elements.map { $0.kind } == [.string, .integer, .real, .boolean, .null, .object, .array])
    #expect(json.members.isEmpty && JSON.object().elements.isEmpty && JSON.null.count == 0)
  }

  @Test func copiesShareWhatTheySay() throws {
    let original = try JSON.parse(#"{"inner":{"a":1}}"#)
    let shallow = original.copy()
    shallow.set("more", .null)
    #expect(!original.has("more"))
    shallow["inner"]?.set("a", .integer(2))
    #expect(original["inner"]?["a"]?.int == 2)
    let deep = original.deepCopy()
    deep["inner"]?.set("a", .integer(3))
    #expect(original["inner"]?["a"]?.int == 2)
    #expect(!deep.equals(original) && original.copy().equals(original))
  }

  @Test func mergingGoesDown() throws {
    let json = try JSON.parse(#"{"a":{"x":1,"y":1},"b":[1]}"#)
    json.merge(try JSON.parse(#"{"a":{"y":2,"z":3},"b":[2,3],"c":null}"#))
    #expect(json.text == #"{"a":{"x":1,"y":2,"z":3},"b":[2,3],"c":null}"#)
    json.setDefault("a", .null)
    json.setDefault("d", .boolean(false))
    json.set("e", nil as JSON?)
    json.remove("b")
    #expect(json.text == #"{"a":{"x":1,"y":2,"z":3},"c":null,"d":false}"#)
  }

  @Test(arguments: [
    ("", 1, 1, "unexpected end of file"), ("{\n \"a\": }", 2, 7, "unexpected token near '}'"),
    ("[1,\n2,\n]", 3, 1, "unexpected token near ']'"), ("{} x", 1, 4, "end of file expected near 'x'"),
    ("[\"\u{1}\"]", 1, 3, "control character 1 in a string"), ("[\"a\\x\"]", 1, 4, "invalid escape"),
    ("[01]", 1, 2, "malformed number"), ("[1e999]", 1, 2, "real number overflow"),
    ("[\"abc", 1, 6, "end of file in a string"),
    ("{\"a\":1", 1, 7, "unexpected end of file"), ("[nul]", 1, 2, "unexpected token near 'nul]'"),
    ("{\"a\" 1}", 1, 6, "unexpected token near '1}'"), ("[\"\\n\",\n x]", 2, 2, "unexpected token near 'x]'"),
  ])
  func syntaxErrorsTellThePlace(text: String, line: Int, column: Int, reason: String) {
    let error = #expect(throws: JSONSyntaxError.self) { try JSON.parse(text) }
    #expect(error?.line == line && error?.column == column, "\(error?.description ?? "")")
    #expect(error?.reason.contains(reason) == true, "\(error?.description ?? "")")
  }

  @Test(arguments: [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xC0, 0x80]]) func badUTF8IsRefused(bytes: [UInt8]) {
    let buffer = ByteBuffer()
    buffer.append("[\"")
    bytes.withUnsafeBytes { buffer.append($0) }
    buffer.append("\"]")
    #expect(throws: JSONSyntaxError.self) { try JSON.parse(buffer.bytes) }
  }

  @Test func nestingIsBounded() throws {
    let nested = { (depth: Int) in String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    #expect(try JSON.parse(nested(256)).text == nested(256))
    for depth in [257, 2000, 100_000] { #expect(throws: JSONSyntaxError.self) { try JSON.parse(nested(depth)) } }
    var tree = JSON.array()
    for _ in 0..<5000 { tree = .array([tree]) }
    #expect(tree.text == String(repeating: "[", count: 512) + "null" + String(repeating: "]", count: 512))
  }

  @Test func textForC() {
    let text = JSON.string("x").makeCString()
    defer { free(text) }
    #expect(String(cString: text) == "\"x\"")
  }
}
