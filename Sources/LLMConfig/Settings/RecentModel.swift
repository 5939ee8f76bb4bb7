import LLMCore

/// Remembers the model that was asked for last: calls of a handle mostly name the same one, and a look-up reads a table
/// of text.
final class RecentModel: ModelSource {
  private struct Memory {
    var id: String
    var provider: String
    var model: ModelProfile?
  }

  private let source: any ModelSource
  private let memory = Locked<Memory?>(nil)

  init(_ source: any ModelSource) { self.source = source }

  func model(_ id: String, of provider: String) -> ModelProfile? {
    if let known = memory.withLock({ $0 }), known.id == id, known.provider == provider { return known.model }
    let model = source.model(id, of: provider)
    memory.withLock { $0 = Memory(id: id, provider: provider, model: model) }
    return model
  }

  func models(of provider: String) -> [ModelProfile] { source.models(of: provider) }
}
