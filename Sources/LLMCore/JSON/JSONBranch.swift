import CSystem

/// What is in a container that was made, changed or is large: where its elements or members are, in their order, and for
/// many members an index of their names.
final class JSONBranch {
  private struct Entry {
    var key: UnsafeRawPointer?
    var keyLength: Int
    /// Whether the key's bytes were allocated for this entry.
    var ownsKey: Bool
    /// Who keeps the value: counted; nil where it is who keeps the container.
    var owner: Unmanaged<JSONOwner>?
    var place: JSONPlace

    var keyBytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: key, count: keyLength) }
  }

  /// So many members are found by looking at one after the other.
  static let mostUnindexed = 64

  let isObject: Bool
  /// How many cells of a document the container takes.
  let span: Int
  /// Whether it was packed in a document, whose text has its keys.
  let isOfDocument: Bool
  /// Another of the same owner's.
  var next: JSONBranch?
  private(set) var count = 0

  private var entries: UnsafeMutablePointer<Entry>?
  private var capacity = 0
  private var index = JSONIndex()
  /// Who keeps the keys of a container that this is a copy of.
  let keys: JSONOwner?

  /// An empty one, of a container that is made.
  init(isObject: Bool, keys: JSONOwner? = nil) {
    self.isObject = isObject
    self.keys = keys
    span = 1
    isOfDocument = false
  }

  /// An empty one, of a container that takes so many cells of a document.
  init(isObject: Bool, documentSpan: Int) {
    self.isObject = isObject
    keys = nil
    span = documentSpan
    isOfDocument = true
  }

  deinit { removeAll { _ in } }

  /// Lets go of everything; who keeps a value is shown before that.
  func removeAll(_ release: (inout JSONOwner) -> Void) {
    for place in 0..<count {
      guard let entry = entries?[place] else { break }
      if entry.ownsKey { free(UnsafeMutableRawPointer(mutating: entry.key)) }
      guard var owner = entry.owner?.takeRetainedValue() else { continue }
      release(&owner)
    }
    free(entries)
    entries = nil
    (count, capacity) = (0, 0)
    index.removeAll()
  }
}

// MARK: - Reading

extension JSONBranch {
  /// The key at a place that exists.
  func key(_ place: Int) -> UnsafeRawBufferPointer {
    entries?[place].keyBytes ?? UnsafeRawBufferPointer(start: nil, count: 0)
  }

  /// The value at a place that exists.
  func slot(_ place: Int) -> JSONSlot {
    guard let entries else { return JSONSlot(place: JSON.nothing) }
    return JSONSlot(owner: entries[place].owner, place: entries[place].place)
  }

  /// Where the member of that name is; nil where there is none.
  func find(_ key: UnsafeRawBufferPointer) -> Int? {
    guard let entries else { return nil }
    if index.isEmpty {
      for place in 0..<count where entries[place].keyBytes.isSame(as: key) { return place }
      return nil
    }
    return index.find(key) { entries[$0].keyBytes.isSame(as: key) }
  }

  #if DEBUG
    /// How many keys were compared by way of the index: what tests hold to be linear.
    var comparisons: Int { index.comparisons }
  #endif
}

// MARK: - Changing

extension JSONBranch {
  /// How the bytes of a key live.
  enum KeyStorage {
    /// As long as the branch: a constant, or in a text that it keeps.
    case kept
    /// They are copied.
    case copied
  }

  /// Sets a member: in its place, or behind the others.
  func put(_ key: UnsafeRawBufferPointer, _ storage: KeyStorage, _ value: JSONSlot) {
    if let place = find(key) { return replace(place, value) }
    add(key, storage, value)
  }

  /// Adds an element, or a member that is not there yet.
  func add(_ key: UnsafeRawBufferPointer, _ storage: KeyStorage, _ value: JSONSlot) {
    var bytes = key.baseAddress
    if storage == .copied {
      guard let copy = malloc(key.count + 1) else { return Self.noteExhaustion() }
      if let source = key.baseAddress { memcpy(copy, source, key.count) }
      bytes = UnsafeRawPointer(copy)
    }
    guard makeRoom(), let entries else {
      if storage == .copied { free(UnsafeMutableRawPointer(mutating: bytes)) }
      return Self.noteExhaustion()
    }
    _ = value.owner?.retain()
    entries[count] = Entry(
      key: bytes, keyLength: key.count, ownsKey: storage == .copied, owner: value.owner, place: value.place)
    count += 1
    if isObject, count > Self.mostUnindexed { indexLast() }
  }

  /// Adds a member or an element under the key that another branch has at a place; this one keeps what that one keeps.
  func add(from other: JSONBranch, _ place: Int, _ value: JSONSlot) {
    guard let entry = other.entries?[place] else { return }
    add(entry.keyBytes, entry.ownsKey ? .copied : .kept, value)
  }

  /// Replaces the value at a place that exists.
  func replace(_ place: Int, _ value: JSONSlot) {
    guard let entries else { return }
    let old = entries[place].owner
    _ = value.owner?.retain()
    entries[place].owner = value.owner
    entries[place].place = value.place
    old?.release()
  }

  /// Removes what is at a place that exists.
  func remove(_ place: Int) {
    guard let entries else { return }
    let old = entries[place]
    count -= 1
    memmove(entries + place, entries + place + 1, (count - place) * MemoryLayout<Entry>.stride)
    if old.ownsKey { free(UnsafeMutableRawPointer(mutating: old.key)) }
    old.owner?.release()
    index.removeAll()
    if isObject, count > Self.mostUnindexed { indexLast() }
  }

  private func makeRoom() -> Bool {
    if count < capacity { return true }
    let grown = max(2 * capacity, 8)
    guard let larger = realloc(entries, grown * MemoryLayout<Entry>.stride) else { return false }
    entries = larger.bindMemory(to: Entry.self, capacity: grown)
    capacity = grown
    return true
  }

  /// Enters the last member into the index, or all where the index is new or has to grow.
  private func indexLast() {
    guard let entries else { return }
    let from = index.makeRoom(for: count) ? count - 1 : 0
    for place in from..<count { index.enter(entries[place].keyBytes, at: place) }
  }

  /// Memory ran out in the middle of a change.
  static func noteExhaustion() {}
}
