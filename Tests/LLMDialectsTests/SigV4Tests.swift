import LLMConfig
import Testing

@testable import LLMCore
@testable import LLMDialects

/// Digests by FIPS 180-4's and RFC 4231's examples, signatures by AWS's published examples and by botocore 1.44.5
/// (`SigV4Auth` with a fixed time), for the addresses that Bedrock has.
@Suite struct SigV4Tests {
  private static let exampleSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

  // MARK: Digests

  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ]) func digestOfKnownText(text: String, expected: String) {
    let message = buffer(text)
    #expect(hexadecimal(SHA256.digest(message.bytes)) == expected)
  }

  @Test func digestOfAMillionLetters() {
    let text = buffer(String(repeating: "a", count: 1_000_000))
    #expect(
      hexadecimal(SHA256.digest(text.bytes)) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test func digestDoesNotDependOnThePieces() {
    let text = buffer(String(repeating: "0123456789", count: 20))
    for cut in 0...text.count {
      var hash = SHA256()
      hash.update(UnsafeRawBufferPointer(rebasing: text.bytes[..<cut]))
      hash.update(UnsafeRawBufferPointer(rebasing: text.bytes[cut...]))
      #expect(hexadecimal(hash.finish()) == hexadecimal(SHA256.digest(text.bytes)))
    }
  }

  @Test(arguments: [
    ("Jefe", "what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
    (
      String(repeating: "\u{0B}", count: 20), "Hi There",
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    ),
  ]) func codeOfKnownMessage(key: String, message: String, expected: String) {
    let (message, key) = (buffer(message), buffer(key))
    #expect(hexadecimal(HMAC.code(message.bytes, key: key.bytes)) == expected)
  }

  @Test func codeUnderALongKey() {
    let key = ByteBuffer()
    for _ in 0..<131 { key.append(0xAA) }
    let message = buffer("Test Using Larger Than Block-Size Key - Hash Key First")
    let expected = "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    #expect(hexadecimal(HMAC.code(message.bytes, key: key.bytes)) == expected)
  }

  // MARK: Time

  @Test(arguments: [
    (Int64(1_440_938_160), "20150830T123600Z"), (0, "19700101T000000Z"), (951_782_399, "20000228T235959Z"),
    (951_782_400, "20000229T000000Z"), (1_709_164_800, "20240229T000000Z"), (4_107_542_399, "21000228T235959Z"),
    (4_107_542_400, "21000301T000000Z"),
  ]) func timeAsAWSWritesIt(seconds: Int64, expected: String) {
    #expect(SigningTime(unixSeconds: seconds).text == expected)
  }

  // MARK: Signatures

  /// "get-vanilla" and relatives of AWS's published test suite.
  @Test(arguments: [
    ("/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
    (
      "/?Param2=value2&Param1=value1",
      "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
    ),
  ]) func publishedExample(target: String, expected: String) {
    var request = HTTPRequest(method: "GET", url: "https://example.amazonaws.com" + target)
    sign(&request, region: "us-east-1", service: "service", at: 1_440_938_160)
    #expect(signature(of: request) == expected)
    #expect(request.headers.last?.secret?.revealed.containsText("SignedHeaders=host;x-amz-date,") == true)
  }

  @Test(arguments: SignedRequest.all) func asBotocoreSigns(_ expected: SignedRequest) {
    var request = HTTPRequest(method: expected.method, url: expected.url)
    if let body = expected.body {
      request.body = buffer(body)
      request.headers.append(HTTPHeader("Content-Type", "application/json"))
    }
    sign(&request, region: expected.region, service: "bedrock", at: 1_700_000_000, token: expected.token)
    #expect(signature(of: request) == expected.signature)
  }

  @Test func nothingSecretIsPrinted() {
    var request = HTTPRequest(url: "https://bedrock-runtime.us-east-1.amazonaws.com/model/m/converse")
    sign(&request, region: "us-east-1", service: "bedrock", at: 1_700_000_000, token: "the-token")
    let printed = request.headers.reduce("") { $0 + $1.name + ": " + $1.value + "\n" }
    #expect(!printed.containsText("the-token"))
    #expect(!printed.containsText("Signature="))
  }

  // MARK: Helpers

  private func buffer(_ text: String) -> ByteBuffer {
    let buffer = ByteBuffer()
    buffer.append(text)
    return buffer
  }

  private func sign(
    _ request: inout HTTPRequest, region: String, service: String, at seconds: Int64, token: String? = nil
  ) {
    let credentials = AWSCredentials(
      accessKeyID: "AKIDEXAMPLE", secretAccessKey: Secret(Self.exampleSecret), sessionToken: token.map { Secret($0) })
    SigV4(credentials: credentials, region: region, service: service, unixSeconds: seconds).sign(&request)
  }

  private func signature(of request: HTTPRequest) -> String? {
    let header = request.headers.first { $0.name == "Authorization" }
    return header?.secret?.revealed.pieces(separatedBy: UInt8(ascii: "=")).last
  }
}

/// A request and the signature that botocore gives it, with the key of AWS's examples at 1700000000.
struct SignedRequest: CustomTestStringConvertible, Sendable {
  let method: StaticString
  let url: String
  let region: String
  let body: String?
  let token: String?
  let signature: String

  var testDescription: String { url }

  static let all = [
    SignedRequest(
      method: "POST",
      url: "https://bedrock-runtime.us-east-1.amazonaws.com/model/amazon.nova-lite-v1%3A0/converse",
      region: "us-east-1", body: "{\"messages\":[]}", token: nil,
      signature: "411b64bf82c4381653ba8066c6049953c15fb607c85d1fdc2a9e520519c0d34b"),
    SignedRequest(
      method: "POST",
      url: "https://bedrock-runtime.us-east-1.amazonaws.com/model/amazon.nova-lite-v1:0/converse",
      region: "us-east-1", body: "{\"messages\":[]}", token: nil,
      signature: "f99e4b36532a3552bf19232ca3c355823c71df2262b1c67e875dba1d6948070d"),
    SignedRequest(
      method: "POST",
      url:
        "https://bedrock-runtime.eu-west-3.amazonaws.com/model/arn%3Aaws%3Abedrock%3Aeu-west-3%3A123456789012%3Ainference-profile%2Feu.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse-stream",
      region: "eu-west-3", body: "{\"text\":\"Grüße 😀\"}", token: "session/token+==",
      signature: "4c6de4638c4d2c5d30ab7f69017b7b5792056b4950c7cee91ec7e3a09ce1ba60"),
    SignedRequest(
      method: "POST",
      url: "http://127.0.0.1:8080/model/m/converse",
      region: "us-east-1", body: "{}", token: nil,
      signature: "eaa8458394be38347d3d289f5af735473c8406e2b4d0d2d63a9d0737cbb498c3"),
    SignedRequest(
      method: "POST",
      url: "https://proxy.test:443/model/m/converse",
      region: "us-east-1", body: "{}", token: nil,
      signature: "18cc3c2a3a8011229ae90795f2ad54af07b3c5c1363cb2bd4f15cfadec3e1075"),
    SignedRequest(
      method: "GET",
      url: "https://bedrock.us-east-1.amazonaws.com/foundation-models?byProvider=amazon&byOutputModality=TEXT",
      region: "us-east-1", body: nil, token: nil,
      signature: "c0d1c71103d1b6a68fc3d229c7b5682fe5b77fee7ffe3949f767bfa98e1819c7"),
  ]
}
