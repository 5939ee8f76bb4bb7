import CSystem
import LLMCore

/// Takes thinking out of a text in which it stands between `<think>` and `</think>`, whatever pieces the text comes in.
/// What may be the beginning of a tag is held back until it is known.
final class ThinkTagSplitter {
  /// A piece of text, or of thinking where the second is true.
  typealias Deliver = (UnsafeRawBufferPointer, Bool) -> Void

  private static let open: StaticString = "<think>"
  private static let close: StaticString = "</think>"

  private var isThinking = false
  /// White space after a tag belongs to neither side.
  private var skipsSpace = false
  /// The beginning of a tag, perhaps.
  private let held = ByteBuffer()
  private let joined = ByteBuffer()

  private var tag: StaticString { isThinking ? Self.close : Self.open }

  /// Takes a piece and delivers what is certain.
  func split(_ bytes: UnsafeRawBufferPointer, _ deliver: Deliver) {
    guard !held.isEmpty else { return splitJoined(bytes, deliver) }
    joined.removeAll()
    joined.append(held.bytes)
    joined.append(bytes)
    held.removeAll()
    splitJoined(joined.bytes, deliver)
  }

  /// The text is over: what was held back was no tag.
  func finish(_ deliver: Deliver) {
    deliverRun(held.bytes, deliver)
    held.removeAll()
  }

  private func splitJoined(_ bytes: UnsafeRawBufferPointer, _ deliver: Deliver) {
    var rest = bytes
    var searched = 0
    while let place = firstBracket(in: rest, from: searched) {
      let candidate = UnsafeRawBufferPointer(rebasing: rest[place...])
      if candidate.begins(tag) {
        deliverRun(UnsafeRawBufferPointer(rebasing: rest[..<place]), deliver)
        rest = UnsafeRawBufferPointer(rebasing: candidate[tag.utf8CodeUnitCount...])
        searched = 0
        isThinking.toggle()
        skipsSpace = true
      } else if candidate.isBeginning(of: tag) {
        deliverRun(UnsafeRawBufferPointer(rebasing: rest[..<place]), deliver)
        return held.append(candidate)
      } else {
        searched = place + 1
      }
    }
    deliverRun(rest, deliver)
  }

  private func firstBracket(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
    guard let base = bytes.baseAddress, start < bytes.count else { return nil }
    return memchr(base + start, Int32(UInt8(ascii: "<")), bytes.count - start).map { UnsafeRawPointer($0) - base }
  }

  private func deliverRun(_ bytes: UnsafeRawBufferPointer, _ deliver: Deliver) {
    var run = bytes
    if skipsSpace {
      run = UnsafeRawBufferPointer(rebasing: run.drop { $0 <= 0x20 })
      skipsSpace = run.isEmpty
    }
    if !run.isEmpty { deliver(run, isThinking) }
  }
}

extension UnsafeRawBufferPointer {
  fileprivate func begins(_ text: StaticString) -> Bool {
    guard let base = baseAddress, count >= text.utf8CodeUnitCount else { return false }
    return memcmp(base, text.utf8Start, text.utf8CodeUnitCount) == 0
  }

  fileprivate func isBeginning(of text: StaticString) -> Bool {
    guard let base = baseAddress, count < text.utf8CodeUnitCount else { return false }
    return memcmp(base, text.utf8Start, count) == 0
  }
}
