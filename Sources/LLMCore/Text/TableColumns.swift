/// The columns of a line of a table, one after the other.
package struct TableColumns {
  private let line: UnsafeRawBufferPointer
  private let separator: UInt8
  private var place = 0

  package init(_ line: UnsafeRawBufferPointer, separator: UInt8) {
    self.line = line
    self.separator = separator
  }

  /// Passes over a column.
  package mutating func skip() { place = (line.firstOffset(of: separator, from: place) ?? line.count) + 1 }

  /// The next column without the blanks around it; nil where it is `-`, empty or left out.
  package mutating func next() -> UnsafeRawBufferPointer? {
    while place < line.count {
      var (start, end) = (place, line.firstOffset(of: separator, from: place) ?? line.count)
      place = end + 1
      while start < end, line[start] == UInt8(ascii: " ") { start += 1 }
      while end > start, line[end - 1] == UInt8(ascii: " ") { end -= 1 }
      // Several blanks are one separator where blanks separate.
      if start == end, separator == UInt8(ascii: " ") { continue }
      let isMissing = start == end || (end - start == 1 && line[start] == UInt8(ascii: "-"))
      return isMissing ? nil : UnsafeRawBufferPointer(rebasing: line[start..<end])
    }
    return nil
  }

  /// The next column as text.
  package var text: String? {
    mutating get { next().map { String(decoding: $0, as: UTF8.self) } }
  }

  /// The next column as words with commas between.
  package var list: [String] {
    mutating get { text?.pieces(separatedBy: UInt8(ascii: ",")) ?? [] }
  }

  /// The next column as an integer.
  package var integer: Int64? {
    mutating get { text?.asInteger }
  }
}

extension UnsafeRawBufferPointer {
  /// The first line of a table whose first column is that word, with a blank behind it.
  package func line(startingWith word: String) -> UnsafeRawBufferPointer? {
    var word = word
    return word.withUTF8 { utf8 in
      let sought = UnsafeRawBufferPointer(utf8)
      var found: UnsafeRawBufferPointer?
      forEachLine { line in
        guard line.count > sought.count, line[sought.count] == UInt8(ascii: " "), line.hasPrefix(sought) else {
          return true
        }
        found = line
        return false
      }
      return found
    }
  }
}
