import LLMCore

/// One thing that is wrong with a document of the user's.
public struct ConfigProblem: Sendable {
  /// The class of failure: the configuration's or the request's.
  public var code: ErrorCode
  /// What is wrong, where, and what to do.
  public var message: String
  /// JSON pointer to the place.
  public var pointer: String
  /// What was probably meant.
  public var suggestion: String?

  /// The problem as the library's error.
  public var error: LLMError { LLMError(code, text: message, param: pointer) }

  /// The problem as `llm_config_validate` lists it.
  public var document: JSON {
    let document = JSON.object()
    document.set("code", code.name)
    document.set("message", message)
    document.set("param", pointer)
    document.set("suggestion", suggestion)
    return document
  }
}

/// What was found wrong with one document, and where in it the finder is.
package struct ConfigProblems {
  package private(set) var all: [ConfigProblem] = []
  private let code: ErrorCode
  private let root: String
  private var path: [String] = []

  package init(_ code: ErrorCode, root: String = "") {
    self.code = code
    self.root = root
  }

  /// Goes down into a member or element.
  @inline(never)
  package mutating func enter(_ key: String) { path.append(key) }
  /// Comes back up.
  package mutating func leave() { path.removeLast() }

  /// The place as a JSON pointer (RFC 6901).
  package var pointer: String {
    var pointer = root
    for key in path { pointer += "/" + escapedForPointer(key) }
    return pointer
  }

  /// The words for the place in a message: " at /timeout", or nothing for the document itself.
  package var place: String { path.isEmpty && root.isEmpty ? "" : formatted(" at \(pointer)") }

  /// Notes a problem with the place; the first at a place counts, since later ones follow from it.
  @inline(never)
  package mutating func report(_ message: Message, suggestion: String? = nil, code: ErrorCode? = nil) {
    let pointer = pointer
    guard !has(pointer) else { return }
    all.append(ConfigProblem(code: code ?? self.code, message: message.text, pointer: pointer, suggestion: suggestion))
  }

  /// Notes a problem with a member of the place.
  @inline(never)
  package mutating func report(at key: String, _ message: Message, suggestion: String? = nil, code: ErrorCode? = nil) {
    enter(key)
    report(message, suggestion: suggestion, code: code)
    leave()
  }

  /// Takes over what was found in a part of the document.
  package mutating func add(_ others: ConfigProblems) {
    for problem in others.all where !has(problem.pointer) { all.append(problem) }
  }

  /// Takes over what else is wrong at the place.
  package mutating func add(_ error: LLMError, below place: String = "") {
    let pointer = root + place + (error.param ?? "")
    if !has(pointer) {
      all.append(ConfigProblem(code: error.code, message: error.message, pointer: pointer, suggestion: nil))
    }
  }

  /// Takes secrets out of what was found: a message may quote what stands at the wrong place.
  mutating func blot(_ blotter: Blotter) {
    for index in all.indices { all[index].message = blotter.blot(all[index].message) }
  }

  private func has(_ pointer: String) -> Bool {
    for problem in all where problem.pointer == pointer { return true }
    return false
  }
}

private func escapedForPointer(_ key: String) -> String {
  var bytes: [UInt8] = []
  for byte in key.utf8 {
    switch byte {
    case UInt8(ascii: "~"): bytes += [byte, UInt8(ascii: "0")]
    case UInt8(ascii: "/"): bytes += [UInt8(ascii: "~"), UInt8(ascii: "1")]
    default: bytes.append(byte)
    }
  }
  return String(decoding: bytes, as: UTF8.self)
}

extension JSON.Kind {
  /// The name in messages.
  package var name: StaticText {
    switch self {
    case .object: "object"
    case .array: "array"
    case .string: "string"
    case .integer: "integer"
    case .real: "number"
    case .boolean: "boolean"
    case .null: "null"
    }
  }
}

/// "a", "a or b", "a, b or c".
package func alternatives(_ words: [String]) -> String {
  var text = ""
  for (index, word) in words.enumerated() {
    if index > 0 { text += index == words.count - 1 ? " or " : ", " }
    text += word
  }
  return text
}
