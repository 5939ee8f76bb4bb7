import LLMCore

/// Checks a document's shape against the table: known keys, types, bounds, words.
struct ConfigChecker {
  let place: ConfigPlaces
  /// The keys that a type of the program's own brings.
  var foreign: ForeignSchema?

  /// Notes everything that is wrong with the document.
  func check(_ document: JSON, into problems: inout ConfigProblems) {
    guard document.isObject else {
      problems.report("expected object, found \(document.kind.name.text)\(problems.place)")
      return
    }
    checkMembers(of: document, section: "", into: &problems)
    foreign?.checkRequired(in: document, into: &problems)
  }

  private func checkMembers(of object: JSON, section: StaticText, into problems: inout ConfigProblems) {
    for (name, value) in object.members {
      problems.enter(name)
      let foreign = section.isEmpty ? foreign : nil
      let property = foreign?.property(name)
      if let property { ForeignSchema.check(value, against: property, into: &problems) }
      if let key = ConfigSchema.key(named: name, in: section, at: place), property == nil || key.scope.isEmpty {
        check(value, against: key, into: &problems)
      } else if property == nil, foreign?.allowsOthers != true, !isOwnedByType(object, section) {
        reportUnknown(name, section: section, into: &problems)
      }
      problems.leave()
    }
  }

  /// A store of a registered type knows its keys itself.
  private func isOwnedByType(_ object: JSON, _ section: StaticText) -> Bool {
    guard let type = object.string("type"), section.text == "store" else { return false }
    return !GateSettings.builtInStores.contains { $0.matches(type) }
  }

  private func check(_ value: JSON, against key: ConfigKey, into problems: inout ConfigProblems) {
    if value.isNull { return }
    guard key.types.accepts(value) else { return reportType(value, expected: key.types, into: &problems) }
    switch value.kind {
    case .object where ConfigSchema.hasMembers(key.path):
      checkMembers(of: value, section: key.path, into: &problems)
    case .object: checkOwnMembers(of: value, key, into: &problems)
    case .array: checkElements(of: value, key, into: &problems)
    case .string: checkWord(value, key, into: &problems)
    case .integer, .real: checkBounds(value, key, into: &problems)
    case .boolean, .null: break
    }
  }

  private func checkOwnMembers(of object: JSON, _ key: ConfigKey, into problems: inout ConfigProblems) {
    guard key.elements != .any else { return }
    for (name, value) in object.members where !key.elements.accepts(value) {
      problems.enter(name)
      reportType(value, expected: key.elements, into: &problems)
      problems.leave()
    }
  }

  private func checkElements(of array: JSON, _ key: ConfigKey, into problems: inout ConfigProblems) {
    guard key.elements != .any else { return }
    for (index, value) in array.elements.enumerated() {
      problems.enter(formatted("\(index)"))
      if !key.elements.accepts(value) {
        reportType(value, expected: key.elements, into: &problems)
      } else if value.isObject, ConfigSchema.hasMembers(key.path) {
        checkMembers(of: value, section: key.path, into: &problems)
      }
      problems.leave()
    }
  }

  private func checkWord(_ value: JSON, _ key: ConfigKey, into problems: inout ConfigProblems) {
    let words = key.wordList
    guard !words.isEmpty, let word = value.string, !words.contains(word) else { return }
    let nearest = nearestName(to: word, among: words)
    problems.report(
      "\"\(word)\"\(problems.place) is none of \(alternatives(words.map { "\"\($0)\"" }))\(didYouMean(nearest))",
      suggestion: nearest)
  }

  private func checkBounds(_ value: JSON, _ key: ConfigKey, into problems: inout ConfigProblems) {
    guard let bounds = key.bounds, let number = value.double else { return }
    guard number < Double(bounds.minimum) || number > Double(bounds.maximum) else { return }
    problems.report("\(value.text)\(problems.place) is outside \(bounds.minimum) to \(bounds.maximum)")
  }

  private func reportType(_ value: JSON, expected: JSONTypes, into problems: inout ConfigProblems) {
    problems.report("expected \(alternatives(expected.names)), found \(value.kind.name.text)\(problems.place)")
  }

  private func reportUnknown(_ name: String, section: StaticText, into problems: inout ConfigProblems) {
    let own = section.isEmpty ? foreign?.propertyNames ?? [] : []
    let nearest = nearestName(to: name, among: own + ConfigSchema.members(of: section, at: place).map { $0.name })
    problems.report("unknown key \"\(name)\"\(problems.place)\(didYouMean(nearest))", suggestion: nearest)
  }
}

/// "; did you mean …?", where there is something to mean.
@inline(never)
package func didYouMean(_ name: String?) -> String { name.map { formatted("; did you mean \"\($0)\"?") } ?? "" }
