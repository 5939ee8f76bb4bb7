extension String {
  /// Whether a header field's name can be made of it (RFC 9110's token).
  package var isHeaderName: Bool {
    guard !isEmpty else { return false }
    let marks = Array("!#$%&'*+-.^_`|~".utf8)
    return utf8.allSatisfy { $0.isASCIIAlphanumeric || marks.contains($0) }
  }

  /// Whether there are characters in it that would end a header field's line, or worse.
  package var hasControlCharacters: Bool { utf8.contains { $0 < 0x20 || $0 == 0x7F } }

  /// Whether a header field or member of that name is likely to hold a secret.
  package var namesSecret: Bool {
    for word in ["auth", "key", "token", "secret", "password", "cookie", "credential"] {
      if containsText(word, ignoringCase: true) { return true }
    }
    return false
  }
}

/// Whether a header field or member of that name is likely to hold a secret.
public func namesSecret(_ name: String) -> Bool { name.namesSecret }

extension String {
  /// Whether the header field is made by who sends the request: another value would belie how it is sent.
  package var namesManagedHeader: Bool {
    for name: StaticText in [
      "content-length", "transfer-encoding", "host", "connection", "keep-alive", "proxy-connection", "te", "trailer",
      "upgrade", "expect", "http2-settings",
    ] where equalsIgnoringCase(name.text) { return true }
    return false
  }
}

/// Whether a header field can be made of both.
public func isHeader(_ name: String, _ value: String) -> Bool { name.isHeaderName && !value.hasControlCharacters }
