import LLMCore
import Testing

struct TextTests {
  @Test func caseOfASCIIOnly() {
    #expect("Content-TYPE".equalsIgnoringCase("content-type"))
    #expect(!"content-type".equalsIgnoringCase("content-types") && !"a".equalsIgnoringCase(""))
    #expect(!"Ä".equalsIgnoringCase("ä") && !"[".equalsIgnoringCase("{") && !"@".equalsIgnoringCase("`"))
    #expect("AbÄZ9".asciiLowercased == "abÄz9" && "aäz9".asciiUppercased == "AäZ9")
  }

  @Test func beginningsAndEnds() {
    #expect("https://x".startsWith("https://") && "x".startsWith("") && !"".startsWith("x"))
    #expect("x.json".endsWith(".json") && "x".endsWith("") && !"json".endsWith(".json"))
  }

  @Test func searching() {
    #expect("abcabc".firstByteOffset(of: "c") == 2)
    #expect("abcabc".firstByteOffset(of: "c", from: 3) == 5)
    #expect("abc".firstByteOffset(of: "abcd") == nil && "abc".firstByteOffset(of: "", from: 3) == 3)
    #expect("aab".firstByteOffset(of: "ab") == 1 && "aXb".firstByteOffset(of: "xB", ignoringCase: true) == 1)
    #expect("text/Event-Stream".containsText("event-stream", ignoringCase: true))
    #expect("é".firstByteOffset(of: "\u{301}") == nil)
  }

  @Test func replacing() {
    #expect("a-b-c".replacing("-", with: "+") == "a+b-c")
    #expect("a-b-c".replacingAll("-", with: "--") == "a--b--c")
    #expect("aaa".replacingAll("aa", with: "b") == "ba" && "x".replacingAll("", with: "y") == "x")
  }

  @Test func cutting() {
    #expect("a,,b,".pieces(separatedBy: UInt8(ascii: ",")) == ["a", "", "b", ""])
    #expect(" \t\r\n x y \n".trimmed == "x y" && " \n ".trimmed == "")
    #expect("abc".dropping(bytes: 1) == "bc" && "abc".dropping(bytes: 9) == "" && "abc".keeping(bytes: 2) == "ab")
  }

  @Test func percentEncoding() {
    #expect("a b/ü~".percentEncoded() == "a%20b%2F%C3%BC~")
    #expect("a/b:c".percentEncoded(keeping: "/") == "a/b%3Ac")
  }

  @Test(arguments: [("12", Int64(12)), ("-3", -3), ("", nil), ("1.5", nil), ("99999999999999999999", nil), (" 1", nil)])
  func integers(text: String, value: Int64?) {
    #expect(text.asInteger == value)
  }

  @Test(arguments: [
    ("", "", 0), ("a", "", 1), ("kitten", "sitting", 3), ("base_url", "base_ulr", 2), ("abc", "abc", 0),
  ])
  func distances(first: String, second: String, distance: Int) {
    #expect(editDistance(first, second) == distance)
    #expect(editDistance(second, first) == distance)
  }

  @Test func nearestNames() {
    let names = ["base_url", "model", "timeout", "tls"]
    #expect(nearestName(to: "base_ulr", among: names) == "base_url")
    #expect(nearestName(to: "timeuot", among: names) == "timeout")
    #expect(nearestName(to: "tsl", among: names) == "tls")
    #expect(nearestName(to: "something else", among: names) == nil)
    #expect(nearestName(to: "x", among: []) == nil)
  }

  @Test func sentences() {
    let number: Int32 = 7
    let message: Message = "\("a"): \(1) of \(Int64(2)), \(number), \(0.5), \(StaticString("x"))"
    #expect(message.text == "a: 1 of 2, 7, 0.5, x")
  }
}
