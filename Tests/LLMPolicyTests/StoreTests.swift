import LLMCore
import Testing

@testable import LLMPolicy

struct StoreTests {
  private let store = MemoryCounterStore()

  @Test func valuesAreKeptUntilTheyEnd() throws {
    #expect(try store.get("k", unixNow: 0) == nil)
    try store.set("k", bytes("one"), timeToLive: 10, unixNow: 100)
    try store.set("for ever", bytes("x"), timeToLive: 0, unixNow: 100)
    #expect(try store.get("k", unixNow: 109)?.string == "one")
    #expect(try store.get("k", unixNow: 110) == nil)
    #expect(try store.get("for ever", unixNow: .max)?.string == "x")
    try store.set("k", bytes(""), timeToLive: 0, unixNow: 111)
    #expect(try store.get("k", unixNow: 111)?.count == 0)
    try store.delete("k", unixNow: 111)
    #expect(try store.get("k", unixNow: 111) == nil)
  }

  @Test func additionsSumUpAndLiveFromTheFirst() throws {
    #expect(try store.add("n", 5, timeToLive: 100, unixNow: 0) == 5)
    #expect(try store.add("n", -4, timeToLive: 100, unixNow: 99) == 1)
    // More than there is cannot be given back.
    #expect(try store.add("n", -7, timeToLive: 100, unixNow: 99) == 0)
    #expect(try store.get("n", unixNow: 99)?.string == "0")
    #expect(try store.add("n", 1, timeToLive: 100, unixNow: 100) == 1)
    for text in ["twelve", "-1000000000000", "99999999999999999999"] {
      try store.set("text", bytes(text), timeToLive: 0, unixNow: 0)
      #expect(try store.add("text", 1, timeToLive: 0, unixNow: 0) == 1)
    }
    #expect(try store.add("most", .max, timeToLive: 0, unixNow: 0) == .max)
    #expect(throws: LLMError.self) { try store.add("most", 1, timeToLive: 0, unixNow: 0) }
  }

  @Test func aValueIsSwappedOnlyForWhatIsExpected() throws {
    #expect(try !store.compareAndSet("k", expected: bytes("x"), bytes("a"), timeToLive: 0, unixNow: 0))
    #expect(try store.compareAndSet("k", expected: nil, bytes("a"), timeToLive: 10, unixNow: 0))
    #expect(try !store.compareAndSet("k", expected: nil, bytes("b"), timeToLive: 10, unixNow: 9))
    #expect(try !store.compareAndSet("k", expected: bytes("aa"), bytes("b"), timeToLive: 10, unixNow: 9))
    #expect(try store.compareAndSet("k", expected: bytes("a"), bytes("b"), timeToLive: 10, unixNow: 9))
    #expect(try store.get("k", unixNow: 18)?.string == "b")
    #expect(try store.compareAndSet("k", expected: nil, bytes("c"), timeToLive: 0, unixNow: 19))
  }

  @Test func whatDoesNotFitIsRefused() throws {
    let large = ByteBuffer()
    for _ in 0..<8192 { large.append(UInt8(0)) }
    #expect(throws: LLMError.self) { try store.set("k", large, timeToLive: 0, unixNow: 0) }
    #expect(throws: LLMError.self) { try store.set("", bytes("x"), timeToLive: 0, unixNow: 0) }
    #expect(try store.get("k", unixNow: 0) == nil)
  }

  @Test func aFullStoreForgetsWhatEndsFirst() throws {
    for index in 0..<1000 {
      try store.set("key \(index)", bytes("\(index)"), timeToLive: 1000 + Int64(index), unixNow: 0)
      #expect(try store.get("key \(index)", unixNow: 0)?.string == "\(index)")
    }
    let kept = try (0..<1000).filter { try store.get("key \($0)", unixNow: 0) != nil }
    #expect(kept.count == StoreTable.Shape.memory.slots)
    #expect(kept.allSatisfy { $0 > 500 })
  }

