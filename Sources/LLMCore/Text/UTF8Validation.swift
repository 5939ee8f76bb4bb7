/// Whether the bytes are text.
public func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool { UTF8Rules.validPrefix(of: bytes) == bytes.count }

/// UTF-8 as Unicode defines it: no overlong forms, no surrogates, nothing above U+10FFFF.
package enum UTF8Rules {
  /// The length that a first byte announces; 0 for one that begins nothing.
  @inline(__always)
  package static func length(ofFirst byte: UInt8) -> Int {
    switch byte {
    case 0..<0x80: 1
    case 0xC2...0xDF: 2
    case 0xE0...0xEF: 3
    case 0xF0...0xF4: 4
    default: 0
    }
  }

  /// The second bytes that may follow a first one.
  @inline(__always)
  package static func seconds(after first: UInt8) -> ClosedRange<UInt8> {
    switch first {
    case 0xE0: 0xA0...0xBF
    case 0xED: 0x80...0x9F
    case 0xF0: 0x90...0xBF
    case 0xF4: 0x80...0x8F
    default: 0x80...0xBF
    }
  }

  @inline(__always)
  package static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }

  /// The length of the valid sequence of two to four bytes that begins at `place`, which lies before `end`; 0 when none
  /// does.
  @inline(__always)
  package static func multibyteLength(at place: UnsafeRawPointer, end: UnsafeRawPointer) -> Int {
    let first = place.load(as: UInt8.self)
    let length = length(ofFirst: first)
    guard length >= 2, length <= end - place else { return 0 }
    guard seconds(after: first).contains(place.load(fromByteOffset: 1, as: UInt8.self)) else { return 0 }
    if length >= 3, !isContinuation(place.load(fromByteOffset: 2, as: UInt8.self)) { return 0 }
    if length == 4, !isContinuation(place.load(fromByteOffset: 3, as: UInt8.self)) { return 0 }
    return length
  }

  /// How many bytes of the beginning are valid UTF-8.
  package static func validPrefix(of bytes: UnsafeRawBufferPointer) -> Int {
    guard let start = bytes.baseAddress else { return 0 }
    let end = start + bytes.count
    var place = start
    while place < end {
      place = skipASCII(from: place, end: end)
      while place < end, place.load(as: UInt8.self) >= 0x80 {
        let length = multibyteLength(at: place, end: end)
        if length == 0 { return place - start }
        place += length
      }
    }
    return bytes.count
  }

  /// The first byte from `place` on that is not ASCII, or `end`.
  @inline(__always)
  package static func skipASCII(from place: UnsafeRawPointer, end: UnsafeRawPointer) -> UnsafeRawPointer {
    var place = place
    while end - place >= 8 {
      let high = UInt64(littleEndian: place.loadUnaligned(as: UInt64.self)) & 0x8080_8080_8080_8080
      if high != 0 { return place + (high.trailingZeroBitCount &>> 3) }
      place += 8
    }
    while place < end, place.load(as: UInt8.self) < 0x80 { place += 1 }
    return place
  }
}
