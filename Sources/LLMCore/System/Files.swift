import CSystem

/// The whole of a regular file; nil where it cannot be read or is larger than the bound. What is no regular file, a named
/// pipe for one, would have to be waited for.
public func readFile(_ path: String, atMost bound: Int = 64 << 20) -> ByteBuffer? {
  let descriptor = llm_file_open_to_read(path)
  guard descriptor >= 0 else { return nil }
  defer { close(descriptor) }
  let contents = ByteBuffer()
  return withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 1) { chunk in
    while true {
      let count = read(descriptor, chunk.baseAddress, chunk.count)
      if count < 0, llm_errno() == EINTR { continue }
      guard count > 0 else { return count == 0 ? contents : nil }
      guard contents.count + count <= bound else { return nil }
      contents.append(UnsafeRawBufferPointer(rebasing: chunk[..<count]))
    }
  }
}
