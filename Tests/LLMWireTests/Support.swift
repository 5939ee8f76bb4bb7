import LLMCore
import LLMWire

/// Keeps copies of the frames that a framer delivers.
final class FrameRecorder: FrameSink {
  struct Record: Equatable, CustomStringConvertible {
    var event: [UInt8]
    var data: [UInt8]
    var isBinaryException = false

    init(event: String = "", data: String, isBinaryException: Bool = false) {
      self.event = Array(event.utf8)
      self.data = Array(data.utf8)
      self.isBinaryException = isBinaryException
    }

    init(_ frame: Frame) {
      event = Array(frame.event)
      data = Array(frame.data)
      isBinaryException = frame.isBinaryException
    }

    var description: String {
      "\(text(event)):\(text(data))\(isBinaryException ? "!" : "")"
    }
  }

  private(set) var records: [Record] = []
  private let most: Int

  init(stoppingAfter most: Int = .max) { self.most = most }

  func receive(_ frame: Frame) -> Bool {
    records.append(Record(frame))
    return records.count < most
  }
}

/// What came of feeding a framer: its frames, and the error that ended it.
struct Outcome: Equatable {
  var records: [FrameRecorder.Record]
  var error: ErrorCode?
}

/// Feeds pieces and ends the stream.
func outcome(of framer: any Framer, fed pieces: [[UInt8]]) -> Outcome {
  let recorder = FrameRecorder()
  do throws(LLMError) {
    for piece in pieces {
      // Fed from an allocation of its own, so that whoever reads past the piece or keeps it is found out.
      let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: piece.count, alignment: 1)
      storage.copyBytes(from: piece)
      defer {
        storage.initializeMemory(as: UInt8.self, repeating: 0xAA)
        storage.deallocate()
      }
      _ = try framer.feed(UnsafeRawBufferPointer(storage), into: recorder)
    }
    try framer.finish(into: recorder)
    return Outcome(records: recorder.records, error: nil)
  } catch {
    return Outcome(records: recorder.records, error: error.code)
  }
}

/// A small generator with a seed, so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state = state &+ 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

/// The ways to cut a stream that every framer is fed in: whole, byte by byte, and at random places.
func cuts(of bytes: [UInt8], randomOnes: Int = 20) -> [[[UInt8]]] {
  var generator = SeededGenerator(seed: UInt64(bytes.count))
  let random = (0..<randomOnes).map { _ in
    var pieces: [[UInt8]] = []
    var place = 0
    while place < bytes.count {
      let length = Int.random(in: 0...min(9, bytes.count - place), using: &generator)
      pieces.append(Array(bytes[place..<place + length]))
      place += length
    }
    return pieces
  }
  return [[bytes], bytes.map { [$0] }] + random
}

func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: Array(bytes), as: UTF8.self) }

/// Calls with the bytes in an allocation of exactly their size.
func withExactBytes<Result>(_ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
  let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
  storage.copyBytes(from: bytes)
  defer { storage.deallocate() }
  return body(UnsafeRawBufferPointer(storage))
}

func withExactBytes<Result>(_ text: String, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
  withExactBytes(Array(text.utf8), body)
}
