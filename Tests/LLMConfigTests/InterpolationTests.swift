import LLMCatalog
import LLMCore
import LLMTestSupport
import Testing

@testable import LLMConfig

@Suite struct InterpolationTests {
  private func resolve(_ json: String, _ variables: [String: String]) throws -> (JSON, [ConfigProblem]) {
    var problems = ConfigProblems(.invalidConfig)
    let resolved = try Interpolation.resolve(
      JSON.parse(json), environment: FakeEnvironment(variables), problems: &problems)
    return (resolved, problems.all)
  }

  @Test(arguments: [
    (#""${A}""#, #""1""#),
    (#""x${A}y${B}z""#, #""x1y2z""#),
    (#""${NO:-d e/f}""#, #""d e/f""#),
    (#""${NO:-}""#, #""""#),
    (#""${EMPTY:-d}""#, #""d""#),
    (#""${EMPTY}""#, #""""#),
    (#""${A:-d}""#, #""1""#),
    (#""$${A}""#, #""${A}""#),
    (#""$$${A}""#, #""$${A}""#),
    (#""pa$$word $ $A $""#, #""pa$$word $ $A $""#),
    (#""${UMLAUT}ß""#, #""äß""#),
    (#"{"a":{"b":["${A}",{"c":"${B}"}]},"d":3}"#, #"{"a":{"b":["1",{"c":"2"}]},"d":3}"#),
    (#""${REF}""#, #""${A}""#),
  ])
  func filled(json: String, expected: String) throws {
    let variables = ["A": "1", "B": "2", "EMPTY": "", "UMLAUT": "ä", "REF": "${A}"]
    let (resolved, problems) = try resolve(json, variables)
    #expect(resolved.text == expected)
    #expect(problems.isEmpty)
  }

  @Test(arguments: [
    (#"{"a":["${NO}"]}"#, "/a/0", "the environment variable NO at /a/0 is not set"),
    (#"{"a":"${NO"}"#, "/a", "without \"}\""),
    (#"{"a":"${}"}"#, "/a", "is no variable"),
    (#"{"a":"${A-b}"}"#, "/a", "is no variable"),
    (#"{"a":"${A B}"}"#, "/a", "is no variable"),
  ])
  func refused(json: String, pointer: String, message: String) throws {
    let (_, problems) = try resolve(json, ["A": "1"])
    #expect(problems.count == 1)
    #expect(problems.first?.pointer == pointer)
    #expect(problems.first?.message.contains(message) == true)
  }

  @Test func theCallersDocumentStaysAsItIs() throws {
    let document = try JSON.parse(#"{"a":{"b":"${A}"}}"#)
    var problems = ConfigProblems(.invalidConfig)
    _ = Interpolation.resolve(document, environment: FakeEnvironment(["A": "1"]), problems: &problems)
    #expect(document.text == #"{"a":{"b":"${A}"}}"#)
  }

  @Test func depthIsBounded() throws {
    let deep = String(repeating: "[", count: 200) + String(repeating: "]", count: 200)
    let (_, problems) = try resolve(deep, [:])
    #expect(problems.count == 1)
  }
}
