import LLMConfig
import LLMCore

// The catalogue as JSON: the answers of `llm_model_info` and `llm_provider_types`.

extension Catalog {
  /// A model's row, for `llm_model_info`; what is not known is absent.
  public func describe(_ model: ModelProfile) -> JSON {
    let description = JSON.object()
    description.set("id", model.id)
    description.set("object", "model")
    description.set("provider", model.provider)
    description.set("label", model.label)
    description.set("type", model.purpose.name)
    description.set("context_window", positive(model.contextWindow))
    description.set("max_output_tokens", positive(model.maxOutput))
    description.set("dimensions", positive(model.dimensions))
    description.set("prices", model.prices.document)
    set("capabilities", model.capabilities.nameList, in: description)
    set("lacks", model.lacks.nameList, in: description)
    set("refuses", model.refusals.nameList, in: description)
    set("refuses_thinking", model.thinkingRefusals.nameList, in: description)
    set("reasoning_efforts", model.efforts.map { $0.name.text }, in: description)
    description.set("dialect", model.dialect.map { .string($0.name) })
    if model.needsResponsesForTools { description.set("responses_for_tools", true) }
    description.set("deprecated_on", model.deprecatedOn)
    description.set("successor", model.successor)
    description.set("as_of", model.asOf)
    description.set("extra_params", model.extraParameters)
    return description
  }

  private func positive(_ number: Int64) -> JSON? { number > 0 ? .integer(number) : nil }

  private func set(_ key: StaticText, _ names: [String], in description: JSON) {
    if !names.isEmpty { description.set(key, .array(names)) }
  }

  /// Every type, for `llm_provider_types`.
  public func describeProviders() -> JSON { .array(providers.map { describe($0) }) }

  /// One type: what a settings page needs of it.
  public func describe(_ profile: ProviderProfile) -> JSON {
    let description = JSON.object()
    description.set("name", profile.name)
    description.set("label", profile.label)
    description.set("description", profile.summary)
    description.set("dialect", profile.dialect.name)
    if !profile.baseURL.isEmpty { description.set("base_url", profile.baseURL) }
    description.set("key_variables", .array(profile.keyVariables))
    description.set("base_url_variables", .array(profile.baseURLVariables))
    description.set("aliases", .array(aliases(of: profile.name)))
    description.set("auth", describe(profile.auth))
    description.set("key_required", profile.needsKey)
    description.set("local", profile.quirks.contains(.isLocal))
    description.set("capabilities", .array(profile.capabilities.nameList))
    description.set("default_model", profile.defaultModel)
    description.set("models", .array(models(of: profile.name).map { summary(of: $0) }))
    description.set("schema", ConfigSchema.jsonSchema(for: profile))
    return description
  }

  private func aliases(of provider: String) -> [String] {
    ProviderTable.aliases.filter { $0.provider == provider }.map { $0.alias }
  }

  private func summary(of model: ModelProfile) -> JSON {
    let summary = JSON.object()
    summary.set("id", model.id)
    summary.set("label", model.label)
    summary.set("type", model.purpose.name)
    return summary
  }

  private func describe(_ auth: AuthScheme) -> JSON {
    let place = JSON.object()
    switch auth {
    case .bearer: return .string("bearer")
    case .none: return .string("none")
    case .sigV4: return .string("aws")
    case .header(let name): place.set("header", name)
    case .prefixedHeader(let name, let prefix):
      place.set("header", name)
      place.set("prefix", prefix)
    case .query(let name): place.set("query", name)
    }
    return place
  }
}

extension ProviderProfile {
  /// Whether a configuration without a key is refused.
  public var needsKey: Bool {
    if case .none = auth { return false }
    return !quirks.contains(.keyOptional)
  }
}
