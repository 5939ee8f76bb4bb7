/// FNV-1a, 64 bits: spreads short keys well, and is no protection against anybody who chooses them.
/// What was hashed before goes on with `from`.
public func fnv1a(_ bytes: some Sequence<UInt8>, from start: UInt64 = 0xCBF2_9CE4_8422_2325) -> UInt64 {
  var hash = start
  for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
  return hash
}
