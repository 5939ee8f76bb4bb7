import LLMCatalog
import LLMCore
import Testing

@testable import LLMConfig

/// Each row of the table: right types accepted, wrong ones refused, bounds and words kept, default in its own bounds.
@Suite struct SchemaTests {
  private static let samples: [(flag: JSONTypes, json: String)] = [
    (.string, #""text""#), (.integer, "2"), (.number, "1.5"), (.boolean, "true"), (.object, "{}"), (.array, "[]"),
  ]

  /// A document with the value at the row's path.
  private func document(_ key: ConfigKey, _ value: String) throws -> JSON {
    let parts = key.path.text.split(separator: ".")
    var text = value
    for (depth, part) in parts.enumerated().reversed() {
      if depth == 0, parts.count > 1, isList(String(part)) { text = "[\(text)]" }
      text = #"{"\#(part)":\#(text)}"#
    }
    return try JSON.parse(text)
  }

  /// Whether the object that holds rows is an element of a list.
  private func isList(_ path: String) -> Bool {
    ConfigSchema.keys.contains { $0.path.text == path && $0.types == .array && $0.elements == .object }
  }

  private func problems(_ key: ConfigKey, _ value: String, at place: ConfigPlaces? = nil) throws -> [ConfigProblem] {
    var problems = ConfigProblems(.invalidConfig)
    let place = place ?? (key.places.contains(.configuration) ? .configuration : .request)
    ConfigChecker(place: place).check(try document(key, value), into: &problems)
    return problems.all
  }

  private func pointer(_ key: ConfigKey) -> String {
    let parts = key.path.text.split(separator: ".").map { String($0) }
    return "/" + parts.joined(separator: parts.count > 1 && isList(parts[0]) ? "/0/" : "/")
  }

  @Test(arguments: ConfigSchema.keys) func types(key: ConfigKey) throws {
    for (flag, json) in Self.samples {
      let found = try problems(key, json)
      let takesInteger = flag == .integer && key.types.contains(.number)
      if key.types.contains(flag) || takesInteger {
        // A word that is none of the row's, or a number outside its bounds, is another matter.
        #expect(found.allSatisfy { !$0.message.contains("expected") }, "\(key.path) \(json)")
      } else {
        #expect(found.map { $0.pointer } == [pointer(key)])
        #expect(found.first?.message.hasPrefix("expected ") == true)
      }
    }
    #expect(try problems(key, "null").isEmpty)
  }

  @Test(arguments: ConfigSchema.keys.filter { $0.bounds != nil }) func bounds(key: ConfigKey) throws {
    let bounds = try #require(key.bounds)
    let (minimum, maximum) = (bounds.minimum, bounds.maximum)
    #expect(minimum < maximum)
    #expect(try problems(key, "\(minimum)").isEmpty)
    #expect(try problems(key, "\(maximum)").isEmpty)
    #expect(try problems(key, "\(minimum - 1)").map { $0.pointer } == [pointer(key)])
    #expect(try problems(key, "\(maximum + 1)").map { $0.pointer } == [pointer(key)])
  }

  @Test(arguments: ConfigSchema.keys.filter { !$0.wordList.isEmpty }) func words(key: ConfigKey) throws {
    for word in key.wordList { #expect(try problems(key, "\"\(word)\"").isEmpty) }
    let found = try problems(key, "\"\(key.wordList[0])x\"")
    #expect(found.map { $0.suggestion } == [key.wordList[0]])
  }

  @Test(arguments: ConfigSchema.keys.filter { $0.elements != .any }) func elements(key: ConfigKey) throws {
    let name = try #require(key.elements.names.first)
    let element = try #require(Self.samples.first { key.elements.contains($0.flag) }).json
    let (good, bad) =
      key.types.contains(.array) ? ("[\(element)]", "[1]") : (#"{"A":\#(element)}"#, #"{"A":1}"#)
    #expect(try problems(key, good).isEmpty)
    #expect(try problems(key, bad).map { $0.message.hasPrefix("expected \(name), found integer") } == [true])
  }

  @Test(arguments: ConfigSchema.keys) func defaults(key: ConfigKey) throws {
    guard key.options.text.contains("default=") else { return }
    let value = try #require(key.defaultValue)
    #expect(try problems(key, value.text).isEmpty)
  }

  @Test(arguments: ConfigSchema.keys) func rowsAreWellMade(key: ConfigKey) throws {
    // A path may mean one thing in a configuration and another in a request.
    let rows = ConfigSchema.keys.filter { $0.path.text == key.path.text }
    #expect(rows.filter { !$0.places.isDisjoint(with: key.places) }.count == 1)
    #expect(key.summary.text.hasSuffix("."))
    let outer = key.path.text.split(separator: ".").dropLast().joined(separator: ".")
    #expect(
      outer.isEmpty || ConfigSchema.keys.contains { $0.path.text == outer && $0.types.contains(.object) }
        || isList(outer))
    for place in [ConfigPlaces.configuration, .request] where !rows.contains(where: { $0.places.contains(place) }) {
      #expect(try problems(key, "null", at: place).isEmpty == false)
    }
  }

  /// A word that is spelled wrong would be passed over without a sound.
  @Test(arguments: ConfigSchema.keys) func optionsAreKnown(key: ConfigKey) throws {
    var words = key.options.text.split(separator: " ").map { String($0) }
    #expect(words.removeFirst() == key.types.names.joined(separator: "|"))
    for word in words {
      let parts = word.split(separator: "=", maxSplits: 1).map { String($0) }
      switch parts[0] {
      case "of": #expect(parts[1] == key.elements.names.joined(separator: "|"))
      case "bounds": #expect(key.bounds != nil, "\(key.path)")
      case "in": #expect(["both", "request"].contains(parts[1]))
      case "for":
        let named = parts[1].split(separator: ",").map { String($0) }
        #expect(named.allSatisfy { word in ConfigScope.words.contains { $0.text == word } })
      case "default", "words", "env", "secret": break
      default: Issue.record("\(key.path): \(word)")
      }
    }
  }

  @Test func defaultsOfTheTableAreTheCodes() throws {
    func value(_ path: String) -> JSON? { ConfigSchema.keys.first { $0.path.text == path }?.defaultValue }
    func time(_ path: String) -> Microseconds? { (value(path)?.int).map { .milliseconds($0) } }
    let call = CallSettings()
    #expect(time("timeout.connect_ms") == call.connectTimeout)
    #expect(time("timeout.first_token_ms") == call.firstTokenTimeout)
    #expect(time("timeout.idle_ms") == call.idleTimeout)
    #expect(time("timeout.total_ms") == call.totalTimeout)
    #expect(value("retry.attempts")?.int == Int64(call.attempts))
    #expect(time("retry.delay_ms") == call.retryDelay)
    #expect(time("retry.max_delay_ms") == call.maxRetryDelay)
    #expect(value("retry.budget")?.int == Int64(call.retryBudget))
    #expect(value("retry.jitter")?.bool == call.jitter)
    #expect(value("retry.respect_retry_after")?.bool == call.respectsRetryAfter)
    #expect(value("retry.after_content")?.bool == call.retriesAfterContent)
    #expect(value("strict")?.bool == call.strict)
    #expect(value("raw")?.bool == call.raw)
    let limits = PeerLimits()
    #expect(value("limits.max_response_bytes")?.int == Int64(limits.responseBytes))
    #expect(value("limits.max_event_bytes")?.int == Int64(limits.eventBytes))
    #expect(value("limits.max_tool_calls")?.int == Int64(limits.toolCalls))
    #expect(value("http_version")?.string == TransportOptions().httpVersion)
  }

  @Test func jsonSchemaFollowsTheTable() throws {
    let openai = try #require(Catalog.builtIn.provider("openai"))
    let schema = ConfigSchema.jsonSchema(for: openai)
    #expect(schema["additionalProperties"]?.bool == false)
    let properties = try #require(schema["properties"])
    #expect(properties["type"]?["const"]?.string == "openai")
    #expect(properties["region"] == nil)
    #expect(properties["api_key"]?["writeOnly"]?.bool == true)
    #expect(properties["headers"]?["additionalProperties"]?["type"]?.string == "string")
    #expect(properties["auth"]?["anyOf"]?.count == 2)
    let connect = try #require(properties["timeout"]?["properties"]?["connect_ms"])
    #expect(connect["type"]?.string == "integer" && connect["default"]?.int == 10_000)
    #expect(connect["minimum"]?.int == 0 && connect["maximum"]?.int == 2_147_483_647)
  }
}

@Suite struct RequestSettingsTests {
  private func applied(_ llm: String, to base: CallSettings = CallSettings()) throws -> CallSettings {
    try RequestSettings(JSON.parse(llm)).over(base)
  }

  @Test func everythingSaidIsHeard() throws {
    let base = CallSettings()
    base.extraHeaders = [HTTPHeader("X-A", "0"), HTTPHeader("X-B", "0")]
    let settings = try applied(
      #"""
      {"timeout":{"total_ms":9},"retry":{"attempts":1},"strict":true,"raw":true,"extra_body":{"a":1},
       "extra_headers":{"x-a":"1"},"metadata":{"request_id":"r-1","mine":2},"cache":{},"fallbacks":["other"]}
      """#, to: base)
    #expect(settings.totalTimeout == 9000 && settings.connectTimeout == base.connectTimeout)
    #expect(settings.attempts == 1 && settings.strict && settings.raw)
    #expect(settings.extraBody?.text == #"{"a":1}"#)
    #expect(settings.extraHeaders.map { $0.name + $0.value } == ["X-B0", "x-a1"])
    #expect(settings.requestID == "r-1")
  }

  @Test(arguments: [
    (#"{"tiemout":{}}"#, "/llm/tiemout", "unknown key \"tiemout\" at /llm/tiemout; did you mean \"timeout\"?"),
    (#"{"timeout":{"idle":1}}"#, "/llm/timeout/idle", "unknown key \"idle\""),
    (#"{"strict":1}"#, "/llm/strict", "expected boolean, found integer at /llm/strict"),
    (#"{"api_key":"k"}"#, "/llm/api_key", "unknown key \"api_key\""),
    (#"{"extra_headers":{"A":"\n"}}"#, "/llm/extra_headers/A", "control characters"),
    (#"{"metadata":{"request_id":"a\nb"}}"#, "/llm/metadata/request_id", "control characters"),
    (#"{"metadata":{"request_id":5}}"#, "/llm/metadata/request_id", "expected string, found integer"),
    (#""x""#, "/llm", "expected object, found string at /llm"),
  ])
  func refusals(llm: String, pointer: String, message: String) throws {
    let error = #expect(throws: LLMError.self) { _ = try applied(llm) }
    #expect(error?.code == .invalidRequest)
    #expect(error?.param == pointer)
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }
}
