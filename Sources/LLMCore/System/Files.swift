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

/// What stands at a path.
public enum FileKind: Int32, Sendable {
  case none = 0
  case file = 1
  case directory = 2
  /// A device, a socket, a pipe.
  case other = 3

  /// Looks; links are followed.
  public init(of path: String) { self = FileKind(rawValue: llm_file_kind(path)) ?? .none }
}
