import CSystem
import LLMCore

/// What the connections of a pool share beyond their sockets: resolved names and TLS sessions.
final class SharedCaches: @unchecked Sendable {
  /// The `CURLSH`.
  let handle: UnsafeMutableRawPointer
  /// One per kind of data, so that a TLS session does not wait for a name.
  private let locks: [Lock]

  init?() {
    llm_curl_set_up_once()
    guard let handle = curl_share_init() else { return nil }
    self.handle = handle
    locks = (0..<Int(CURL_LOCK_DATA_LAST.rawValue)).map { _ in Lock() }
    let context = Unmanaged.passUnretained(self).toOpaque()
    let isReady =
      llm_share_set_locking(handle, SharedCaches.lock, SharedCaches.unlock, context) == CURLSHE_OK
      && llm_share_set_long(handle, CURLSHOPT_SHARE, Int(CURL_LOCK_DATA_DNS.rawValue)) == CURLSHE_OK
      && llm_share_set_long(handle, CURLSHOPT_SHARE, Int(CURL_LOCK_DATA_SSL_SESSION.rawValue)) == CURLSHE_OK
    guard isReady else { return nil }
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
