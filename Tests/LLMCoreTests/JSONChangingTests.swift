import Testing

@testable import LLMCore

/// Values that are made and changed, and documents that are changed after they were read.
struct JSONChangingTests {
  private func read(_ text: String) throws -> JSON {
    let buffer = ByteBuffer()
    buffer.append(text)
    return try JSON.read(buffer.bytes)
  }

  @Test func aDocumentThatWasReadCanBeChanged() throws {
    let json = try read(#"{"a":{"b":[1,2]},"c":"x"}"#)
    let inner = try #require(json["a"])
    inner.set("d", .integer(3))
    inner["b"]?.append(.string("y"))
    json.set("c", nil as JSON?)
    json.set("e", true)
    json.remove("c")
    #expect(json.text == #"{"a":{"b":[1,2,"y"],"d":3},"e":true}"#)
    #expect(json["a"]?["b"]?.count == 3 && json["a"]?["b"]?[2]?.string == "y" && json["a"]?["b"]?[3] == nil)
  }

  @Test func whatStandsBehindAChangedContainerIsStillFound() throws {
    let json = try read(#"{"a":[1,[2]],"b":{"c":1},"d":4}"#)
    json["a"]?.append(.null)
    json["b"]?.set("x", "y")
    #expect(json.int("d") == 4 && json["b"]?.int("c") == 1)
    #expect(json.text == #"{"a":[1,[2],null],"b":{"c":1,"x":"y"},"d":4}"#)
  }

  @Test func aCopyOfADocumentSharesNoContainerWithIt() throws {
    let json = try read(#"{"a":{"b":[1]}}"#)
    let copy = json.copy()
    copy["a"]?["b"]?.append(.integer(2))
    copy.set("c", json["a"])
    #expect(json.text == #"{"a":{"b":[1]}}"# && copy.text == #"{"a":{"b":[1,2]},"c":{"b":[1]}}"#)
  }

  @Test func aPartOutlivesTheRest() throws {
    func part() throws -> JSON {
      let json = try read(#"{"long enough to be allocated":{"key one":["kept"]}}"#).copy()
      json.set(named: "made up " + String(json.count), .integer(1))
      return try #require(json.copy()["long enough to be allocated"])
    }
    let part = try part()
    #expect(part.text == #"{"key one":["kept"]}"#)
    let copy = part.copy()
    part.remove("key one")
    #expect(copy.text == #"{"key one":["kept"]}"# && part.text == "{}")
  }

  @Test func namesOfAnyOriginLiveAsLongAsTheirObject() {
    let object = JSON.object()
    for number in 0..<200 { object.set(named: "a name that is made at run time \(number)", .integer(number)) }
    let copy = object.copy()
    for number in 0..<200 { object.remove(named: "a name that is made at run time \(number)") }
    #expect(object.text == "{}" && copy.count == 200)
    for number in 0..<200 { #expect(copy[named: "a name that is made at run time \(number)"]?.int == Int64(number)) }
  }

  @Test func removingKeepsTheOthersFindable() {
    let object = JSON.object()
    for number in 0..<300 { object.set(named: "\(number)", .integer(number)) }
    for number in stride(from: 0, to: 300, by: 3) { object.remove(named: "\(number)") }
    for number in 0..<300 { #expect(object.has(named: "\(number)") == (number % 3 != 0)) }
    object.set(named: "1", .string("changed"))
    #expect(object.count == 200 && object["1"]?.string == "changed" && object.members.first?.key == "1")
  }

  @Test func whatIsNoContainerIsNotChanged() throws {
    for json in [JSON.null, .integer(1), .string("x"), try read("true")] {
      let before = json.text
      json.set("a", 1)
      json.append(.null)
      json.remove("a")
      json.removeLast()
      #expect(json.text == before)
    }
    let (object, array) = (JSON.object(), JSON.array())
    object.append(.null)
    array.set("a", 1)
    array.removeLast()
    array.replace(at: 0, with: .null)
    #expect(object.text == "{}" && array.text == "[]")
  }

  @Test func elementsAreReplacedAndRemoved() throws {
    let array = try read("[1,2,3]")
    array.replace(at: 1, with: .string("two"))
    array.replace(at: 7, with: .null)
    array.removeLast()
    #expect(array.text == #"[1,"two"]"#)
  }

  /// Each in the deinit of the one around it would overflow any stack.
  @Test func deepValuesAreLetGoOneByOne() {
    var (tree, other) = (JSON.array(), JSON.object())
    for _ in 0..<200_000 {
      tree = .array([tree, .integer(1)])
      let outer = JSON.object()
      outer.set("a", other)
      other = outer
    }
    #expect(tree.count == 2 && other.count == 1)
  }

  @Test func equalityIsOfWhatIsSaid() throws {
    #expect(try read(#"{"a":1,"b":[1.5,"x"]}"#).equals(try JSON.parse(#"{"b":[1.5,"x"],"a":1}"#)))
    #expect(try !read(#"{"a":1}"#).equals(try read(#"{"a":2}"#)))
    #expect(try !read(#"{"a":1}"#).equals(try read(#"{"a":1,"b":null}"#)))
    #expect(try !read("[1,2]").equals(try read("[2,1]")))
  }

  // MARK: Many members

  private func object(of names: [String]) -> String {
    "{" + names.enumerated().map { "\"\($1)\":\($0)" }.joined(separator: ",") + "}"
  }

  /// How many names were compared on the way, in place of how long it took.
  private func comparisons(_ json: JSON) -> Int { json.place.pointee.branch?.comparisons ?? 0 }

  @Test func manyMembersAreReadAndFoundInLinearTime() throws {
    for count in [10_000, 20_000, 80_000] {
      let names = (0..<count).map { "key \($0)" }
      let json = try read(object(of: names))
      #expect(comparisons(json) < count, "reading")
      for name in names { #expect(json.has(named: name)) }
      #expect(comparisons(json) < 4 * count, "finding")
    }
  }

  @Test func ofARepeatedMemberTheLastCountsAndTimeIsLinear() throws {
    let json = try read(object(of: Array(repeating: "same", count: 80_000)))
    #expect(json.text == #"{"same":79999}"#)
    #expect(comparisons(json) <= 2 * 80_000)
    let few = try read(#"{"a":1,"b":2,"a":{"a":1,"c":2,"a":3},"d":4}"#)
    #expect(few.text == #"{"a":{"a":3,"c":2},"b":2,"d":4}"# && few.count == 3)
  }

  @Test func manyMembersAreMadeInLinearTime() {
    let json = JSON.object()
    for number in 0..<80_000 { json.set(named: "key \(number)", .integer(number)) }
    #expect(json.count == 80_000 && comparisons(json) < 4 * 80_000)
  }

  @Test func theHashIsSipHash13() {
    // Of the same bytes the same, of others another; a hash by which none of 80,000 names crowd.
    let names = (0..<80_000).map { "key \($0)" }
    let hashes = Set(names.map { name in Array(name.utf8).withUnsafeBytes { SipHash.hash($0) & 0xFFFF } })
    #expect(hashes.count > 40_000)
  }
}
