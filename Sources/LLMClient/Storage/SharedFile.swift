import CSystem
import LLMCore
import LLMPolicy

/// A file that processes share, and that one of them uses at a time. Its bytes are read and written, not mapped: a disk
/// that is full, or a file that somebody cuts short, is an error then and no signal.
///
/// The lock is the kernel's, belongs to the open file and goes with the process that dies. Two objects of one file exclude
/// each other as two processes do. A process that was forked off opens the file anew: it would share its parent's lock.
final class SharedFile: StoreStorage, @unchecked Sendable {
  private let path: String
  private let lock = Lock()
  private var descriptor: Int32 = -1
  private var owner: pid_t = 0

  /// How often, and how long apart, a lock that another holds is asked for: a tenth of a second in all.
  private static let tries = 1000
  private static let pause: UInt32 = 100

  /// A file at a path; made when it is first used.
  init(path: String) { self.path = path }

  deinit { close() }

  /// Runs the body while nobody else uses the file; throws where the file cannot be had. Nothing is held by one who waits.
  func withLock(_ body: () throws(LLMError) -> Void) throws(LLMError) {
    for _ in 0..<SharedFile.tries {
      if try run(body) { return }
      usleep(SharedFile.pause)
    }
    throw problem("is locked by a process that does not let go of it")
  }

  /// Whether nothing was ever written to it.
  func isBlank() throws(LLMError) -> Bool {
    let size = llm_file_size_of(descriptor)
    if size < 0 { throw failure("cannot be read") }
    return size == 0
  }

  /// False where another holds the lock, or where the file that was open is no longer the one at the path.
  private func run(_ body: () throws(LLMError) -> Void) throws(LLMError) -> Bool {
    lock.lock()
    defer { lock.unlock() }
    if owner != getpid() { close() }
    if descriptor < 0 { try open() }
    guard llm_file_lock(descriptor) == 0 else {
      if llm_errno() == EAGAIN || llm_errno() == EACCES { return false }
      throw failure("cannot be locked")
    }
    guard llm_file_is_at(descriptor, path) != 0 else {
      close()
      return false
    }
    defer { llm_file_unlock(descriptor) }
    try body()
    return true
  }

  func read(_ place: Int, into buffer: UnsafeMutableRawBufferPointer) throws(LLMError) {
    var count = 0
    while count < buffer.count {
      let rest = buffer.count - count
      let got = pread(descriptor, buffer.baseAddress.map { $0 + count }, rest, off_t(place + count))
      if got < 0, llm_errno() == EINTR { continue }
      guard got >= 0 else { throw failure("cannot be read") }
      if got == 0 {
        // Behind the end there is nothing yet.
        UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).initializeMemory(as: UInt8.self, repeating: 0)
        return
      }
      count += got
    }
  }

  func write(_ place: Int, _ bytes: UnsafeRawBufferPointer) throws(LLMError) {
    var count = 0
    while count < bytes.count {
      let put = pwrite(descriptor, bytes.baseAddress.map { $0 + count }, bytes.count - count, off_t(place + count))
      if put < 0, llm_errno() == EINTR { continue }
      guard put > 0 else { throw failure("cannot be written") }
      count += put
    }
  }

  private func open() throws(LLMError) {
    descriptor = llm_file_open(path)
    owner = getpid()
    if descriptor >= 0 { return }
    if llm_errno() == ELOOP { throw problem("is a symbolic link, which is not followed") }
    if llm_errno() == EINVAL { throw problem("is no regular file") }
    throw failure("cannot be opened")
  }

  private func close() {
    if descriptor >= 0 { _ = CSystem.close(descriptor) }
    descriptor = -1
  }

  private func failure(_ what: StaticText) -> LLMError {
    let reason = String(cString: llm_last_error())
    return LLMError(.internal, "the store's file \(path) \(what): \(reason)")
  }

  func problem(_ what: StaticText) -> LLMError { LLMError(.internal, "the store's file \(path) \(what)") }
}
