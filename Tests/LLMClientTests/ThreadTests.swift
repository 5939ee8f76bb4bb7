import Foundation
import LLMCore
import LLMTestSupport
import Testing

@testable import LLMClient

/// One provider, eight threads: right answers, connections reused. Under ThreadSanitizer as well.
struct ThreadTests {
  private static let threads = 8
  private static let calls = 60

  private func run(_ provider: Provider) {
    let right = Locked(0)
    DispatchQueue.concurrentPerform(iterations: Self.threads) { thread in
      for call in 0..<Self.calls where answers(provider, "thread \(thread), call number \(call)", call % 4) {
        right.withLock { $0 += 1 }
      }
    }
    #expect(right.withLock { $0 } == Self.threads * Self.calls)
  }

  private func answers(_ provider: Provider, _ text: String, _ kind: Int) -> Bool {
    guard let request = try? JSON.parse(#"{"prompt":"\#(text)"}"#) else { return false }
    switch kind {
    case 0: return (try? provider.chat(request))?.document["text"]?.string == text
    case 1:
      let log = EventLog()
      return (try? provider.stream(request, to: log))?.code == nil && log.text == text && log.terminals == 1
    case 2:
      _ = try? provider.render(request)
      _ = provider.status
      guard let call = try? provider.start(request) else { return false }
      while case .event = call.next(timeoutMilliseconds: -1) {}
      return call.outcome?.document["text"]?.string == text
    default: return cancelled(provider, request)
    }
  }

  /// Cancelled by another thread while it runs: it ends, one way or the other.
  private func cancelled(_ provider: Provider, _ request: JSON) -> Bool {
    guard let call = try? provider.start(request) else { return false }
    let pulled = Unchecked(call)
    let canceller = Thread { pulled.value.cancel() }
    canceller.start()
    var terminals = 0
    while case .event(let event) = call.next(timeoutMilliseconds: -1) { terminals += event.kind.isTerminal ? 1 : 0 }
    while !canceller.isFinished { sched_yield() }
    return terminals == 1
  }

  private struct Unchecked<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
  }

  @Test func onAServer() throws {
    let server = try LoopbackServer.shared.get()
    let provider = try provider(
      #"{"type":"openai","api":"chat","api_key":"k","model":"m","base_url":"\#(server.url("__echo/v1"))"}"#)
    run(provider)
    let connections = provider.status["connections"]
    #expect((connections?["reused"]?.int ?? 0) > (connections?["opened"]?.int ?? 0))
  }

  @Test func onTheMock() throws { run(try mock()) }
}
