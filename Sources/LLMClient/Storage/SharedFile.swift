import CSystem
import LLMCore

/// A file's bytes, mapped, and changed by one process at a time: what processes of one machine share.
///
/// The lock is the kernel's and goes with the process that dies. It belongs to a process and not to a thread, and is lost
/// when any descriptor of the file is closed: so there is one object for a file in a process, with a mutex of its own.
public final class SharedFile: @unchecked Sendable {
  private let path: String
  private let size: Int
  private let lock = Lock()
  private var descriptor: Int32 = -1
  private var memory: UnsafeMutableRawPointer?

  /// How often, and how long apart, a lock that another process holds is asked for: a tenth of a second in all.
  private static let tries = 1000
  private static let pause: UInt32 = 100

  /// A file of that size; made when it is first used.
  public init(path: String, size: Int) {
    self.path = path
    self.size = size
  }

  deinit { close() }

  /// Runs the body on the bytes, which nobody else changes meanwhile; throws where the file cannot be had.
  public func withBytes(_ body: (UnsafeMutableRawPointer) -> Void) throws(LLMError) {
    lock.lock()
    defer { lock.unlock() }
    let memory = try take()
    defer { llm_file_unlock(descriptor) }
    body(memory)
  }

  /// The mapped bytes of the file that is at the path, locked.
  private func take() throws(LLMError) -> UnsafeMutableRawPointer {
    // Twice: the file that was open may have been replaced.
    for _ in 0..<2 {
      if memory == nil { try open() }
      try lockFile()
      // A file that somebody has cut short would be a crash to read.
      if let memory, llm_file_is_whole(descriptor, size) != 0 { return memory }
      llm_file_unlock(descriptor)
      close()
    }
    throw problem("is replaced while it is opened")
  }

  private func lockFile() throws(LLMError) {
    for _ in 0..<SharedFile.tries {
      if llm_file_lock(descriptor) == 0 { return }
      usleep(SharedFile.pause)
    }
    throw problem("is locked by a process that does not let go of it")
  }

  private func open() throws(LLMError) {
    descriptor = llm_file_open(path)
    guard descriptor >= 0 else { throw problem("cannot be opened") }
    try lockFile()
    memory = llm_file_map(descriptor, size)
    llm_file_unlock(descriptor)
    if memory == nil {
      close()
      throw problem("cannot be mapped")
    }
  }

  private func close() {
    if let memory { llm_file_unmap(memory, size) }
    if descriptor >= 0 { _ = CSystem.close(descriptor) }
    memory = nil
    descriptor = -1
  }

  private func problem(_ what: StaticText) -> LLMError {
    LLMError(.internal, "the store's file \(path) \(what): \(String(cString: llm_last_error()))")
  }
}
