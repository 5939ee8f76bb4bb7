import LLMCore

/// A call whose arguments arrive as values at paths (`$.list[0].name`). They are delivered when the call is whole: until
/// then there is no telling what text of JSON they will be.
final class GeminiPartialCall {
  private static let deepest = 64
  /// Places in an array are taken one after the other, with few gaps.
  private static let widestGap = 16

  private enum Step {
    case member(String)
    case element(Int)
  }

  let handle: ResponseBuilder.ToolHandle
  private let arguments = JSON.object()
  /// The string that is arriving.
  private var openPath = ""
  private let openText = ByteBuffer()

  init(_ handle: ResponseBuilder.ToolHandle) { self.handle = handle }

  func add(_ pieces: [JSON]) {
    for piece in pieces {
      guard let path = piece.string("jsonPath") else { continue }
      if path != openPath { settle() }
      if let text = piece["stringValue"]?.stringBytes {
        openPath = path
        openText.append(text)
        if !(piece.bool("willContinue") ?? false) { settle() }
      } else if let value = piece["numberValue"] ?? piece["boolValue"] ?? (piece.has("nullValue") ? .null : nil) {
        set(value, at: path)
      }
    }
  }

  func finish() -> JSON {
    settle()
    return arguments
  }

  private func settle() {
    guard !openPath.isEmpty else { return }
    set(.string(openText), at: openPath)
    openPath = ""
    openText.removeAll()
  }

  private func set(_ value: JSON, at path: String) {
    guard let steps = GeminiPartialCall.steps(of: path), !steps.isEmpty else { return }
    var place = arguments
    for (step, next) in zip(steps, steps.dropFirst()) {
      if let known = GeminiPartialCall.value(at: step, of: place), known.isObject || known.isArray {
        place = known
      } else {
        let made: JSON
        if case .element = next { made = .array() } else { made = .object() }
        GeminiPartialCall.put(made, at: step, of: place)
        place = made
      }
    }
    if let last = steps.last { GeminiPartialCall.put(value, at: last, of: place) }
  }

  private static func value(at step: Step, of place: JSON) -> JSON? {
    switch step {
    case .member(let name): place[named: name]
    case .element(let index): place[index]
    }
  }

  private static func put(_ value: JSON, at step: Step, of place: JSON) {
    switch step {
    case .member(let name): place.set(named: name, value)
    case .element(let index):
      guard place.isArray, index <= place.count + widestGap else { return }
      while place.count < index { place.append(.null) }
      if index < place.count { place.replace(at: index, with: value) } else { place.append(value) }
    }
  }

  /// `$.list[0]['odd name'].name`; nil for what is no such path.
  private static func steps(of path: String) -> [Step]? {
    var steps: [Step] = []
    var rest = Array(path.utf8)[...]
    if rest.first == UInt8(ascii: "$") { rest.removeFirst() }
    while let first = rest.first, steps.count < deepest {
      if first == UInt8(ascii: "[") {
        guard let end = rest.firstIndex(of: UInt8(ascii: "]")) else { return nil }
        steps.append(bracketed(String(decoding: rest[(rest.startIndex + 1)..<end], as: UTF8.self)))
        rest = rest[(end + 1)...]
      } else {
        if first == UInt8(ascii: ".") { rest.removeFirst() }
        let end = rest.firstIndex { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "[") } ?? rest.endIndex
        guard end > rest.startIndex else { return nil }
        steps.append(.member(String(decoding: rest[rest.startIndex..<end], as: UTF8.self)))
        rest = rest[end...]
      }
    }
    return rest.isEmpty ? steps : nil
  }

  private static func bracketed(_ text: String) -> Step {
    if let index = text.asInteger, index >= 0 { return .element(Int(clamping: index)) }
    let isQuoted = text.utf8.count >= 2 && (text.startsWith("'") || text.startsWith("\""))
    return .member(isQuoted ? text.keeping(bytes: text.utf8.count - 1).dropping(bytes: 1) : text)
  }
}
