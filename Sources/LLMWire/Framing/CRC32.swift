/// The CRC-32 of zlib and Ethernet, eight bytes a step: a stream of small messages is checked twice over, so that a
/// byte a step would cost more than everything else that is done to it.
enum CRC32 {
  /// Eight tables of 256: table n is what a byte does to the sum n bytes further on. Made once, never freed.
  private struct Tables: @unchecked Sendable {
    let entries: UnsafeMutablePointer<UInt32>

    init() {
      entries = .allocate(capacity: 8 * 256)
      for byte in 0..<256 {
        var sum = UInt32(truncatingIfNeeded: byte)
        for _ in 0..<8 { sum = sum & 1 == 0 ? sum >> 1 : 0xEDB8_8320 ^ (sum >> 1) }
        entries[byte] = sum
      }
      for place in 256..<(8 * 256) {
        let previous = entries[place - 256]
        entries[place] = (previous >> 8) ^ entries[Int(previous & 0xFF)]
      }
    }
  }

  private static let tables = Tables()

  static func sum(of bytes: UnsafeRawBufferPointer) -> UInt32 {
    let table = tables.entries
    func entry(_ index: Int, _ byte: UInt64) -> UInt32 { table[index &* 256 &+ Int(byte & 0xFF)] }
    var sum: UInt32 = 0xFFFF_FFFF
    var place = 0
    while bytes.count - place >= 8 {
      let word = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)) ^ UInt64(sum)
      sum = entry(7, word) ^ entry(6, word >> 8) ^ entry(5, word >> 16) ^ entry(4, word >> 24)
      sum ^= entry(3, word >> 32) ^ entry(2, word >> 40) ^ entry(1, word >> 48) ^ entry(0, word >> 56)
      place += 8
    }
    while place < bytes.count {
      sum = (sum >> 8) ^ entry(0, UInt64(sum) ^ UInt64(bytes[place]))
      place += 1
    }
    return ~sum
  }
}
