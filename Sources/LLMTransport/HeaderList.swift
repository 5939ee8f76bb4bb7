import CSystem
import LLMCore

/// The header lines of a request as the list that curl reads, in memory that serves one request after another: in the
/// steady state nothing is allocated, and keys do not lie about in freed memory.
final class HeaderList {
  private let text = ByteBuffer()
  private var nodes: UnsafeMutablePointer<curl_slist>?
  private var capacity = 0

  deinit {
    text.wipe()
    nodes?.deallocate()
  }

  /// Writes the lines; the name of the first field that must not be sent, nil if all are well.
  func fill(_ headers: [HTTPHeader]) -> String? {
    wipe()
    // All at once, since a buffer that grows leaves copies behind.
    text.reserve(headers.reduce(HeaderList.suppressedExpect.utf8CodeUnitCount + 1) { $0 &+ $1.lineLength })
    for header in headers where !append(header) {
      wipe()
      return header.name
    }
    text.append(HeaderList.suppressedExpect)
    text.append(0 as UInt8)
    link(count: headers.count + 1)
    return nil
  }

  /// What curl reads; valid until the next `fill` or `wipe`.
  var first: UnsafeMutablePointer<curl_slist>? { nodes }

  /// Overwrites the lines.
  func wipe() { text.wipe() }

  /// Without it a body over 1 MiB waits for a "100 Continue" that many services never send.
  private static let suppressedExpect = StaticString("Expect:")

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

  private func reserveNodes(_ count: Int) {
    guard count > capacity else { return }
    nodes?.deallocate()
    nodes = .allocate(capacity: count)
    nodes?.initialize(repeating: curl_slist(), count: count)
    capacity = count
  }

  /// Points the nodes at their lines and at one another.
  private func link(count: Int) {
    reserveNodes(count)
    guard let nodes, var line = text.bytes.baseAddress?.assumingMemoryBound(to: CChar.self) else { return }
    for index in 0..<count {
      nodes[index].data = UnsafeMutablePointer(mutating: line)
      nodes[index].next = index + 1 < count ? nodes + (index + 1) : nil
      line += strlen(line) + 1
    }
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
