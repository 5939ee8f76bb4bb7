import LLMCore

/// An object that arrives in pieces: some of its texts grow, everything else is as it was last said. The texts are
/// gathered in buffers, since a long one comes in thousands of pieces.
final class GrowingObject {
  private let members: JSON
  /// More texts than these are not gathered; the last piece of each stands then.
  private static let textLimit = 64

  private let growing: [StaticText]?
  private var texts: [(name: String, buffer: ByteBuffer)] = []

  /// Begins with the first piece; `growing` names the texts that later pieces go on with; nil stands for all but the
  /// `type`.
  init(_ beginning: JSON, growing: [StaticText]?) {
    self.growing = growing
    members = beginning.copy()
    takeTexts(of: beginning)
  }

  /// A member that does not grow.
  subscript(_ name: StaticText) -> JSON? { members[name] }

  /// Adds a piece.
  func add(_ piece: JSON) {
    takeTexts(of: piece)
    for (name, value) in piece.members where !value.isNull && !isText(name, value) { members.set(named: name, value) }
  }

  /// The object as it is so far.
  var document: JSON {
    let document = members.copy()
    for (name, buffer) in texts { document.set(named: name, .string(buffer)) }
    return document
  }

  private func isText(_ name: String, _ value: JSON) -> Bool {
    value.isString && (growing?.contains { $0.matches(name) } ?? (name != "type"))
  }

  private func takeTexts(of piece: JSON) {
    for (name, value) in piece.members where isText(name, value) {
      guard let bytes = value.stringBytes else { continue }
      if let known = texts.first(where: { $0.name == name }) {
        known.buffer.append(bytes)
      } else if texts.count < Self.textLimit {
        let buffer = ByteBuffer()
        buffer.append(bytes)
        texts.append((name, buffer))
      } else {
        members.set(named: name, value)
      }
    }
  }
}
