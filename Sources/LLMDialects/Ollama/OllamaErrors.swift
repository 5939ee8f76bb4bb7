import LLMCore

/// Errors in Ollama's shape.
enum OllamaError {
  static func read(_ body: JSON) -> ServiceError {
    var error = ServiceError(body)
    let message = error.message ?? ""
    if let model = missingModel(message) {
      error.code = .notFound
      error.message = formatted("\(message); `ollama pull \(model)` fetches it")
    } else if message.containsText("does not support") {
      error.code = .unsupported
    } else if message.containsText("server busy") || message.containsText("loading model", ignoringCase: true) {
      error.code = .overloaded
    }
    return error
  }

  /// The name in `model 'NAME' not found`, with whichever quotes.
  private static func missingModel(_ message: String) -> String? {
    guard message.startsWith("model "), message.containsText("not found") else { return nil }
    let quoted = message.dropping(bytes: 6)
    for quote in [UInt8(ascii: "'"), UInt8(ascii: "\"")] where quoted.utf8.first == quote {
      let pieces = quoted.pieces(separatedBy: quote)
      if pieces.count > 2, !pieces[1].isEmpty { return pieces[1] }
    }
    return nil
  }
}
