import LLMCore

/// Where named documents lie: the files of a directory. What fails says why and loses nothing but itself.
public protocol Shelf: AnyObject, Sendable {
  /// For messages: the directory.
  var place: String { get }
  /// The names of all there are, in the order of their bytes.
  func names() -> [String]
  /// A document; nil where there is none.
  func read(_ name: String) -> ByteBuffer?
  /// Puts a document there as a whole or not at all, in place of one of that name; why it failed, or nil.
  func write(_ name: String, _ document: ByteBuffer) -> String?
  /// Takes a document away; whether there was one.
  func remove(_ name: String) -> Bool
}
