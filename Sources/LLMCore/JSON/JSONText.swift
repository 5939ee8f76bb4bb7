import CSystem

/// JSON written as text while it is made: for documents that every call makes and few look into. A tree of the same
/// takes an allocation or three for each member, and has to be written and freed as well.
///
/// It keeps no state but the buffer: what was written last tells whether a comma is due.
public struct JSONText {
  /// Where it is written.
  public let buffer: ByteBuffer

  /// Goes on behind what the buffer holds.
  public init(_ buffer: ByteBuffer) { self.buffer = buffer }

  /// Opens an object, or with a key an object that is a member.
  @inline(never)
  public func openObject(_ key: StaticText? = nil) { open(key, UInt8(ascii: "{")) }

  /// Closes the innermost object.
  public func closeObject() { buffer.append(UInt8(ascii: "}")) }

  /// Opens an array.
  @inline(never)
  public func openArray(_ key: StaticText? = nil) { open(key, UInt8(ascii: "[")) }

  /// Closes the innermost array.
  public func closeArray() { buffer.append(UInt8(ascii: "]")) }

  private func open(_ key: StaticText?, _ bracket: UInt8) {
    if let key { name(key) } else { separate() }
    buffer.append(bracket)
  }

  /// A member that is a text of valid UTF-8.
  @inline(never)
  public func add(_ key: StaticText, _ utf8: UnsafeRawBufferPointer) {
    name(key)
    JSONWriter(buffer).write(string: utf8)
  }

  /// A member that is the text in a buffer.
  public func add(_ key: StaticText, _ text: ByteBuffer) { add(key, text.bytes) }

  /// A member that is a constant.
  @inline(never)
  public func add(_ key: StaticText, _ word: StaticText) { add(key, word.utf8) }

  /// A member that is a text; nil adds nothing.
  @_disfavoredOverload
  @inline(never)
  public func add(_ key: StaticText, _ text: String?) {
    guard var text else { return }
    text.withUTF8 { add(key, UnsafeRawBufferPointer($0)) }
  }

  /// A member that is an integer; nil adds nothing.
  @inline(never)
  public func add(_ key: StaticText, _ value: Int64?) {
    guard let value else { return }
    name(key)
    buffer.append(integer: value)
  }

  /// A member that is true or false.
  @inline(never)
  public func add(_ key: StaticText, _ value: Bool) {
    name(key)
    buffer.append(value ? "true" : "false")
  }

  /// A member that is null.
  public func addNull(_ key: StaticText) {
    name(key)
    buffer.append("null")
  }

  /// A member that is a length of time, in milliseconds.
  @inline(never)
  public func add(_ key: StaticText, milliseconds time: Microseconds) { add(key, time, inUnitsOf: 1000) }

  /// A member that is a number of so many parts of one (a power of ten), written as a decimal number: exact, and without
  /// the arithmetic of floating point.
  @inline(never)
  public func add(_ key: StaticText, _ parts: Int64, inUnitsOf one: Int64) {
    name(key)
    if parts < 0 { buffer.append(UInt8(ascii: "-")) }
    let unit = one.magnitude
    let (whole, fraction) = parts.magnitude.quotientAndRemainder(dividingBy: unit)
    buffer.append(integer: Int64(clamping: whole))
    guard fraction > 0 else { return buffer.append(".0") }
    buffer.append(UInt8(ascii: "."))
    var (rest, place) = (fraction, unit / 10)
    while rest > 0, place > 0 {
      buffer.append(0x30 &+ UInt8(truncatingIfNeeded: rest / place))
      rest %= place
      place /= 10
    }
  }

  /// A member that is a tree; nil adds nothing.
  @inline(never)
  public func add(_ key: StaticText, _ tree: JSON?) {
    guard let tree else { return }
    name(key)
    tree.write(into: buffer)
  }

  /// A member that is a tree, under a name that is not known at compile time.
  @inline(never)
  public func add(named name: String, _ tree: JSON) {
    var name = name
    name.withUTF8 { add(UnsafeRawBufferPointer($0), tree) }
  }

  /// An element that is a tree.
  @inline(never)
  public func add(element tree: JSON) {
    separate()
    tree.write(into: buffer)
  }

  /// The members of an object that was made as a tree, without those that are written by themselves.
  @inline(never)
  public func addMembers(of tree: JSON?, except own: [StaticText] = []) {
    guard let tree else { return }
    tree.forEachMember { key, value in
      if !own.contains(where: { $0.matches(key) }) { add(key, value) }
    }
  }

  /// A member whose key may need escapes, and whose value is a tree.
  func add(_ key: UnsafeRawBufferPointer, _ tree: JSON) {
    separate()
    JSONWriter(buffer).write(string: key)
    buffer.append(UInt8(ascii: ":"))
    tree.write(into: buffer)
  }

  /// The library's own keys need no escapes.
  private func name(_ key: StaticText) { buffer.append(key: key.utf8) }

  private func separate() {
    if buffer.endsInValue { buffer.append(UInt8(ascii: ",")) }
  }
}
