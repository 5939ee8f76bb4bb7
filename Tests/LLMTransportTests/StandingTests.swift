import Foundation
import LLMCore
import LLMTestSupport
import Testing

@testable import LLMTransport

/// What stays set from one request to the next, and gives way to what another wants.
@Suite struct StandingTests {
  let server: LoopbackServer

  init() throws { server = try LoopbackServer.shared.get() }

  private static func headers(_ key: String, _ name: String = "X-Usual") -> StandingHeaders {
    StandingHeaders([HTTPHeader("Authorization", prefix: "Bearer ", secret: Secret(key)), HTTPHeader(name, "yes")])
  }

  private func request(_ segment: String, _ headers: StandingHeaders? = nil, body: String = "{}") -> HTTPRequest {
    var request = HTTPRequest.post(server.url("ok-plain~\(segment)/v1/x"), body)
    if let headers { request.carry(headers) }
    return request
  }

  @Test func usualHeadersGiveWayAndComeBack() throws {
    let pool = ChannelPool()
    let usual = Self.headers("usual")
    let another = Self.headers("another", "X-Another")
    var own = request("usual", usual)
    own.setHeader(HTTPHeader("authorization", prefix: "Bearer ", secret: Secret("own")))
    own.setHeader(HTTPHeader("X-Own", "1"))
    let bare = HTTPRequest(url: server.url("ok-plain~usual/v1/x"))
    let requests = [
      request("usual", usual), own, request("usual", usual), bare, request("usual", another), request("usual", usual),
      request("usual"),
    ]
    for request in requests { #expect(perform(request, pool: pool).events.last == .ended) }
    #expect(pool.statistics.opened == 1)
    let records = try server.requests("ok-plain~usual")
    let keys: [String?] = [
      "Bearer usual", "Bearer own", "Bearer usual", nil, "Bearer another", "Bearer usual", nil,
    ]
    #expect(records.map { $0.header("authorization") } == keys)
    #expect(records.map { $0.header("x-usual") } == ["yes", "yes", "yes", nil, nil, "yes", nil])
    #expect(records.map { $0.header("x-own") } == [nil, "1", nil, nil, nil, nil, nil])
    #expect(records.map { $0.header("x-another") } == [nil, nil, nil, nil, "yes", nil, nil])
  }

  @Test func aFieldThatIsRefusedLeavesNothingBehind() throws {
    let pool = ChannelPool()
    let broken = StandingHeaders([HTTPHeader("X-Usual", "a\r\nb")])
    let usual = Self.headers("usual")
    #expect(perform(request("refused", usual), pool: pool).events.last == .ended)
    for _ in 0..<2 {
      #expect(perform(request("refused", broken), pool: pool).events == [.failed(.internal, .connect)])
    }
    #expect(perform(request("refused", usual), pool: pool).events.last == .ended)
    #expect(try server.lastRequest("ok-plain~refused").header("authorization") == "Bearer usual")
  }

  @Test func nobodyIsAskedToExpectABody() throws {
    let pool = ChannelPool()
    let usual = Self.headers("usual")
    let mebibyte = 1 << 20
    for size in [1, mebibyte - 1, mebibyte, mebibyte + 1, 2 * mebibyte, 1] {
      let body = String(repeating: "x", count: size)
      var bare = request("large", usual, body: body)
      bare.headers = []
      for request in [request("large", usual, body: body), request("large", body: body), bare] {
        #expect(perform(request, pool: pool).events.last == .ended)
        let record = try server.lastRequest("ok-plain~large")
        #expect(record.header("expect") == nil && record.header("content-length") == "\(size)")
      }
    }
  }

  @Test func addressesTakeTurns() throws {
    let pool = ChannelPool()
    var paths: [String] = []
    for turn in 0..<6 {
      var request = request("turns")
      request.url = server.url("ok-plain~turns/" + (turn % 3 == 2 ? "b" : "a"))
      if turn == 1 || turn == 4 { request.secretQuery = ("key", Secret("secret\(turn)")) }
      #expect(perform(request, pool: pool).events.last == .ended)
      paths.append(try server.lastRequest("ok-plain~turns").path)
      if turn == 3 {
        #expect(perform(.post("not an address"), pool: pool).events.last == .failed(.internal, .connect))
      }
    }
    let base = "/ok-plain~turns/"
    #expect(
      paths.map { String($0.dropFirst(base.count)) } == ["a", "a?key=secret1", "b", "a", "a?key=secret4", "b"])
  }

  @Test func aBodyDoesNotStay() throws {
    let pool = ChannelPool()
    var none = request("bodies")
    none.body = nil
    for request in [request("bodies", body: "first"), none, request("bodies", body: "third")] {
      #expect(perform(request, pool: pool).events.last == .ended)
    }
    #expect(try server.requests("ok-plain~bodies").map(\.body) == ["first", "", "third"])
  }

  @Test func onlyWhatIsSharedStaysInMemory() throws {
    let list = HeaderList()
    let shared = request("memory", Self.headers("shared-key"))
    #expect(list.fill(shared) == nil)
    list.forgetOwn()
    let line = try #require(list.first?.pointee.data)
    #expect(String(cString: line) == "Authorization: Bearer shared-key")
    var own = shared
    own.setHeader(HTTPHeader("X-Mine", "1"))
    #expect(list.fill(own) == nil)
    let lines = try #require(list.first?.pointee.data)
    #expect(String(cString: lines) == "Authorization: Bearer shared-key")
    list.forgetOwn()
    #expect((0..<60).allSatisfy { lines[$0] == 0 })
    #expect(list.fill(shared) == nil)
    #expect(list.first.map { String(cString: $0.pointee.data) } == "Authorization: Bearer shared-key")
  }

  @Test func onlyGzipIsAskedFor() throws {
    #expect(perform(request("coding")).events.last == .ended)
    #expect(try server.lastRequest("ok-plain~coding").header("accept-encoding") == "gzip")
  }
}