  /// Whatever stands in the memory, nothing outside it is touched, and the table works or is made anew.
  @Test func nonsenseIsSurvived() throws {
    let shape = StoreTable.Shape(slots: 16, slotSize: 128)
    let random = SplitMix(seed: 5)
    let storage = StoreMemory(size: shape.size)
    let memory = storage.bytes
    for round in 0..<200 {
      let table = StoreTable(storage, shape)
      for index in memory.indices where round % 2 == 0 || index >= 64 { memory[index] = UInt8(random.next() & 0xFF) }
      if round % 2 == 0 {
        #expect(try !table.isSound())
        try table.format()
      }
      memory[20] = UInt8(random.next() & 0x1F)
      try table.repair()
      for index in 0..<40 {
        _ = table.read("k\(index)")
        #expect(table.write("k\(index)", "v"))
        #expect(table.read("k\(index)") == "v")
      }
    }
  }

  @Test func aTornSlotIsForgotten() throws {
    let shape = StoreTable.Shape(slots: 16, slotSize: 128)
    let storage = StoreMemory(size: shape.size)
    let memory = storage.bytes
    let table = StoreTable(storage, shape)
    try table.format(isBlank: true)
    #expect(table.write("a", "1"))
    #expect(table.write("b", "2"))
    // A process died while it wrote one of the slots.
    let slot = (0..<16).first { slot in
      memory[64 + slot * 128 + 24] == UInt8(ascii: "a")
    }
    memory.storeBytes(of: UInt32(try #require(slot) + 1), toByteOffset: 20, as: UInt32.self)
    try table.repair()
    #expect(table.read("a") == nil)
    #expect(table.read("b") == "2")
    #expect(memory.load(fromByteOffset: 20, as: UInt32.self) == 0)
  }
}

extension StoreTable {
  fileprivate func read(_ key: String) -> String? {
    let operation = StoreOperation(.get, key, unixNow: 1)
    return (try? perform(operation)).flatMap { operation.found?.string }
  }

  fileprivate func write(_ key: String, _ value: String) -> Bool {
    let operation = StoreOperation(.set, key, unixNow: 1)
    operation.value = bytes(value)
    return (try? perform(operation)) != nil
  }
}

struct StoreGuardTests {
  private let store = FlakyStore()
  private let log = GateLog()
  private var guarded: StoreGuard { StoreGuard(store, type: "flaky", listener: log) }

  @Test func aLostStoreIsLeftAloneForAWhile() {
    let guarded = guarded
    #expect(guarded.count(unixNow: 0) == 1)
    store.isDown = true
    #expect(guarded.count(unixNow: 10) == nil)
    let asked = store.operations
    for moment in stride(from: Microseconds(20), to: second, by: 1000) {
      #expect(guarded.count(unixNow: moment) == nil)
    }
    #expect(store.operations == asked)
    store.isDown = false
    #expect(guarded.count(unixNow: second + 10) == 2)
    #expect(log.events == ["store_lost", "store_recovered"])
    #expect(log.told[0].document["error"]?.string("code") == "connection")
    #expect(!guarded.isLost)
  }

  @Test func aStoreThatComesAndGoesIsToldOfOnceInAWhile() {
    let guarded = guarded
    for round in 0..<30 {
      store.isDown = round % 2 == 0
      _ = guarded.count(unixNow: Int64(round) * 2 * second)
    }
    // A minute: one loss in ten seconds at most, each with its recovery.
    #expect(log.events.count == 10)
    #expect(
      log.events.enumerated().allSatisfy { $0.element == ($0.offset % 2 == 0 ? "store_lost" : "store_recovered") })
  }

  @Test func aClockThatIsSetBackDoesNotKeepAStoreLost() {
    let guarded = guarded
    store.isDown = true
    _ = guarded.count(unixNow: 1_000_000 * second)
    store.isDown = false
    #expect(guarded.count(unixNow: 5 * second) == 1)
  }
}
