import LLMCore

/// Makes endpoints of configurations.
public enum ConfigurationReader {
  /// The endpoint that a configuration describes; fails with the first of its problems.
  public static func endpoint(
    from json: JSON, environment: any Environment, catalog: any ProviderSource
  ) throws(LLMError) -> Endpoint {
    var reading = ConfigurationReading(environment: environment, catalog: catalog)
    let endpoint = reading.endpoint(from: json)
    if let problem = reading.problems.all.first {
      throw endpoint.map { $0.blotter.blot(problem.error) } ?? problem.error
    }
    guard let endpoint else { throw LLMError(.invalidConfig, "the configuration names no provider", param: "/type") }
    logUselessPlaces(of: endpoint)
    return endpoint
  }

  /// There is no other place for a warning where a provider is made.
  static func logUselessPlaces(of endpoint: Endpoint) {
    guard Log.takes(.warning) else { return }
    for place in UselessPlace.all(in: endpoint.settings) {
      Log.write(.warning) { "\(endpoint.name): \(place.message) (\(place.pointer))" }
    }
  }

  /// The verdict on a configuration. `check` finds what only the process knows to be wrong, such as a store of an unknown
  /// type; it is what making a provider asks as well.
  public static func verdict(
    on json: JSON, environment: any Environment, catalog: any ProviderSource,
    check: (Endpoint) -> LLMError? = { _ in nil }
  ) -> ConfigVerdict {
    var reading = ConfigurationReading(environment: environment, catalog: catalog)
    let endpoint = reading.endpoint(from: json)
    if let endpoint, let error = check(endpoint) { reading.problems.add(error) }
    if let endpoint { reading.problems.blot(endpoint.blotter) }
    return ConfigVerdict(
      reading.problems, warnings: endpoint.map { warnings(about: $0, unsent: reading.unsentVariable) } ?? [],
      resolved: endpoint.map { resolved($0, keySource: reading.keySource) })
  }

  /// The answer of `llm_config_validate`.
  public static func validate(_ json: JSON, environment: any Environment, catalog: any ProviderSource) -> JSON {
    verdict(on: json, environment: environment, catalog: catalog).document
  }
}

/// What a request's `llm` object says, checked once, to be laid over the settings of any target.
public final class RequestSettings: @unchecked Sendable {
  /// Other models or targets to go on to, in place of those configured; nil where the request names none.
  public let fallbacks: [String]?
  /// Header fields of the request's own.
  public let headers: [HTTPHeader]
  private let document: JSON
  private let requestID: String?

  /// Checks what a request says; fails with the first of its problems.
  public convenience init(_ llm: JSON) throws(LLMError) {
    var problems = ConfigProblems(.invalidRequest, root: "/llm")
    ConfigChecker(place: .request).check(llm, into: &problems)
    let headers = HeaderReading.headers(in: llm, key: "extra_headers", problems: &problems)
    let requestID = RequestSettings.requestID(in: llm, problems: &problems)
    if let problem = problems.all.first { throw problem.error }
    self.init(llm, headers, requestID)
  }

  private init(_ llm: JSON, _ headers: [HTTPHeader], _ requestID: String?) {
    document = llm
    self.headers = headers
    self.requestID = requestID
    fallbacks = llm["fallbacks"].map { list in list.elements.compactMap { $0.string } }
  }

  /// Other settings with these over them; the header fields are left out for whom they are not meant.
  public func over(_ base: CallSettings, withHeaders: Bool = true) -> CallSettings {
    let settings = CallSettings(copying: base)
    settings.apply(document)
    for header in withHeaders ? headers : [] {
      settings.extraHeaders.removeAll { $0.name.equalsIgnoringCase(header.name) }
      settings.extraHeaders.append(header)
    }
    settings.raw = document.bool("raw") ?? settings.raw
    settings.requestID = requestID ?? settings.requestID
    settings.priority = document.int("priority").map { Int($0) } ?? settings.priority
    return settings
  }

  /// The caller's id travels in a header field and stands in log lines.
  private static func requestID(in llm: JSON, problems: inout ConfigProblems) -> String? {
    guard let member = llm["metadata", "request_id"] else { return nil }
    problems.enter("metadata")
    defer { problems.leave() }
    guard let id = member.string else {
      problems.report(at: "request_id", "expected string, found \(member.kind.name.text) at /llm/metadata/request_id")
      return nil
    }
    if id.hasControlCharacters {
      problems.report(at: "request_id", "control characters at /llm/metadata/request_id")
    }
    return id
  }
}

extension CallSettings {
  /// Lays over what configuration and request say in the same words; the document was checked.
  func apply(_ document: JSON) {
    if let timeout = document["timeout"] {
      timeout.readMilliseconds("connect_ms", into: &connectTimeout)
      timeout.readMilliseconds("first_token_ms", into: &firstTokenTimeout)
      timeout.readMilliseconds("idle_ms", into: &idleTimeout)
      timeout.readMilliseconds("total_ms", into: &totalTimeout)
    }
    if let retry = document["retry"] {
      attempts = retry.int("attempts").map { Int($0) } ?? attempts
      retry.readMilliseconds("delay_ms", into: &retryDelay)
      retry.readMilliseconds("max_delay_ms", into: &maxRetryDelay)
      jitter = retry.bool("jitter") ?? jitter
      respectsRetryAfter = retry.bool("respect_retry_after") ?? respectsRetryAfter
      retryBudget = retry.int("budget").map { Int($0) } ?? retryBudget
      retriesAfterContent = retry.bool("after_content") ?? retriesAfterContent
    }
    strict = document.bool("strict") ?? strict
    estimatesUsage = document.bool("estimate_usage") ?? estimatesUsage
    extraBody = document["extra_body"] ?? extraBody
    cache = document["cache"] ?? cache
  }
}

extension JSON {
  fileprivate func readMilliseconds(_ key: String, into time: inout Microseconds) {
    if let milliseconds = self[named: key]?.int { time = .milliseconds(milliseconds) }
  }
}
