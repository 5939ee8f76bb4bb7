import LLMCore
import Testing

struct JSONDraftTests {
  private func draft(_ text: String = #"{"a":1,"b":null,"c":{"d":[1]}}"#) throws -> JSONDraft {
    JSONDraft(try JSON.parse(text))
  }

  private func text(_ draft: JSONDraft) -> String {
    let buffer = ByteBuffer()
    draft.write(into: buffer)
    return buffer.string
  }

  @Test func withoutChangesItIsTheObject() throws {
    #expect(text(try draft()) == #"{"a":1,"b":null,"c":{"d":[1]}}"#)
    #expect(text(try draft("{}")) == "{}")
  }

  @Test func whatIsChangedStaysInItsPlaceAndWhatIsNewComesBehind() throws {
    let draft = try draft()
    draft.set("new", true)
    draft.set("a", "x")
    draft.set("a", StaticText("y"))
    #expect(draft["a"]?.string == "y" && draft["new"]?.bool == true)
    #expect(text(draft) == #"{"a":"y","b":null,"c":{"d":[1]},"new":true}"#)
  }

  @Test func whatIsRemovedIsGoneAndMayComeBack() throws {
    let draft = try draft()
    #expect(draft.take("a")?.int == 1)
    #expect(draft.take("a") == nil && draft.take("b") == nil && draft["a"] == nil)
    draft.remove("nowhere")
    #expect(text(draft) == #"{"c":{"d":[1]}}"#)
    draft.set("a", .integer(2))
    #expect(text(draft) == #"{"a":2,"c":{"d":[1]}}"#)
  }

  @Test func aDefaultIsForWhatIsNotThere() throws {
    let draft = try draft()
    for name in ["a", "b", "e"] { draft.setDefault(named: name, .string("default")) }
    draft.remove("a")
    draft.setDefault(named: "a", .string("again"))
    #expect(text(draft) == #"{"a":"again","b":null,"c":{"d":[1]},"e":"default"}"#)
  }

  @Test func mergingGoesIntoObjectsAndLeavesTheOriginal() throws {
    let base = try JSON.parse(#"{"c":{"d":[1],"e":{"f":1}}}"#)
    let draft = JSONDraft(base)
    draft.merge(try JSON.parse(#"{"c":{"e":{"g":2}},"h":{"i":1}}"#))
    draft.merge(try JSON.parse(#"{"h":{"j":2},"c":{"d":null}}"#))
    #expect(text(draft) == #"{"c":{"d":null,"e":{"f":1,"g":2}},"h":{"i":1,"j":2}}"#)
    #expect(base.text == #"{"c":{"d":[1],"e":{"f":1}}}"#)
  }

  @Test func namesAreEscaped() throws {
    let draft = try draft(#"{"a\"b":1}"#)
    draft.set(named: "c\"d", .integer(2))
    #expect(text(draft) == #"{"a\"b":1,"c\"d":2}"#)
  }
}
