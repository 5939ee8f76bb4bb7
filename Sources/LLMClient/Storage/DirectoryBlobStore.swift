import CSystem
import LLMCore
import LLMPolicy
import Synchronization

/// A directory of documents, a file each. It is made when the first is written. A document is written under a name that
/// begins with a dot, and moved to its place when it is whole.
final class DirectoryBlobStore: BlobStore {
  let place: String
  private let isPrivate: Bool
  /// What all files may take; 0 for no bound.
  private let maxBytes: Int
  /// What all documents have in them: a file of a document's name without it is somebody else's, and is left alone. Empty
  /// where the names say it.
  private let mark: StaticText
  /// Whether what crashed processes have left was looked for.
  private let isSwept = Atomic<Bool>(false)
  /// Bytes written since the files were last counted; the first time counts.
  private let uncounted = Atomic<Int>(.max / 2)
  /// Keeps apart what threads of this process write at the same time.
  private static let serial = Atomic<Int>(0)

  /// `isPrivate` makes files that only the user can read, and that may be removed where they take too much.
  init(_ place: String, mark: StaticText = "", isPrivate: Bool = false, maxBytes: Int = 0) {
    self.place = place
    self.mark = mark
    self.isPrivate = isPrivate
    self.maxBytes = maxBytes
  }

  func names() -> [String] { listing() ?? [] }

  func listing() -> [String]? { allNames()?.filter { !$0.startsWith(".") } }

  /// None where there is no directory yet.
  private func allNames() -> [String]? {
    guard let directory = opendir(place) else { return llm_errno() == ENOENT ? [] : nil }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = llm_next_entry(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
        tuple.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: tuple.pointee)) {
          String(cString: $0)
        }
      }
      names.append(name)
    }
    // Cut short, it is no listing.
    guard llm_errno() == 0 else { return nil }
    return sortedByBytes(names)
  }

  func read(_ name: String) -> ByteBuffer? {
    let path = path(name)
    let document = readFile(path)
    // What is used is not removed.
    if maxBytes > 0, document != nil { utimensat(AT_FDCWD, path, nil, 0) }
    return document
  }

  func write(_ name: String, _ document: ByteBuffer, timeToLive: Microseconds) -> String? {
    makeDirectory()
    if !isSwept.exchange(true, ordering: .relaxed) { sweep() }
    if !isOurs(path(name)) { return "there is a file \(name) of another kind, which is left alone" }
    let number = DirectoryBlobStore.serial.add(1, ordering: .relaxed).newValue
    let temporary = path(formatted(".\(name).\(Int(getpid()))-\(number)"))
    if let reason = fill(temporary, document) ?? attempt(rename(temporary, path(name))) {
      unlink(temporary)
      return reason
    }
    if maxBytes > 0 { keepWithinBounds(document.count) }
    return nil
  }

  func remove(_ name: String) -> Bool { isOurs(path(name)) && unlink(path(name)) == 0 }

  /// Whether there is nothing at a path, or a document.
  private func isOurs(_ path: String) -> Bool {
    if mark.isEmpty || llm_path_is_free(path) != 0 { return true }
    return readFile(path)?.string.containsText(mark.text) == true
  }

  private func path(_ name: String) -> String { place + "/" + name }

  private func makeDirectory() {
    var end = 0
    while true {
      let next = place.firstByteOffset(of: "/", from: end + 1)
      mkdir(place.keeping(bytes: next ?? place.utf8.count), isPrivate ? 0o700 : 0o777)
      guard let next else { return }
      end = next
    }
  }

  private func fill(_ path: String, _ document: ByteBuffer) -> String? {
    // One of that name was left by a process that had our number, and died.
    unlink(path)
    let descriptor = llm_create_file(path, isPrivate ? 0o600 : 0o666)
    guard descriptor >= 0 else { return reasonOfFailure() }
    var written = 0
    while written < document.count {
      let rest = UnsafeRawBufferPointer(rebasing: document.bytes[written...])
      let count = CSystem.write(descriptor, rest.baseAddress, rest.count)
      if count < 0, llm_errno() == EINTR { continue }
      guard count > 0 else {
        let reason = reasonOfFailure()
        close(descriptor)
        return reason
      }
      written += count
    }
    return attempt(close(descriptor))
  }

  private func attempt(_ code: Int32) -> String? { code == 0 ? nil : reasonOfFailure() }

  private func reasonOfFailure() -> String { strerror(llm_errno()).map { String(cString: $0) } ?? "unknown error" }

  // MARK: What crashes leave

  /// Removes what processes have begun to write and not moved to its place, once it is an hour old: no document takes so
  /// long, wherever the process is that writes it.
  private func sweep() {
    let hour: Int64 = 3_600_000_000_000
    let now = SystemClock.shared.unixNow &* 1000
    for name in allNames() ?? [] where DirectoryBlobStore.isTemporary(name) {
      let time = llm_file_time_ns(path(name))
      if time > 0, now &- time > hour { unlink(path(name)) }
    }
  }

  /// ".NAME.json.PROCESS-NUMBER"
  private static func isTemporary(_ name: String) -> Bool {
    let parts = name.pieces(separatedBy: UInt8(ascii: "."))
    guard parts.count >= 4, parts[0].isEmpty, parts[parts.count - 2] == "json" else { return false }
    let numbers = parts[parts.count - 1].pieces(separatedBy: UInt8(ascii: "-"))
    return numbers.count == 2 && numbers.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { $0.isASCIIDigit } }
  }

  // MARK: Size

  /// Counts from time to time, since other processes write as well, and removes what was not used for longest.
  private func keepWithinBounds(_ added: Int) {
    let slack = maxBytes / 16
    guard uncounted.add(added, ordering: .relaxed).newValue > slack else { return }
    uncounted.store(0, ordering: .relaxed)
    var (total, lines) = (0, [String]())
    for name in names() where DirectoryBlobStore.isCached(name) {
      total += size(name)
      // With as many digits for the next two hundred years: the lines are in the order of their times.
      lines.append(formatted("\(llm_file_time_ns(path(name)))\(name)"))
    }
    guard total > maxBytes else { return }
    for line in sortedByBytes(lines) where total > maxBytes - slack {
      let name = line.dropping(bytes: line.utf8.count - DirectoryBlobStore.cachedNameLength)
      total -= size(name)
      _ = remove(name)
    }
  }

  private func size(_ name: String) -> Int { Int(llm_file_size(path(name))) }

  /// A digest in hexadecimal, and the ending: nothing else in the directory is counted, or removed.
  private static func isCached(_ name: String) -> Bool {
    name.utf8.count == cachedNameLength && name.endsWith(".json")
      && name.utf8.prefix(cachedNameLength - 5).allSatisfy { $0.isASCIIDigit || 0x61...0x66 ~= $0 }
  }

  private static let cachedNameLength = 64 + 5
}
