import LLMCore
public enum HotRole: Sendable { case skip, null, same(Int), integer(Int), constant(StaticString), text, reasoning, arguments }
public struct HotField: Sendable { public init(_ path: StaticString, _ role: HotRole) {} }
public final class HotPath {
  public enum Payload { case text, reasoning, arguments, empty }
  public var kind: Payload { .empty }
  public var payload: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }
  public func integer(_ slot: Int) -> Int { 0 }
  public init(_ table: [HotField]) {}
  public func match(_ data: UnsafeRawBufferPointer) -> Bool { false } }
public func repairedJSON(_ bytes: UnsafeRawBufferPointer, into: ByteBuffer) -> Bool { false }
