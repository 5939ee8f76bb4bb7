import LLMConfig
import LLMCore

/// Reads LiteLLM's price map: an object of models by name, with prices per token. What the format says and the
/// catalogue has no place for is passed over, since the map grows by the week.
enum PriceMap {
  private static let flags: [(key: StaticText, capabilities: Capabilities)] = [
    ("supports_function_calling", [.tools, .toolChoice]), ("supports_parallel_function_calling", .parallelTools),
    ("supports_tool_choice", .toolChoice), ("supports_response_schema", .jsonSchema), ("supports_vision", .vision),
    ("supports_audio_input", .audioInput), ("supports_audio_output", .audioOutput), ("supports_pdf_input", .files),
    ("supports_reasoning", .reasoning), ("supports_prompt_caching", .promptCache),
    ("supports_system_messages", .systemMessages), ("supports_web_search", .webSearch),
  ]

  /// The rows of the map.
  static func models(of map: JSON, over base: Catalog) -> [ModelProfile] {
    var models: [ModelProfile] = []
    for (name, row) in map.members where name != "sample_spec" {
      guard let named = row.string("litellm_provider") else { continue }
      let provider = providerName(named, base: base)
      let id = withoutPrefix(name, of: named)
      let model =
        base.exactModel(id, of: provider)?.copy()
        ?? ModelProfile(provider: provider, id: id, label: modelLabel(of: id))
      read(row, into: model)
      model.asOf = nil
      models.append(model)
    }
    return models
  }

  /// Names of models start with the service's, or with its family's.
  private static func withoutPrefix(_ name: String, of provider: String) -> String {
    for prefix in [provider, provider.pieces(separatedBy: UInt8(ascii: "-"))[0]] where name.startsWith(prefix + "/") {
      return name.dropping(bytes: prefix.utf8.count + 1)
    }
    return name
  }

  /// The catalogue's name for LiteLLM's, which splits some services (`vertex_ai-anthropic_models`).
  private static func providerName(_ name: String, base: Catalog) -> String {
    if let profile = base.provider(name) { return profile.name }
    let family = name.pieces(separatedBy: UInt8(ascii: "-"))[0]
    return base.provider(family)?.name ?? name
  }

  private static func read(_ row: JSON, into model: ModelProfile) {
    readMode(row, into: model)
    // The map's number is that of input alone; a model that the catalogue knows keeps its window of both.
    let input = size("max_input_tokens", of: row) ?? size("max_tokens", of: row)
    if let input, input > model.contextWindow || model.contextWindow > input &+ max(0, model.maxOutput) {
      model.contextWindow = input
    }
    model.maxOutput = size("max_output_tokens", of: row) ?? model.maxOutput
    model.dimensions = size("output_vector_size", of: row) ?? model.dimensions
    PriceMapPrices.read(row, into: &model.prices)
    model.deprecatedOn = row.string("deprecation_date") ?? model.deprecatedOn
    for (key, capabilities) in flags {
      guard let isSupported = row[key]?.bool else { continue }
      model.set(capabilities, isSupported)
    }
  }

  private static func readMode(_ row: JSON, into model: ModelProfile) {
    switch row.string("mode") {
    case "chat":
      model.purpose = .chat
      model.capabilities.formUnion([.streaming, .jsonMode])
    case "responses":
      model.purpose = .chat
      model.capabilities.formUnion([.streaming, .jsonMode])
      model.dialect = .openAIResponses
    case "completion":
      model.purpose = .completion
      model.capabilities.insert(.streaming)
    case "embedding":
      model.purpose = .embedding
      model.capabilities.insert(.embeddings)
    case "image_generation": model.purpose = .image
    case "audio_transcription", "audio_speech": model.purpose = .audio
    case "rerank":
      model.purpose = .rerank
      model.capabilities.insert(.rerank)
    case nil: break
    default: model.purpose = .other
    }
  }

  private static func size(_ key: String, of row: JSON) -> Int64? {
    guard let size = row[named: key]?.int, size > 0 else { return nil }
    return size
  }
}
