import LLMCatalog
import LLMCore
import LLMDialects
import LLMPolicy
import LLMTestSupport

@testable import LLMClient

/// Writes down events, one line each.
final class EventLog: EventSink {
  private(set) var lines: [String] = []
  private(set) var terminals = 0
  private(set) var text = ""

  func receive(_ event: Event) -> Bool {
    lines.append(line(event))
    if event.kind.isTerminal { terminals += 1 }
    if event.kind == .text { text += String(decoding: event.data, as: UTF8.self) }
    return true
  }
}

/// An event as one line; of a terminal one only what it is, since its document has times in it.
func line(_ event: Event) -> String {
  let data = event.kind.isTerminal ? "" : String(decoding: event.data, as: UTF8.self)
  let id = event.id.map { String(cString: $0) } ?? "-"
  let name = event.name.map { String(cString: $0) } ?? "-"
  return "\(event.kind) \(event.choice) \(event.index) \(data) \(id) \(name)"
}

func provider(_ config: String) throws -> Provider { try Provider(try JSON.parse(config)) }

func mock(_ script: String = "") throws -> Provider { try provider(#"{"type":"mock","mock":{\#(script)}}"#) }

let hello = #"{"messages":[{"role":"user","content":"Hello"}]}"#

/// A result without what differs from run to run.
func stable(_ document: JSON) -> String {
  let copy = document.deepCopy()
  for name in ["timing", "request_id"] { copy["metadata"]?.remove(named: name) }
  copy["error"]?.remove("request_id")
  for attempt in (copy["metadata"] ?? copy["error"])?["attempts"]?.elements ?? [] { attempt.remove("duration_ms") }
  return copy.text
}
