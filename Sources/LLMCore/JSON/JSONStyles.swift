import CSystem

/// Writes values where it matters more how than how fast: for people, or so that equal values are equal texts.
struct StyledJSONWriter {
  enum Style {
    /// Members in the order of their names, numbers without a fraction as integers, no blanks.
    case canonical
    /// Members and elements of the outer so many levels on lines of their own.
    case lines(toDepth: Int)
  }

  /// As for the other writer.
  private static let deepest = 512

  private let out: ByteBuffer
  private let isCanonical: Bool
  private let lineDepth: Int

  init(_ out: ByteBuffer, _ style: Style) {
    self.out = out
    switch style {
    case .canonical: (isCanonical, lineDepth) = (true, 0)
    case .lines(let depth): (isCanonical, lineDepth) = (false, depth)
    }
  }

  func write(_ value: JSON, depth: Int, except unwanted: [StaticText] = []) {
    guard depth < Self.deepest else { return out.append("null") }
    switch value.kind {
    case .object: writeObject(value, depth: depth, except: unwanted)
    case .array: writeArray(value, depth: depth)
    case .real where isCanonical:
      if let whole = value.int { out.append(integer: whole) } else { value.write(into: out) }
    default: value.write(into: out)
    }
  }

  private func writeObject(_ object: JSON, depth: Int, except unwanted: [StaticText]) {
    var names: [String] = []
    object.forEachMember { name, _ in
      if !unwanted.contains(where: { $0.matches(name) }) { names.append(String(decoding: name, as: UTF8.self)) }
    }
    if isCanonical { names = sortedByBytes(names) }
    out.append(UInt8(ascii: "{"))
    for (index, name) in names.enumerated() {
      guard let value = object.member(name) else { continue }
      separate(index, depth: depth)
      var name = name
      name.withUTF8 { JSONWriter(out).write(string: UnsafeRawBufferPointer($0)) }
      out.append(isCanonical ? ":" : ": ")
      write(value, depth: depth + 1)
    }
    if !names.isEmpty { breakLine(depth, indentation: depth) }
    out.append(UInt8(ascii: "}"))
  }

  private func writeArray(_ array: JSON, depth: Int) {
    out.append(UInt8(ascii: "["))
    let elements = array.elements
    for (index, value) in elements.enumerated() {
      separate(index, depth: depth)
      write(value, depth: depth + 1)
    }
    if !elements.isEmpty { breakLine(depth, indentation: depth) }
    out.append(UInt8(ascii: "]"))
  }

  private func separate(_ index: Int, depth: Int) {
    if index > 0 { out.append(isCanonical || depth < lineDepth ? "," : ", ") }
    breakLine(depth, indentation: depth + 1)
  }

  private func breakLine(_ depth: Int, indentation: Int) {
    guard depth < lineDepth else { return }
    out.append(UInt8(ascii: "\n"))
    for _ in 0..<indentation { out.append("  ") }
  }
}

extension JSON {
  /// Writes the value so that equal values give equal text: members in the order of their names at every depth, numbers
  /// without a fraction as integers, no blanks. Members of its own, not of what is within it, can be left out.
  public func writeCanonically(into buffer: ByteBuffer, except unwanted: [StaticText] = []) {
    StyledJSONWriter(buffer, .canonical).write(self, depth: 0, except: unwanted)
  }

  /// Writes the value for people: members and elements of the outer so many levels on lines of their own.
  public func write(into buffer: ByteBuffer, linesToDepth depth: Int) {
    StyledJSONWriter(buffer, .lines(toDepth: depth)).write(self, depth: 0)
  }
}
