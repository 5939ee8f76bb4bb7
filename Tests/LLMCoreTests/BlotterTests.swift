import LLMCore
import Testing

struct BlotterTests {
  private static let key = "sk-very/secret+4711"

  private func blotter(
    keys: [String] = [], fields: [(String, String)] = [], addresses: [String] = [], settings: String = "{}"
  ) throws -> Blotter {
    Blotter(
      keys: keys.map { Secret($0) }, fields: fields.map { HTTPHeader($0.0, prefix: "", secret: Secret($0.1)) },
      addresses: addresses, settings: try JSON.parse(settings))
  }

  @Test func keysInAllTheirForms() throws {
    let blotter = try blotter(keys: [Self.key, #"quo"ted\key"#])
    #expect(blotter.blot("bad key \(Self.key)!") == "bad key [redacted]!")
    #expect(blotter.blot("?key=sk-very%2Fsecret%2B4711&x") == "?key=[redacted]&x")
    #expect(blotter.blot(#"quo"ted\key and "quo\"ted\\key""#) == #"[redacted] and "[redacted]""#)
    #expect(blotter.blot("twice \(Self.key)\(Self.key)") == "twice [redacted][redacted]")
    #expect(blotter.blot("nothing") == "nothing" && blotter.blot("") == "")
  }

  /// Services quote the key, not what stands before it.
  @Test func wordsOfHeaderFields() throws {
    let blotter = try blotter(fields: [
      ("Authorization", "Bearer sk-4711-4711"), ("Cookie", "session=abcd-1234; theme=dark"),
      ("Proxy-Authorization", "Basic dXNlcjpodW50ZXIy"),
    ])
    #expect(
      blotter.blot("Incorrect API key: sk-4711-4711. A Bearer is wanted")
        == "Incorrect API key: [redacted]. A Bearer is wanted")
    #expect(blotter.blot("abcd-1234 is over") == "[redacted] is over")
    #expect(
      blotter.blot("no dXNlcjpodW50ZXIy, no user:hunter2, no hunter2") == "no [redacted], no [redacted], no [redacted]")
  }

  @Test(arguments: [
    "http://user:p%40ss@proxy:3128", "ftp://user:p%40ss@proxy", "user:p%40ss@proxy", "http://user:p%40ss@pro xy:99999",
  ])
  func passwordsOfAddresses(_ address: String) throws {
    let blotter = try blotter(addresses: [address])
    for quotation in ["Unsupported proxy '\(address)'", "no p@ss", "no p%40ss", "Basic dXNlcjpwQHNz"] {
      let clean = blotter.blot(quotation)
      #expect(clean.contains("[redacted]") && !clean.contains("p%40ss") && !clean.contains("p@ss"), "\(clean)")
    }
    #expect(blotter.blot("the proxy of a user") == "the proxy of a user")
  }

  /// Short ones are looked for as words, and the shortest only where an address frames them.
  @Test func shortOnes() throws {
    let blotter = try blotter(
      keys: ["ollama", "key-1", "x"], addresses: ["http://u:pw@host"],
      settings: #"{"store":{"url":"redis://:hunt@db:6379","password":"tiger"},"api_key_env":"SOME_KEY","auth":"none"}"#)
    #expect(blotter.blot("ollama says: key-1, not key-12, x") == "ollama says: [redacted], not key-12, x")
    #expect(blotter.blot("http://u:pw@host, pw") == "http://[redacted]host, pw")
    #expect(blotter.blot("hunt tiger hunting; SOME_KEY, none") == "[redacted] [redacted] hunting; SOME_KEY, none")
  }

  @Test func documents() throws {
    let blotter = try blotter(keys: [Self.key])
    let document = try JSON.parse(#"{"a":[{"sk-very/secret+4711":1}],"b":"x sk-very\/secret\u002b4711"}"#)
    #expect(blotter.blot(document).text == #"{"a":[{"[redacted]":1}],"b":"x [redacted]"}"#)
    var error = LLMError(.serverError, text: "of \(Self.key)", providerError: document)
    error.requestID = "id-\(Self.key)"
    #expect(!blotter.blot(error).document.text.contains("4711"))
    let head = HTTPHead(status: 200, fields: [("x-request-id", Self.key), ("Date", "today")])
    blotter.blot(head)
    #expect(head["x-request-id"] == "[redacted]" && head["Date"] == "today")
  }

  /// An excerpt that ends within a key shows its beginning.
  @Test func quotationsThatWereCutOff() throws {
    let blotter = try blotter(keys: [Self.key])
    #expect(blotter.blot("it said: sk-very/sec…") == "it said: [redacted]…")
    #expect(blotter.blot("it said: sk-ver…") == "it said: sk-ver…")
  }

  @Test func moreAreAdded() throws {
    let first = try blotter(keys: [Self.key])
    let header = HTTPHeader("X-Token", prefix: "", secret: Secret("token-0815"))
    let both = first.adding([header])
    #expect(both.blot("\(Self.key) token-0815") == "[redacted] [redacted]")
    #expect(both.adding([header]) === both && first.adding([HTTPHeader("X-Team", "team-0815")]) === first)
    var request = HTTPRequest(url: "", headers: [header])
    request.secretQuery = ("key", Secret("query-0815"))
    #expect(first.adding(request).blot("token-0815 query-0815") == "[redacted] [redacted]")
    #expect(Blotter.joining([first, both]).blot("token-0815 \(Self.key)") == "[redacted] [redacted]")
  }

  @Test func lengthsStayTrueUnderStars() throws {
    let blotter = try blotter(keys: [Self.key])
    let buffer = ByteBuffer()
    buffer.append("4:\(Self.key)!")
    blotter.cover(buffer)
    #expect(buffer.string == "4:*******************!")
  }
}
