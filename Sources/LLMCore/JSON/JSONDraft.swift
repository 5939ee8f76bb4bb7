/// An object with some of its members changed: what a request becomes on its way to a service. The object itself, which
/// may be the caller's and large, stays as it is and is copied only as it is written.
public final class JSONDraft {
  private let base: JSON
  /// What was set, or nil for what was removed.
  private var changes: [(name: String, value: JSON?)] = []

  /// Starts with all members of an object.
  public init(_ base: JSON) { self.base = base }

  private func change(of name: StaticText) -> Int? { changes.firstIndex { name.matches($0.name) } }
  private func change(of name: String) -> Int? { changes.firstIndex { $0.name == name } }

  /// The member of that name; nil where it is missing or null.
  public subscript(name: StaticText) -> JSON? {
    @inline(never)
    get {
      guard let place = change(of: name) else { return base[name] }
      return changes[place].value.flatMap { $0.isNull ? nil : $0 }
    }
  }

  /// Sets a member; nil leaves the object as it is.
  public func set(_ name: StaticText, _ value: JSON?) { set(named: name.text, value) }
  /// Sets a member to a text.
  public func set(_ name: StaticText, _ value: String) { set(named: name.text, .string(value)) }
  /// Sets a member to a constant.
  public func set(_ name: StaticText, _ value: StaticText) { set(named: name.text, .string(value)) }
  /// Sets a member to true or false.
  public func set(_ name: StaticText, _ value: Bool) { set(named: name.text, .boolean(value)) }

  /// Sets a member; nil leaves the object as it is.
  @inline(never)
  public func set(named name: String, _ value: JSON?) {
    if let value { put(name, value) }
  }

  /// Sets a member where there is none yet.
  @inline(never)
  public func setDefault(named name: String, _ value: JSON) {
    let isThere = change(of: name).map { changes[$0].value != nil } ?? base.has(named: name)
    if !isThere { put(name, value) }
  }

  /// Removes a member.
  @inline(never)
  public func remove(_ name: StaticText) {
    if change(of: name) != nil || base.has(name) { put(name.text, nil) }
  }

  /// Removes a member, and gives it where it said anything.
  public func take(_ name: StaticText) -> JSON? {
    let value = self[name]
    remove(name)
    return value
  }

  private func put(_ name: String, _ value: JSON?) {
    if let place = change(of: name) { changes[place].value = value } else { changes.append((name, value)) }
  }

  /// Lays the other object's members over this one's, object into object.
  @inline(never)
  public func merge(_ other: JSON) {
    for (name, value) in other.members {
      let own = change(of: name).map { changes[$0].value } ?? base[named: name]
      guard value.isObject, let own, own.isObject else {
        put(name, value)
        continue
      }
      let merged = own.copy()
      merged.merge(value)
      put(name, merged)
    }
  }

  /// Writes the object as compact JSON: what stayed in its place, with what was changed; what is new behind it.
  public func write(into buffer: ByteBuffer) {
    let text = JSONText(buffer)
    text.openObject()
    base.forEachMember { name, value in
      let place = changes.firstIndex { name.elementsEqual($0.name.utf8) }
      if let value = place.map({ changes[$0].value }) ?? value { text.add(name, value) }
    }
    for (name, value) in changes where !base.has(named: name) {
      if let value { text.add(named: name, value) }
    }
    text.closeObject()
  }
}
