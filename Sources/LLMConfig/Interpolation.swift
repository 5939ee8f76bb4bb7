import LLMCore

/// Fills `${NAME}` and `${NAME:-default}` in the strings of a document. `$${` stands for a literal `${`; every other `$`
/// is itself. A default counts where the variable is unset or empty, as in the shell.
struct Interpolation {
  /// No sensible document is deeper; a tree that a program built in a circle must not run off with the stack.
  private static let deepest = 64

  private let environment: any Environment
  private var problems: ConfigProblems
  /// Whether the variable of a key may be unset: recordings are played without keys.
  private var mayBeUnset = false

  /// The document with its variables filled in: the same one where it has none.
  static func resolve(
    _ document: JSON, environment: any Environment, problems: inout ConfigProblems
  ) -> JSON {
    var interpolation = Interpolation(environment: environment, problems: problems)
    let resolved = interpolation.replacement(for: document, depth: 0)
    problems = interpolation.problems
    return resolved ?? document
  }

  /// What is to stand in place of the value; nil where it may stay.
  private mutating func replacement(for value: JSON, depth: Int) -> JSON? {
    switch value.kind {
    case .string: return replacement(forString: value)
    case .object, .array:
      guard depth < Self.deepest else {
        problems.report("nesting deeper than \(Self.deepest)\(problems.place)")
        return nil
      }
      return value.isArray ? replacement(forArray: value, depth: depth) : replacement(forObject: value, depth: depth)
    default: return nil
    }
  }

  private mutating func replacement(forObject object: JSON, depth: Int) -> JSON? {
    var changed: JSON?
    let isReplayed = mayBeUnset || object["replay"] != nil
    defer { mayBeUnset = false }
    for (key, member) in object.members {
      problems.enter(key)
      mayBeUnset = isReplayed && (member.isObject || namesSecret(key))
      if let new = replacement(for: member, depth: depth + 1) {
        let target = changed ?? object.copy()
        target.set(named: key, new)
        changed = target
      }
      problems.leave()
    }
    return changed
  }

  private mutating func replacement(forArray array: JSON, depth: Int) -> JSON? {
    var changed: JSON?
    for (index, element) in array.elements.enumerated() {
      problems.enter(formatted("\(index)"))
      if let new = replacement(for: element, depth: depth + 1) {
        let target = changed ?? array.copy()
        target.replace(at: index, with: new)
        changed = target
      }
      problems.leave()
    }
    return changed
  }

  private mutating func replacement(forString value: JSON) -> JSON? {
    guard let text = value.stringBytes, hasReference(text) else { return nil }
    var out: [UInt8] = []
    out.reserveCapacity(text.count)
    var place = 0
    while place < text.count {
      if opens(text, at: place) {
        guard let end = text[(place + 2)...].firstIndex(of: closingBrace) else {
          problems.report("\"${\" without \"}\"\(problems.place); write \"$${\" for the characters themselves")
          return nil
        }
        guard append(reference: text[(place + 2)..<end], to: &out) else { return nil }
        place = end + 1
      } else {
        // "$${" loses one dollar and is not looked at again.
        let isEscape = text[place] == dollar && opens(text, at: place + 1)
        if isEscape { out += [dollar, openingBrace] } else { out.append(text[place]) }
        place += isEscape ? 3 : 1
      }
    }
    return out.withUnsafeBytes { JSON.string($0) }
  }

  /// Appends what `NAME` or `NAME:-default` stands for; false where it is a problem.
  private mutating func append(reference: Slice<UnsafeRawBufferPointer>, to out: inout [UInt8]) -> Bool {
    let nameEnd = reference.firstIndex { !isNameByte($0) } ?? reference.endIndex
    let name = String(decoding: reference[..<nameEnd], as: UTF8.self)
    let rest = reference[nameEnd...]
    guard !name.isEmpty, rest.isEmpty || rest.starts(with: ":-".utf8) else {
      let reference = String(decoding: reference, as: UTF8.self)
      problems.report(
        "\"${\(reference)}\"\(problems.place) is no variable; write ${NAME} or ${NAME:-default}")
      return false
    }
    if let value = environment.value(of: name), !(value.isEmpty && !rest.isEmpty) {
      out += value.utf8
    } else if !rest.isEmpty {
      out += rest.dropFirst(2)
    } else if !mayBeUnset {
      problems.report(
        "the environment variable \(name)\(problems.place) is not set; set it, or write ${\(name):-default}")
      return false
    }
    return true
  }
}

private let dollar = UInt8(ascii: "$")
private let openingBrace = UInt8(ascii: "{")
private let closingBrace = UInt8(ascii: "}")

private func opens(_ text: UnsafeRawBufferPointer, at place: Int) -> Bool {
  place + 1 < text.count && text[place] == dollar && text[place + 1] == openingBrace
}

private func hasReference(_ text: UnsafeRawBufferPointer) -> Bool {
  for place in text.indices where opens(text, at: place) { return true }
  return false
}

private func isNameByte(_ byte: UInt8) -> Bool { byte.isASCIIAlphanumeric || byte == UInt8(ascii: "_") }
