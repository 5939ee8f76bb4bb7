import Foundation
import LLMCatalog
import LLMCore
import LLMTestSupport
import Testing

@testable import LLMConfig

/// A server on this machine that stands in for a service.
@Suite struct StandInTests {
  private static let local = #"{"type":"openai","base_url":"http://127.0.0.1:8080/v1""#
  private static let environment = ["OPENAI_API_KEY": "sk-of-the-service"]

  @Test func needsNoKeyAndIsShownNone() throws {
    #expect(try endpoint(Self.local + "}").apiKey == nil)
    #expect(try endpoint(Self.local + "}", Self.environment).apiKey == nil)
    #expect(
      try endpoint(#"{"type":"openai","base_url_env":"HERE"}"#, ["HERE": "http://localhost", "OPENAI_API_KEY": "k"])
        .apiKey == nil)
  }

  @Test func isShownTheKeyThatTheConfigurationNames() throws {
    #expect(try endpoint(Self.local + #","api_key":"mine"}"#, Self.environment).apiKey?.text == "mine")
    #expect(
      try endpoint(Self.local + #","api_key_env":"OPENAI_API_KEY"}"#, Self.environment).apiKey?.text
        == "sk-of-the-service")
  }

  @Test func isMentioned() throws {
    let warnings = try validation(Self.local + "}", Self.environment).elements("warnings")
    #expect(warnings.map { $0.string("code") } == ["key_not_sent"])
    #expect(warnings.first?.string("param") == "/base_url")
    #expect(try validation(Self.local + "}").elements("warnings").isEmpty)
  }

  /// The environment's own address goes with the environment's key, and so do a local type's.
  @Test func othersKeepTheirKey() throws {
    let both = ["OPENAI_BASE_URL": "http://127.0.0.1:1", "OPENAI_API_KEY": "k"]
    #expect(try endpoint(#"{"type":"openai-compatible","api_key_env":"OPENAI_API_KEY"}"#, both).apiKey?.text == "k")
    #expect(
      try endpoint(#"{"type":"openai","base_url":"https://gateway.example.org"}"#, Self.environment).apiKey?.text
        == "sk-of-the-service")
    let message = try #require(try refusal(#"{"type":"openai","base_url":"https://gateway.example.org"}"#)).message
    #expect(message.contains(#""auth":"none""#) && message.contains("openai-compatible"), "\(message)")
  }
}

