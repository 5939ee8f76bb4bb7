import LLMCore
import Testing

@testable import LLMDialects

struct RetryAfterTests {
  @Test(arguments: [
    ("Retry-After", "0", Int64(0)), ("retry-after", "3", 3000), ("Retry-After", " 7 ", 7000),
    ("Retry-After", "0.25", 250), ("Retry-After", "1.23456", 1234), ("retry-after-ms", "20", 20),
    ("retry-after-ms", "20.9", 20), ("Retry-After", "4294967295", 4_294_967_295_000),
  ])
  func numbers(field: String, value: String, milliseconds: Int64) {
    #expect(RetryAfter.milliseconds(in: HTTPHead(status: 429, fields: [(field, value)])) == milliseconds)
  }

  /// A service that wants to be left alone for ever is not asked again at once.
  @Test(arguments: ["4294967296", "1099511627776", "99999999999999999999", "99999999999999999999.5"])
  func outOfAllProportion(value: String) {
    let wish = RetryAfter.milliseconds(in: HTTPHead(status: 429, fields: [("Retry-After", value)]))
    #expect((wish ?? 0) >= 4_294_967_296_000)
  }

  @Test(arguments: ["", "soon", "-1", "+1", "1.2.3", "1e3", "0x10", "1.x"])
  func othersAreNoWish(value: String) {
    #expect(RetryAfter.milliseconds(in: HTTPHead(status: 429, fields: [("Retry-After", value)])) == nil)
  }

  @Test func theFinerFieldCounts() {
    let head = HTTPHead(status: 429, fields: [("Retry-After", "9"), ("retry-after-ms", "8500")])
    #expect(RetryAfter.milliseconds(in: head) == 8500)
    let spoilt = HTTPHead(status: 429, fields: [("Retry-After", "9"), ("retry-after-ms", "x")])
    #expect(RetryAfter.milliseconds(in: spoilt) == 9000)
  }

  @Test func datesCountFromTheServicesOwn() {
    let head = { (then: String, now: String?) in
      HTTPHead(status: 503, fields: [("Retry-After", then)] + (now.map { [("Date", $0)] } ?? []))
    }
    let now = "Sun, 06 Nov 1994 08:49:37 GMT"
    #expect(RetryAfter.milliseconds(in: head("Sun, 06 Nov 1994 08:50:07 GMT", now)) == 30_000)
    #expect(RetryAfter.milliseconds(in: head("Sun, 06 Nov 1994 08:49:07 GMT", now)) == 0)
    #expect(RetryAfter.milliseconds(in: head("Sun, 06 Nov 1994 08:50:07 GMT", nil)) == nil)
    #expect(RetryAfter.milliseconds(in: head("Sun, 06 Nov 1994 08:50:07 GMT", "today")) == nil)
    // Without one, from ours.
    #expect(RetryAfter.milliseconds(in: head("Sun, 06 Nov 1994 08:50:07 GMT", nil), now: 784_111_777) == 30_000)
    #expect(RetryAfter.milliseconds(in: head("Sun, 06 Nov 1994 08:50:07 GMT", now), now: 0) == 30_000)
  }

  @Test(arguments: [
    ("Thu, 01 Jan 1970 00:00:00 GMT", Int64(0)), ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
    ("Tue, 29 Feb 2000 12:00:00 GMT", 951_825_600), ("Thu, 29 Feb 2024 23:59:59 GMT", 1_709_251_199),
    ("Fri, 01 Mar 2024 00:00:00 GMT", 1_709_251_200), ("Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799),
  ])
  func dates(text: String, seconds: Int64) {
    #expect(HTTPDate.unixSeconds(text) == seconds)
  }

  @Test(arguments: [
    "", "x", "Sun, 06 Foo 1994 08:49:37 GMT", "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 94 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Nov 1994 08:-1:37 GMT", "Sun, 06 Nov 99999999999999999999 08:49:37 GMT",
  ])
  func noDates(text: String) {
    #expect(HTTPDate.unixSeconds(text) == nil)
  }
}
