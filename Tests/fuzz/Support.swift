import CSystem
import LLMCore
import LLMWire

// What the targets share. A target feeds the input in two ways and stops the process when they differ; the sanitizer
// stops it for whatever is read or written out of bounds.

/// Writes every frame down, so that two ways of feeding can be compared.
final class Transcript: FrameSink {
  let text = ByteBuffer()

  func receive(_ frame: Frame) -> Bool {
    text.append(integer: Int64(frame.event.count))
    text.append(frame.event)
    text.append(integer: Int64(frame.data.count))
    text.append(frame.data)
    text.append(frame.isBinaryException ? "!" : ".")
    return true
  }

  func feed(_ framer: any Framer, _ bytes: UnsafeRawBufferPointer, cutting cut: (Int) -> Int) {
    do throws(LLMError) {
      var place = 0
      while place < bytes.count {
        let length = min(max(cut(place), 1), bytes.count - place)
        try feed(framer, UnsafeRawBufferPointer(rebasing: bytes[place..<place + length]))
        place += length
      }
      try framer.finish(into: self)
    } catch {
      text.append(error.code.name.utf8)
    }
  }

  /// Feeds from an allocation of its own, which is gone afterwards.
  private func feed(_ framer: any Framer, _ bytes: UnsafeRawBufferPointer) throws(LLMError) {
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
    defer { piece.deallocate() }
    piece.copyMemory(from: bytes)
    _ = try framer.feed(UnsafeRawBufferPointer(piece), into: self)
  }
}

/// Feeds a framer whole, byte by byte and at places that the input itself chooses; all must deliver the same.
func compareCuts(_ bytes: UnsafeRawBufferPointer, of makeFramer: () -> any Framer) {
  let whole = Transcript()
  whole.feed(makeFramer(), bytes) { _ in bytes.count }
  let single = Transcript()
  single.feed(makeFramer(), bytes) { _ in 1 }
  let chosen = Transcript()
  chosen.feed(makeFramer(), bytes) { Int(bytes[$0] & 15) }
  demand(same(whole.text, single.text) && same(whole.text, chosen.text), "frames depend on how the stream was cut")
}

func same(_ first: ByteBuffer, _ second: ByteBuffer) -> Bool {
  withExtendedLifetime((first, second)) { first.bytes.elementsEqual(second.bytes) }
}

func demand(_ condition: Bool, _ message: StaticString) {
  if condition { return }
  write(2, message.utf8Start, message.utf8CodeUnitCount)
  abort()
}

func say(_ text: String) {
  var text = text + "\n"
  text.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
}

/// Whether jansson takes the document, with the flags that the library reads services with.
func janssonAccepts(_ bytes: UnsafeRawBufferPointer) -> Bool {
  guard let start = bytes.baseAddress else { return false }
  let flags = Int(JSON_ALLOW_NUL) | Int(JSON_DECODE_ANY)
  let value = json_loadb(start.assumingMemoryBound(to: CChar.self), bytes.count, flags, nil)
  json_decref(value)
  return value != nil
}
