import CSystem

/// One value of a document, or one key.
struct JSONCell {
  enum Kind: UInt8 {
    /// A container that is packed: its elements, or its keys each with its value, are the cells behind it.
    case object, array
    /// A container that was made, changed or is large: a `JSONBranch` holds what is in it.
    case branch
    case string, integer
    /// A number with a fraction: as its text, or as itself.
    case realText, real
    case yes, no, null
  }

  let kind: Kind
  /// Whether a text has nothing that JSON would escape; the mark of a container.
  let isPlain: Bool
  /// Of a text or a real's text, its bytes; of a packed container, its elements or members.
  let count: UInt32
  /// An integer; a real's bits; where bytes or a branch are; how many cells a packed container and all in it take.
  private let payload: Int64

  init(_ kind: Kind, payload: Int64 = 0) {
    self.kind = kind
    isPlain = false
    count = 0
    self.payload = payload
  }

  init(_ kind: Kind, isPlain: Bool = false, bytes: UnsafeRawBufferPointer) {
    self.kind = kind
    self.isPlain = isPlain
    count = UInt32(truncatingIfNeeded: bytes.count)
    payload = Int64(Int(bitPattern: bytes.baseAddress))
  }

  /// A container that is packed; while it is read it can be marked as one that is not to stay so.
  init(containerOf count: Int, isObject: Bool, span: Int, isMarked: Bool = false) {
    kind = isObject ? .object : .array
    isPlain = isMarked
    self.count = UInt32(truncatingIfNeeded: count)
    payload = Int64(span)
  }

  /// Borrows the branch, which the cell's owner keeps.
  init(_ branch: JSONBranch) {
    self.init(.branch, payload: Int64(Int(bitPattern: Unmanaged.passUnretained(branch).toOpaque())))
  }

  init(real: Double) { self.init(.real, payload: Int64(bitPattern: real.bitPattern)) }

  /// Whether it may take more cells than one.
  var isContainer: Bool { kind.rawValue <= Kind.branch.rawValue }

  var integer: Int64 { payload }
  var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: Int(payload)), count: Int(count))
  }

  /// A text's bytes; nil for everything else.
  var text: UnsafeRawBufferPointer? { kind == .string ? bytes : nil }

  /// What holds a container's content, where it is not packed.
  var branch: JSONBranch? {
    guard kind == .branch, let pointer = UnsafeRawPointer(bitPattern: Int(payload)) else { return nil }
    return Unmanaged<JSONBranch>.fromOpaque(pointer).takeUnretainedValue()
  }

  /// How many cells of the document the value and all in it take.
  var span: Int {
    switch kind {
    case .object, .array: Int(payload)
    case .branch: branch?.span ?? 1
    default: 1
    }
  }

  /// The number that a real is.
  var double: Double {
    if kind == .real { return Double(bitPattern: UInt64(bitPattern: payload)) }
    guard kind == .realText else { return 0 }
    var value = 0.0
    let code = llm_read_real(bytes.baseAddress, bytes.count, &value)
    if code == ENOMEM { Memory.hasRunOut = true }
    return code == 0 ? value : 0
  }
}

/// Where a value is: in its owner's memory, which does not move.
typealias JSONPlace = UnsafeMutablePointer<JSONCell>

extension JSONPlace {
  /// What stands behind this and all that is within it.
  var next: JSONPlace { self + pointee.span }

  var isObject: Bool { pointee.kind == .object || (pointee.branch?.isObject ?? false) }
  var isArray: Bool { pointee.kind == .array || !(pointee.branch?.isObject ?? true) }

  /// The number of elements or members.
  var contentCount: Int {
    switch pointee.kind {
    case .object, .array: Int(pointee.count)
    case .branch: pointee.branch?.count ?? 0
    default: 0
    }
  }

  /// The value of the object's member of that name; nil where there is none.
  func member(_ key: UnsafeRawBufferPointer) -> JSONSlot? {
    guard pointee.kind == .object else {
      guard let branch = pointee.branch, branch.isObject else { return nil }
      return branch.find(key).map { branch.slot($0) }
    }
    // Most keys differ in length, and most values are one cell: a member that is not the one costs a few instructions.
    let length = UInt32(truncatingIfNeeded: key.count)
    var (place, left) = (self + 1, pointee.count)
    while left > 0 {
      let value = place + 1
      if place.pointee.count == length, place.pointee.bytes.isSame(as: key) { return JSONSlot(place: value) }
      place = value.pointee.isContainer ? value.next : value + 1
      left &-= 1
    }
    return nil
  }

  /// The array's element at an index that exists.
  func element(_ index: Int) -> JSONSlot? {
    guard index >= 0, index < contentCount else { return nil }
    if let branch = pointee.branch { return branch.isObject ? nil : branch.slot(index) }
    guard pointee.kind == .array else { return nil }
    var place = self + 1
    for _ in 0..<index { place = place.next }
    return JSONSlot(place: place)
  }
}

/// A value within a container: who keeps it, where that is another than who keeps the container, and where it is.
struct JSONSlot {
  var owner: Unmanaged<JSONOwner>?
  var place: JSONPlace

  /// How a container of another owner refers to it, where this is who keeps the container.
  func kept(by owner: JSONOwner) -> JSONSlot {
    JSONSlot(owner: self.owner ?? Unmanaged.passUnretained(owner), place: place)
  }
}

/// What keeps the values of a document alive, or one value that was made.
final class JSONOwner {
  /// The values.
  var cells: JSONPlace?
  /// What their texts point into.
  var text: UnsafeMutableRawPointer?
  /// What `JSON.footprint` is of a document that is as it was read; 0 of everything else.
  var footprint = 0
  /// The branches of its containers, one after the other.
  private var branches: JSONBranch?

  func keep(_ branch: JSONBranch) {
    branch.next = branches
    branches = branch
  }

  /// Values that were made one around the other are let go one after the other: in each other's `deinit` they would take
  /// as much of the stack as they are deep.
  deinit {
    free(cells)
    free(text)
    while let branch = branches {
      branches = branch.next
      branch.next = nil
      branch.removeAll { owner in
        guard isKnownUniquelyReferenced(&owner) else { return }
        while let inner = owner.branches {
          owner.branches = inner.next
          inner.next = branches
          branches = inner
        }
      }
    }
  }
}
