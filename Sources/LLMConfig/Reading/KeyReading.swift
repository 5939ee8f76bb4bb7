import LLMCore

extension ConfigurationReading {
  mutating func auth(of config: JSON, profile: ProviderProfile) -> AuthScheme {
    guard let auth = config["auth"] else { return showsToken(config, profile: profile) ? .bearer : profile.auth }
    if let word = auth.string { return word == "none" ? .none : .bearer }
    switch (auth.string("header"), auth.string("query")) {
    case (let header?, nil):
      let prefix = auth.string("prefix") ?? ""
      if !header.isHeaderName || prefix.hasControlCharacters {
        problems.report(at: "auth", "\"header\" and \"prefix\" at /auth do not make a header field")
      }
      return prefix.isEmpty ? .header(header) : .prefixedHeader(header, prefix: prefix)
    case (nil, let query?): return .query(query)
    default:
      problems.report(at: "auth", "the object at /auth must hold either \"header\" or \"query\"")
      return profile.auth
    }
  }

  /// Whether the key is none of the service's own but a bearer token, out of a variable.
  private func showsToken(_ config: JSON, profile: ProviderProfile) -> Bool {
    !config.has("api_key") && !config.has("api_key_env") && firstVariable(profile.keyVariables) == nil
      && firstVariable(profile.tokenVariables) != nil
  }

  mutating func headers(of config: JSON, profile: ProviderProfile) -> [HTTPHeader] {
    var headers = profile.headers
    if let organization = config.string("organization") {
      if organization.hasControlCharacters {
        problems.report(at: "organization", "control characters at /organization")
      }
      headers.append(HTTPHeader("OpenAI-Organization", organization))
    }
    for header in HeaderReading.headers(in: config, key: "headers", problems: &problems) {
      headers.removeAll { $0.name.equalsIgnoringCase(header.name) }
      headers.append(header)
    }
    return headers
  }

  mutating func apiKey(
    of config: JSON, profile: ProviderProfile, auth: AuthScheme, isSigned: Bool, isStandIn: Bool
  ) -> Secret? {
    if case .none = auth { return nil }
    if let bytes = config["api_key"]?.stringBytes, let key = secret(bytes, at: "api_key") {
      keySource = "api_key"
      return key
    }
    if let variable = config.string("api_key_env") {
      if let key = secret(variable: variable, at: "api_key_env") { return key }
      if config["replay"] != nil { return nil }
      problems.report(at: "api_key_env", "the environment variable \(variable) at /api_key_env is not set")
      return nil
    }
    if isStandIn {
      unsentVariable = firstVariable(profile.keyVariables)?.name
      return nil
    }
    for variable in profile.keyVariables + profile.tokenVariables {
      if let key = secret(variable: variable, at: "api_key") { return key }
    }
    if isSigned || profile.quirks.contains(.keyOptional) || config.has("api_key") && config.string("api_key") == nil
      || config["replay"] != nil
    {
      return nil
    }
    reportMissingKey(
      of: profile, hasOwnAddress: config["base_url"] != nil || config["base_url_env"] != nil,
      notice: notice(about: config))
    return nil
  }

  /// Whether a server on this machine stands in for the service, because the configuration says so: it needs no key, and
  /// is not shown the one that the environment holds for the service.
  func isStandIn(_ baseURL: String, config: JSON, profile: ProviderProfile) -> Bool {
    guard config["base_url"] != nil || config["base_url_env"] != nil, profile.foreign == nil,
      !profile.quirks.contains(.isLocal)
    else { return false }
    return isLoopback(baseURL)
  }

  mutating func reportMissingKey(of profile: ProviderProfile, hasOwnAddress: Bool, notice: String?) {
    var advice = profile.keyVariables.isEmpty ? "" : formatted("set \(alternatives(profile.keyVariables)), or ")
    if case .sigV4 = profile.auth { advice += "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or " }
    advice += "give \"api_key\" or \"api_key_env\""
    if hasOwnAddress {
      advice += "; for a server without keys give \"auth\":\"none\", or the type \"\(ProviderProfile.customType)\""
    }
    if let notice { advice += formatted(" (\(notice))") }
    problems.report(at: "api_key", "no key for \"\(profile.name)\": \(advice)", code: .authentication)
  }

  mutating func secret(variable: String, at key: String) -> Secret? {
    guard var text = environment.value(of: variable) else { return nil }
    guard let secret = text.withUTF8({ secret(UnsafeRawBufferPointer($0), at: key) }) else { return nil }
    keySource = variable
    return secret
  }

  /// A key without blanks around it; nil where nothing is left.
  mutating func secret(_ bytes: UnsafeRawBufferPointer, at key: String) -> Secret? {
    let secret = Secret(trimming: bytes)
    guard !secret.isEmpty else { return nil }
    if secret.bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
      problems.report(at: key, "control characters within the key at /\(key)")
    }
    return secret
  }

  mutating func awsCredentials(of config: JSON, profile: ProviderProfile) -> AWSCredentials? {
    guard case .sigV4 = profile.auth else { return nil }
    guard let id = awsText("access_key_id", of: config), let key = awsText("secret_access_key", of: config) else {
      return nil
    }
    // A session's token belongs to the credentials it came with.
    let token = config["access_key_id"] == nil ? awsText("session_token", of: config) : config.string("session_token")
    return AWSCredentials(accessKeyID: id, secretAccessKey: Secret(key), sessionToken: token.map { Secret($0) })
  }

  func awsText(_ name: String, of config: JSON) -> String? {
    if let text = config[named: name]?.string { return text.trimmed }
    return ConfigSchema.key(named: name, in: "", at: .configuration).flatMap { variable(of: $0) }?.trimmed
  }
}
