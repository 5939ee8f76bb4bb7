import LLMCore

/// What `llm_config_validate` answers.
public struct ConfigVerdict {
  /// The first problem, which making a provider fails with; nil where there is none.
  public let error: LLMError?
  /// Every problem, what is merely suspicious, and what would be used, without secrets.
  public let document: JSON

  /// Of a document that was read.
  init(_ problems: ConfigProblems, warnings: [JSON], resolved: JSON?) {
    error = problems.all.first?.error
    document = JSON.object()
    document.set("valid", problems.all.isEmpty)
    document.set("errors", .array(problems.all.map { $0.document }))
    document.set("warnings", .array(warnings))
    document.set("resolved", resolved)
    document.set("error", error.map { $0.document })
  }

  /// Of one that could not be read.
  public init(_ error: LLMError) {
    var problems = ConfigProblems(.invalidConfig)
    problems.add(error)
    self.init(problems, warnings: [], resolved: nil)
  }
}
