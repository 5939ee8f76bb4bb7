import LLMConfig
import LLMCore

/// Addresses below the base URL.
enum AnthropicPaths {
  /// What has no bearing on the length of the input.
  static let membersNotCounted: [StaticText] = [
    "max_tokens", "stop_sequences", "temperature", "top_p", "top_k", "metadata", "service_tier", "inference_geo",
    "container", "speed",
  ]

  /// The base URL is written with and without the version.
  static func path(_ rest: String, _ context: RequestContext) -> String {
    context.endpoint.baseURL.endsWith("/v1") ? rest : "/v1" + rest
  }

  static func messages(_ context: RequestContext) -> String {
    guard context.quirks.contains(.vertexPaths) else { return path("/messages", context) }
    let method = context.isStreaming ? ":streamRawPredict" : ":rawPredict"
    return vertexModels(context) + context.model.percentEncoded(keeping: "@") + method
  }

  static func tokenCount(_ context: RequestContext) -> String {
    guard context.quirks.contains(.vertexPaths) else { return path("/messages/count_tokens", context) }
    return vertexModels(context) + "count-tokens:rawPredict"
  }

  /// Vertex AI names the model in the address and the version in the body.
  static func moveModelToPath(_ body: JSON) {
    body.remove("model")
    body.set("anthropic_version", "vertex-2023-10-16")
  }

  private static func vertexModels(_ context: RequestContext) -> String {
    let models = "/publishers/anthropic/models/"
    if context.endpoint.baseURL.containsText("/projects/") { return models }
    let settings = context.endpoint.settings
    let project = settings.string("project") ?? ""
    let location = settings.string("location") ?? "global"
    return formatted("/projects/\(project.percentEncoded())/locations/\(location.percentEncoded())") + models
  }
}
