// Somebody else's static library in Embedded Swift. It holds its own copies of the standard library's functions,
// under the same names as ours.

final class Counter {
  var names: [String] = []
}

/// Three, if strings and arrays work.
@_cdecl("other_answer")
public func otherAnswer() -> Int32 {
  let counter = Counter()
  counter.names.append("one")
  counter.names.append("two")
  return Int32(counter.names.count) + (counter.names[0].utf8.count == 3 ? 1 : 0)
}
