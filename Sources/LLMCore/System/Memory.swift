import CMemory

/// What is to be known of memory that ran out (docs/internals/memory.md).
///
/// Swift's own small allocations never fail: a reserve serves them, and the thread is marked. Whoever ends a piece of
/// work looks at the mark, and says `noMemory` in place of what was made without.
public enum Memory {
  /// Whether memory ran out on this thread in the work under way.
  @inline(__always)
  public static var hasRunOut: Bool {
    get { guarded_has_run_out() }
    set { guarded_set_run_out(newValue) }
  }

  /// Runs a piece of work under a mark of its own: what it suffers is not its caller's, who may be in the middle of
  /// other work (a callback that uses the library again).
  @inline(__always)
  public static func watching<Value>(_ work: () -> Value) -> Value {
    let outer = hasRunOut
    hasRunOut = false
    defer { hasRunOut = outer }
    return work()
  }

  /// Does work whose objects a peer or a caller decides the size of, at most so many bytes in all that live at the same
  /// time; nil, and the mark is set, where the memory cannot be had.
  ///
  /// What is small anyway is not asked for ahead.
  @inline(__always)
  public static func granted<Value, Failure: Error>(
    _ bytes: Int, _ work: () throws(Failure) -> Value
  ) throws(Failure) -> Value? {
    if bytes <= smallest { return try work() }
    guard guarded_grant(bytes) else { return nil }
    defer { guarded_revoke() }
    return try work()
  }

  /// Whether so much can be had just now, for what is not to come out of the reserve.
  public static func hasRoom(for bytes: Int) -> Bool {
    guard guarded_grant(bytes) else { return false }
    guarded_revoke()
    return true
  }

  /// What the reserve serves.
  private static let smallest = 32 << 10

  /// What stands before the elements of an array or the bytes of a string, and what rounding adds.
  fileprivate static let overhead = 256
}

extension LLMError {
  /// What the work of a thread ends with whose memory ran out.
  public static var noMemory: LLMError {
    LLMError(.noMemory, "memory ran out; free some, or ask for less, and try again")
  }
}

extension String {
  /// The text of bytes whose number a peer or a caller decides; what is not valid UTF-8 is repaired with U+FFFD. Empty
  /// where there is no memory for it.
  @inline(never)
  public init(granted utf8: UnsafeRawBufferPointer) {
    self = Memory.granted(utf8.count &+ Memory.overhead) { String(decoding: utf8, as: UTF8.self) } ?? ""
  }
}

extension Array {
  /// Makes room for so many more elements, whose number a peer or a caller decides; false where there is no memory.
  @inline(__always)
  public mutating func makeRoom(for additional: Int = 1) -> Bool {
    let needed = count &+ additional
    if needed <= capacity { return true }
    let grown = Swift.max(needed, capacity &* 2)
    return Memory.granted(grown &* MemoryLayout<Element>.stride &+ Memory.overhead) { reserveCapacity(grown) } != nil
  }
}

/// Documents that are known at compile time.
public enum ErrorDocument {
  /// What is said where there is no memory to say more.
  public static let noMemory: StaticString = """
    {"error":{"code":"no_memory","message":"memory ran out; free some, or ask for less, and try again","retryable":false}}
    """
}
