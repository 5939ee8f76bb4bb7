import CSystem
import LLMCore

/// Puts a response's head together from the lines that curl hands over, leaving out interim heads (1xx) and trailers.
struct ResponseHeadReader {
  /// What a line led to.
  enum Step {
    /// Go on.
    case more
    /// The final head is complete.
    case complete(HTTPHead)
    /// There is no end to it.
    case tooLarge
    /// It has no status that could be one.
    case malformed
  }

  /// Heads are bounded whatever the service sends; the largest known are a hundredth of it.
  static let limit = 256 << 10

  private var head: HTTPHead?
  private var received = 0
  /// Whether the final head was handed out.
  private(set) var isComplete = false

  /// Whether it says that all is well, and that there is more to come.
  private(set) var isSuccess = false

  /// Whether any byte of a response arrived.
  var hasBegun: Bool { received > 0 }

  /// Takes one line, its end included.
  mutating func take(_ line: UnsafeRawBufferPointer) -> Step {
    received = received &+ line.count
    guard received <= ResponseHeadReader.limit else { return .tooLarge }
    guard !isComplete else { return .more }
    guard let head else {
      head = HTTPHead(status: line.statusCode)
      return line.statusCode < 100 ? .malformed : .more
    }
    guard line.isBlank else {
      head.append(line: line)
      return .more
    }
    self.head = nil
    if head.status < 200 { return .more }
    isComplete = true
    isSuccess = head.status == 200
    return .complete(head)
  }
}

extension UnsafeRawBufferPointer {
  /// Whether it is the line after the last of a head.
  fileprivate var isBlank: Bool { first == UInt8(ascii: "\r") || first == UInt8(ascii: "\n") }

  /// The three digits after "HTTP/x.y "; 0 if there are none. (Over HTTP/1 curl has refused other lines before.)
  fileprivate var statusCode: Int {
    guard let space = firstOffset(of: UInt8(ascii: " ")) else { return 0 }
    var status = 0
    for byte in self[(space + 1)...].prefix(3) {
      guard byte.isASCIIDigit else { return 0 }
      status = status * 10 + Int(byte - 0x30)
    }
    return status
  }
}
