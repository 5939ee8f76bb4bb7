import CSystem

/// The pair of sockets of a multi handle that `curl_multi_wakeup` writes to. Older versions of libcurl (Debian 12's is one)
/// open it without close-on-exec, once per multi handle, with no option and no callback for it. It is found by what it
/// does: among the sockets within the machine that were opened just now, one end has something to read, and the other
/// something undelivered, once the handle was woken, and not before.
enum WakeupPair {
  /// So many numbers from the first free one on are looked at: other threads open descriptors as well.
  private static let reach: Int32 = 32

  /// Makes a multi handle whose descriptors no other program inherits; nil where it cannot be made.
  static func makeMulti() -> UnsafeMutableRawPointer? {
    let first = llm_next_descriptor()
    guard let multi = curl_multi_init() else { return nil }
    guard first >= 0 else { return multi }
    let candidates = (first..<first &+ reach).filter { descriptor in
      llm_is_inherited_local_socket(descriptor) && llm_unread_bytes(descriptor) == 0
        && llm_undelivered_bytes(descriptor) == 0
    }
    // Newer versions have done it themselves.
    guard !candidates.isEmpty, curl_multi_wakeup(multi) == CURLM_OK else { return multi }
    for descriptor in candidates
    where llm_unread_bytes(descriptor) == 1 || llm_undelivered_bytes(descriptor) > 0 {
      llm_close_on_exec(descriptor)
    }
    // Takes the wake-up out again.
    curl_multi_poll(multi, nil, 0, 0, nil)
    return multi
  }
}
