import LLMCore
import LLMWire

@testable import LLMDialects

/// One event, kept.
struct RecordedEvent: Equatable {
  let kind: EventKind
  let choice: UInt32
  let index: UInt32
  let id: String?
  let name: String?
  let data: [UInt8]

  init(_ event: Event) {
    kind = event.kind
    choice = event.choice
    index = event.index
    // A RESPONSE has its id and model beside its document, within the library.
    id = event.kind == .response ? nil : event.id.map { String(cString: $0) }
    name = event.kind == .response ? nil : event.name.map { String(cString: $0) }
    data = Array(event.data)
  }

  /// The line of a golden file.
  var line: String {
    let line = JSON.object()
    line.set("type", .string(kind.word))
    if choice > 0 { line.set("choice", .integer(Int(choice))) }
    if index > 0 { line.set("index", .integer(Int(index))) }
    line.set("id", id.map { .string($0) })
    line.set("name", name.map { .string($0) })
    if kind.carriesDocument, let document = data.withUnsafeBytes({ try? JSON.parse($0) }) {
      line.set("data", document)
    } else if !data.isEmpty {
      line.set("data", data.withUnsafeBytes { .string($0) })
    }
    return line.text
  }
}

/// Keeps the events of an answer.
final class EventRecorder: EventSink {
  private(set) var events: [RecordedEvent] = []

  func receive(_ event: Event) -> Bool {
    events.append(RecordedEvent(event))
    return true
  }
}

extension EventKind {
  /// The name in golden files.
  fileprivate var word: String {
    switch self {
    case .toolCall: "tool_call"
    case .toolArguments: "tool_arguments"
    case .toolCallEnd: "tool_call_end"
    default: "\(self)"
    }
  }

  fileprivate var carriesDocument: Bool {
    switch self {
    case .response, .source, .usage: true
    default: false
    }
  }
}

/// How a body is cut into the pieces in which it arrives.
enum Cut: CustomStringConvertible {
  case whole
  case everyByte
  case atRandom(seed: UInt64)

  static let all: [Cut] = [.whole, .everyByte] + (1...5).map { .atRandom(seed: $0) }

  var description: String {
    switch self {
    case .whole: "whole"
    case .everyByte: "byte by byte"
    case .atRandom(let seed): "cut at random (seed \(seed))"
    }
  }

  func pieces(of body: [UInt8]) -> [ArraySlice<UInt8>] {
    switch self {
    case .whole: return [body[...]]
    case .everyByte: return body.indices.map { body[$0...$0] }
    case .atRandom(let seed):
      let random = SplitMix(seed: seed)
      var pieces: [ArraySlice<UInt8>] = []
      var rest = body[...]
      while !rest.isEmpty {
        let length = Int(random.next() % 60) + 1
        pieces.append(rest.prefix(length))
        rest = rest.dropFirst(length)
      }
      return pieces
    }
  }
}

/// One response as the library understood it.
struct Recording {
  var events: [RecordedEvent] = []
  /// How many of the events were told before the body's end, which brings out what was held back.
  var countBeforeEnd = 0
  /// The response; the part that arrived, where there is an error.
  var response: JSON?
  var error: LLMError?
  /// The warnings that the answer gave rise to.
  var notes: [JSON] = []

  /// Feeds a body to a dialect's decoder, in pieces.
  init(_ body: [UInt8], _ cut: Cut = .whole, head: HTTPHead, dialect: any Dialect, context: RequestContext) {
    let recorder = EventRecorder()
    let reader = ResponseReader(dialect: dialect, context: context, sink: recorder)
    do throws(LLMError) {
      reader.receive(head: head)
      try Recording.feed(cut.pieces(of: body), to: reader)
      countBeforeEnd = recorder.events.count
      try reader.finish()
    } catch {
      reader.abandon()
      self.error = error
    }
    events = recorder.events
    notes = context.warnings
    if error == nil || reader.builder.hasContent { response = reader.builder.makeResponse() }
  }

  private static func feed(_ pieces: [ArraySlice<UInt8>], to reader: ResponseReader) throws(LLMError) {
    for piece in pieces {
      // A copy of its own for each piece, so that what is read beyond it is found out.
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: piece.count, alignment: 1)
      defer { copy.deallocate() }
      copy.copyBytes(from: piece)
      guard try reader.receive(UnsafeRawBufferPointer(copy)) == .goesOn else { return }
    }
  }

  /// What a golden file holds of the end: the response, or the error with what had arrived.
  var outcome: JSON {
    guard let error else { return response ?? .null }
    let document = JSON.object()
    document.set("error", error.document)
    document.set("partial", response)
    return document
  }
}

extension JSON {
  /// The value over several lines, members sorted by name: how golden files are written and compared.
  var canonicalText: String { canonicalText(indent: "") }

  private func canonicalText(indent: String) -> String {
    let inner = indent + "  "
    let parts: [String]
    if isArray {
      parts = elements.map { inner + $0.canonicalText(indent: inner) }
    } else {
      let sorted = members.sorted { $0.key < $1.key }
      parts = sorted.map { "\(inner)\(JSON.string($0.key).text): \($0.value.canonicalText(indent: inner))" }
    }
    guard !parts.isEmpty else { return text }
    let (open, close) = isArray ? ("[", "]") : ("{", "}")
    return open + "\n" + parts.joined(separator: ",\n") + "\n" + indent + close
  }
}
