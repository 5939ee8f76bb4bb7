import CSystem
import LLMCore

/// What the connections of a pool share beyond their sockets: resolved names and TLS sessions.
final class SharedCaches: @unchecked Sendable {
  /// The `CURLSH`.
  let handle: UnsafeMutableRawPointer
  /// One per kind of data, so that a TLS session does not wait for a name.
  private let locks: [Lock]

  /// Nil without memory.
  static func make() -> SharedCaches? {
    llm_curl_set_up_once()
    guard let handle = curl_share_init() else { return nil }
    let caches = SharedCaches(handle)
    return caches.setUp() ? caches : nil
  }

  private init(_ handle: UnsafeMutableRawPointer) {
    self.handle = handle
    locks = (0..<Int(CURL_LOCK_DATA_LAST.rawValue)).map { _ in Lock() }
  }

  private func setUp() -> Bool {
    let context = Unmanaged.passUnretained(self).toOpaque()
    return llm_share_set_locking(handle, SharedCaches.lock, SharedCaches.unlock, context) == CURLSHE_OK
      && llm_share_set_long(handle, CURLSHOPT_SHARE, Int(CURL_LOCK_DATA_DNS.rawValue)) == CURLSHE_OK
      && llm_share_set_long(handle, CURLSHOPT_SHARE, Int(CURL_LOCK_DATA_SSL_SESSION.rawValue)) == CURLSHE_OK
  }

  deinit { curl_share_cleanup(handle) }

  private static let lock: llm_curl_lock_fn = { _, data, _, context in
    SharedCaches.lock(of: data, in: context)?.lock()
  }

  private static let unlock: llm_curl_unlock_fn = { _, data, context in
    SharedCaches.lock(of: data, in: context)?.unlock()
  }

  private static func lock(of data: curl_lock_data, in context: UnsafeMutableRawPointer?) -> Lock? {
    guard let context else { return nil }
    let caches = Unmanaged<SharedCaches>.fromOpaque(context).takeUnretainedValue()
    let index = Int(data.rawValue)
    return caches.locks.indices.contains(index) ? caches.locks[index] : nil
  }
}
