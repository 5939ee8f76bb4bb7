import LLMCore

/// What can be done about a failure.
enum Remedy {
  /// It may pass: the same target may be asked again, or another.
  case again
  /// Asking this target again cannot help; another may serve.
  case elsewhere
  /// Only a target that is named for this very failure.
  case byRule
  /// Nothing: it is the request's own fault, or its caller's wish.
  case none
}

/// Which failures are worth what.
enum FailureClass {
  /// A row is a class of failures: the codes in it, and what helps.
  private static let table: [(codes: [ErrorCode], remedy: Remedy)] = [
    // The key, its rights, its money, and models that are gone: of this target alone.
    ([.authentication, .permission, .quotaExceeded, .budgetExceeded, .notFound], .elsewhere),
    // Limits, overload, and what breaks on the way: they pass.
    ([.rateLimited, .overloaded], .again),
    ([.serverError, .timeout, .connection, .streamTruncated], .again),
    // What this target cannot do, and what nobody can explain.
    ([.unsupported, .tls, .protocol, .plugin, .noMemory, .internal], .elsewhere),
    // What another kind of model might take.
    ([.contextLength, .contentFilter], .byRule),
    // What the caller did, or wants.
    ([.invalidArgument, .invalidConfig, .invalidRequest, .tooLarge, .cancelled], .none),
  ]

  /// Whether other calls to the target would fare no better just now.
  static func tellsOfTarget(_ error: LLMError) -> Bool {
    switch error.code {
    case .notFound, .budgetExceeded, .unsupported, .plugin, .noMemory, .internal: false
    default: remedy(for: error) == .again || remedy(for: error) == .elsewhere
    }
  }

  /// What helps; the service's own word on whether to try again counts for more than the table.
  static func remedy(for error: LLMError) -> Remedy {
    var remedy = Remedy.elsewhere
    for row in table where row.codes.contains(error.code) { remedy = row.remedy }
    if error.retryable == true { return .again }
    return remedy == .again && error.retryable == false ? .elsewhere : remedy
  }
}
