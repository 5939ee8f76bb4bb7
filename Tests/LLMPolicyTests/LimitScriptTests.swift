import CSystem
import Foundation
import LLMConfig
import LLMCore
import Testing

@testable import LLMPolicy

/// A Redis server of our own, spoken to in the plainest way: on a unix socket, one command at a time.
private final class RedisServer {
  static let program: String? = ["/usr/bin/redis-server", "/usr/bin/valkey-server", "/usr/local/bin/redis-server"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  private var process: pid_t = 0
  private let directory: URL
  private var socket: Int32 = -1

  init(_ program: String) throws {
    directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    let path = directory.appendingPathComponent("s").path
    let arguments = [program, "--port", "0", "--unixsocket", path, "--save", "", "--logfile", "/dev/null"]
    var pointers = arguments.map { strdup($0) } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    try #require(posix_spawn(&process, program, nil, nil, &pointers, environ) == 0)
    for _ in 0..<1000 where socket < 0 {
      socket = connected(to: path)
      if socket < 0 { usleep(10_000) }
    }
    try #require(socket >= 0)
  }

  deinit {
    if socket >= 0 { close(socket) }
    if process > 0 {
      kill(process, SIGKILL)
      waitpid(process, nil, 0)
    }
    try? FileManager.default.removeItem(at: directory)
  }

  private func connected(to path: String) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { place in
      for (index, byte) in path.utf8.enumerated() where index < place.count - 1 { place[index] = byte }
    }
    let descriptor = Foundation.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    let status = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    if status == 0 { return descriptor }
    close(descriptor)
    return -1
  }

  /// The reply of a command: its first byte, and the text that follows.
  func run(_ arguments: [[UInt8]]) -> (kind: Character, text: [UInt8]) {
    var command = Array("*\(arguments.count)\r\n".utf8)
    for argument in arguments { command += Array("$\(argument.count)\r\n".utf8) + argument + [13, 10] }
    var sent = 0
    while sent < command.count {
      let count = command[sent...].withUnsafeBytes { Foundation.write(socket, $0.baseAddress, $0.count) }
      guard count > 0 else { return ("!", []) }
      sent += count
    }
    let line = readLine()
    guard let kind = line.first.map({ Character(UnicodeScalar($0)) }) else { return ("!", []) }
    let rest = Array(line.dropFirst())
    guard kind == "$", let length = Int(String(decoding: rest, as: UTF8.self)), length >= 0 else { return (kind, rest) }
    return (kind, Array(read(length + 2).dropLast(2)))
  }

  private func readLine() -> [UInt8] {
    var line: [UInt8] = []
    while line.suffix(2) != [13, 10] {
      let byte = read(1)
      if byte.isEmpty { return line }
      line += byte
    }
    return line.dropLast(2)
  }

  private func read(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var have = 0
    while have < count {
      let got = bytes[have...].withUnsafeMutableBytes { Foundation.read(socket, $0.baseAddress, $0.count) }
      guard got > 0 else { return [] }
      have += got
    }
    return bytes
  }
}

extension ByteBuffer {
  fileprivate var array: [UInt8] { Array(bytes) }
  fileprivate convenience init(_ array: [UInt8]) {
    self.init()
    array.withUnsafeBytes { append($0) }
  }
}

/// The script that a server runs decides and counts as the window does in Swift, whatever it finds.
struct LimitScriptTests {
  private let random = SplitMix(seed: 42)

  private func number(_ bound: UInt64) -> Int64 { Int64(random.next() % bound) }

  private func settings() -> LimitSettings {
    var settings = LimitSettings()
    settings.requests = number(3) == 0 ? 0 : 1 + number(20)
    settings.tokens = number(3) == 0 ? 0 : 1 + number(5000)
    settings.concurrency = number(3) == 0 ? 0 : 1 + number(5)
    settings.window = [100_000, 2_000_000, 60_000_000, 86_400_000_000][Int(number(4))]
    settings.lease = [100_000, 300_000_000, 86_400_000_000][Int(number(3))]
    return settings
  }

  private func change(_ settings: LimitSettings, _ unixNow: Microseconds) -> LimitWindow.Change {
    let slice = unixNow / LimitWindow.sliceLength(settings)
    var change = LimitWindow.Change(slice: slice - number(4) * 30)
    (change.requests, change.tokens, change.held) = (number(5) - 2, number(4000) - 2000, number(3) - 1)
    if number(20) == 0 { change.closedUntil = unixNow + number(400) * second }
    return change
  }

  private func backlog(_ settings: LimitSettings, _ unixNow: Microseconds) -> LimitWindow? {
    guard number(4) == 0 else { return nil }
    var window = LimitWindow(isBacklog: true)
    for _ in 0..<number(6) {
      window.apply(change(settings, unixNow), owner: UInt64(number(4)), expiry: unixNow + second)
    }
    return window
  }

  /// The value, spoilt in one place.
  private func spoilt(_ value: [UInt8]) -> [UInt8] {
    var value = value
    guard !value.isEmpty else { return value }
    switch number(4) {
    case 0: value[Int(number(UInt64(value.count)))] ^= UInt8(1 << number(8))
    case 1: value.removeLast()
    case 2 where value.count >= 48:
      let place = 24 + 8 * Int(number(UInt64(value.count / 8 - 3)))
      let extremes: [Int64] = [.min, -1, 1 << 53, (1 << 53) + 1, 1 << 62, .max]
      let extreme = extremes[Int(number(6))]
      withUnsafeBytes(of: extreme.littleEndian) { value.replaceSubrange(place..<place + 8, with: $0) }
    default: break
    }
    return value
  }

  @Test(.enabled(if: RedisServer.program != nil)) func bothDecideAlike() throws {
    let server = try RedisServer(try #require(RedisServer.program))
    var value: [UInt8]?
    var settings = settings()
    var now: Microseconds = 1_700_000_000 * second
    var made = 0
    for round in 0..<4000 {
      if round % 50 == 0 { (settings, value) = (self.settings(), nil) }
      now += number(10) == 0 ? number(UInt64(settings.window)) : number(UInt64(settings.window / 200 + 1))
      if number(30) == 0 { value = value.map { spoilt($0) } }
      let asks = number(2) == 0
      let update = LimitUpdate(
        asks ? .init(of: number(300), settings, unixNow: now) : change(settings, now), asksForLeave: asks,
        backlog: backlog(settings, now), settings, owner: random.next() % 4, unixNow: now)
      if let value {
        _ = server.run([Array("SET".utf8), [107], value])
      } else {
        _ = server.run([Array("DEL".utf8), [107]])
      }
      let command = ["EVAL", update.script.text, "1", "k"].map { Array($0.utf8) } + update.arguments.map { $0.array }
      let reply = server.run(command)
      let new = update.newValue(for: value.map { ByteBuffer($0) })
      let (isMade, window) = (update.isMade, update.window.encoded.array)
      if isMade { made += 1 }
      guard reply.kind == "$", update.take(answer: ByteBuffer(reply.text)) else {
        Issue.record("round \(round): \(String(decoding: reply.text, as: UTF8.self))")
        return
      }
      let there = server.run([Array("GET".utf8), [107]])
      guard update.isMade == isMade, update.window.encoded.array == window,
        there.text == (new?.array ?? value ?? Array("-1".utf8))
      else {
        Issue.record("round \(round): \(update.window) in place of \(LimitWindow(ByteBuffer(window)) ?? LimitWindow())")
        return
      }
      if let new { value = new.array }
    }
    #expect(made > 500 && made < 3900)
  }
}
