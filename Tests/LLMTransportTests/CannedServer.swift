import Foundation

/// Answers each connection's first request with bytes of the test's own, and closes it: what a server of HTTP would not
/// send. Good for one test; it ends with the process.
final class CannedServer: @unchecked Sendable {
  struct Failure: Error {}

  let port: Int
  private let listener: Int32
  private let answers: [String]

  /// Takes one connection for each answer.
  init(_ answers: [String]) throws {
    self.answers = answers
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let (listener, length) = (listener, size)
    let isUp = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 16) == 0 && getsockname(listener, $0, &size) == 0
      }
    }
    guard isUp else { throw Failure() }
    port = Int(UInt16(bigEndian: address.sin_port))
    Thread { [self] in serve() }.start()
  }

  private func serve() {
    for answer in answers {
      let connection = accept(listener, nil, nil)
      var request: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      while !request.contains(sequence: Array("\r\n\r\n".utf8)) {
        let count = read(connection, &buffer, buffer.count)
        guard count > 0 else { break }
        request += buffer[..<count]
      }
      var rest = Array(answer.utf8)[...]
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
        guard count > 0 else { break }
        rest = rest.dropFirst(count)
      }
      // An orderly end, however much of the request is unread.
      shutdown(connection, Int32(SHUT_WR))
      while read(connection, &buffer, buffer.count) > 0 {}
      close(connection)
    }
    close(listener)
  }
}

extension [UInt8] {
  fileprivate func contains(sequence: [UInt8]) -> Bool {
    guard count >= sequence.count else { return false }
    return (0...(count - sequence.count)).contains { self[$0..<($0 + sequence.count)].elementsEqual(sequence) }
  }
}
