import CSystem

/// The whole of a file; nil where it cannot be read or is larger than the bound.
public func readFile(_ path: String, atMost bound: Int = 64 << 20) -> ByteBuffer? {
  guard let file = fopen(path, "rbe") else { return nil }
  defer { fclose(file) }
  let contents = ByteBuffer()
  return withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 1) { chunk in
    while true {
      let count = fread(chunk.baseAddress, 1, chunk.count, file)
      guard count > 0 else { return ferror(file) == 0 ? contents : nil }
      guard contents.count + count <= bound else { return nil }
      contents.append(UnsafeRawBufferPointer(rebasing: chunk[..<count]))
    }
  }
}