@Suite struct AddressSafetyTests {
  @Test(arguments: [
    (#"{"type":"cloudflare","api_key":"k","account_id":"7/../../admin"}"#, "/account_id"),
    (#"{"type":"cloudflare","api_key":"k","account_id":".."}"#, "/account_id"),
    (#"{"type":"cloudflare","api_key":"k","account_id":"7?x="}"#, "/account_id"),
    (#"{"type":"cloudflare","api_key":"k","account_id":"%2e%2e"}"#, "/account_id"),
    (#"{"type":"azure","api_key":"k","resource":"evil.example.org/"}"#, ""),
    (#"{"type":"azure","api_key":"k","resource":"evil.example.org/x"}"#, "/resource"),
    (#"{"type":"azure","api_key":"k","resource":"u@evil"}"#, "/resource"),
    (#"{"type":"azure","api_key":"k","resource":"r","deployment":".."}"#, "/deployment"),
    (#"{"type":"azure","api_key":"k","resource":"r","deployment":"a/../b"}"#, "/deployment"),
    (#"{"type":"bedrock","api_key":"k","region":"evil.example.org#"}"#, "/region"),
    (#"{"type":"databricks","api_key":"k","host":"h.net?x"}"#, "/host"),
    (#"{"type":"gemini","api_key":"k","model":"../../admin"}"#, "/model"),
    (#"{"type":"vertex","api_key":"k","project":"..","model":"m"}"#, "/project"),
    (#"{"type":"openrouter","api_key":"k","model":"openai/gpt-4o"}"#, ""),
    (#"{"type":"openrouter","api_key":"k","model":"vendor/model-2.5..x"}"#, ""),
  ])
  func partsChangeNothingElse(json: String, pointer: String) throws {
    #expect(try refusal(json)?.param ?? "" == pointer)
  }

  @Test(arguments: [
    ("..", true), (".", true), ("../x", true), ("a/..", true), (#"a\..\b"#, true), ("a/./b", true), ("", false),
    ("a..b", false), ("...", false), (".a", false), ("models/gemini-2.5", false), ("%2e%2e", false),
  ])
  func dotSegments(name: String, expected: Bool) { #expect(name.hasDotSegments == expected) }

  @Test func vertexNeedsItsProject() throws {
    let error = try #require(try refusal(#"{"type":"vertex","api_key":"k"}"#))
    #expect(error.param == "/project" && error.message.contains("GOOGLE_CLOUD_PROJECT"))
    #expect(try refusal(#"{"type":"vertex","api_key":"k"}"#, ["GOOGLE_CLOUD_PROJECT": "p"]) == nil)
    // "Express mode" has no project.
    #expect(try refusal(#"{"type":"vertex","api_key":"k","auth":{"header":"x-goog-api-key"}}"#) == nil)
  }
}

@Suite struct ProxyTests {
  @Test(arguments: [
    "http://p", "p:3128", "https://u:p@p:1", "socks5h://[::1]:1080/", "SOCKS4://p", "socks4a://p", "socks5://u@p", "",
  ])
  func taken(proxy: String) throws {
    #expect(try refusal(#"{"type":"openai","api_key":"k","proxy":"\#(proxy)"}"#) == nil)
  }

  @Test(arguments: ["ftp://x", "http://", "http://a b", "http://p:999999", "http://p:0", "http://p/path", "http://p?q"])
  func refused(proxy: String) throws {
    let error = try #require(try refusal(#"{"type":"openai","api_key":"k","proxy":"\#(proxy)"}"#))
    #expect(error.param == "/proxy" && error.code == .invalidConfig)
  }

  @Test func thisMachineIsAskedDirectly() throws {
    let environment = ["http_proxy": "http://proxy:1", "https_proxy": "http://proxy:1"]
    for url in ["http://localhost:1", "http://127.0.0.1", "http://[::1]:1", "https://localhost"] {
      let transport = try endpoint(#"{"type":"openai","api_key":"k","base_url":"\#(url)"}"#, environment).transport
      #expect(transport.proxy.isEmpty && transport.secureProxy.isEmpty, "\(url)")
    }
    let other = try endpoint(#"{"type":"openai","api_key":"k"}"#, environment).transport
    #expect(other.secureProxy == "http://proxy:1")
  }

  /// What goes to this machine by way of another has been there.
  @Test func keysDoNotTravelPlainByWayOfAProxy() throws {
    let base =
      #"{"type":"openai","api_key":"k","base_url":"http://localhost:1/v1","proxy":"http://proxy.example.org:1""#
    let error = try #require(try refusal(base + "}"))
    #expect(error.param == "/base_url" && error.message.contains("unencrypted to proxy.example.org"))
    #expect(try refusal(base + #","allow_http":true}"#) == nil)
    #expect(
      try refusal(
        #"{"type":"openai","api_key":"k","base_url":"http://localhost:1/v1","proxy":"http://127.0.0.1:9"}"#) == nil)
    #expect(
      try refusal(
        #"{"type":"openai","api_key":"k","base_url":"https://localhost:1/v1","proxy":"http://proxy:9"}"#) == nil)
  }
}

@Suite struct PathTests {
  private static let mock = #"{"type":"mock","#

  @Test(arguments: [
    (#""tls":{"ca_file":"/nowhere/ca.pem"}"#, "/tls/ca_file", "is not there"),
    (#""tls":{"ca_file":"/etc"}"#, "/tls/ca_file", "is a directory"),
    (#""tls":{"ca_path":"/etc/passwd"}"#, "/tls/ca_path", "is no directory"),
    (#""tls":{"client_cert":"/nowhere"}"#, "/tls/client_cert", "is not there"),
    (#""replay":"/nowhere""#, "/replay", "is not there"),
    (#""replay":{"dir":"/nowhere"}"#, "/replay/dir", "is not there"),
    (#""record":"""#, "/record", "is empty"),
    (#""replay":"""#, "/replay", "is empty"),
    (#""cache":{"type":"disk","path":""}"#, "/cache/path", "is empty"),
    (#""store":{"type":"file","path":""}"#, "/store/path", "is empty"),
    (#""unix_socket":"""#, "/unix_socket", "is empty"),
  ])
  func refused(members: String, pointer: String, reason: String) throws {
    let error = try #require(try refusal(Self.mock + members + "}"))
    #expect(error.param == pointer && error.message.contains(reason), "\(error.message)")
    #expect(try validation(Self.mock + members + "}")["valid"]?.bool == false)
  }

  /// Nothing fails for a place that cannot be written, so it is a warning.
  @Test(arguments: [
    (#""record":"/dev/null/x""#, "/record"), (#""record":"recordings""#, "/record"),
    (#""cache":{"type":"disk","path":"/etc/passwd/x"}"#, "/cache/path"),
    (#""store":{"type":"file","path":"/nowhere/store"}"#, "/store/path"),
    (#""store":{"type":"file","path":"store"}"#, "/store/path"),
  ])
  func warned(members: String, pointer: String) throws {
    let answer = try validation(Self.mock + members + "}")
    #expect(answer["valid"]?.bool == true)
    #expect(answer.elements("warnings").map { $0.string("param") } == [pointer])
  }

  @Test func whatCanBeMadeIsFine() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let members = """
      "record":"\(folder)/a/b","replay":{"dir":"\(folder)/a/b"},"cache":{"type":"disk","path":"\(folder)/c/d"},
      "store":{"type":"file","path":"\(folder)/store"}
      """
    let answer = try validation(Self.mock + members + "}")
    #expect(answer.elements("warnings").isEmpty && answer.elements("errors").isEmpty, "\(answer.text)")
  }
}

@Suite struct HeaderTests {
  @Test(arguments: ["Content-Length", "transfer-encoding", "Host", "Connection", "Upgrade", "Expect", "TE"])
  func theLibrarysOwn(name: String) throws {
    let error = try #require(try refusal(#"{"type":"openai","api_key":"k","headers":{"\#(name)":"1"}}"#))
    #expect(error.param == "/headers/\(name)" && error.message.contains("library's own"))
    let thrown = #expect(throws: LLMError.self) {
      try RequestSettings(JSON.parse(#"{"extra_headers":{"\#(name)":"1"}}"#))
    }
    #expect(thrown?.param == "/llm/extra_headers/\(name)" && thrown?.code == .invalidRequest)
  }

  @Test func mistakesAreNamed() throws {
    let error = try #require(try refusal(#"{"type":"openai","api_key":"k","headers":{"X Team":"1"}}"#))
    #expect(error.message.contains(#""X Team" is no header field's name"#))
  }
}

@Suite struct ResolvedTests {
  @Test(arguments: [
    #"{"type":"openai","api_key":"k","base_url":"https://u:hush@h"}"#,
    #"{"type":"openai","api_key":"k","base_url":"https://h/?key=hush"}"#,
    #"{"type":"openai","api_key":"k","base_url":"u:hush@h"}"#,
    #"{"type":"openai","api_key":"k","proxy":"u:hush@p:1"}"#,
    #"{"type":"openai","api_key":"k","headers":{"X-Team":"hush"}}"#,
    #"{"type":"openai","api_key":"k","apikey":"hush"}"#,
    #"{"type":"openai","api_key":"k","timeout":{"x":"hush"}}"#,
    #"{"type":"openai","api_key":"k","retri":{"x":["hush"]}}"#,
    #"{"type":"openai","api_key":"k","store":{"type":"redis","url":"redis://:hush@h","password":"hush"}}"#,
    #"{"type":"openai","api_key":"k","extra_body":{"token":"hush","u":"https://h/?k=hush"}}"#,
    #"{"type":"bedrock","region":"r","access_key_id":"i","secret_access_key":"hush","session_token":"hush"}"#,
    #"{"type":"router","x":"hush","models":[{"name":"a","provider":{"type":"mock","headers":{"X":"hush"}}}]}"#,
  ])
  func nothingSecretIsShown(json: String) throws {
    let answer =
      json.contains("router")
      ? RouterReading.validate(try JSON.parse(json), environment: FakeEnvironment(), catalog: Catalog.builtIn)
      : try validation(json)
    let resolved = try #require(answer["resolved"])
    #expect(!resolved.text.contains("hush"), "\(resolved.text)")
  }

  @Test func whatIsNotSecretIs() throws {
    let resolved = try #require(
      try validation(#"{"type":"openai","api_key":"k","extra_body":{"a":[1]},"model":"m"}"#)["resolved"])
    #expect(resolved["extra_body"]?.text == #"{"a":[1]}"# && resolved.string("model") == "m")
  }

  @Test func routers() throws {
    let answer = RouterReading.validate(
      try JSON.parse(
        """
        {"type":"router","providers":{"own":{"type":"mock"}},"models":[
          {"name":"a","provider":{"type":"openai","api_key":"k","model":"no-such-model"}},
          {"name":"b","provider":"own"}]}
        """), environment: FakeEnvironment(), catalog: Catalog.builtIn)
    #expect(answer["valid"]?.bool == true)
    #expect(answer.elements("warnings").map { $0.string("param") } == ["/models/0/provider/model"])
    let resolved = try #require(answer["resolved"])
    #expect(resolved.string("strategy") == "fallback" && resolved["cooldown_ms"]?.int == 5000)
    #expect(resolved["models"]?[0]?["provider"]?.string("base_url") == "https://api.openai.com/v1")
    #expect(resolved["models"]?[0]?["provider"]?.string("key_from") == "api_key")
    #expect(resolved["models"]?[1]?.string("provider") == "own")
    #expect(resolved["providers"]?["own"]?.string("type") == "mock")
  }

  @Test func whatOnlyTheProcessKnows() throws {
    let wrong = LLMError(.invalidConfig, "unknown store", param: "/store/type")
    let config = try JSON.parse(#"{"type":"mock"}"#)
    let verdict = ConfigurationReader.verdict(on: config, environment: FakeEnvironment(), catalog: Catalog.builtIn) {
      _ in wrong
    }
    #expect(verdict.error?.param == "/store/type" && verdict.document["valid"]?.bool == false)
    let router = try JSON.parse(#"{"type":"router","models":[{"name":"a","provider":{"type":"mock"}}]}"#)
    let other = RouterReading.verdict(on: router, environment: FakeEnvironment(), catalog: Catalog.builtIn) { _ in wrong
    }
    #expect(other.error?.param == "/models/0/provider/store/type")
  }
}

@Suite struct ForeignSchemaTests {
  @Test(arguments: [
    #"{"properties":{"a":{"type":"zzz"}}}"#, #"{"properties":{"a":{"minimum":"x"}}}"#,
    #"{"properties":{"a":{"minimum":2,"maximum":1}}}"#, #"{"properties":[]}"#, #"{"required":"a"}"#,
    #"{"properties":{"a":{"enum":"x"}}}"#, #"{"properties":{"a":{"items":{"type":5}}}}"#, #"{"type":["string","no"]}"#,
  ])
  func mistakes(schema: String) throws {
    #expect(ForeignSchema.mistake(in: try JSON.parse(schema)) != nil)
    #expect(throws: LLMError.self) {
      try ForeignMetadata(JSON.parse(#"{"config_schema":\#(schema)}"#), type: "own", over: .builtIn)
    }
  }

  @Test func whatCanBeHeldTo() throws {
    let schema = """
      {"type":"object","required":["a"],"properties":{"a":{"type":["string","null"],"enum":["x"]},
       "b":{"type":"array","items":{"type":"integer","minimum":1,"maximum":2.5}},"c":true}}
      """
    #expect(ForeignSchema.mistake(in: try JSON.parse(schema)) == nil)
  }
}
