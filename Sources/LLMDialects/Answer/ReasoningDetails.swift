import LLMCore

/// A member of `reasoning_details` as it arrives: texts in pieces, everything else as it was last said. Pieces are
/// gathered in buffers, since a long thought comes in thousands of them.
final class ReasoningDetailParts {
  private static let growing: [StaticText] = ["text", "summary", "data", "signature"]

  private let members: JSON
  private var texts: [(name: String, buffer: ByteBuffer)] = []

  init(_ detail: JSON) {
    members = detail.copy()
    takeTexts(of: detail)
  }

  /// Whether a piece goes on with this one: the same type and index, and no other id.
  func continues(in piece: JSON) -> Bool {
    guard let index = piece.int("index"), index == members.int("index") else { return false }
    let (id, other) = (members.string("id"), piece.string("id"))
    return members.string("type") == piece.string("type") && (id == nil || other == nil || id == other)
  }

  /// Adds a piece.
  func add(_ piece: JSON) {
    takeTexts(of: piece)
    for (name, value) in piece.members where !value.isNull && !isText(name, value) { members.set(named: name, value) }
  }

  /// The detail as it is so far.
  var document: JSON {
    let document = members.copy()
    for (name, buffer) in texts { document.set(named: name, .string(buffer)) }
    return document
  }

  private func isText(_ name: String, _ value: JSON) -> Bool {
    value.isString && Self.growing.contains { $0.matches(name) }
  }

  private func takeTexts(of piece: JSON) {
    for (name, value) in piece.members where isText(name, value) {
      guard let bytes = value.stringBytes else { continue }
      if let known = texts.first(where: { $0.name == name }) {
        known.buffer.append(bytes)
      } else {
        let buffer = ByteBuffer()
        buffer.append(bytes)
        texts.append((name, buffer))
      }
    }
  }
}
