import LLMCore

// How a service is reached.

extension ConfigurationReading {
  mutating func checkTransport(of config: JSON, baseURL: String, hasSecret: Bool) {
    let proxy = proxy(of: config)
    guard !baseURL.isEmpty else { return }
    do throws(ServiceAddress.Problem) {
      let address = try ServiceAddress(baseURL)
      guard !address.isEncrypted, hasSecret, config["unix_socket"] == nil, config.bool("allow_http") != true else {
        return
      }
      // What goes to this machine by way of a proxy on another has been there.
      if let plain = !address.isLoopback ? address : proxy?.isLoopback == false ? proxy : nil {
        problems.report(
          at: "base_url",
          "a key would travel unencrypted to \(plain.host); use https, or set \"allow_http\" if the way is safe")
      }
    } catch {
      problems.report(at: "base_url", "the address \(error.reason.text); write it as https://host/path")
    }
  }

  /// The proxy that the configuration names.
  private mutating func proxy(of config: JSON) -> ServiceAddress? {
    guard let text = config.string("proxy"), !text.isEmpty else { return nil }
    do throws(ServiceAddress.Problem) {
      return try ServiceAddress(ofProxy: text)
    } catch {
      problems.report(
        at: "proxy",
        "the proxy \(error.reason.text); write it as http://host:port, or with https, socks4, socks4a, socks5 or socks5h"
      )
      return nil
    }
  }

  /// The proxies of the environment are for other machines: what runs on this one is asked directly.
  func transport(of config: JSON, baseURL: String) -> TransportOptions {
    let tls = config["tls"]
    let proxy = config.string("proxy") ?? (isLoopback(baseURL) ? "" : nil)
    return TransportOptions(
      caFile: tls?.string("ca_file"), caPath: tls?.string("ca_path"),
      clientCertificate: tls?.string("client_cert"), clientKey: tls?.string("client_key"),
      proxy: proxy ?? variable("http_proxy all_proxy ALL_PROXY"),
      secureProxy: proxy ?? variable("https_proxy HTTPS_PROXY all_proxy ALL_PROXY"),
      directHosts: variable("no_proxy NO_PROXY"), unixSocket: config.string("unix_socket"),
      httpVersion: config.string("http_version") ?? "auto")
  }

  /// Whether an address stays on this machine.
  func isLoopback(_ address: String) -> Bool {
    do throws(ServiceAddress.Problem) {
      return try ServiceAddress(address).isLoopback
    } catch {
      return false
    }
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
