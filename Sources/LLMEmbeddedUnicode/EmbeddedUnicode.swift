// Embedded Swift's String asks these for Unicode's normalization data when it compares text that is not ASCII. The
// toolchain's tables are 37 KB, and the rule they give (texts that look alike are equal) is the wrong one for
// identifiers on a wire. Told that every scalar is in normal form and composes with nothing, String compares bytes.

#if hasFeature(Embedded)
  @_cdecl("_swift_stdlib_getNormData")
  func normalizationData(_ scalar: UInt32) -> UInt16 { 0 }

  @_cdecl("_swift_stdlib_getComposition")
  func composition(_ first: UInt32, _ second: UInt32) -> UInt32 { .max }

  @_cdecl("_swift_stdlib_getDecompositionEntry")
  func decompositionEntry(_ scalar: UInt32) -> UInt32 { .max }

  @_cdecl("_swift_stdlib_nfd_decompositions")
  func decompositions() -> UnsafePointer<UInt8>? { nil }
#endif
