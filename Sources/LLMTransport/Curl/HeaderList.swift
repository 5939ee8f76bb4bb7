import CSystem
import LLMCore

/// The header lines of a request as the list that curl reads, in memory that serves one request after another: in the
/// steady state nothing is allocated, and keys do not lie about in freed memory. Lines that one request has like the
/// other stay as they are.
final class HeaderList {
  private let text = ByteBuffer()
  private var nodes: UnsafeMutablePointer<curl_slist>?
  private var capacity = 0
  /// What the lines say; nil where they are a request's own.
  private var standing: StandingHeaders?

  /// What curl reads; valid until the next `fill`.
  private(set) var first: UnsafeMutablePointer<curl_slist>?

  /// From this size on curl would send `Expect: 100-continue`, and wait a second for an answer that many services never
  /// give.
  private static let expectingSize = 1 << 20
  private static let suppressedExpect = StaticString("Expect:")

  deinit {
    text.wipe()
    nodes?.deallocate()
  }

  /// Writes the lines; the name of the first field that must not be sent, nil if all are well.
  func fill(_ request: HTTPRequest) -> String? {
    let count = request.headers.count
    if standing == nil || standing !== request.standing {
      text.wipe()
      // All at once, since a buffer that grows leaves copies behind.
      text.reserve(
        request.headers.reduce(HeaderList.suppressedExpect.utf8CodeUnitCount + 1) { $0 &+ $1.lineLength })
      for header in request.headers where !append(header) {
        standing = nil
        text.wipe()
        return header.name
      }
      text.append(HeaderList.suppressedExpect)
      text.append(0 as UInt8)
      link(count: count + 1)
      standing = request.standing
    }
    end(after: count, suppressingExpect: (request.body?.count ?? 0) >= HeaderList.expectingSize)
    return nil
  }

  /// Overwrites lines that no other request has.
  func forgetOwn() {
    if standing == nil { text.wipe() }
  }

  /// Writes a line; false if it is not one field, but a field and whatever a line end inside it would begin.
  private func append(_ header: HTTPHeader) -> Bool {
    let start = text.count
    text.append(header.name)
    let nameEnd = text.count
    if header.hasEmptyValue {
      // "Name:" would take the field away; this is how curl is told to send it with nothing in it.
      text.append(";")
    } else {
      text.append(": ")
      text.append(header.value)
      if let secret = header.secret { text.append(secret.bytes) }
    }
    let isOneField =
      start < nameEnd && text.bytes[start..<nameEnd].allSatisfy { $0.isFieldNameByte }
      && text.bytes[nameEnd...].allSatisfy { $0.isFieldValueByte }
    text.append(0 as UInt8)
    return isOneField
  }

  /// Points the nodes at their lines.
  private func link(count: Int) {
    if count > capacity {
      nodes?.deallocate()
      nodes = .allocate(capacity: count)
      capacity = count
    }
    guard let nodes, var line = text.bytes.baseAddress?.assumingMemoryBound(to: CChar.self) else { return }
    for index in 0..<count {
      nodes[index] = curl_slist(data: UnsafeMutablePointer(mutating: line), next: nodes + (index + 1))
      line += strlen(line) + 1
    }
  }

  /// Ends the list after so many lines, or after the one that follows them.
  private func end(after count: Int, suppressingExpect: Bool) {
    first = count > 0 || suppressingExpect ? nodes : nil
    if count > 0 { nodes?[count - 1].next = suppressingExpect ? nodes.map { $0 + count } : nil }
    nodes?[count].next = nil
  }
}

extension HTTPHeader {
  fileprivate var hasEmptyValue: Bool { value.isEmpty && (secret?.isEmpty ?? true) }

  /// With the colon, the space and the end.
  fileprivate var lineLength: Int { name.utf8.count + value.utf8.count + (secret?.bytes.count ?? 0) + 3 }
}

extension UInt8 {
  /// RFC 9110's `tchar`.
  fileprivate var isFieldNameByte: Bool {
    if isASCIIAlphanumeric { return true }
    switch self {
    case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
      UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
      return true
    default: return false
    }
  }

  /// Anything but a control character; a tab is allowed.
  fileprivate var isFieldValueByte: Bool { (self >= 0x20 && self != 0x7F) || self == 0x09 }
}
