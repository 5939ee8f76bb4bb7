import LLMCatalog
import LLMConfig
import LLMCore

/// An environment of the test's own.
public final class FakeEnvironment: Environment {
  private let variables: [String: String]

  /// Of these variables.
  public init(_ variables: [String: String] = [:]) { self.variables = variables }

  public func value(of name: String) -> String? { variables[name] }
}

/// The endpoint that a configuration describes.
public func endpoint(
  _ json: String, _ variables: [String: String] = [:], catalog: Catalog = Catalog.builtIn
) throws -> Endpoint {
  try ConfigurationReader.endpoint(
    from: JSON.parse(json), environment: FakeEnvironment(variables), catalog: catalog)
}

/// The error that a configuration is refused with; nil where it is accepted.
public func refusal(_ json: String, _ variables: [String: String] = [:]) throws -> LLMError? {
  do {
    _ = try endpoint(json, variables)
    return nil
  } catch let error as LLMError {
    return error
  }
}

/// The verdict on a configuration.
public func validation(_ json: String, _ variables: [String: String] = [:]) throws -> JSON {
  try ConfigurationReader.validate(
    JSON.parse(json), environment: FakeEnvironment(variables), catalog: Catalog.builtIn)
}

extension Secret {
  /// For comparing.
  public var text: String { revealed }
}

/// What a test says of what it found.
public struct Failure: Error {
  /// What was found.
  public let reason: String
  /// With what was found.
  public init(_ reason: String) { self.reason = reason }
}
