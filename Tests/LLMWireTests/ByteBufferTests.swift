import CSystem
import LLMCore
import Testing

@Suite struct ByteBufferTests {
  @Test func appendsEveryKind() {
    let buffer = ByteBuffer()
    #expect(buffer.isEmpty)
    buffer.append("a")
    buffer.append(UInt8(ascii: "b"))
    buffer.append(String("é"))
    withExactBytes("xyz") { buffer.append($0) }
    buffer.append(integer: -7)
    #expect(buffer.string == "abéxyz-7")
    #expect(buffer.count == 9)
  }

  @Test(arguments: [0, 1, -1, 9, 10, 99, 100, -12345, .max, .min, 1_000_000_000_000_000_000])
  func appendsIntegers(_ integer: Int64) {
    let buffer = ByteBuffer()
    buffer.append(integer: integer)
    #expect(buffer.string == "\(integer)")
  }

  @Test func removesFromTheFrontInLinearTime() {
    let buffer = ByteBuffer()
    var expected: [UInt8] = []
    var generator = SeededGenerator(seed: 1)
    for round in 0..<20_000 {
      let byte = UInt8(truncatingIfNeeded: round)
      buffer.append(byte)
      expected.append(byte)
      if round % 3 == 0 {
        let count = Int.random(in: 0...min(3, expected.count), using: &generator)
        buffer.removeFirst(count)
        expected.removeFirst(count)
      }
    }
    #expect(Array(buffer.bytes) == expected)
    buffer.removeFirst(expected.count + 10)
    #expect(buffer.isEmpty)
  }

  @Test func keepsItsStorageWhenEmptied() {
    let buffer = ByteBuffer(capacity: 100)
    buffer.append("x")
    let before = buffer.bytes.baseAddress
    buffer.removeAll()
    for _ in 0..<100 { buffer.append(UInt8(1)) }
    #expect(buffer.bytes.baseAddress == before)
  }

  @Test func endsWithANULThatIsNotCounted() {
    let buffer = ByteBuffer()
    #expect(strlen(buffer.terminated()) == 0)
    buffer.append("hello")
    buffer.removeFirst(1)
    #expect(String(cString: buffer.terminated()) == "ello")
    #expect(buffer.count == 4)
  }

  @Test func handsOverItsStorage() {
    let buffer = ByteBuffer()
    let nothing = buffer.takeCString()
    #expect(nothing.map { strlen($0) } == 0)
    free(nothing)
    buffer.append("xhello")
    buffer.removeFirst(1)
    let taken = buffer.takeCString()
    #expect(taken.map { String(cString: $0) } == "hello")
    free(taken)
    #expect(buffer.isEmpty)
    buffer.append("again")
    #expect(buffer.string == "again")
  }

  @Test func repairsInvalidText() {
    let buffer = ByteBuffer()
    buffer.append(UInt8(0xFF))
    buffer.append("x")
    #expect(buffer.string == "\u{FFFD}x")
  }

  @Test func saysThatMemoryRanOut() {
    let buffer = ByteBuffer()
    buffer.append("kept")
    let isMarked = Memory.watching {
      buffer.reserve(Int.max)
      return Memory.hasRunOut
    }
    #expect(isMarked && !Memory.hasRunOut)
    #expect(buffer.isExhausted)
    #expect(buffer.string == "kept")
    buffer.removeAll()
    #expect(!buffer.isExhausted)
  }

  @Test func wipesWhatItHeld() {
    let buffer = ByteBuffer(capacity: 32)
    buffer.append("a secret")
    let storage = buffer.bytes
    buffer.wipe()
    #expect(buffer.isEmpty)
    #expect(storage.allSatisfy { $0 == 0 })
  }
}
