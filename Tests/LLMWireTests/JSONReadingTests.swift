import LLMCore
import LLMTestSupport
import LLMWire
import Testing

/// A document that is only read says what jansson's tree of the same bytes says.
@Suite struct JSONReadingTests {
  /// The document, of bytes that are gone by the time it is looked into.
  private func read(_ bytes: [UInt8]) throws -> JSON {
    try withExactBytes(bytes) { bytes in Result { try JSON.read(bytes) } }.get()
  }
  private func read(_ text: String) throws -> JSON { try read(Array(text.utf8)) }
  private func tree(_ bytes: [UInt8]) throws -> JSON { try #require(withExactBytes(bytes, janssonDocument)) }

  private func expectAgreement(_ bytes: [UInt8], _ location: SourceLocation = #_sourceLocation) {
    let (own, jansson) = (try? read(bytes), withExactBytes(bytes, janssonDocument))
    #expect(own?.text == jansson?.text && own?.kind == jansson?.kind, "\(text(bytes))", sourceLocation: location)
    #expect(own?.deepCopy().text == jansson?.text, "\(text(bytes))", sourceLocation: location)
    #expect(own?.copy().text == jansson?.text, "\(text(bytes))", sourceLocation: location)
  }

  @Test func agreesWithJanssonOnAllDocuments() {
    for document in JSONCorpus.all { expectAgreement(document) }
  }

  @Test func agreesWithJanssonOnMutations() {
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<10_000 { expectAgreement(JSONCorpus.mutation(using: &generator)) }
  }

  @Test(arguments: [
    #"{"a":1,"b":2,"a":3}"#, #"{"a":1,"\u0061":2}"#, #"{"\u0061":1,"a":{"b":1,"b":2}}"#, #"[{"x":1},{"x":1,"x":null}]"#,
  ])
  func ofAMemberThatComesTwiceTheLastOneCounts(_ document: String) throws {
    expectAgreement(Array(document.utf8))
    #expect(try read(#"{"a":1,"b":2,"\u0061":3}"#).int("a") == 3)
  }

  @Test(arguments: [1, 63, 64, 65, 1000]) func membersAreFoundHoweverManyThereAre(_ count: Int) throws {
    let members = (0..<count).map { "\"key\($0)\":\($0)" }
    let document = "{" + members.joined(separator: ",") + "}"
    let read = try read(document)
    #expect(read.count == count)
    #expect(read.text == document)
    for number in 0..<count { #expect(read[named: "key\(number)"]?.int == Int64(number)) }
    #expect(read[named: "key\(count)"] == nil)
  }

  @Test func everyAccessorAgrees() throws {
    let source = Array(
      #"{"s":"a\u00e9\n","e":"","i":-42,"w":3.0,"r":1.5,"t":true,"f":false,"n":null,"o":{"x":[{},[1,"b"],null]},"":0}"#
        .utf8)
    for document in [try read(source), try tree(source)] {
      #expect(document.isObject && !document.isArray && document.count == 10)
      #expect(document.string("s") == "aé\n" && document.string("e")?.isEmpty == true && document.string("i") == nil)
      #expect(
        document.int("i") == -42 && document.int("w") == 3 && document.int("r") == nil && document.int("s") == nil)
      #expect(document["r"]?.double == 1.5 && document["i"]?.double == -42 && document["s"]?.double == nil)
      #expect(document.bool("t") == true && document.bool("f") == false && document.bool("n") == nil)
      #expect(document["n"] == nil && document.has("n") && document.member("n")?.isNull == true)
      #expect(!document.has("x") && document.has(named: "") && document[named: ""]?.int == 0)
      #expect(document.says("s", "aé\n") && !document.says("s", "a") && !document.says("i", "-42"))
      #expect(document["s"]?.count == 0 && document["s"]?.elements.isEmpty == true)
      #expect(document["o", "x"]?.elements.count == 3 && document["o", "x"]?[1]?[1]?.string == "b")
      #expect(document["o", "x"]?[3] == nil && document["o", "x"]?[-1] == nil && document[0] == nil)
      #expect(document["o", "y"] == nil && document["s", "x"] == nil)
      #expect(document.members.map { $0.key } == ["s", "e", "i", "w", "r", "t", "f", "n", "o", ""])
      #expect(document.members(except: ["s", "o", "n"]).map { $0.key } == ["e", "i", "w", "r", "t", "f", ""])
      #expect(document.equals(try tree(source)) && !document.equals(.object()))
      let changed = document.copy()
      changed.set("s", "b")
      #expect(changed.string("s") == "b" && document.string("s") == "aé\n")
      let holder = JSON.object()
      holder.set("part", document["o"])
      #expect(holder.text == #"{"part":{"x":[{},[1,"b"],null]}}"#)
    }
  }

  @Test func nothingAtAllIsRefused() {
    let nowhere = UnsafeRawBufferPointer(start: nil, count: 0)
    #expect(throws: JSONSyntaxError.self) { try JSON.read(nowhere) }
  }

  @Test func aValueOutlivesItsDocument() throws {
    func part() throws -> JSON? { try read(#"{"a":[{"text":"kept"}]}"#)["a"]?[0]?["text"] }
    #expect(try part()?.string == "kept")
  }

  @Test(arguments: [254, 255]) func readsToTheDepthThatIsAllowed(_ depth: Int) {
    let arrays = String(repeating: "[", count: depth) + "1" + String(repeating: "]", count: depth)
    let objects = String(repeating: "{\"a\":", count: depth) + "1" + String(repeating: "}", count: depth)
    for document in [arrays, objects] { expectAgreement(Array(document.utf8)) }
  }
}
