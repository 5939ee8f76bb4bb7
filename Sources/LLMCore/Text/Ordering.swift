/// The places of so many things in their order; what is equal stays in the order in which it stands.
///
/// `Array.sorted` is compiled anew for each type that is sorted, some two kilobytes a time. This sorts places, for all of
/// them: a merge of ever longer runs, in n log n comparisons whatever the order.
@inline(never)
func placesInOrder(_ count: Int, _ isBefore: (Int, Int) -> Bool) -> [Int] {
  var places = Array(0..<count)
  var merged = places
  var length = 1
  while length < count {
    var start = 0
    while start < count {
      let (middle, end) = (min(start + length, count), min(start + 2 * length, count))
      var (left, right) = (start, middle)
      for place in start..<end {
        // The right one only where it has to come first.
        let takesRight = left == middle || right < end && isBefore(places[right], places[left])
        merged[place] = takesRight ? places[right] : places[left]
        if takesRight { right += 1 } else { left += 1 }
      }
      start = end
    }
    swap(&places, &merged)
    length *= 2
  }
  return places
}

extension Array {
  /// The elements in an order; what is equal stays in the order in which it stands.
  package func inOrder(_ isBefore: (Element, Element) -> Bool) -> [Element] {
    placesInOrder(count) { isBefore(self[$0], self[$1]) }.map { self[$0] }
  }
}

/// The texts in the order of their bytes.
@inline(never)
public func sortedByBytes(_ texts: [String]) -> [String] {
  texts.inOrder { first, second in first.withBytes { own in second.withBytes { own.comesBefore($0) } } }
}
