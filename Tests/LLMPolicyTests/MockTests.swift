import LLMCore
import Testing

@testable import LLMPolicy

/// The mock's pauses and failures, on the call's own clock.
struct MockTests {
  private func run(
    _ script: String, _ more: String = "", streams: Bool = true, cancelsAt: Double? = nil
  ) throws -> Run {
    try Run([], #""type":"mock","model":"m","mock":{\#(script)}\#(more)"#, streams: streams, cancelsAt: cancelsAt)
  }

  @Test func delaysAreVirtual() throws {
    let run = try run(
      #""responses":["abcdef"],"chunk_size":2,"first_delay_ms":3600000,"delay_ms":1000"#,
      #","timeout":{"first_token_ms":0}"#)
    #expect(run.outcome.code == nil)
    #expect(run.events.entries.filter { $0.kind == .text }.map { $0.at } == [3_600_000, 3_601_000, 3_602_000])
    #expect(run.events.text == "abcdef")
  }

  @Test func echoesTheLastMessage() throws {
    #expect(try run("").outcome.document["text"]?.string == "Hello")
    #expect(try run("", streams: false).outcome.document["text"]?.string == "Hello")
  }

  @Test(arguments: [
    (#"{"fail":"connect"}"#, ErrorCode.connection, "connect"), (#"{"fail":"tls"}"#, .tls, "tls"),
    (#"{"fail":"reset"}"#, .connection, "first_byte"),
    (#"{"error":{"status":401,"message":"no"}}"#, .authentication, "first_byte"),
    (#"{"error":{"status":529}}"#, .overloaded, "first_byte"),
    (#"{"body":"<html>"}"#, .streamTruncated, "stream"),
    (#"{"content":"half of it","truncate_after":1}"#, .streamTruncated, "stream"),
  ])
  func failuresAsScripted(response: String, code: ErrorCode, stage: String) throws {
    let run = try run(#""responses":[\#(response)]"#, #","retry":{"attempts":1}"#)
    #expect(run.outcome.code == code)
    #expect(run.outcome.document["error"]?["stage"]?.string == stage)
    #expect(run.events.terminals.count == 1)
  }

  @Test func silenceIsCutByTheBound() throws {
    let run = try run(
      #""responses":[{"fail":"never"}]"#, #","timeout":{"first_token_ms":80},"retry":{"attempts":1}"#)
    #expect(run.outcome.code == .timeout)
    #expect(run.outcome.document["error"]?["stage"]?.string == "first_byte")
    #expect(run.driver.elapsed == 80)
  }

  @Test func cancelledInADelay() throws {
    let run = try run(#""responses":["abcdef"],"chunk_size":2,"delay_ms":1000"#, cancelsAt: 1500)
    #expect(run.outcome.code == .cancelled)
    #expect(run.outcome.document["partial"]?["text"]?.string == "abcd")
    #expect(run.driver.elapsed == 1500)
    #expect(run.driver.aborted.isEmpty)
  }

  @Test func retriesGoThroughTheScript() throws {
    let run = try run(
      #""responses":[{"error":{"status":429,"retry_after_ms":1500}},{"fail":"reset"},"Third time."]"#,
      #","retry":{"delay_ms":100,"jitter":false}"#)
    #expect(run.outcome.document["text"]?.string == "Third time.")
    #expect(run.observer.pauses == [1500, 200])
    #expect(run.driver.elapsed == 1700)
  }
}
