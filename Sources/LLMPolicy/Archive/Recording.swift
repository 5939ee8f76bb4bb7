import LLMCore
import LLMDialects

/// What a service answered: a head, and its bytes as they were cut, with the pauses between the pieces; or how it
/// failed. Written by one keeper, and not changed once that is done.
public final class Recording: @unchecked Sendable {
  /// A piece of the body.
  struct Cut {
    /// Where it ends; it begins where the one before ends.
    var end: Int
    /// How long it came after what was before it.
    var pause: Microseconds
  }

  var head: HTTPHead?
  /// How long the head, or the failure of a request that got none, came after the request.
  var headPause: Microseconds = 0
  var bytes = ByteBuffer()
  var cuts: [Cut] = []
  /// How the exchange broke; nil where it came to its end.
  var failure: TransportFailure?
  var endPause: Microseconds = 0

  /// An empty recording.
  public init() {}

  /// What it takes in memory, roughly.
  var size: Int {
    let perObject = 256
    return perObject + (head?.byteCount ?? 0) + bytes.count + cuts.count * MemoryLayout<Cut>.stride
  }

  func append(_ piece: UnsafeRawBufferPointer, pause: Microseconds) {
    guard cuts.makeRoom() else { return }
    bytes.append(piece)
    cuts.append(Cut(end: bytes.count, pause: pause))
  }

  /// A piece of the body, by its number.
  func piece(_ index: Int) -> UnsafeRawBufferPointer {
    // A copy that memory was lacking for is shorter than its cuts say.
    let end = min(cuts[index].end, bytes.count)
    let start = index == 0 ? 0 : min(cuts[index - 1].end, end)
    return UnsafeRawBufferPointer(rebasing: bytes.bytes[start..<end])
  }

  /// The same without secrets, cut alike.
  func copy(_ blotter: Blotter) -> Recording {
    let copy = Recording()
    (copy.head, copy.headPause, copy.cuts, copy.failure, copy.endPause) = (head, headPause, cuts, failure, endPause)
    copy.bytes.append(bytes.bytes)
    blotter.cover(copy.bytes)
    return copy
  }

  /// Gives back the room that growing left over.
  func trim() {
    let exact = ByteBuffer(capacity: bytes.count)
    exact.append(bytes.bytes)
    if exact.count == bytes.count { bytes = exact }
  }
}

/// Plays a recording, in the same pieces.
public final class RecordingPlayer: LocalExchange {
  private let recording: Recording
  private let keepsTime: Bool
  /// 0 is the head, then the pieces, then the end.
  private var position: Int
  private var resumesAt: Microseconds?

  /// Plays at once, or in the time that it took.
  public init(_ recording: Recording, keepsTime: Bool) {
    self.recording = recording
    self.keepsTime = keepsTime
    position = recording.head == nil ? recording.cuts.count + 1 : 0
  }

  /// The head, the pieces, the end.
  public func next(now: Microseconds) -> LocalStep {
    if keepsTime, pause > 0 {
      let moment = resumesAt ?? now &+ pause
      resumesAt = moment
      guard now >= moment else { return .wait(until: moment) }
      resumesAt = nil
    }
    let place = position
    position += 1
    if place == 0, let head = recording.head { return .head(head) }
    if place <= recording.cuts.count {
      let buffer = ByteBuffer(capacity: recording.piece(place - 1).count)
      buffer.append(recording.piece(place - 1))
      return .bytes(buffer)
    }
    return recording.failure.map { .failed($0) } ?? .ended
  }

  private var pause: Microseconds {
    if position == 0 { return recording.headPause }
    return position <= recording.cuts.count ? recording.cuts[position - 1].pause : recording.endPause
  }
}
