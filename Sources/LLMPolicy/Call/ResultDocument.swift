import LLMCore

/// The document that a call ends with: written as text or made as a tree, and each made of the other only where somebody
/// asks for it.
public final class ResultDocument {
  private var known: JSON?
  private let text: ByteBuffer?

  /// Takes a tree over.
  public init(_ tree: JSON) {
    known = tree
    text = nil
  }

  /// Takes the text of an object over.
  init(text: ByteBuffer) { self.text = text }

  /// The document as a tree.
  public var tree: JSON {
    if let known { return known }
    let tree = text.map { JSON.own($0.bytes) } ?? .null
    known = tree
    return tree
  }

  /// The document as text in malloc'd, NUL-terminated storage of the caller's.
  public func makeCString() -> UnsafeMutablePointer<CChar>? {
    guard let text else { return tree.makeCString() }
    let copy = ByteBuffer(capacity: text.count)
    copy.append(text.bytes)
    return copy.takeCString()
  }

  /// The same where nobody asks again: what was written is handed over.
  public func takeCString() -> UnsafeMutablePointer<CChar>? { text.map { $0.takeCString() } ?? tree.makeCString() }

  /// Hands the text to a reader, with a NUL behind it.
  func withText(_ read: (UnsafeRawBufferPointer) -> Void) {
    let buffer = text ?? ByteBuffer(capacity: 256)
    if text == nil { tree.write(into: buffer) }
    _ = buffer.terminated()
    read(buffer.bytes)
  }
}
