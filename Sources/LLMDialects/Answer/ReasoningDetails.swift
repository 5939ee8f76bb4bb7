import LLMCore

/// A member of `reasoning_details` as it arrives: texts in pieces, everything else as it was last said.
final class ReasoningDetailParts {
  /// Which of the details a piece belongs to. It is held against each detail that there is, so it is read only once.
  struct Place {
    private enum Kind: Equatable {
      case text, summary, encrypted
      case other(String)
    }

    private let index: Int64?
    private let kind: Kind
    fileprivate var id: String?

    init(_ detail: JSON) {
      index = detail.int("index")
      id = detail.string("id")
      if detail.says("type", "reasoning.text") {
        kind = .text
      } else if detail.says("type", "reasoning.summary") {
        kind = .summary
      } else if detail.says("type", "reasoning.encrypted") {
        kind = .encrypted
      } else {
        kind = .other(detail.string("type") ?? "")
      }
    }

    /// Whether both are of one detail: the same type and number, and no other id.
    func agrees(with other: Place) -> Bool {
      guard let index, index == other.index, kind == other.kind else { return false }
      guard let id, let otherID = other.id else { return true }
      return id == otherID
    }
  }

  private static let growing: [StaticText] = ["text", "summary", "data", "signature"]

  private(set) var place: Place
  private let object: GrowingObject

  /// Begins with the first piece, or with all there is of it.
  init(_ detail: JSON, at place: Place) {
    self.place = place
    object = GrowingObject(detail, growing: Self.growing)
  }

  /// Adds a piece.
  func add(_ piece: JSON, at place: Place) {
    self.place.id = self.place.id ?? place.id
    object.add(piece)
  }

  /// The detail as it is so far.
  var document: JSON { object.document }
}
