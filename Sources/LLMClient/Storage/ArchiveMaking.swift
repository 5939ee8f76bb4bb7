import LLMCatalog
import LLMConfig
import LLMCore
import LLMDialects
import LLMPolicy

extension ArchiveChain {
  /// What a configuration says of `cache`, `record` and `replay`; nil where it says nothing.
  static func make(for endpoint: Endpoint, store: StoreGuard?, reporter: any ArchiveReporter) -> ArchiveChain? {
    let cache = makeCache(endpoint, store)
    let replayer = makeReplayer(endpoint.settings["replay"])
    let recorder = endpoint.settings.string("record").map { Recorder(DirectoryBlobStore($0, mark: "\"version\"")) }
    guard cache != nil || replayer != nil || recorder != nil else { return nil }
    return ArchiveChain(replayer: replayer, cache: cache, recorder: recorder, reporter: reporter)
  }

  private static func makeReplayer(_ settings: JSON?) -> Replayer? {
    guard let settings, let directory = settings.string ?? settings.string("dir") else { return nil }
    return Replayer(
      DirectoryBlobStore(directory), isStrict: settings.bool("strict") ?? true,
      keepsTime: settings.bool("timing") ?? false)
  }

  private static func makeCache(_ endpoint: Endpoint, _ store: StoreGuard?) -> Cache? {
    guard let settings = endpoint.settings["cache"], settings.bool != false else { return nil }
    var rules = Cache.Rules()
    if let seconds = settings.int("ttl_s") { rules.ttl = .milliseconds(seconds * 1000) }
    if let bytes = settings.int("max_bytes") { rules.maxBytes = Int(bytes) }
    rules.namespace = settings.string("namespace") ?? ""
    if settings.bool("shared") != true { rules.scope = endpoint.digest }
    var blobs: (any BlobStore)?
    if settings.says("type", "disk"), let directory = settings.string("path") {
      blobs = DirectoryBlobStore(directory, isPrivate: true, maxBytes: rules.maxBytes)
    }
    if settings.says("type", "store"), let store { blobs = CounterStoreBlobs(store, maxBytes: rules.maxBytes) }
    return Cache(rules, blobs: blobs)
  }
}

extension Endpoint {
  /// Of what tells one service and account from another.
  fileprivate var digest: String {
    let text = ByteBuffer(capacity: 1 << 14)
    func add(_ part: String) {
      text.append(part)
      text.append("\n")
    }
    add(profile.name)
    add(baseURL)
    add(awsCredentials?.accessKeyID ?? "")
    add(apiKey?.revealed ?? "")
    for header in headers {
      add(header.name)
      add(header.secret?.revealed ?? header.value)
    }
    let digest = hexadecimal(SHA256.digest(text.bytes))
    text.wipe()
    return digest
  }
}
