import LLMCatalog
import LLMCore
import LLMTestSupport
import Testing

@testable import LLMConfig

@Suite struct ConfigurationTests {
  @Test func minimalConfiguration() throws {
    let endpoint = try endpoint(#"{"type":"openai"}"#, ["OPENAI_API_KEY": " sk-1\n"])
    #expect(endpoint.name == "openai")
    #expect(endpoint.baseURL == "https://api.openai.com/v1")
    #expect(endpoint.apiKey?.text == "sk-1")
    #expect(endpoint.fixedDialect == nil)
    #expect(endpoint.call.attempts == 3)
  }

  @Test func proxiesComeFromTheEnvironmentUnlessConfigured() throws {
    let config = #"{"type":"openai","api_key":"k","model":"m"}"#
    func proxies(_ variables: [String: String], _ config: String = config) throws -> [String] {
      let transport = try endpoint(config, variables).transport
      return [transport.proxy, transport.secureProxy, transport.directHosts]
    }
    #expect(try proxies([:]) == ["", "", ""])
    #expect(try proxies(["http_proxy": "a", "https_proxy": "b", "no_proxy": "c"]) == ["a", "b", "c"])
    // HTTP_PROXY is what a CGI program is given of a field of its client's.
    #expect(try proxies(["HTTP_PROXY": "a", "HTTPS_PROXY": "b", "NO_PROXY": "c"]) == ["", "b", "c"])
    #expect(try proxies(["all_proxy": "a", "ALL_PROXY": "b", "https_proxy": "", "no_proxy": ""]) == ["a", "a", ""])
    #expect(try proxies(["ALL_PROXY": "b", "http_proxy": "a"]) == ["a", "b", ""])
    let own = #"{"type":"openai","api_key":"k","model":"m","proxy":"p"}"#
    #expect(try proxies(["http_proxy": "a", "all_proxy": "b", "no_proxy": "c"], own) == ["p", "p", "c"])
  }

  @Test func everythingSaidIsHeard() throws {
    let endpoint = try endpoint(
      #"""
      {"type":"openai","name":"mine","api_key":"sk-2","base_url":"https://example.org/v1///","model":"m",
       "bypass_model":true,"headers":{"X-A":"1"},"extra_body":{"a":1},"api":"responses","auth":{"header":"x-key"},
       "paths":{"chat":"talk","models":"/list"},"quirks":["no_seed","!no_seed","no_user"],"strict":true,
       "organization":"org","timeout":{"connect_ms":1,"first_token_ms":2,"idle_ms":3,"total_ms":4},
       "retry":{"attempts":5,"delay_ms":6,"max_delay_ms":7,"jitter":false,"respect_retry_after":false,
                "after_content":true},
       "tls":{"ca_file":"/etc/passwd","ca_path":"/etc","client_cert":"/etc/group","client_key":"/etc/hosts"},
       "proxy":"","unix_socket":"/s",
       "http_version":"2","limits":{"max_response_bytes":8,"max_event_bytes":9,"max_tool_calls":10}}
      """#)
    #expect(endpoint.name == "mine")
    #expect(endpoint.baseURL == "https://example.org/v1")
    #expect(endpoint.defaultModel == "m" && endpoint.bypassesModel)
    #expect(endpoint.headers.map { $0.name + "=" + $0.value } == ["OpenAI-Organization=org", "X-A=1"])
    #expect(endpoint.extraBody?.text == #"{"a":1}"#)
    #expect(endpoint.fixedDialect == .openAIResponses && endpoint.profile.dialect == .openAIResponses)
    guard case .header("x-key") = endpoint.auth else { throw Failure("auth \(endpoint.auth)") }
    #expect(endpoint.paths.chat == "/talk" && endpoint.paths.models == "/list" && endpoint.paths.embeddings == nil)
    #expect(endpoint.quirks.contains(.noUser) && !endpoint.quirks.contains(.noSeed))
    let call = endpoint.call
    #expect(call.strict && !call.jitter && !call.respectsRetryAfter && call.retriesAfterContent && call.attempts == 5)
    #expect(
      [call.connectTimeout, call.firstTokenTimeout, call.idleTimeout, call.totalTimeout] == [1000, 2000, 3000, 4000])
    #expect([call.retryDelay, call.maxRetryDelay] == [6000, 7000])
    let transport = endpoint.transport
    #expect(transport.caFile == "/etc/passwd" && transport.caPath == "/etc")
    #expect(transport.clientCertificate == "/etc/group" && transport.clientKey == "/etc/hosts")
    #expect(transport.proxy == "" && transport.unixSocket == "/s")
    #expect(transport.httpVersion == "2")
    let limits = endpoint.limits
    #expect([limits.responseBytes, limits.eventBytes, limits.toolCalls] == [8, 9, 10])
    #expect(endpoint.settings["api_key"] == nil)
  }

  @Test(arguments: [
    (#"[]"#, "", "expected object, found array"),
    (#"{}"#, "/type", "\"type\" is missing"),
    (#"{"type":"opnai"}"#, "/type", "did you mean \"openai\"?"),
    (#"{"type":"OpenAI"}"#, "/type", "did you mean \"openai\"?"),
    (#"{"type":"zzzzzzzzzzz"}"#, "/type", "use \"openai-compatible\""),
    (#"{"type":5}"#, "/type", "expected string, found integer at /type"),
    (
      #"{"type":"openai","api_key":"k","tiemout":{}}"#, "/tiemout",
      "unknown key \"tiemout\" at /tiemout; did you mean \"timeout\"?"
    ),
    (
      #"{"type":"openai","api_key":"k","timeout":{"conect_ms":1}}"#, "/timeout/conect_ms",
      "did you mean \"connect_ms\"?"
    ),
    (#"{"type":"openai","api_key":"k","a/b~c":1}"#, "/a~1b~0c", "unknown key \"a/b~c\" at /a~1b~0c"),
    (#"{"type":"openai"}"#, "/api_key", "no key for \"openai\": set OPENAI_API_KEY"),
    (#"{"type":"openai","api_key":"  "}"#, "/api_key", "no key for \"openai\""),
    (#"{"type":"openai","api_key":"a\u0001b"}"#, "/api_key", "control characters within the key"),
    (#"{"type":"openai","api_key_env":"NOPE"}"#, "/api_key_env", "NOPE at /api_key_env is not set"),
    (#"{"type":"openai","api_key":"k","base_url_env":"NOPE"}"#, "/base_url_env", "NOPE at /base_url_env is not set"),
    (#"{"type":"openai","api_key":"k","base_url":"ftp://x"}"#, "/base_url", "https:// or http://"),
    (#"{"type":"openai","api_key":"k","base_url":"https:///v1"}"#, "/base_url", "names no host"),
    (#"{"type":"openai","api_key":"k","base_url":"https://h:99999"}"#, "/base_url", "no valid port"),
    (#"{"type":"openai","api_key":"k","base_url":"https://u:p@h"}"#, "/base_url", "user or password"),
    (#"{"type":"openai","api_key":"k","base_url":"https://h/?a=b"}"#, "/base_url", "query"),
    (#"{"type":"openai","api_key":"k","base_url":"https://h/\r\nX: y"}"#, "/base_url", "control characters"),
    (#"{"type":"openai","api_key":"k","base_url":"http://example.org/v1"}"#, "/base_url", "unencrypted to example.org"),
    (#"{"type":"openai","api_key":"k","base_url":"http://127.0.0.1.example.org"}"#, "/base_url", "unencrypted"),
    (
      #"{"type":"openai-compatible","base_url":"http://h","headers":{"Authorization":"x"}}"#, "/base_url", "unencrypted"
    ),
    (#"{"type":"openai-compatible"}"#, "/base_url", "or set OPENAI_BASE_URL"),
    (#"{"type":"openai","api_key":"k","headers":{"A B":"x"}}"#, "/headers/A B", "letters, digits and hyphens"),
    (#"{"type":"openai","api_key":"k","headers":{"A":"x\r\nB: y"}}"#, "/headers/A", "control characters"),
    (#"{"type":"openai","api_key":"k","headers":{"A":1}}"#, "/headers/A", "expected string, found integer"),
    (#"{"type":"openai","api_key":"k","auth":"bearer2"}"#, "/auth", "did you mean \"bearer\"?"),
    (#"{"type":"openai","api_key":"k","auth":{}}"#, "/auth", "either \"header\" or \"query\""),
    (#"{"type":"openai","api_key":"k","auth":{"header":"a b"}}"#, "/auth", "do not make a header field"),
    (#"{"type":"openai","api_key":"k","paths":{"chat":"/a b"}}"#, "/paths/chat", "blanks"),
    (#"{"type":"openai","api_key":"k","quirks":["no_sed"]}"#, "/quirks/0", "did you mean \"no_seed\"?"),
    (#"{"type":"openai","api_key":"k","region":"x"}"#, "/region", "not for type \"openai\""),
    (#"{"type":"gemini","api_key":"k","api":"chat"}"#, "/api", "not for type \"gemini\""),
    (
      #"{"type":"openai","api_key":"k","timeout":{"idle_ms":-1}}"#, "/timeout/idle_ms",
      "-1 at /timeout/idle_ms is outside 0 to"
    ),
    (
      #"{"type":"openai","api_key":"k","timeout":{"idle_ms":1.5}}"#, "/timeout/idle_ms",
      "expected integer, found number"
    ),
    (#"{"type":"openai","api_key":"k","timeout":{"idle_ms":1e300}}"#, "/timeout/idle_ms", "expected integer"),
    (#"{"type":"openai","api_key":"k","catalog":"/nonexistent/file.json"}"#, "/catalog", "/nonexistent/file.json"),
  ])
  func refusals(json: String, pointer: String, message: String) throws {
    let error = try #require(try refusal(json))
    let isUnknownType = message.contains("did you mean \"openai\"") || message.contains("openai-compatible")
    #expect(
      error.code == (isUnknownType ? .unsupported : message.hasPrefix("no key") ? .authentication : .invalidConfig))
    #expect(error.param == pointer)
    #expect(error.message.contains(message), "\(error.message)")
  }

  @Test(arguments: ["http://localhost:1/v1", "http://127.8.9.10", "http://[::1]:8080/v1", "HTTP://LOCALHOST"])
  func keysTravelPlainToLoopback(url: String) throws {
    #expect(try refusal(#"{"type":"openai","api_key":"k","base_url":"\#(url)"}"#) == nil)
  }

  @Test func keysTravelPlainWhereAllowed() throws {
    let base = #"{"type":"openai","api_key":"k","base_url":"http://example.org""#
    #expect(try refusal(base + "}") != nil)
    #expect(try refusal(base + #","allow_http":true}"#) == nil)
    #expect(try refusal(base + #","unix_socket":"/run/x"}"#) == nil)
    #expect(try refusal(#"{"type":"openai-compatible","base_url":"http://example.org"}"#) == nil)
  }

  @Test func addressFromTheEnvironment() throws {
    let fromVariable = try endpoint(
      #"{"type":"openai-compatible","base_url_env":"HERE"}"#, ["HERE": "http://h/v1/"])
    #expect(fromVariable.baseURL == "http://h/v1")
    let usual = try endpoint(#"{"type":"openai-compatible"}"#, ["OPENAI_BASE_URL": "http://h/v2"])
    #expect(usual.baseURL == "http://h/v2")
    #expect(usual.apiKey == nil)
  }

  @Test func keyFromAVariableOfTheUsers() throws {
    let endpoint = try endpoint(
      #"{"type":"openai","api_key_env":"MINE"}"#, ["MINE": "sk-mine", "OPENAI_API_KEY": "sk-usual"])
    #expect(endpoint.apiKey?.text == "sk-mine")
  }

  @Test func noKeyIsNeededWhereNoneIsShown() throws {
    #expect(try endpoint(#"{"type":"openai","auth":"none"}"#, ["OPENAI_API_KEY": "k"]).apiKey == nil)
    #expect(try refusal(#"{"type":"openai","headers":{"Authorization":"Bearer x"}}"#) == nil)
    #expect(try refusal(#"{"type":"mock"}"#) == nil)
  }

  @Test func nullCountsAsMissing() throws {
    let endpoint = try endpoint(
      #"{"type":"openai","api_key":null,"timeout":null,"model":null}"#, ["OPENAI_API_KEY": "k"])
    #expect(endpoint.apiKey?.text == "k")
  }

  @Test func headersReplaceOnesOfTheSameName() throws {
    let endpoint = try endpoint(
      #"{"type":"openai","api_key":"k","organization":"a","headers":{"openai-organization":"b"}}"#)
    #expect(endpoint.headers.map { $0.value } == ["b"])
  }

  @Test func aDialectOfOnesOwn() throws {
    let endpoint = try endpoint(
      #"{"type":"openai-compatible","base_url":"http://localhost","dialect":"anthropic-messages","api_key":"k"}"#)
    #expect(endpoint.profile.dialect == .anthropicMessages)
    let error = try #require(
      try refusal(#"{"type":"openai-compatible","base_url":"http://localhost","dialect":"antropic-messages"}"#))
    #expect(error.message.contains("did you mean \"anthropic-messages\"?"))
  }

  @Test func everyDialectCanBeNamed() throws {
    let key = try #require(ConfigSchema.key(named: "dialect", in: "", at: .configuration))
    #expect(key.wordList == DialectKind.allCases.map { $0.name.text })
  }
}

@Suite struct ValidationTests {
  @Test func allProblemsAreCollected() throws {
    let answer = try validation(
      #"{"type":"openai","tiemout":1,"model":5,"retry":{"attempts":0},"base_url":"nowhere"}"#)
    #expect(answer["valid"]?.bool == false)
    let errors = try #require(answer["errors"]?.elements)
    #expect(
      errors.map { $0["param"]?.string } == ["/tiemout", "/model", "/retry/attempts", "/api_key", "/base_url"])
    #expect(errors[0]["suggestion"]?.string == "timeout")
    #expect(
      errors.map { $0["code"]?.string } == [
        "invalid_config", "invalid_config", "invalid_config", "authentication", "invalid_config",
      ])
  }

  @Test func whatWouldBeUsed() throws {
    let answer = try validation(
      #"{"type":"openai","api_key":"${K}","headers":{"X-Token":"hush"},"proxy":"http://u:hush@p"}"#, ["K": "sk-hush"])
    #expect(answer["valid"]?.bool == true)
    let resolved = try #require(answer["resolved"])
    #expect(resolved["base_url"]?.string == "https://api.openai.com/v1")
    #expect(resolved["timeout"]?["connect_ms"]?.int == 10_000)
    #expect(resolved["key_from"]?.string == "api_key")
    #expect(!answer.text.contains("hush"))
  }

  @Test func theKeyAppearsInNoMessage() throws {
    let answer = try validation(#"{"type":"openai","api_key":"sk-hush\u0002","auth":"sk"}"#)
    #expect(answer["valid"]?.bool == false)
    #expect(!answer.text.contains("hush"))
  }
}
