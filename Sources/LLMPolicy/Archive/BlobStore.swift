import LLMCore

/// Where named documents lie: the files of a directory, or a store that is shared. What fails says why and loses nothing
/// but itself.
public protocol BlobStore: AnyObject, Sendable {
  /// For messages: the directory, or what it is.
  var place: String { get }
  /// The names of all there are, in the order of their bytes; none where they cannot be listed.
  func names() -> [String]
  /// Those names; nil where it could not be found out which there are.
  func listing() -> [String]?
  /// A document; nil where there is none.
  func read(_ name: String) -> ByteBuffer?
  /// Puts a document there as a whole or not at all, in place of one of that name; why it failed, or nil. After the time
  /// to live (0: never) it may be gone.
  func write(_ name: String, _ document: ByteBuffer, timeToLive: Microseconds) -> String?
  /// Adds what is to be known of the store to a status document.
  func fill(_ status: JSON)
  /// Takes a document away; whether there was one.
  func remove(_ name: String) -> Bool
}

extension BlobStore {
  /// A directory is where it was.
  public func fill(_ status: JSON) {}
}

extension BlobStore {
  /// Most know their names.
  public func listing() -> [String]? { names() }
}
