import LLMCore

@testable import LLMCatalog

/// An environment of the test's own.
final class FakeEnvironment: Environment {
  private let variables: [String: String]

  init(_ variables: [String: String] = [:]) { self.variables = variables }

  func value(of name: String) -> String? { variables[name] }
}

func endpoint(
  _ json: String, _ variables: [String: String] = [:], catalog: Catalog = .builtIn
) throws -> Endpoint {
  try ConfigurationReader.endpoint(
    from: JSON.parse(json), environment: FakeEnvironment(variables), catalog: catalog)
}

/// The error that a configuration is refused with; nil where it is accepted.
func refusal(_ json: String, _ variables: [String: String] = [:]) throws -> LLMError? {
  do {
    _ = try endpoint(json, variables)
    return nil
  } catch let error as LLMError {
    return error
  }
}

func validation(_ json: String, _ variables: [String: String] = [:]) throws -> JSON {
  try ConfigurationReader.validate(
    JSON.parse(json), environment: FakeEnvironment(variables), catalog: .builtIn)
}

extension Secret {
  var text: String { revealed }
}
