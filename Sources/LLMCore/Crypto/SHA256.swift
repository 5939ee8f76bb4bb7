/// SHA-256 (FIPS 180-4).
public struct SHA256 {
  /// 32 bytes.
  public typealias Digest = [32 of UInt8]
  /// Bytes that are taken at a time.
  static let blockLength = 64

  private var state: [8 of UInt32] = [
    0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19,
  ]
  private var block: [64 of UInt8] = .init(repeating: 0)
  private var fill = 0
  private var length: UInt64 = 0

  /// The digest of the bytes.
  public static func digest(_ bytes: UnsafeRawBufferPointer) -> Digest {
    var hash = SHA256()
    hash.update(bytes)
    return hash.finish()
  }

  /// Takes more bytes.
  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    length &+= UInt64(bytes.count)
    var rest = bytes
    while !rest.isEmpty {
      let piece = rest.prefix(Self.blockLength - fill)
      withUnsafeMutableBytes(of: &block) { block in
        UnsafeMutableRawBufferPointer(rebasing: block[fill...]).copyBytes(from: piece)
      }
      fill += piece.count
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(piece.count))
      if fill == Self.blockLength { compress() }
    }
  }

  /// The digest of all that was taken.
  mutating func finish() -> Digest {
    let bitCount = length &* 8
    push(0x80)
    while fill != 56 { push(0) }
    for shift in stride(from: 56, through: 0, by: -8) { push(UInt8(truncatingIfNeeded: bitCount >> UInt64(shift))) }
    var digest = Digest(repeating: 0)
    for index in digest.indices {
      digest[index] = UInt8(truncatingIfNeeded: state[index / 4] >> UInt32(24 - 8 * (index % 4)))
    }
    return digest
  }

  private mutating func push(_ byte: UInt8) {
    block[fill] = byte
    fill += 1
    if fill == Self.blockLength { compress() }
  }

  private mutating func compress() {
    withUnsafeBytes(of: schedule()) { mix($0.bindMemory(to: UInt32.self)) }
    fill = 0
  }

  /// Takes the words by pointer: of an array that is a value, each round would copy the whole.
  private mutating func mix(_ words: UnsafeBufferPointer<UInt32>) {
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
    for round in 0..<64 {
      let choice = (e & f) ^ (~e & g)
      let first = h &+ rotated(e, 6, 11, 25) &+ choice &+ Self.constants[round] &+ words[round]
      let second = rotated(a, 2, 13, 22) &+ ((a & b) ^ (a & c) ^ (b & c))
      (h, g, f, e) = (g, f, e, d &+ first)
      (d, c, b, a) = (c, b, a, first &+ second)
    }
    let changes: [8 of UInt32] = [a, b, c, d, e, f, g, h]
    for index in changes.indices { state[index] &+= changes[index] }
  }

  private func schedule() -> [64 of UInt32] {
    var words: [64 of UInt32] = .init(repeating: 0)
    for index in 0..<16 {
      for offset in 0..<4 { words[index] = words[index] << 8 | UInt32(block[4 * index + offset]) }
    }
    for index in 16..<64 {
      let (early, late) = (words[index - 15], words[index - 2])
      let small = rotate(early, 7) ^ rotate(early, 18) ^ early >> 3
      let large = rotate(late, 17) ^ rotate(late, 19) ^ late >> 10
      words[index] = words[index - 16] &+ small &+ words[index - 7] &+ large
    }
    return words
  }

  /// Masking shifts, which are one machine instruction together.
  private func rotate(_ word: UInt32, _ count: UInt32) -> UInt32 { word &>> count | word &<< (32 &- count) }

  private func rotated(_ word: UInt32, _ first: UInt32, _ second: UInt32, _ third: UInt32) -> UInt32 {
    rotate(word, first) ^ rotate(word, second) ^ rotate(word, third)
  }

  private static let constants: [64 of UInt32] = [
    0x428A_2F98, 0x7137_4491, 0xB5C0_FBCF, 0xE9B5_DBA5, 0x3956_C25B, 0x59F1_11F1, 0x923F_82A4, 0xAB1C_5ED5,
    0xD807_AA98, 0x1283_5B01, 0x2431_85BE, 0x550C_7DC3, 0x72BE_5D74, 0x80DE_B1FE, 0x9BDC_06A7, 0xC19B_F174,
    0xE49B_69C1, 0xEFBE_4786, 0x0FC1_9DC6, 0x240C_A1CC, 0x2DE9_2C6F, 0x4A74_84AA, 0x5CB0_A9DC, 0x76F9_88DA,
    0x983E_5152, 0xA831_C66D, 0xB003_27C8, 0xBF59_7FC7, 0xC6E0_0BF3, 0xD5A7_9147, 0x06CA_6351, 0x1429_2967,
    0x27B7_0A85, 0x2E1B_2138, 0x4D2C_6DFC, 0x5338_0D13, 0x650A_7354, 0x766A_0ABB, 0x81C2_C92E, 0x9272_2C85,
    0xA2BF_E8A1, 0xA81A_664B, 0xC24B_8B70, 0xC76C_51A3, 0xD192_E819, 0xD699_0624, 0xF40E_3585, 0x106A_A070,
    0x19A4_C116, 0x1E37_6C08, 0x2748_774C, 0x34B0_BCB5, 0x391C_0CB3, 0x4ED8_AA4A, 0x5B9C_CA4F, 0x682E_6FF3,
    0x748F_82EE, 0x78A5_636F, 0x84C8_7814, 0x8CC7_0208, 0x90BE_FFFA, 0xA450_6CEB, 0xBEF9_A3F7, 0xC671_78F2,
  ]
}

/// HMAC with SHA-256 (RFC 2104).
public enum HMAC {
  /// The code of the message under the key.
  public static func code(_ message: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer) -> SHA256.Digest {
    var inner = SHA256()
    feedKey(key, pad: 0x36, into: &inner)
    inner.update(message)
    let digest = inner.finish()
    var outer = SHA256()
    feedKey(key, pad: 0x5C, into: &outer)
    withUnsafeBytes(of: digest) { outer.update($0) }
    return outer.finish()
  }

  private static func feedKey(_ key: UnsafeRawBufferPointer, pad: UInt8, into hash: inout SHA256) {
    if key.count > SHA256.blockLength {
      let digest = SHA256.digest(key)
      return withUnsafeBytes(of: digest) { feedKey($0, pad: pad, into: &hash) }
    }
    let padded = ByteBuffer(capacity: SHA256.blockLength)
    for byte in key { padded.append(byte ^ pad) }
    for _ in key.count..<SHA256.blockLength { padded.append(pad) }
    hash.update(padded.bytes)
    padded.wipe()
  }
}

/// The bytes in lower-case hexadecimal.
public func hexadecimal(_ digest: SHA256.Digest) -> String {
  let text = ByteBuffer(capacity: 64)
  for index in digest.indices { text.append(hexadecimal: digest[index]) }
  return text.string
}
