import CSystem
public final class ByteBuffer {
  var base: UnsafeMutablePointer<UInt8>?
  var cap = 0
  public private(set) var count = 0
  public init(capacity: Int = 0) { if capacity > 0 { reserve(capacity) } }
  deinit { free(base) }
  public var isEmpty: Bool { count == 0 }
  public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }
  public func reserve(_ n: Int) { if count + n + 1 > cap { cap = max((count + n + 1) * 2, 64); base = realloc(base, cap)!.assumingMemoryBound(to: UInt8.self) } }
  public func append(_ b: UnsafeRawBufferPointer) { guard let s = b.baseAddress, b.count > 0 else { return }; reserve(b.count); memcpy(base! + count, s, b.count); count += b.count }
  public func append(_ b: UInt8) { reserve(1); base![count] = b; count += 1 }
  public func append(_ t: StaticString) { append(UnsafeRawBufferPointer(start: t.utf8Start, count: t.utf8CodeUnitCount)) }
  public func append(_ t: String) { var t = t; t.withUTF8 { append(UnsafeRawBufferPointer($0)) } }
  public func append(integer: Int64) { append("\(integer)") }
  public func removeAll() { count = 0 }
  public func removeFirst(_ n: Int) { memmove(base!, base! + n, count - n); count -= n }
  public func terminated() -> UnsafePointer<CChar> { reserve(1); base![count] = 0; return UnsafeRawPointer(base!).assumingMemoryBound(to: CChar.self) }
  public var string: String { String(decoding: bytes, as: UTF8.self) }
  public func takeCString() -> UnsafeMutablePointer<CChar> { _ = terminated(); let p = UnsafeMutableRawPointer(base!).assumingMemoryBound(to: CChar.self); base = nil; cap = 0; count = 0; return p }
  public func wipe() { if let base { memset(base, 0, cap) }; count = 0 }
}
