import LLMCore

// How a service is reached.

extension ConfigurationReading {
  mutating func checkTransport(of config: JSON, baseURL: String, hasSecret: Bool) {
    guard !baseURL.isEmpty else { return }
    do throws(ServiceAddress.Problem) {
      let address = try ServiceAddress(baseURL)
      let mayBePlain = address.isLoopback || config["unix_socket"] != nil || config.bool("allow_http") == true
      if !address.isEncrypted, hasSecret, !mayBePlain {
        problems.report(
          at: "base_url",
          "a key would travel unencrypted to \(address.host); use https, or set \"allow_http\" if the way is safe")
      }
    } catch {
      problems.report(at: "base_url", "the address \(error.reason.text); write it as https://host/path")
    }
  }

  func transport(of config: JSON) -> TransportOptions {
    let tls = config["tls"]
    let proxy = config.string("proxy")
    return TransportOptions(
      caFile: tls?.string("ca_file"), caPath: tls?.string("ca_path"),
      clientCertificate: tls?.string("client_cert"), clientKey: tls?.string("client_key"),
      proxy: proxy ?? variable("http_proxy all_proxy ALL_PROXY"),
      secureProxy: proxy ?? variable("https_proxy HTTPS_PROXY all_proxy ALL_PROXY"),
      directHosts: variable("no_proxy NO_PROXY"), unixSocket: config.string("unix_socket"),
      httpVersion: config.string("http_version") ?? "auto")
  }

  /// The value of the first of the variables that has one. (As curl reads them: HTTP_PROXY is what a CGI program is given
  /// of a client's header field.)
  @inline(never)
  func variable(_ names: String) -> String {
    firstVariable(names.pieces(separatedBy: UInt8(ascii: " ")))?.value ?? ""
  }

  func limits(of config: JSON) -> PeerLimits {
    var limits = PeerLimits()
    guard let given = config["limits"] else { return limits }
    limits.responseBytes = given.int("max_response_bytes").map { Int($0) } ?? limits.responseBytes
    limits.eventBytes = given.int("max_event_bytes").map { Int($0) } ?? limits.eventBytes
    limits.toolCalls = given.int("max_tool_calls").map { Int($0) } ?? limits.toolCalls
    return limits
  }
}
