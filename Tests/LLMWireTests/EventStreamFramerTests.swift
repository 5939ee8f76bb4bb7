import LLMCore
import LLMWire
import Testing

/// Builds messages as the format's description says, with a checksum of its own, a bit at a time.
private enum Message {
  enum Value {
    case flag(Bool)
    case number(type: UInt8, bytes: [UInt8])
    case bytes(type: UInt8, [UInt8])
    static func string(_ text: String) -> Value { .bytes(type: 7, Array(text.utf8)) }
  }

  static func bytes(_ headers: [(String, Value)], payload: String) -> [UInt8] {
    let encoded = headers.flatMap { name, value in [UInt8(name.utf8.count)] + name.utf8 + encode(value) }
    return bytes(headers: encoded, payload: Array(payload.utf8))
  }

  static func bytes(headers: [UInt8], payload: [UInt8]) -> [UInt8] {
    var message = word(16 + headers.count + payload.count) + word(headers.count)
    message += word(Int(checksum(message)))
    message += headers + payload
    return message + word(Int(checksum(message)))
  }

  static func word(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } }

  static func encode(_ value: Value) -> [UInt8] {
    switch value {
    case .flag(let value): [value ? 0 : 1]
    case .number(let type, let bytes): [type] + bytes
    case .bytes(let type, let bytes): [type, UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF)] + bytes
    }
  }

  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    var sum: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? (sum >> 1) ^ 0xEDB8_8320 : sum >> 1 }
    }
    return ~sum
  }
}

@Suite struct EventStreamFramerTests {
  typealias Record = FrameRecorder.Record

  private static let everyType: [(String, Message.Value)] = [
    ("true", .flag(true)), ("false", .flag(false)), ("byte", .number(type: 2, bytes: [1])),
    ("short", .number(type: 3, bytes: [1, 2])), ("int", .number(type: 4, bytes: [1, 2, 3, 4])),
    ("long", .number(type: 5, bytes: Array(repeating: 9, count: 8))), ("bytes", .bytes(type: 6, [0, 1, 2])),
    ("time", .number(type: 8, bytes: Array(repeating: 7, count: 8))),
    ("uuid", .number(type: 9, bytes: Array(repeating: 5, count: 16))),
    (":event-type", .string("contentBlockDelta")), (":content-type", .string("application/json")),
    (":message-type", .string("event")),
  ]

  private static let stream: [UInt8] =
    Message.bytes(everyType, payload: "{\"delta\":{\"text\":\"Hello\"}}")
    + Message.bytes([(":event-type", .string("messageStop"))], payload: "")
    + Message.bytes([], payload: String(repeating: "x", count: 1000))
    + Message.bytes(
      [(":exception-type", .string("throttlingException")), (":message-type", .string("exception"))],
      payload: "{\"message\":\"slow down\"}")
    + Message.bytes(
      [
        (":error-code", .string("InternalError")), (":error-message", .string("it broke")),
        (":message-type", .string("error")),
      ], payload: "")

  private static let frames = [
    Record(event: "contentBlockDelta", data: "{\"delta\":{\"text\":\"Hello\"}}"),
    Record(event: "messageStop", data: ""),
    Record(data: String(repeating: "x", count: 1000)),
    Record(event: "throttlingException", data: "{\"message\":\"slow down\"}", isBinaryException: true),
    Record(event: "InternalError", data: "it broke", isBinaryException: true),
  ]

  @Test func framesHoweverTheStreamIsCut() {
    for pieces in cuts(of: Self.stream) {
      let expected = Outcome(records: Self.frames, error: nil)
      #expect(outcome(of: EventStreamFramer(maxFrameBytes: 2000), fed: pieces) == expected)
    }
  }

  @Test func saysWhenItIsTruncated() {
    var boundaries: Set<Int> = [0]
    var place = 0
    while place < Self.stream.count {
      place += Self.stream[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
      boundaries.insert(place)
    }
    for length in 0...Self.stream.count {
      let result = outcome(of: EventStreamFramer(maxFrameBytes: 2000), fed: [Array(Self.stream[..<length])])
      #expect(result.error == (boundaries.contains(length) ? nil : .streamTruncated))
      #expect(result.records == Array(Self.frames[..<boundaries.count { $0 > 0 && $0 <= length }]))
    }
  }

  @Test func findsEveryFlippedBit() {
    let message = Message.bytes(Self.everyType, payload: "{}")
    for place in 0..<message.count {
      for bit in 0..<8 {
        var broken = message
        broken[place] ^= 1 << UInt8(bit)
        let whole = outcome(of: EventStreamFramer(maxFrameBytes: 2000), fed: [broken])
        #expect(whole.error == .protocol)
        #expect(whole.records.isEmpty)
        #expect(whole == outcome(of: EventStreamFramer(maxFrameBytes: 2000), fed: broken.map { [$0] }))
      }
    }
  }

  @Test(
    arguments: [
      [1], [1, 97], [1, 97, 10], [1, 97, 255], [1, 97, 7], [1, 97, 7, 0], [1, 97, 7, 0, 1], [1, 97, 5, 1], [255, 97],
      [0, 7, 255, 255, 1],
    ] as [[UInt8]])
  func refusesMalformedHeaders(_ headers: [UInt8]) {
    let message = Message.bytes(headers: headers, payload: [1, 2, 3])
    let expected = Outcome(records: [], error: .protocol)
    #expect(outcome(of: EventStreamFramer(maxFrameBytes: 2000), fed: [message]) == expected)
  }

  @Test(arguments: [(0, 0), (15, 0), (16, 1), (20, 5), (20, 0xFFFF_FFFF)])
  func refusesLengthsThatContradictEachOther(_ total: Int, _ headers: Int) {
    var message = Message.word(total) + Message.word(headers)
    message += Message.word(Int(Message.checksum(message))) + Array(repeating: 0, count: 30)
    let expected = Outcome(records: [], error: .protocol)
    #expect(outcome(of: EventStreamFramer(maxFrameBytes: 2000), fed: [message]) == expected)
  }

  @Test func refusesAMessageThatIsTooLong() {
    let message = Message.bytes([], payload: String(repeating: "x", count: 100))
    for pieces in cuts(of: message) {
      #expect(outcome(of: EventStreamFramer(maxFrameBytes: 116), fed: pieces).error == nil)
      #expect(outcome(of: EventStreamFramer(maxFrameBytes: 115), fed: pieces).error == .tooLarge)
      #expect(outcome(of: EventStreamFramer(maxFrameBytes: 1), fed: pieces).error == .tooLarge)
    }
  }

  @Test func stopsWhenTheSinkDoes() throws {
    let framer = EventStreamFramer(maxFrameBytes: 2000)
    let recorder = FrameRecorder(stoppingAfter: 2)
    let isOpen = try Self.stream.withUnsafeBytes { try framer.feed($0, into: recorder) }
    #expect(!isOpen)
    try framer.finish(into: recorder)
    #expect(recorder.records == Array(Self.frames[..<2]))
  }
}
