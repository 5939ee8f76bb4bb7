import LLMCore

/// How often requests were recorded, by the hashes of their keys, for no more requests than there is room: those that come
/// after that are numbered by the files that are there.
struct RecordedSeries {
  private struct Length {
    let hash: UInt64
    var count: Int32
  }

  private static let bucketCount = 256
  private let mostRequests: Int
  private var requests = 0
  private var buckets = [[Length]](repeating: [], count: bucketCount)

  /// For so many requests: a megabyte.
  init(mostRequests: Int = 1 << 16) { self.mostRequests = mostRequests }

  /// The number of the next recording of a request, from 1; nil where there is no room to count it.
  mutating func next(_ key: String) -> Int? {
    let hash = fnv1a(key.utf8)
    let bucket = Int(hash % UInt64(RecordedSeries.bucketCount))
    for place in buckets[bucket].indices where buckets[bucket][place].hash == hash {
      if buckets[bucket][place].count < .max { buckets[bucket][place].count += 1 }
      return Int(buckets[bucket][place].count)
    }
    guard requests < mostRequests else { return nil }
    requests += 1
    buckets[bucket].append(Length(hash: hash, count: 1))
    return 1
  }
}
