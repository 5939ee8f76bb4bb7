import LLMCore

/// A window as bytes, all numbers with their lowest byte first:
///
///     0   version, number of slices, of leases, 0    UInt32 each
///     16  until when the service wants to be left    Int64, microseconds since 1970
///     24  the slices, in the order of their ids, then the leases; of each:
///         0   id: the slice's number, the owner      Int64
///         8   requests; slots                        Int64
///         16  tokens; when the slots are free        Int64
///
/// The version is part of the key too, so that two versions of the library do not empty each other's windows.
/// `LimitUpdate.script` reads and writes the same.
extension LimitWindow {
  private struct Header {
    var version: UInt32
    var slices: UInt32
    var leases: UInt32
    var unused: UInt32 = 0
    var closedUntil: Microseconds
  }

  static let version: UInt32 = 1
  /// More are no window of ours.
  private static let mostSlices = 256
  private static let mostLeases = 65_536

  /// Reads what `encoded` has written; nil for anything else. Entries out of bounds are dropped.
  init?(_ buffer: ByteBuffer) {
    self.init(buffer.bytes)
  }

  /// Reads bytes from anywhere.
  init?(_ bytes: UnsafeRawBufferPointer) {
    let headerSize = MemoryLayout<Header>.size
    guard bytes.count >= headerSize else { return nil }
    let header = bytes.loadUnaligned(as: Header.self)
    let size = MemoryLayout<Entry>.stride
    let (sliceCount, leaseCount) = (Int(header.slices.littleEndian), Int(header.leases.littleEndian))
    guard
      header.version.littleEndian == LimitWindow.version, sliceCount <= LimitWindow.mostSlices,
      leaseCount <= LimitWindow.mostLeases, bytes.count == headerSize + (sliceCount + leaseCount) * size
    else { return nil }
    func entries(_ range: Range<Int>) -> [Entry] {
      range.map { bytes.loadUnaligned(fromByteOffset: headerSize + $0 * size, as: Entry.self).littleEndian }
    }
    self.init(
      slices: entries(0..<sliceCount), leases: entries(sliceCount..<sliceCount + leaseCount),
      closedUntil: header.closedUntil.littleEndian)
  }

  /// The window as bytes.
  var encoded: ByteBuffer {
    let buffer = ByteBuffer(capacity: 64 + (slices.count + leases.count) * MemoryLayout<Entry>.stride)
    var header = Header(
      version: LimitWindow.version.littleEndian, slices: UInt32(clamping: slices.count).littleEndian,
      leases: UInt32(clamping: leases.count).littleEndian, closedUntil: closedUntil.littleEndian)
    withUnsafeBytes(of: &header) { buffer.append($0) }
    for entries in [slices, leases] {
      for entry in entries { withUnsafeBytes(of: entry.littleEndian) { buffer.append($0) } }
    }
    return buffer
  }
}

extension LimitWindow.Entry {
  /// With its lowest bytes first, or from there.
  fileprivate var littleEndian: LimitWindow.Entry {
    LimitWindow.Entry(id: id.littleEndian, amount: amount.littleEndian, extra: extra.littleEndian)
  }
}
