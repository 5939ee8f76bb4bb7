import LLMCore

/// How a key is shown to a service.
public enum AuthScheme: Sendable {
  /// `Authorization: Bearer KEY`
  case bearer
  /// A header field of the service's own.
  case header(String)
  /// A header field with a word before the key, such as `Authorization: Api-Key KEY`.
  case prefixedHeader(String, prefix: String)
  /// A query parameter.
  case query(String)
  /// AWS Signature Version 4, or a bearer token where there is one.
  case sigV4(service: String)
  /// No key.
  case none
}

/// What AWS requests are signed with.
public struct AWSCredentials: Sendable {
  /// Names the key; no secret.
  public var accessKeyID: String
  /// The key.
  public var secretAccessKey: Secret
  /// Of temporary credentials.
  public var sessionToken: Secret?

  /// Puts them together.
  public init(accessKeyID: String, secretAccessKey: Secret, sessionToken: Secret? = nil) {
    self.accessKeyID = accessKeyID
    self.secretAccessKey = secretAccessKey
    self.sessionToken = sessionToken
  }
}
