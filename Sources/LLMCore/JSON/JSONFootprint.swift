extension JSON {
  /// A bound on what the objects take that are made of the document on its way to somewhere else: strings, and a few
  /// arrays of its values (docs/internals/memory.md).
  @inline(never)
  public var footprint: Int { owner.footprint > 0 ? owner.footprint : JSON.footprint(place, depth: 0) }

  /// The same for a text with so many values, names of members included.
  static func footprint(ofText size: Int, values: Int) -> Int { 2 &* size &+ footprintOfValue &* values }

  private static let footprintOfValue = 96

  private static func footprint(_ place: JSONPlace, depth: Int) -> Int {
    let deepest = 64
    var sum = footprint(ofText: place.pointee.text?.count ?? 0, values: 1)
    guard depth < deepest else { return sum }
    var content = JSONContent(place)
    while let item = content.next() {
      sum &+= footprint(ofText: item.key.count, values: 1) &+ footprint(item.slot.place, depth: depth &+ 1)
    }
    return sum
  }
}
