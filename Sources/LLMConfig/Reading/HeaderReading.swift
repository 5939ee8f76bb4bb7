import LLMCore

/// Header fields out of a document.
package enum HeaderReading {
  package static func headers(in document: JSON, key: String, problems: inout ConfigProblems) -> [HTTPHeader] {
    guard let object = document[named: key] else { return [] }
    var headers: [HTTPHeader] = []
    problems.enter(key)
    for (name, value) in object.members {
      guard let text = value.string else { continue }
      if !name.isHeaderName {
        problems.report(
          at: name,
          "\"\(name)\" is no header field's name\(problems.place): it is made of letters, digits and hyphens")
      } else if name.namesManagedHeader {
        problems.report(
          at: name,
          "the header field \(name)\(problems.place) is the library's own, which knows what it sends; leave it out")
      } else if text.hasControlCharacters {
        problems.report(at: name, "control characters in the header field \(name)\(problems.place)")
      } else {
        headers.append(name.namesSecret ? HTTPHeader(name, prefix: "", secret: Secret(text)) : HTTPHeader(name, text))
      }
    }
    problems.leave()
    return headers
  }
}
